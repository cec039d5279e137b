"""The exit codes, and the errors that end a command without a verdict."""

from __future__ import annotations

import shlex
import signal
from functools import partial
from itertools import product

import pytest

from ci_gate.core.events import attach_command
from ci_gate.errors import (
    DeadlinePassed,
    Denied,
    ExitCode,
    GateError,
    Inconclusive,
    InternalError,
    Interrupted,
    PlatformError,
    Transient,
    Unreported,
    UsageError,
    bug_report,
    worst,
)
from tests.sandbox import each_signal

NUMBERS = {
    "PASSED": 0,
    "FAILED": 1,
    "USAGE": 2,
    "PLATFORM": 3,
    "TIMEOUT": 4,
    "INCONCLUSIVE": 5,
    "DENIED": 6,
    "UNREPORTED": 7,
    "INTERNAL": 70,
    "INTERRUPTED": 130,
    "TERMINATED": 143,
}

PRECEDENCE = (
    {ExitCode.INTERRUPTED, ExitCode.TERMINATED},
    {ExitCode.INTERNAL},
    {ExitCode.USAGE},
    {ExitCode.PLATFORM},
    {ExitCode.TIMEOUT},
    {ExitCode.INCONCLUSIVE},
    {ExitCode.DENIED},
    {ExitCode.UNREPORTED},
    {ExitCode.FAILED},
    {ExitCode.PASSED},
)
"""Each rank outweighs the following ones."""

RANK = {code: rank for rank, codes in enumerate(PRECEDENCE) for code in codes}


def test_exit_codes_are_the_documented_numbers() -> None:
    assert {code.name: int(code) for code in ExitCode} == NUMBERS


def test_every_exit_code_has_a_meaning_of_its_own() -> None:
    assert all(code.meaning for code in ExitCode)
    assert len({code.meaning for code in ExitCode}) == len(ExitCode)


def test_the_gravest_ending_of_up_to_three_suites_wins_in_any_order() -> None:
    for codes in (*product(ExitCode, repeat=1), *product(ExitCode, repeat=2), *product(ExitCode, repeat=3)):
        assert RANK[worst(codes)] == min(RANK[code] for code in codes)
    for one, other in product(ExitCode, repeat=2):
        assert worst([one, other]) is worst([other, one])


KINDS = {
    UsageError: (ExitCode.USAGE, "usage"),
    PlatformError: (ExitCode.PLATFORM, "platform"),
    DeadlinePassed: (ExitCode.TIMEOUT, "timeout"),
    Inconclusive: (ExitCode.INCONCLUSIVE, "inconclusive"),
    Denied: (ExitCode.DENIED, "denied"),
    Unreported: (ExitCode.UNREPORTED, "unreported"),
    InternalError: (ExitCode.INTERNAL, "internal"),
}


def test_every_error_has_a_code_and_a_kind_of_its_own() -> None:
    for error, (code, kind) in KINDS.items():
        found = error("what happened", hint="what to do")
        assert (found.code, found.kind, found.message, found.hint) == (code, kind, "what happened", "what to do")
        assert str(found) == "what happened"
    assert {*GateError.__subclasses__()} == {*KINDS, Interrupted}
    assert len({error.kind for error in GateError.__subclasses__()}) == len(KINDS) + 1
    assert PlatformError("no answer").hint == ""


@each_signal
def test_an_interruption_has_the_code_of_its_signal(signum: int, code: ExitCode) -> None:
    found = Interrupted("stopped", signum=signum, hint="attach again")
    assert (found.code, found.kind, found.message, found.hint) == (code, "interrupted", "stopped", "attach again")
    assert found.code == 128 + signum


def test_a_transient_error_has_the_error_that_it_may_become_and_how_to_retry() -> None:
    ending = PlatformError("no answer")
    usual = Transient(ending)
    assert (usual.error, str(usual)) == (ending, "no answer")
    assert not isinstance(usual, GateError)
    assert (usual.retry_after, usual.pause, usual.rate_limited, usual.without_effect) == (None, None, False, False)
    error = Transient(ending, retry_after=7.0, pause=10.0, rate_limited=True, without_effect=True)
    assert (error.retry_after, error.pause, error.rate_limited, error.without_effect) == (7.0, 10.0, True, True)


SECRETS = {
    "a token": "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl",
    "a key": "-----BEGIN PRIVATE KEY-----\nc2lnbmF0dXJl\n-----END PRIVATE KEY-----",
    "a torn key": "-----BEGIN PRIVATE KEY-----\nc2lnbmF0dXJl",
    "a link with a password": "https://user:c2lnbmF0dXJl@files.example/f.csv",
    "a path that was made of one": "https:/user:c2lnbmF0dXJl@files.example/f.csv",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_no_error_contains_text_that_looks_like_a_secret(secret: str) -> None:
    text = f"what '{secret}'"
    for kind in GateError.__subclasses__():
        make = partial(Interrupted, signum=signal.SIGTERM) if kind is Interrupted else kind
        error = make(text, hint=f"so:\n  {text}")
        other = make("what").reworded(message=text, hint=text)
        # A link may be a name; its query is removed when text from elsewhere is quoted.
        for one in (error, other, error.reworded(hint="so"), bug_report(ImportError(text))):
            shown = f"{one.message} {one.hint} {one} {one!r} {one.args} {Transient(one)}"
            assert "c2lnbmF0dXJl" not in shown
            assert "(a " in shown or "f.csv" in shown


@pytest.mark.parametrize(
    ("problem", "code", "words"),
    [
        (ZeroDivisionError("a number"), ExitCode.INTERNAL, "a bug in ci-gate: ZeroDivisionError"),
        (RuntimeError("odd"), ExitCode.INTERNAL, "a bug in ci-gate: RuntimeError"),
        (ImportError("no click"), ExitCode.INTERNAL, "the installation is broken: no click"),
        (RuntimeError("can't start new thread"), ExitCode.PLATFORM, "no thread can be started on this machine"),
    ],
)
def test_an_unexpected_error_is_a_bug_unless_the_machine_causes_it(
    problem: Exception, code: ExitCode, words: str
) -> None:
    error = bug_report(problem)
    assert (error.code, error.message, error.__cause__) == (code, words, problem)


def test_an_error_can_be_reworded_without_changing_its_kind() -> None:
    for error in (UsageError("no", hint="yes"), Interrupted("interrupted", signum=signal.SIGTERM, hint="again")):
        error.__cause__ = OSError()
        copied = error.reworded(message="other words")
        assert (type(copied), copied.code, copied.hint) == (type(error), error.code, error.hint)
        assert (str(copied), copied.message, copied.__cause__) == ("other words", "other words", error.__cause__)
        assert (error.reworded(hint="try").message, error.reworded(hint="try").hint) == (error.message, "try")
        assert error.message != copied.message


@pytest.mark.parametrize(
    "label", ["FAQ/where?x=1", "a/b?c=d&e=f", "https://help.example/faq#cards", "x=y;z@w", "50% (new)"]
)
def test_a_command_in_a_hint_is_not_redacted(label: str) -> None:
    command = attach_command("tr-1", label)
    error = DeadlinePassed("what", hint=f"attach again with: {command}; or raise --timeout")
    assert error.reworded(hint=error.hint).hint.count(command) == 1
    assert shlex.split(command)[-1] == label
