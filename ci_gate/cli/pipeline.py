"""The CI system that a command runs in: what it shows of a gate beyond the reports, and what it passes on."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ci_gate.cli.files import JUNIT, REPORT, append
from ci_gate.reports import github, gitlab, markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ci_gate.cli.console import Console
    from ci_gate.cli.world import World
    from ci_gate.core.report import GateReport
    from ci_gate.errors import GateError
    from ci_gate.reports import Renderer

_FILES_OF_GITHUB = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
_SECTION = "ci_gate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """No CI system that is known: nothing to do beyond the reports."""

    world: World
    console: Console

    @contextmanager
    def folded(self, _title: str) -> Iterator[None]:
        """Let what is told meanwhile be folded in the log."""
        yield

    def began(self, folder: Path) -> None:
        """Pass on where the reports will be, before anything is known."""

    def run_known(self, run_id: str) -> None:
        """Pass on the run of the only suite, as soon as it exists."""

    def renderers(self, _folder: Path) -> Mapping[str, Renderer]:
        """Give the files that only this CI system reads."""
        return {}

    def publish(self, _report: GateReport, _folder: Path) -> list[GateError]:
        """Pass on what the gate came to; said again when that has changed."""
        return []

    def annotate(self, report: GateReport) -> None:
        """Put what went wrong where this CI system shows it."""


class GitHub(Pipeline):
    """GitHub Actions, and what understands its workflow commands and files."""

    __slots__ = ()

    @contextmanager
    def folded(self, title: str) -> Iterator[None]:
        """Make a group of the log."""
        self.console.page(github.group_start(title))
        try:
            yield
        finally:
            self.console.page(github.group_end())

    def began(self, folder: Path) -> None:
        """Set the outputs that can be told: a step that is killed has nothing but these."""
        self._append("GITHUB_OUTPUT", lambda _: github.output_lines({"verdict": "unjudged"} | _paths(folder)))

    def run_known(self, run_id: str) -> None:
        """Set the output that lets a later step attach to the run."""
        self._append("GITHUB_OUTPUT", lambda _: github.output_lines({"run_id": run_id}))

    def publish(self, report: GateReport, folder: Path) -> list[GateError]:
        """Set the outputs of the step, and add to its summary."""

        def summary(page: Path) -> Iterator[str]:
            # What a step says beyond the limit costs all that it said, so what is there already counts.
            said = page.stat().st_size if page.is_file() else 0
            return markdown.render(report, limit=markdown.LIMIT - said)

        problems = (
            self._append("GITHUB_STEP_SUMMARY", summary),
            self._append("GITHUB_OUTPUT", lambda _: github.outputs(report, _paths(folder))),
        )
        return [problem for problem in problems if problem]

    def annotate(self, report: GateReport) -> None:
        """Print the workflow commands that make annotations; standard error takes them too."""
        for command in github.annotation_commands(report):
            self.console.command(command)

    def _append(self, variable: str, content: Callable[[Path], Iterator[str]]) -> GateError | None:
        """Append to the file that a variable names, if it names one; the answer says what went wrong."""
        name = self.world.environment.get(variable)
        return append(Path(name), partial(content, Path(name))) if name else None


class GitLab(Pipeline):
    """GitLab CI/CD, which takes its reports from files."""

    __slots__ = ()

    @contextmanager
    def folded(self, title: str) -> Iterator[None]:
        """Make a section of the log."""
        now = self.world.clock.epoch
        self.console.page(gitlab.section_start(_SECTION, title, now()))
        try:
            yield
        finally:
            self.console.page(gitlab.section_end(_SECTION, now()))

    def renderers(self, folder: Path) -> Mapping[str, Renderer]:
        """Give the files that the job names under ``artifacts: reports``."""
        job_links = partial(gitlab.job_links, links=self._links(folder))
        return {"metrics.txt": gitlab.metrics, "annotations.json": job_links, "gate.env": gitlab.dotenv}

    def _links(self, folder: Path) -> dict[str, str]:
        """Lead to the pages where the reports of this job can be seen, as far as the variables tell."""
        get = self.world.environment.get
        pipeline, job, project = get("CI_PIPELINE_URL"), get("CI_JOB_URL"), get("CI_PROJECT_DIR")
        links = {"test report": f"{pipeline}/test_report"} if pipeline else {}
        if job and project:
            with suppress(ValueError):  # a folder outside of the project cannot be an artifact
                inside = quote(folder.absolute().relative_to(project).as_posix())
                links["summary.md"] = f"{job}/artifacts/file/{inside}/summary.md"
                links["all reports"] = f"{job}/artifacts/browse/{inside}/"
        return links


def pipeline_of(world: World, console: Console) -> Pipeline:
    """Tell from the environment which CI system this is."""
    kind = Pipeline
    if world.environment.get("GITHUB_ACTIONS") == "true" or any(map(world.environment.get, _FILES_OF_GITHUB)):
        kind = GitHub
    elif world.environment.get("GITLAB_CI") == "true":
        kind = GitLab
    return kind(world=world, console=console)


def _paths(folder: Path) -> dict[str, str]:
    """Name the files that later steps read; a path with forward slashes is understood everywhere."""
    return {"junit_path": (folder / JUNIT).as_posix(), "report_path": (folder / REPORT).as_posix()}
