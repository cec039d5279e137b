"""A CI system as the gate sees it; this one stands for none that is known: the report files are all there is."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ci_gate.core.report import GateReport
    from ci_gate.errors import GateError
    from ci_gate.output.console import Console
    from ci_gate.reports import Format
    from ci_gate.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class CISystem:
    """What a CI system shows of a gate and passes on to later steps; by default nothing."""

    commit_variable: ClassVar[str] = ""
    """The environment variable that holds the commit that is built."""
    formats: ClassVar[tuple[Format, ...]] = ()
    """What only this CI system reads."""

    runtime: Runtime
    console: Console

    @classmethod
    def is_here(cls, environment: Mapping[str, str]) -> bool:  # noqa: ARG003 - for those that can tell
        """Whether the environment is that of a job of this system; one that is not known may be anywhere."""
        return True

    @contextmanager
    def folded(self, _title: str) -> Iterator[None]:
        """Fold what is printed meanwhile in the log."""
        yield

    def began(self, _folder: Path) -> list[str]:
        """Pass on where the reports will be, before anything is known. Return what will keep the rest from readers."""
        return []

    def run_known(self, run_id: str) -> None:
        """Pass on the run of the only suite, as soon as it exists."""

    def links(self, _folder: Path) -> dict[str, str]:
        """Return the pages on which this CI system shows the reports, by the text to be shown."""
        return {}

    def publish(self, _report: GateReport, _folder: Path) -> list[GateError]:
        """Pass on what the gate came to; called again if that has changed."""
        return []

    def annotate(self, report: GateReport) -> None:
        """Put what went wrong where this CI system shows it."""
