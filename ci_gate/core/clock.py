"""Time as the gate sees it, the day by which waivers expire, and moments as text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol


class Stopped(BaseException):
    """A worker has to stop; nothing waits for it any more, so nothing on its way may catch this."""


class Clock(Protocol):
    """Time as the gate sees it."""

    def now(self) -> float:
        """Seconds since some fixed moment, never going backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait. Raise ``Stopped`` if the command ends meanwhile."""
        ...

    def epoch(self) -> float:
        """Seconds since 1970, by this machine's calendar."""
        ...


def day_of(epoch: float) -> date:
    """Return the day in UTC, by which waivers expire."""
    return datetime.fromtimestamp(epoch, tz=UTC).date()


def read_day(text: str) -> date:
    """Read a day in ISO form. Raise ``ValueError`` if it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no day, like 2026-12-31") from None


def moment_text(epoch: float) -> str:
    """Return a moment in seconds since 1970 in ISO form, to the second."""
    return datetime.fromtimestamp(epoch, tz=UTC).isoformat(timespec="seconds")


def moment_of(text: str) -> float | None:
    """Return a moment in ISO form in seconds since 1970, in UTC unless it says otherwise; ``None`` if it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None
