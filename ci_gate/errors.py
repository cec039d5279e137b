"""The exit codes and every way in which the gate can end without a verdict.

GateError
├── UsageError      2    the command or a setting is invalid, or something it needs is missing
├── PlatformError   3    the platform is unreachable, sends an invalid reply or has no such suite, or the run failed
│   └── UnknownHost 3    the host name could not be resolved in any attempt
├── DeadlinePassed  4    the timeout of the whole command has passed
├── Inconclusive    5    the run ended, but its evidence does not permit a verdict
├── Denied          6    credentials or scope refused
├── Unreported      7    the gate would have passed, but a report could not be written
├── InternalError  70    a bug in ci-gate, or a broken installation
└── Interrupted   130    SIGINT; 143 for SIGTERM and SIGHUP

Transient           a failed attempt that may be retried; never an ending itself
"""

from __future__ import annotations

import signal
from dataclasses import KW_ONLY, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """The exit codes of the process; ``meaning`` is the description in the README's table."""

    PASSED = 0, "every suite judged, and every check passed or excused by --advisory"
    FAILED = 1, "judged, and at least one check failed; no other ending has exit code 1"
    USAGE = 2, "a bad flag, file, threshold or name, a missing secret, a report folder that cannot be written"
    PLATFORM = (
        3,
        "the platform is unreachable or sends invalid replies, the run failed or was cancelled, suite or run unknown",
    )
    TIMEOUT = 4, "the deadline passed; the message says how to attach again"
    INCONCLUSIVE = (
        5,
        "the run ended, but its results are missing, unreadable, partial or contradictory, or a metric has no data",
    )
    DENIED = 6, "credentials or scope refused"
    UNREPORTED = 7, "would be 0, but a report could not be written, or the verdict could not be printed"
    INTERNAL = 70, "a bug in ci-gate, or a broken installation; `--verbose` shows the traceback"
    INTERRUPTED = 130, "SIGINT (Ctrl-C), after the reports are written"
    TERMINATED = 143, "SIGTERM or SIGHUP, after the reports are written"

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


_INTERRUPTIONS = (ExitCode.INTERRUPTED, ExitCode.TERMINATED)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Combine the exit codes of several suites into the exit code of the process; return 0 if there are no codes.

    The order of precedence is 130, 143, 70, then the smallest other code above 1, then 1, then 0. A pipeline that
    tolerates a failed gate (1) therefore does not tolerate an outage in another suite.
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

    ``message`` says what happened and where, ``hint`` how to correct it. Either may quote any text, and both are shown
    to users, so the constructor cuts out everything that has the shape of a secret.
    """

    code: ExitCode
    kind: ClassVar[str]

    def __init__(self, message: str, *, hint: str = "") -> None:
        from ci_gate.redaction import without_credentials  # late: --help and --version need no errors

        self.message = without_credentials(message)
        self.hint = without_credentials(hint)
        super().__init__(self.message)

    def reworded(self, *, message: str = "", hint: str = "") -> Self:
        """Return a copy with the same class and cause, in which each argument that is given replaces the old text."""
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
    """The host name has not been resolved in any attempt so far: it may be mistyped."""


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
    """Return the error for a machine that allows this process no further thread."""
    hint = "is the number of processes limited? see ulimit -u, or the limit on PIDs of the container"
    return PlatformError("no thread can be started on this machine", hint=hint)


def bug_report(problem: BaseException) -> GateError:
    """Return the error for an unexpected exception of any class, with ``problem`` as its cause."""
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
    """An attempt failed in a way that may disappear by itself, so that a retry makes sense.

    ``error`` is the ending if retries fail until the deadline. ``retry_after`` is the wait in seconds that the server
    asks for; ``pause`` is a fixed wait in seconds in place of a growing one. ``rate_limited`` means that the platform
    demands fewer requests, ``without_effect`` that the platform certainly did not carry out the request.
    """

    error: GateError
    _: KW_ONLY
    retry_after: float | None = None
    pause: float | None = None
    rate_limited: bool = False
    without_effect: bool = False
