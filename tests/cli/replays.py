"""Judges a report folder again, and runs the commands that an output prints."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes import FakeClock
from tests.sandbox import run_cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox import Ending, Sandbox

FOLDER = Path("ci-gate-report")
_SAME = (
    *("label", "suite", "source", "run_id", "bot_id", "engine", "observed", "verdict", "exit_code", "error"),
    *("counts", "scores", "checks", "waivers", "findings", "intents", "mismatches", "utterances"),
)
_COMMAND = re.compile(
    r"(?:^|`|(?:with|again|then|present settings): |  )(ci-gate (?:run|gate|check|compare|demo)\b[^`\n]*?)(?=`|;|$)",
    re.M,
)


def replay(*arguments: str, folder: str = "ci-gate-check", **environment: str) -> Ending:
    """Run ``check --replay`` a year later, by default on the usual report folder."""
    words = arguments or (str(FOLDER),)
    clock = FakeClock(time=365 * 86400.0)
    return run_cli("check", "--replay", *words, clock=clock, environment=environment, folder=folder)


def assert_alike(then: Ending, now: Ending) -> None:
    """Fail unless both reports contain the same about every suite."""
    assert now.code == then.code, now.output
    for before, after in zip(then.report["suites"], now.report["suites"], strict=True):
        if before["error"]:  # a command that judges files starts no run
            assert "run the suite again" not in after["error"]["hint"]
            before["error"]["hint"] = before["error"]["hint"].replace(
                "run the suite again", "judge the files of another run"
            )
        assert {field: after[field] for field in _SAME} == {field: before[field] for field in _SAME}


def printed(ending: Ending) -> Iterator[str]:
    """Yield each command in any output of ``ending`` once, as a person would copy it."""
    pages = [ending.out, ending.err, ending.summary, *ending.junit_problems]
    report = ending.report
    pages += [one["error"]["hint"] for one in (report, *report["suites"]) if one["error"]]
    shown = [html.unescape(page.replace("<!-- -->", "")) for page in pages]
    yield from dict.fromkeys(found.strip() for page in shown for found in _COMMAND.findall(page))


def assert_printed_commands_end_alike(ending: Ending, sandbox: Sandbox) -> None:
    """Run each command that ``ending`` prints, and fail unless it ends with the same exit code."""
    lines = [*printed(ending)]
    if ending.suite["run_id"]:
        assert any(" gate tr-" in line or " compare " in line for line in lines), "no command attaches to the run"
    for line in sorted(lines, key=lambda line: "--replay" not in line):  # attaching writes the folder anew
        typed = shlex.split(line)[1:]
        assert not {"[", "…", "ID"} & {*typed}, line
        again = sandbox.command(*typed, folder="ci-gate-check" if "--replay" in typed else str(ending.folder))
        assert again.code == ending.code, (line, again.output)
