"""Every command that an output prints ends, typed as it is printed, as its output says."""

from __future__ import annotations

import html
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.stage import Ending, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = re.compile(
    r"(?:^|`|(?:with|again|then|now): |  )(ci-gate (?:run|gate|check|compare|demo)\b[^`\n]*?)(?=`|;|$)", re.M
)
FIRST = "--report-dir", "first run"
USUAL = ("--min-f1", "0.90", "--min-accuracy", "0.85")


@dataclass(frozen=True, slots=True)
class Case:
    """A command in a scenario, by its words; ``{suite}`` stands for the suite."""

    scenario: Scenario
    words: tuple[str, ...]
    attached: ExitCode | None = None
    """How a line that attaches to the run ends, if that is not as the run did."""


RUN = ("run", "--suite", "{suite}", *USUAL)
CASES = (
    *(Case(scenario, RUN) for scenario in Scenario if scenario not in (Scenario.STUCK, Scenario.PARTIAL)),
    Case(Scenario.STUCK, (*RUN, "--timeout", "5m")),
    # That the run shrank shows only who watched it from the beginning: what is left of it is partial all the same.
    Case(Scenario.PARTIAL, RUN),
    Case(Scenario.FAILING, (*RUN, "--advisory")),
    Case(Scenario.FAILING, ("run", "--suite", "{suite}", "--max-mismatches", "400", "--tolerate", "partial", *FIRST)),
    Case(Scenario.PASSING, ("run", "--suite", "{suite}", "--min-f1", "0.999", "--bot-version", "published")),
    Case(Scenario.REGRESSED, ("compare", "{suite}")),
    Case(Scenario.PASSING, ("compare", "{suite}", "--max-f1-drop", "0.2", *FIRST)),
)


def shown(page: str) -> str:
    """Return what a person sees of a page."""
    return html.unescape(page.replace("<!-- -->", ""))


def printed(ending: Ending) -> Iterator[str]:
    """Yield each command that any output of an ending holds, once, as a person would copy it."""
    pages = [ending.out, ending.err, ending.summary, *ending.junit_problems]
    report = ending.report
    pages += [one["error"]["hint"] for one in (report, *report["suites"]) if one["error"]]
    yield from dict.fromkeys(found.strip() for page in pages for found in COMMAND.findall(shown(page)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join((case.scenario, *case.words)))
def test_every_printed_command_ends_as_its_report_says(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, case.scenario) as stage:
        words = [word.replace("{suite}", stage.suite) for word in case.words]
        folder = "first run" if "first run" in words else "ci-gate-report"
        ending = stage.command(*words, folder=folder)
        lines = [*printed(ending)]
        if ending.report["suites"][0]["run_id"]:
            assert any(" gate tr-" in line or " compare " in line for line in lines), "a way back"
        for line in sorted(lines, key=lambda line: "--replay" not in line):  # attaching writes the folder anew
            typed = shlex.split(line)[1:]
            assert not {"[", "…", "ID"} & {*typed}, line
            again = stage.command(*typed, folder="ci-gate-check" if "--replay" in typed else folder)
            assert again.code == ending.code, (line, again.out, again.err)


@pytest.mark.parametrize("words", [(), ("--status", "mine.status.json")], ids=len)
def test_a_replay_of_a_check_lands_beside_it(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.FAILING) as stage:
        stage.run()
        for ending in ("results.csv", "status.json"):
            (path,) = Path("ci-gate-report").glob(f"*.{ending}")
            Path(f"mine.{ending}").write_bytes(path.read_bytes())
        checked = stage.command("check", "mine.results.csv", *USUAL, *words, folder="ci-gate-check")
        (line,) = printed(checked)
        again = stage.command(*shlex.split(line)[1:], folder="ci-gate-replay")
    assert line == "ci-gate check --replay ci-gate-check"
    assert again.code == checked.code == ExitCode.FAILED
    assert again.report["suites"][0]["checks"] == checked.report["suites"][0]["checks"]


def test_what_cannot_be_resumed_is_attached_to_under_the_flags_of_now(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.STUCK) as stage:
        stage.environment["CI_GATE_COMMIT"] = "c0ffee1"
        stage.run("--timeout", "5m")
        refused = stage.run("--timeout", "6m", "--resume", "--max-mismatches", "7")
    assert refused.code == ExitCode.USAGE
    (line,) = printed(refused)
    _, run_id, *flags = shlex.split(line)[1:]
    assert run_id.startswith("tr-")
    told = dict(zip(flags[::2], flags[1::2], strict=True))
    usual = dict(zip(USUAL[::2], USUAL[1::2], strict=True))
    assert told == {"--suite": stage.suite, **usual, "--max-mismatches": "7", "--timeout": "6m"}


def test_a_run_that_is_too_old_is_started_anew_under_the_flags_that_were_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Stage(capsys) as stage:
        run_id = stage.run().report["suites"][0]["run_id"]
        stage.clock.sleep(7200)
        old = stage.command("gate", run_id, "--suite", stage.suite, *USUAL, "--max-age", "1h")
        assert old.code == ExitCode.INCONCLUSIVE
        (line,) = [line for line in printed(old) if " run " in line]
        assert stage.command(*shlex.split(line)[1:]).code == ExitCode.PASSED
        assert "--max-age 1h" in line


@pytest.mark.parametrize("folder", ["a `b`", "reports/link?sig=CanarySignature"])
def test_a_path_that_no_line_can_hold_is_not_offered(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        ending = stage.run("--report-dir", folder, folder=folder)
    assert ending.code == ExitCode.PASSED
    assert "--replay" not in ending.summary
    assert json.loads((ending.folder / "report.json").read_bytes())["settings"]
