"""The time source of the gate, the day by which waivers expire, and moments as text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol


class Stopped(BaseException):
    """Raised in a worker that has to stop: nothing waits for its result any more, so no code should catch this."""


class Clock(Protocol):
    """The time source of the gate."""

    def now(self) -> float:
        """Return the seconds since some fixed moment; the value never decreases."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``. Raise ``Stopped`` if the command ends meanwhile."""
        ...

    def epoch(self) -> float:
        """Return the seconds since 1970 by this machine's clock."""
        ...


def day_of(epoch: float) -> date:
    """Return the UTC day of a moment in seconds since 1970; waivers expire by UTC days."""
    return datetime.fromtimestamp(epoch, tz=UTC).date()


def read_day(text: str) -> date:
    """Parse a day like 2026-12-31. Raise ``ValueError`` if ``text`` is not such a day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        raise ValueError(f"'{text}' is not a day, like 2026-12-31") from None


def moment_text(epoch: float) -> str:
    """Return a moment, given in seconds since 1970, as ISO text in UTC, to the second."""
    return datetime.fromtimestamp(epoch, tz=UTC).isoformat(timespec="seconds")


def moment_of(text: str) -> float | None:
    """Parse a moment in ISO form into seconds since 1970, as UTC if it has no offset; ``None`` if it is malformed."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None
