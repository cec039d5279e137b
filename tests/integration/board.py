"""A table of what each CI system reported in each situation."""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = ("system", "situation", "outcome", "exit code", "where it can be read")


@dataclass(frozen=True, slots=True)
class Board:
    """Rows of system, situation, outcome in the system's own word, the gate's exit code, and the displayed report."""

    rows: list[tuple[str, ...]] = field(default_factory=list)

    def write(self, system: str, situation: str, outcome: str, exit_code: int | str, report: str) -> None:
        """Add one row."""
        self.rows.append((system, situation, outcome, str(exit_code), report))

    def text(self) -> str:
        """Return the table, sorted by system and situation."""
        table = [HEAD, *sorted(self.rows)]
        widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
        return "".join(f"{line.rstrip()}\n" for line in lines)
