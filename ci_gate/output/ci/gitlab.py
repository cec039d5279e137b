"""GitLab CI/CD: metrics of a merge request, links on the page of a job, and variables for later jobs.

GitLab's parsers are strict. They split metrics into words like a shell, so that a quotation mark in a value
invalidates the whole report. A dotenv file may have no quotes, comments or blank lines, and at most 20 variables and
5 KB.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from ci_gate.core.text.safe import file_stem, log_safe
from ci_gate.core.verdict import Verdict
from ci_gate.output.ci.system import CISystem
from ci_gate.reports import SUMMARY, Format, wording
from ci_gate.reports.json_text import encoded
from ci_gate.reports.values import measurements, values_of, values_of_gate
from ci_gate.reports.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ci_gate.core.report import GateReport

_SECTION = "ci_gate"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,200}")


class GitLab(CISystem):
    """GitLab CI/CD, which takes its reports from files."""

    commit_variable: ClassVar[str] = "CI_COMMIT_SHA"
    formats: ClassVar[tuple[Format, ...]] = (
        Format("metrics.txt", lambda report, _: metrics(report)),
        Format("annotations.json", lambda report, options: job_links(report, options.links)),
        Format("gate.env", lambda report, _: dotenv(report)),
    )
    """The files that a job lists under ``artifacts: reports``."""
    __slots__ = ()

    @classmethod
    def is_here(cls, environment: Mapping[str, str]) -> bool:
        return environment.get("GITLAB_CI") == "true"

    @contextmanager
    def folded(self, title: str) -> Iterator[None]:
        now = self.runtime.clock.epoch
        self.console.page(section_start(_SECTION, title, now()))
        try:
            yield
        finally:
            self.console.page(section_end(_SECTION, now()))

    def links(self, folder: Path) -> dict[str, str]:
        """Return the URLs of the pages that show this job's reports, as far as GitLab's variables give them."""
        get = self.runtime.environment.get
        pipeline, job, project = get("CI_PIPELINE_URL"), get("CI_JOB_URL"), get("CI_PROJECT_DIR")
        links = {"test report": f"{pipeline}/test_report"} if pipeline else {}
        if job and project:
            with suppress(ValueError):  # a folder outside of the project cannot be an artifact
                inside = quote(folder.absolute().relative_to(project).as_posix())
                links[SUMMARY] = f"{job}/artifacts/file/{inside}/{SUMMARY}"
                links["all reports"] = f"{job}/artifacts/browse/{inside}/"
        return links


def metrics(report: GateReport) -> Iterator[str]:
    """Yield the measurements as OpenMetrics text.

    The metric label ``suite`` is the file stem of the suite's label, which needs no escaping.
    """
    families: dict[str, list[str]] = {}
    for suite in report.suites:
        passed = str(int(suite.verdict is Verdict.PASSED))
        for name, value in [("passed", passed), *measurements(suite).items()]:
            families.setdefault(name, []).append(
                f'ci_gate_{name}{{suite="{file_stem(suite.subject.label)}"}} {value}\n'
            )
    for name, samples in families.items():
        yield f"# TYPE ci_gate_{name} gauge\n"
        yield from samples
    yield "# EOF\n"


def job_links(report: GateReport, links: Mapping[str, str]) -> Iterator[str]:
    """Yield the JSON of the links on the page of the job; the text of the first link includes the verdict.

    ``links`` maps texts to URLs.
    """
    verdict = f"{wording.ending_of(report)}: {_reason(report)}"
    entries = [
        {"external_link": {"label": text if number else shortened(f"{text} · {verdict}"), "url": url}}
        for number, (text, url) in enumerate(links.items())
    ]
    yield encoded({"ci-gate": entries}) + "\n"


def dotenv(report: GateReport) -> Iterator[str]:
    """Yield the variables for later jobs as lines, without values that are unknown or would need quoting.

    The prefix ``GATE_`` is not that of the settings, so that a gate in a later job does not read them as settings.
    """
    values = values_of(report.suites[0]) if len(report.suites) == 1 else {}
    values |= values_of_gate(report)
    return (f"GATE_{name.upper()}={value}\n" for name, value in values.items() if _PLAIN.fullmatch(value))


def section_start(name: str, title: str, moment: float) -> str:
    """Return the marker that opens a folded section of the log; ``moment`` is in seconds since 1970."""
    return f"\x1b[0Ksection_start:{moment:.0f}:{name}[collapsed=true]\r\x1b[0K{log_safe(shortened(title))}\n"


def section_end(name: str, moment: float) -> str:
    """Return the marker that closes the section; ``moment`` is in seconds since 1970."""
    return f"\x1b[0Ksection_end:{moment:.0f}:{name}\r\x1b[0K\n"


def _reason(report: GateReport) -> str:
    return wording.suite_reason(report.suites[0]) if wording.speaks_for_itself(report) else wording.gate_reason(report)
