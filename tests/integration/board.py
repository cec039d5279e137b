"""The board: one row for what a CI system made of one situation."""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = ("system", "situation", "outcome", "exit code", "where it can be read")


@dataclass(frozen=True, slots=True)
class Board:
    """Rows of system, situation, outcome in that system's own word, the gate's exit code, and the report seen there."""

    rows: list[tuple[str, ...]] = field(default_factory=list)

    def write(self, system: str, situation: str, outcome: str, exit_code: int | str, report: str) -> None:
        """Write down an outcome."""
        self.rows.append((system, situation, outcome, str(exit_code), report))

    def text(self) -> str:
        """Lay the table out, in the order of systems and situations."""
        table = [HEAD, *sorted(self.rows)]
        widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
        return "".join(f"{line.rstrip()}\n" for line in lines)
