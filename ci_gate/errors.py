"""The exit codes and every way in which the gate can end without a verdict.

GateError
├── UsageError      2    what was asked for makes no sense, or something needed is missing
├── PlatformError   3    the platform is out of reach, answers nonsense, or does not know the name; the run ended badly
│   └── UnknownHost 3    the name of the host could not be resolved, nor has it ever been
├── DeadlinePassed  4    the time allowed for the whole command is over
├── Inconclusive    5    the run ended, but its evidence is not good enough to judge
├── Denied          6    credentials or scope refused
├── Unreported      7    it would have passed, but a report could not be written
├── InternalError  70    a bug of ours
└── Interrupted   130    SIGINT, or 143 for SIGTERM

Transient           an attempt that failed and may be made again; never an ending itself
"""

from __future__ import annotations

import signal
from dataclasses import KW_ONLY, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """How the process ends; ``meaning`` is the row of the table in the README."""

    PASSED = 0, "every suite judged, every check passed"
    FAILED = 1, "judged, and at least one check failed; nothing else ever ends in 1"
    USAGE = 2, "a bad flag, file, threshold or name, a missing secret, a report folder that cannot be written"
    PLATFORM = (
        3,
        "the platform is unreachable or answers nonsense, the run failed or was cancelled, suite or run unknown",
    )
    TIMEOUT = 4, "the deadline passed; the message says how to attach again"
    INCONCLUSIVE = (
        5,
        "the run ended, but its results are missing, unreadable, partial or contradictory, or a metric has no data",
    )
    DENIED = 6, "credentials or scope refused"
    UNREPORTED = 7, "would be 0, but a report could not be written, or no verdict be printed"
    INTERNAL = 70, "a bug in ci-gate, or a broken installation; `--verbose` shows the traceback"
    INTERRUPTED = 130, "SIGINT (Ctrl-C), after the reports are written"
    TERMINATED = 143, "SIGTERM, after the reports are written"

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


_INTERRUPTIONS = (ExitCode.INTERRUPTED, ExitCode.TERMINATED)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Combine the codes of several suites into the one that the process ends with.

    An interruption, then a bug, beat all; then the smallest of the others; then 1; then 0:
    a pipeline that tolerates a failed gate never tolerates an outage with it.
    """

    def rank(code: ExitCode) -> tuple[int, int]:
        if code in _INTERRUPTIONS:
            return (0, code)
        if code is ExitCode.INTERNAL:
            return (1, code)
        if code in (ExitCode.PASSED, ExitCode.FAILED):
            return (3, -code)
        return (2, code)

    return min(codes, key=rank, default=ExitCode.PASSED)


class GateError(Exception):
    """An ending without a verdict.

    ``message`` says what happened and where, ``hint`` how to mend it. Both may quote any text: what has the shape of a
    secret is cut out here, and the rest may be shown.
    """

    code: ExitCode
    kind: ClassVar[str]

    def __init__(self, message: str, *, hint: str = "") -> None:
        from ci_gate.redaction import without_credentials  # late: --help and --version have no ending

        self.message = without_credentials(message)
        self.hint = without_credentials(hint)
        super().__init__(self.message)

    def reworded(self, *, message: str = "", hint: str = "") -> Self:
        """Return a copy of this ending, of its kind and with its cause, in other words if any are given."""
        copied = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied.__cause__ = self.__cause__
        GateError.__init__(copied, message or self.message, hint=hint or self.hint)
        return copied


class UsageError(GateError):
    code = ExitCode.USAGE
    kind = "usage"


class PlatformError(GateError):
    code = ExitCode.PLATFORM
    kind = "platform"


class UnknownHost(PlatformError):
    """The name of the host could not be resolved, nor has it ever been: it may be mistyped."""


class DeadlinePassed(GateError):
    code = ExitCode.TIMEOUT
    kind = "timeout"


class Inconclusive(GateError):
    code = ExitCode.INCONCLUSIVE
    kind = "inconclusive"


class Denied(GateError):
    code = ExitCode.DENIED
    kind = "denied"


class Unreported(GateError):
    code = ExitCode.UNREPORTED
    kind = "unreported"


class InternalError(GateError):
    code = ExitCode.INTERNAL
    kind = "internal"


def no_thread() -> PlatformError:
    """Return the ending of a machine that allows this process no more threads."""
    hint = "is the number of processes limited? see ulimit -u, or the limit on PIDs of the container"
    return PlatformError("no thread can be started on this machine", hint=hint)


def bug_report(problem: BaseException) -> GateError:
    """Turn an unforeseen exception, the panic of a library included, into an ending; it stays attached as the cause."""
    error: GateError
    if isinstance(problem, ImportError):
        error = InternalError(f"the installation is broken: {problem}", hint="install ci-gate again")
    elif isinstance(problem, RuntimeError) and "start new thread" in str(problem):
        error = no_thread()
    else:
        hint = "please report it; --verbose shows where it happened"
        error = InternalError(f"a bug in ci-gate: {type(problem).__name__}", hint=hint)
    error.__cause__ = problem
    return error


class Interrupted(GateError):
    kind = "interrupted"

    def __init__(self, message: str, *, signum: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = ExitCode.INTERRUPTED if signum == signal.SIGINT else ExitCode.TERMINATED


@dataclass(eq=False)
class Transient(Exception):
    """One attempt failed in a way that may heal by itself.

    ``error`` is the ending that it becomes if it does not heal before the deadline; ``retry_after`` is the server's
    own wish in seconds, if it has one; ``pause`` a fixed interval for what is worth asking about steadily;
    ``rate_limited`` says that asking less often is the cure, ``without_effect`` that the request was certainly not
    carried out.
    """

    error: GateError
    _: KW_ONLY
    retry_after: float | None = None
    pause: float | None = None
    rate_limited: bool = False
    without_effect: bool = False
