"""Fuzzes each target, guided by coverage: ``python -m tests.tools.fuzzing [TARGET ...] [--seconds N]``.

Starts from the corpus and the findings of earlier runs in ``.fuzzing``. After a crash, its input is saved there and the
exit code is 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ci_gate.kore", "ci_gate.core"]):
    from ci_gate.kore.columns import COLUMNS, TOP_BLOCK
    from tests.tools.fuzzing.targets import CORPUS, TARGETS

FOUND = Path(".fuzzing")
_WORDS = {
    "results-file": [*COLUMNS.values(), *TOP_BLOCK.values(), "TP", "True Negative", "None", "|", ",,,,", "\\x0d\\x0a"],
    "status-reply": [
        *(
            "status",
            "completed",
            "result",
            "results",
            "TP",
            "FN",
            "utterance_count",
            "percentage",
            "fileUrl",
            "endTime",
        ),
        *(
            "failedUtteranceCount",
            "f1_score",
            "isPartialFailure",
            "isAvailable",
            "NaN",
            "1e999",
            "\\xed\\xa0\\x80",
            "://",
        ),
    ],
}
_LONGEST = 4096  # maximum size of an input in bytes


def main() -> int:
    """Fuzz the given targets, or all, each in a process of its own, because the fuzzer ends its process."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.fuzzing", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together (default: 60)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    if options.here:
        _fuzz(names[0], options.seconds)
    codes = []
    for name in names:
        sys.stderr.write(f"fuzzing {name}\n")
        seconds = max(1, options.seconds // len(names))
        command = (sys.executable, "-m", "tests.tools.fuzzing", name, "--here", "--seconds", str(seconds))
        codes.append(subprocess.run(command, check=False).returncode)
    return int(any(codes))


def _fuzz(name: str, seconds: int) -> None:
    """Run the fuzzer, which takes over the process."""
    found, kept = FOUND / name, CORPUS / name
    found.mkdir(parents=True, exist_ok=True)
    words = found.with_suffix(".words")
    words.write_text("".join(f'"{word}"\n' for word in _WORDS[name]), encoding="ascii")
    usual = (f"-max_len={_LONGEST}", "-print_final_stats=1", f"-artifact_prefix={found}.crash-", f"-dict={words}")
    atheris.Setup([sys.argv[0], *usual, f"-max_total_time={seconds}", str(found), str(kept)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
