"""What a row of the fault matrix says: what goes wrong, how the command is started, and how it must end."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

from tests.tools.faults.good_run import MEASURED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import EllipsisType

    from tests.kore.scripted_server import Behaviour

    Behaviours = tuple[Behaviour | EllipsisType, ...]

NEVER = inf
"""For ``Script.opens_after``: nobody ever listens."""

REPORTS = ("junit.xml", "report.json")
"""For ``Ending.without``: the folder cannot be written."""

_SHORT, _LONG = 8, 40  # s; nothing that stays is worth waiting for, and what heals takes a few pauses of 2 to 16 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the platform speaks https as ``localhost``; its certificate is trusted unless a row says otherwise."""

    trusted: bool = True
    expired: bool = False
    name: str = "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the platform does, where that differs from a good run.

    Of each sequence the first behaviour is for the first request of that kind, and the last is repeated; a ``...`` at
    the end means "then as usual". ``door`` treats connections before anything is read; ``tunnel`` answers CONNECT.
    """

    start: Behaviours = (...,)
    status: Behaviours = (...,)
    file: Behaviours = (...,)
    suites: Behaviours = (...,)
    tunnel: Behaviours = (...,)
    door: Behaviours = (...,)
    opens_after: float = 0.0
    tls: Tls | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be played."""
        for behaviours in (self.start, self.status, self.file, self.suites, self.tunnel, self.door):
            if not behaviours or ... in behaviours[:-1]:
                raise ValueError("a sequence has at least one behaviour, and '...' only at its end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How the command is started, where that differs from ``ci-gate run`` in the environment of a CI job.

    In ``arguments`` and ``environment`` the words ``{origin}``, ``{port}`` and ``{folder}`` stand for the platform's
    address, its port and the row's own folder; a variable that is ``None`` is not set. ``files`` lie in the working
    directory; ``prepare`` does to that directory what a file cannot. ``machine`` is a function of ``machines.py``: it
    changes the process before the command begins. ``flags`` are Python's own. ``earlier`` is a command that has come
    to its end before, in the same folder and against the same script.
    """

    arguments: tuple[str, ...] = ("run",)
    environment: Mapping[str, str | None] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    prepare: Callable[[Path], None] = lambda _folder: None
    machine: Callable[[], None] | None = None
    flags: tuple[str, ...] = ("-I",)
    earlier: Start | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the command must end.

    ``cause`` and ``mend`` are words that must be shown, ``once`` those that must be shown a single time. ``measured``
    are TP, TN, FP and FN that a verdict must rest on. ``without`` names reports that cannot be there.
    """

    code: int
    cause: tuple[str, ...] = ()
    mend: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    measured: tuple[int | None, ...] = MEASURED
    without: tuple[str, ...] = ()


def ends(code: int, *cause: str, mend: str | tuple[str, ...], without: tuple[str, ...] = ()) -> Ending:
    """End without a verdict, for this reason and with this advice."""
    return Ending(code=code, cause=cause, mend=(mend,) if isinstance(mend, str) else mend, without=without)


PASSES = Ending(code=0, cause=("PASSED",))
FAILS = Ending(code=1, cause=("FAILED", "0.9589 < 0.99"))
"""The bot is truly not good enough: goes with ``STRICT``."""

STRICT = Start(environment={"CI_GATE_MIN_F1": "0.99"})
"""Asks for more than the bot of the good run can do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: a short name, what goes wrong, and how it must end."""

    name: str
    script: Script
    must: Ending
    start: Start = field(default_factory=Start)
    timeout: int | None = None

    @property
    def seconds(self) -> int:
        """The deadline that the command is given."""
        return self.timeout or (_LONG if self.must.code in (0, 1) else _SHORT)
