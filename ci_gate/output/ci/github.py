"""GitHub Actions: annotations on the page of a run, the summary of the job, and the outputs of the step.

A workflow command is a line ``::name key=value::text``. In its text a percent sign, carriage return and line feed are
escaped as %25, %0D and %0A; in the value of a key also the colon and the comma, as %3A and %2C.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Judged, Unjudged
from ci_gate.core.text.safe import log_safe
from ci_gate.output.ci.system import CISystem
from ci_gate.output.report_folder import append
from ci_gate.reports import JUNIT, REPORT, Format, markdown, wording
from ci_gate.reports.json_text import encoded
from ci_gate.reports.values import values_of, values_of_gate
from ci_gate.reports.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ci_gate.core.report import GateReport, SuiteReport
    from ci_gate.errors import GateError

_FILES = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
ANNOTATIONS = 10
"""The number of errors, and of warnings, that GitHub shows per step."""

LENGTH = 1000
_HINT_ELSEWHERE = " · for a remedy, see the summary of this job"

Annotation = tuple[str, str]
"""Title and message."""


class GitHub(CISystem):
    """GitHub Actions, and runners that understand its workflow commands and files."""

    commit_variable: ClassVar[str] = "GITHUB_SHA"
    formats: ClassVar[tuple[Format, ...]] = (
        Format("annotations", lambda report, _: annotation_commands(report), is_file=False),
        Format("outputs", lambda report, options: outputs(report, options.paths), is_file=False),
    )
    __slots__ = ()

    @classmethod
    def is_here(cls, environment: Mapping[str, str]) -> bool:
        """Return whether GitHub Actions, or a compatible runner, runs this step."""
        return environment.get("GITHUB_ACTIONS") == "true" or any(map(environment.get, _FILES))

    @contextmanager
    def folded(self, title: str) -> Iterator[None]:
        self.console.page(group_start(title))
        try:
            yield
        finally:
            self.console.page(group_end())

    def began(self, folder: Path) -> list[str]:
        """Set the outputs that are known already, since a killed step sets no others.

        Return a warning for each of GitHub's two files that cannot be written: the gate cannot pass without it.
        """
        known = output_lines({"verdict": "unjudged"} | _paths(folder))
        problems = (
            ("GITHUB_OUTPUT", self._append("GITHUB_OUTPUT", lambda _: known)),
            ("GITHUB_STEP_SUMMARY", self._append("GITHUB_STEP_SUMMARY", lambda _: ())),
        )
        return [
            f"the file that {name} names cannot be written: {problem.message}; the gate cannot pass without it"
            for name, problem in problems
            if problem
        ]

    def run_known(self, run_id: str) -> None:
        """Set the output ``run-id``, with which a later step can attach to the run."""
        self._append("GITHUB_OUTPUT", lambda _: output_lines({"run_id": run_id}))

    def publish(self, report: GateReport, folder: Path) -> list[GateError]:
        """Append to the summary, set the outputs of the step, and return the errors."""

        def summary(page: Path) -> Iterator[str]:
            # GitHub drops the whole summary of a step above the limit, so text that is already there counts.
            size = page.stat().st_size if page.is_file() else 0
            return markdown.render(report, limit=markdown.LIMIT - size)

        problems = (
            self._append("GITHUB_STEP_SUMMARY", summary),
            self._append("GITHUB_OUTPUT", lambda _: outputs(report, _paths(folder))),
        )
        return [problem for problem in problems if problem]

    def annotate(self, report: GateReport) -> None:
        """Print the workflow commands for annotations to standard error, which the runner reads as well."""
        for command in annotation_commands(report):
            self.console.command(command)

    def _append(self, variable: str, content: Callable[[Path], Iterable[str]]) -> GateError | None:
        """Append to the file that ``variable`` names, if it is set. Return the error, or ``None``."""
        name = self.runtime.environment.get(variable)
        return append(Path(name), partial(content, Path(name))) if name else None


def annotation_commands(report: GateReport) -> Iterator[str]:
    """Yield the workflow commands that annotate the run: failed checks, obstacles to a verdict, then warnings."""
    failed = [one for suite in report.suites for one in _failed_checks(suite)]
    unjudged = [("ci-gate", _with_hint(report.error.message, wording.hint_lines(report.error)))] if report.error else []
    unjudged += [one for suite in report.suites for one in _obstacles(suite)]
    warnings = [one for suite in report.suites for one in _warnings(suite)]
    yield from _commands("error", [*failed, *unjudged])
    yield from _commands("warning", warnings)


def outputs(report: GateReport, paths: Mapping[str, str]) -> Iterator[str]:
    """Yield the outputs of the step as lines: the values of the gate and, if there is only one suite, of the suite."""
    results = {suite.subject.label: _typed(values_of(suite)) for suite in report.suites}
    values = values_of(report.suites[0]) if len(report.suites) == 1 else {}
    return output_lines({**values, **values_of_gate(report), **paths, "results": encoded(results)})


def output_lines(values: Mapping[str, str]) -> Iterator[str]:
    """Yield one line per value for the file that ``GITHUB_OUTPUT`` names; a later line overrides one of the same name.

    The name ends at the first equals sign, so a value may contain any character except line ends, which become blanks.
    """
    return (f"{name.replace('_', '-')}={' '.join(value.splitlines())}\n" for name, value in values.items())


def group_start(title: str) -> str:
    """Return the workflow command that opens a foldable group of log lines."""
    return f"::group::{_data(title)}\n"


def group_end() -> str:
    """Return the workflow command that closes the group."""
    return "::endgroup::\n"


def _typed(values: Mapping[str, str]) -> dict[str, object]:
    return {name: value if name in ("verdict", "run_id") else json.loads(value) for name, value in values.items()}


def _failed_checks(suite: SuiteReport) -> Iterator[Annotation]:
    if isinstance(suite, Judged) and not suite.excused:
        for check in suite.judgement.checks:
            if check.outcome is Outcome.FAILED:
                yield _title(suite), check.message


def _obstacles(suite: SuiteReport) -> Iterator[Annotation]:
    """Yield what prevents a verdict, or would have prevented one if no check had failed."""
    shown = ""
    if isinstance(suite, Unjudged):
        shown = suite.error.message
        yield _title(suite), _with_hint(shown, wording.hint_lines(suite.error))
    if suite.judgement:
        findings, checks = suite.judgement.evidence.findings, suite.judgement.checks
        messages = [finding.message for finding in findings if finding.blocks]
        messages += [check.message for check in checks if check.outcome is Outcome.NO_DATA]
        yield from ((_title(suite), message) for message in messages if not shown.startswith(message))


def _warnings(suite: SuiteReport) -> Iterator[Annotation]:
    if isinstance(suite, Judged) and suite.excused:
        failed = (check.message for check in suite.judgement.checks if check.outcome is Outcome.FAILED)
        yield from ((_title(suite), message) for message in failed)
    for finding, text in wording.finding_lines(suite.judgement) if suite.judgement else ():
        if not finding.blocks:
            yield _title(suite), text


def _title(suite: SuiteReport) -> str:
    return f"{shortened(suite.subject.label)}: {wording.ending_of_suite(suite)}"


def _with_hint(message: str, hint: list[str]) -> str:
    """Append the hint only if all of it fits in ``LENGTH`` characters: a command in it must not lose its options."""
    whole = " · ".join((message, *hint))
    if len(whole) <= LENGTH or not hint:
        return whole
    return f"{shortened(message, LENGTH - len(_HINT_ELSEWHERE))}{_HINT_ELSEWHERE}"


def _commands(kind: str, found: list[Annotation]) -> Iterator[str]:
    """Yield at most ``ANNOTATIONS`` commands; if more are found, the last command gives the number of the others."""
    shown = found if len(found) <= ANNOTATIONS else found[: ANNOTATIONS - 1]
    for title, message in shown:
        yield f"::{kind} title={_property(title)}::{_data(message)}\n"
    if len(found) > len(shown):
        yield f"::{kind} title=ci-gate::and {len(found) - len(shown)} more, in the summary of this job\n"


def escaped(text: str) -> str:
    """Escape percent signs and line ends, so that the text of a workflow command stays on its line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _data(text: str) -> str:
    """Return ``text`` for use in a workflow command: cut to ``LENGTH`` characters, made safe and escaped."""
    return escaped(log_safe(shortened(text, LENGTH)))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _paths(folder: Path) -> dict[str, str]:
    """Return the paths of the files for later steps, with forward slashes, which every system understands."""
    return {"junit_path": (folder / JUNIT).as_posix(), "report_path": (folder / REPORT).as_posix()}
