"""The entry point of the action: run by its path, with the machine's own Python, before anything is installed."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_INTERNAL, _INTERRUPTED = 70, 130


def start(root: Path) -> int:
    """Launch the gate of the checkout ``root``, and return the exit code.

    The import is inside the function, so that an incomplete checkout does not end in 1, the exit code of a failed gate.
    """
    # Write no bytecode into the checkout, which belongs to the runner.
    sys.dont_write_bytecode = True
    # The action starts Python with -I, so the checkout is not on the module path yet.
    sys.path.insert(0, str(root))
    try:
        from ci_gate.action.launch import launch

        return launch(root)
    except KeyboardInterrupt:
        return _without_report(_INTERRUPTED, "interrupted")
    except Exception as problem:
        return _without_report(_INTERNAL, f"the action is broken: {problem}; fetch it again")


def _without_report(code: int, message: str) -> int:
    """Print the message and set the outputs of the step without other modules of the gate; return ``code``."""
    with suppress(OSError, ValueError):
        print(f"ci-gate: {message}", file=sys.stderr)  # noqa: T201 - nothing else may work by now
    with suppress(KeyError, OSError), Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        outputs.write(f"verdict=unjudged\nexit-code={code}\n")
    return code


if __name__ == "__main__":
    sys.exit(start(Path(__file__).absolute().parents[2]))
