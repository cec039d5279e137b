"""Waivers that cover nothing: told together, with what was probably meant where a name does not occur."""

from __future__ import annotations

from datetime import date

import pytest

from ci_gate.core import idle_waivers
from ci_gate.core.findings import FindingKind
from ci_gate.core.idle_waivers import doubts_about_idle
from ci_gate.core.model import ResultType
from ci_gate.core.names import hashed
from ci_gate.core.waivers import Waiver
from tests.core.builders import case, said

SUITE = [
    said("pay my bill", ResultType.TP, expected="Pay Bill"),
    said("call a person", ResultType.FP, expected="Agent | Call"),
]
LOST = case(ResultType.NOT_EVALUATED, expected=("Rent Bike",))


def waiver(**fields: str) -> Waiver:
    return Waiver(reason="known", owner="Ines", expires=date(2026, 6, 30), **fields)  # type: ignore[arg-type]


def told(*waivers: Waiver, where: str = "") -> str:
    """What is said of waivers that cover nothing; empty if nothing is."""
    found = [*doubts_about_idle(waivers, [*SUITE, LOST], where)]
    assert [(one.kind, one.blocks) for one in found] in ([], [(FindingKind.WAIVER, False)])
    return found[0].message if found else ""


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"utterance": "pay  my bill"}, "; it can go"),
        ({"utterance": "pay my bil"}, ": did you mean 'pay my bill'?"),
        ({"utterance": "xyz"}, "; it can go"),
        ({"expected": "PAY bill"}, "; it can go"),
        ({"expected": "Pay Bil"}, ": did you mean 'Pay Bill'?"),
        ({"expected": "Agent | Cal"}, ": did you mean 'Agent | Call'?"),
        ({"expected": "Pay Bill", "matched": "Agent"}, "; it can go"),
        ({"expected": "Pay Bill", "matched": "Agnet"}, ": did you mean 'Agent'?"),
        ({"expected": "Pay Bill", "matched": "anohter"}, ": did you mean 'another'?"),
        ({"expected": "Pay Bil", "matched": "Agnet"}, ": did you mean 'Pay Bill'?"),
        ({"utterance": hashed("pay my bil")}, "; it can go"),
    ],
)
def test_one_that_covers_nothing_is_told_with_the_nearest_name_if_its_own_does_not_occur(
    fields: dict[str, str], advice: str
) -> None:
    one = waiver(**fields)
    assert told(one) == f"the waiver of {one.subject} covers nothing{advice} (Ines: known)"


def test_several_are_one_line_with_their_number_and_those_that_are_misspelt_come_first() -> None:
    several = [waiver(expected="Pay Bill", matched=name) for name in ("Agent", "Call", "Another")]
    assert told(*several, waiver(utterance="cal a person"), where=" in any suite") == (
        "4 waivers cover nothing in any suite: utterance 'cal a person' (did you mean 'call a person'?), "
        "'Pay Bill' taken for 'Agent', 'Pay Bill' taken for 'Call' and 1 more; correct them, or let them go"
    )
    assert " more" not in told(*several)


def test_one_that_may_cover_what_was_not_evaluated_is_no_doubt() -> None:
    assert (
        told(waiver(utterance="utterance 1"), waiver(expected="rent bike"), waiver(expected="Rent Bike", matched="X"))
        == ""
    )
    assert told() == ""


def test_of_thousands_few_names_are_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    sought = []
    monkeypatch.setattr(idle_waivers, "closest", lambda word, _known: sought.append(word))
    assert told(*(waiver(utterance=f"say {number}") for number in range(1000))).startswith("1000 waivers")
    assert len(sought) == 3
