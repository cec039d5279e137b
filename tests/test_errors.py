"""The exit codes, and the endings without a verdict."""

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
"""Each rank beats those after it."""

RANK = {code: rank for rank, codes in enumerate(PRECEDENCE) for code in codes}


def test_exit_codes_are_the_documented_numbers() -> None:
    assert {code.name: int(code) for code in ExitCode} == NUMBERS


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_says_what_it_means(code: ExitCode) -> None:
    assert code.meaning


def test_meanings_tell_the_codes_apart() -> None:
    assert len({code.meaning for code in ExitCode}) == len(ExitCode)


@pytest.mark.parametrize("one", ExitCode)
def test_of_two_suites_the_graver_ending_wins_in_either_order(one: ExitCode) -> None:
    for other in ExitCode:
        if RANK[one] < RANK[other]:
            assert worst([one, other]) is worst([other, one]) is one
        elif RANK[one] == RANK[other]:
            assert worst([one, other]) is worst([other, one])


def test_of_three_suites_the_gravest_ending_wins() -> None:
    for codes in product(ExitCode, repeat=3):
        assert RANK[worst(codes)] == min(RANK[code] for code in codes)


def test_a_single_ending_is_the_end() -> None:
    assert [worst([code]) for code in ExitCode] == list(ExitCode)


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (UsageError, ExitCode.USAGE, "usage"),
        (PlatformError, ExitCode.PLATFORM, "platform"),
        (DeadlinePassed, ExitCode.TIMEOUT, "timeout"),
        (Inconclusive, ExitCode.INCONCLUSIVE, "inconclusive"),
        (Denied, ExitCode.DENIED, "denied"),
        (Unreported, ExitCode.UNREPORTED, "unreported"),
        (InternalError, ExitCode.INTERNAL, "internal"),
    ],
)
def test_every_ending_has_its_code_and_its_kind(error: type[GateError], code: ExitCode, kind: str) -> None:
    found = error("what happened", hint="what to do")
    assert (found.code, found.kind, found.message, found.hint) == (code, kind, "what happened", "what to do")
    assert str(found) == "what happened"


def test_no_two_endings_share_a_kind() -> None:
    kinds = [error.kind for error in GateError.__subclasses__()]
    assert len(set(kinds)) == len(kinds) == 8


@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)]
)
def test_interruption_ends_with_the_code_of_its_signal(signum: int, code: ExitCode) -> None:
    found = Interrupted("stopped", signum=signum, hint="attach again")
    assert (found.code, found.kind, found.message, found.hint) == (code, "interrupted", "stopped", "attach again")
    assert found.code == 128 + signum


def test_ending_needs_no_hint() -> None:
    assert PlatformError("no answer").hint == ""


def test_transient_failure_carries_the_ending_that_it_may_become() -> None:
    ending = PlatformError("no answer")
    failure = Transient(ending)
    assert (failure.error, str(failure)) == (ending, "no answer")
    assert not isinstance(failure, GateError)


def test_transient_failure_says_how_it_wants_to_be_repeated() -> None:
    failure = Transient(PlatformError("no answer"), retry_after=7.0, pause=10.0, rate_limited=True, without_effect=True)
    assert (failure.retry_after, failure.pause, failure.rate_limited, failure.without_effect) == (7.0, 10.0, True, True)


def test_transient_failure_has_no_wishes_and_may_have_had_an_effect_unless_said_otherwise() -> None:
    failure = Transient(PlatformError("no answer"))
    assert (failure.retry_after, failure.pause) == (None, None)
    assert (failure.rate_limited, failure.without_effect) == (False, False)


SECRETS = {
    "a token": "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl",
    "a key": "-----BEGIN PRIVATE KEY-----\nc2lnbmF0dXJl\n-----END PRIVATE KEY-----",
    "a torn key": "-----BEGIN PRIVATE KEY-----\nc2lnbmF0dXJl",
    "a link with a password": "https://user:c2lnbmF0dXJl@files.example/f.csv",
    "a path that was made of one": "https:/user:c2lnbmF0dXJl@files.example/f.csv",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_no_ending_of_any_kind_holds_what_has_the_shape_of_a_secret(secret: str) -> None:
    text = f"what '{SECRETS[secret]}'"
    for kind in GateError.__subclasses__():
        make = partial(Interrupted, signum=signal.SIGTERM) if kind is Interrupted else kind
        error = make(text, hint=f"so:\n  {text}")
        other = make("what").reworded(message=text, hint=text)
        # A link may be a name; its query goes when a text from elsewhere is quoted.
        for ending in (error, other, error.reworded(hint="so"), bug_report(ImportError(text))):
            shown = f"{ending.message} {ending.hint} {ending} {ending!r} {ending.args} {Transient(ending)}"
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
def test_what_was_not_foreseen_is_a_bug_unless_the_machine_is_the_cause(
    problem: Exception, code: ExitCode, words: str
) -> None:
    error = bug_report(problem)
    assert (error.code, error.message, error.__cause__) == (code, words, problem)


def test_every_ending_can_be_said_in_other_words() -> None:
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
def test_a_command_that_an_ending_names_stays_as_it_is_typed(label: str) -> None:
    command = attach_command("tr-1", label)
    error = DeadlinePassed("what", hint="so")
    assert error.reworded(hint=f"attach again with: {command}; or raise --timeout").hint.count(command) == 1
    assert shlex.split(command)[-1] == label
