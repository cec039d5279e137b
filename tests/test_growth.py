"""Twice the utterances under twice the rules take twice the work: no rule is compared with every utterance.

The tests count calls: times on a busy machine show nothing about growth.
"""

from __future__ import annotations

import sys
import tomllib
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.config.rule_tables import RuleTables, rules_in, take_rules
from ci_gate.core.assess import assess
from ci_gate.core.findings import Expectation
from ci_gate.core.model import ResultType
from ci_gate.core.report import GateReport, Source, Subject
from ci_gate.gate.common_waivers import with_idle_waivers
from ci_gate.gate.unknown_names import unknown_name
from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions
from tests.core.builders import results, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ci_gate.core.model import ResultsFile

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
MOST = 2.4
"""The allowed ratio; quadratic growth would be 4."""

_LAST = "reason = 'known'\nowner = 'NLU'\nexpires = 2099-01-01\n"


def suite(size: int) -> ResultsFile:
    """Return ``size`` utterances of an eighth as many intents; half of them are wrong, each pair of intents once."""
    rows = []
    for number in range(size):
        intent = f"Intent {'abcdefgh'[number % 8]}{number // 8 % (size // 8)}"
        kind = (ResultType.TP, ResultType.FP, ResultType.FP, ResultType.NOT_EVALUATED)[number % 4]
        one = said(f"say {number}", kind, expected=intent, row=number + 1)
        rows.append(replace(one, matched=(f"intent {number}",)) if one.is_mismatch else one)
    return results(rows)


def pairs(size: int) -> Iterator[tuple[str, str]]:
    return ((one.expected[0], f"Intent {number}") for number, one in enumerate(suite(size).utterances))


def forbidden(size: int) -> str:
    return "".join(f"[[forbidden]]\nexpected = '{one}'\nmatched = '{other}'\n" for one, other in pairs(size))


def strangers(size: int) -> str:
    """Return forbidden names that do not occur; every other one is a misspelt intent."""
    names = (f"{one}\nmatched = '{('Intnet a', 'Nowhere ')[n % 2]}{n // 8}'" for n, (one, _) in enumerate(pairs(size)))
    return "".join(f"[[forbidden]]\nexpected = '{name.replace(chr(10), chr(39) + chr(10), 1)}\n" for name in names)


def waivers(size: int) -> str:
    of_pairs = (f"confusion = {{ expected = '{one}', matched = '{other}' }}" for one, other in pairs(size))
    of_utterances = (f"utterance = 'say {number}'" for number in range(size))
    return "".join(f"[[waivers]]\n{what}\n{_LAST}" for what in (*of_pairs, *of_utterances))


def of_intents(size: int) -> str:
    return "".join(f"[[waivers]]\nintent = '{one}'\n{_LAST}" for one in {one: "" for one, _ in pairs(size)})


def idle(size: int) -> str:
    return "".join(f"[[waivers]]\nutterance = 'never {number}'\n{_LAST}" for number in range(size))


def must_pass(size: int) -> str:
    return f"must_pass = {[f'say {number}' for number in range(size)]}\n"


def missing(size: int) -> str:
    return f"must_pass = {[f'never {number}' for number in range(size)]}\n"


def named(size: int) -> str:
    names = {one: "" for one, _ in pairs(size)}
    return "".join(f"[intents.'{one}']\nmin_recall = 0.1\npoint = true\nmin_support = 1\n" for one in names)


def general(_size: int) -> str:
    return "[intents]\nmin_f1 = 0.1\nmin_recall = 0.1\npoint = true\nmin_support = 1\n"


def everything(size: int) -> str:
    return must_pass(size) + forbidden(size) + waivers(size) + named(size)


KINDS = (forbidden, strangers, waivers, of_intents, idle, must_pass, missing, named, general, everything)


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the calls of functions, including those in C."""
    calls = [0]

    def note(_frame: object, event: str, _argument: object) -> None:
        calls[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def calls_of(rules: Callable[[int], str], size: int) -> int:
    """Return the number of calls to read rules, judge and report."""
    file, document = suite(size), tomllib.loads(rules(size), parse_float=str)
    with counted() as calls:
        taken = rules_in(take_rules(document, "ci-gate.toml", secrets=(), folder=Path()), RuleTables())
        outcome = assess(
            Subject(label="s", suite="s", source=Source.FILES),
            status=None,
            results=file,
            rules=taken,
            expectation=Expectation(),
            today=date(2026, 3, 2),
            hash_utterances=False,
        )
        suites = with_idle_waivers([outcome.report])
        report = GateReport(suites=suites, started=MOMENT, finished=MOMENT, error=unknown_name(suites))
        for one in FORMATS:
            for _ in one.render(report, RenderOptions()):
                pass
    return calls[0]


@pytest.mark.parametrize("rules", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_twice_the_utterances_and_rules_are_twice_the_work(rules: Callable[[int], str]) -> None:
    calls_of(rules, 40)  # imports and compiled patterns are no growth
    assert calls_of(rules, 400) < MOST * calls_of(rules, 200)


def test_quadratic_growth_would_be_detected() -> None:
    def each_with_each(size: int) -> int:
        numbers = [*map(str, range(size))]
        with counted() as calls:
            assert sum(one.startswith(other) for one in numbers for other in numbers) > size
        return calls[0]

    assert each_with_each(640) > MOST * each_with_each(320)
