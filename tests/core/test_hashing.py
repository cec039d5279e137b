"""An utterance has the same hash in a run, in the rules and in the baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.duplicates import collapsed
from ci_gate.core.model import Reported, ResultType
from ci_gate.core.names import hashed, is_hash
from ci_gate.core.rules import INTENT, MUST_PASS, Forbidden, Name, Rules
from ci_gate.core.waivers import Waiver, apply_waivers
from tests.core.builders import case, results

SAID = "my card is gone"


def test_a_hash_ignores_spacing_and_hashes_to_itself() -> None:
    assert hashed(SAID) == hashed(" my  card is\tgone ") == hashed(hashed(SAID))
    assert hashed(SAID) != hashed("My card is gone")
    assert hashed(SAID).startswith("#")


def test_hashes_are_recognised() -> None:
    assert is_hash(hashed(SAID))
    assert not any(map(is_hash, (SAID, "#1", f"{hashed(SAID)}0", f" {hashed(SAID)}", "#ABCDEF012345")))


def test_hashing_a_file_changes_only_the_texts() -> None:
    shown, other = replace(case(), text=SAID), replace(case(row=2), text=f"{SAID} again")
    expected = [replace(one, text=hashed(one.text)) for one in (shown, other)]
    file = results([shown], Reported(suite="Smoke"))
    assert file.hashed() == results(expected[:1], Reported(suite="Smoke"))
    assert replace(file, row_by_row=(shown, other)).hashed().row_by_row == (*expected,)


def test_hashing_rules_changes_only_those_about_utterances() -> None:
    by_intent = Waiver(expected="Pay", reason="r", owner="o", expires=date(2026, 1, 1))
    rules = Rules(
        must_pass=(SAID,),
        forbidden=(Forbidden("Pay", "Rent"),),
        waivers=(replace(by_intent, expected="", utterance=SAID), by_intent),
        common_names=frozenset({Name(MUST_PASS, SAID), Name(INTENT, "Pay")}),
    )
    found = rules.hashed()
    assert found.must_pass == (hashed(SAID),)
    assert found.waivers == (replace(by_intent, expected="", utterance=hashed(SAID)), by_intent)
    assert found.common_names == {Name(MUST_PASS, hashed(SAID)), Name(INTENT, "Pay")}
    assert found.forbidden == rules.forbidden
    wrong = replace(case(ResultType.FN), text=hashed(SAID))
    assert apply_waivers(found.waivers[:1], [wrong], found.waivers[0].expires).rows


def test_hashing_a_baseline_hides_its_utterances() -> None:
    baseline = Baseline(name="b", origin=Origin(), utterances=collapsed([replace(case(), text=SAID)]))
    (found,) = baseline.hashed().utterances.values()
    assert found.text == hashed(SAID)
