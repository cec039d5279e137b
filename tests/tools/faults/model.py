"""The model of a row of the fault matrix: the fault, the start of the command, and the required ending."""

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
"""For ``Script.opens_after``: the port never opens."""

REPORTS = ("junit.xml", "report.json")
"""For ``Ending.without``: the folder is not writable."""

_SHORT, _LONG = 8, 40  # s; a permanent fault is not worth waiting for, and recovery takes a few pauses of 2 to 16 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the platform serves https as ``localhost``; its certificate is trusted unless a row sets otherwise."""

    trusted: bool = True
    expired: bool = False
    name: str = "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The behaviour of the platform, as far as it differs from a good run.

    The first behaviour of each sequence is for the first request of that kind, and the last is repeated; a ``...`` at
    the end means "then as usual". ``door`` handles connections before anything is read; ``tunnel`` answers CONNECT.
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
        """Raise an error if the script cannot be executed."""
        for behaviours in (self.start, self.status, self.file, self.suites, self.tunnel, self.door):
            if not behaviours or ... in behaviours[:-1]:
                raise ValueError("a sequence has at least one behaviour, and '...' only at its end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How the command is started, as far as that differs from ``ci-gate run`` in the environment of a CI job.

    In ``arguments`` and ``environment``, ``{origin}``, ``{port}`` and ``{folder}`` stand for the platform's address,
    its port and the row's own folder; a variable that is ``None`` is not set. ``files`` are written into the working
    directory; ``prepare`` makes other changes to that directory. ``machine`` is the name of a function of
    ``machines.py``, which changes the process before the command starts. ``flags`` are Python's own. ``earlier`` is a
    command that has ended before, in the same folder and with the same script.
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
    """The required ending of the command.

    ``cause`` and ``mend`` are texts that must be shown, ``once`` those that must be shown exactly once. ``measured``
    are the TP, TN, FP and FN of the verdict. ``without`` lists reports that cannot be written.
    """

    code: int
    cause: tuple[str, ...] = ()
    mend: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    measured: tuple[int | None, ...] = MEASURED
    without: tuple[str, ...] = ()


def ends(code: int, *cause: str, mend: str | tuple[str, ...], without: tuple[str, ...] = ()) -> Ending:
    """Return an ending without a verdict, with this cause and this advice."""
    return Ending(code=code, cause=cause, mend=(mend,) if isinstance(mend, str) else mend, without=without)


PASSES = Ending(code=0, cause=("PASSED",))
FAILS = Ending(code=1, cause=("FAILED", "0.9589 < 0.99"))
"""The bot misses the threshold of ``STRICT``."""

STRICT = Start(environment={"CI_GATE_MIN_F1": "0.99"})
"""A threshold that the bot of the good run misses."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: a short name, the fault, and the required ending."""

    name: str
    script: Script
    must: Ending
    start: Start = field(default_factory=Start)
    timeout: int | None = None

    @property
    def seconds(self) -> int:
        """Return the deadline of the command in seconds."""
        return self.timeout or (_LONG if self.must.code in (0, 1) else _SHORT)
