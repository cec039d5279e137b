"""The interface to a CI system; the base class itself is for unknown systems, which have only the report files."""

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
    """Shows the result of a gate in a CI system and passes it on to later steps; the base class does neither."""

    commit_variable: ClassVar[str] = ""
    """The name of the environment variable with the commit that is built."""
    formats: ClassVar[tuple[Format, ...]] = ()
    """The report formats that only this CI system reads."""

    runtime: Runtime
    console: Console

    @classmethod
    def is_here(cls, environment: Mapping[str, str]) -> bool:  # noqa: ARG003 - used by subclasses
        """Return whether the environment belongs to a job of this system; the base class accepts any environment."""
        return True

    @contextmanager
    def folded(self, _title: str) -> Iterator[None]:
        """Fold the log lines that are printed in the context."""
        yield

    def began(self, _folder: Path) -> list[str]:
        """Pass on the paths of the reports before any result exists. Return a warning per problem with doing so."""
        return []

    def run_known(self, run_id: str) -> None:
        """Pass on the run id of the only suite as soon as the run exists."""

    def links(self, _folder: Path) -> dict[str, str]:
        """Return the URLs of the pages that show the reports, by link text."""
        return {}

    def publish(self, _report: GateReport, _folder: Path) -> list[GateError]:
        """Pass on the result of the gate, and return the errors; called again if the result changes afterwards."""
        return []

    def annotate(self, report: GateReport) -> None:
        """Show failures and warnings where this CI system highlights them."""
