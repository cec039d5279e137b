"""Tables of rules in the settings file: their meaning, and the message when one makes no sense."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from fractions import Fraction

import pytest

from ci_gate.config.raw_value import SECRETS_HINT
from ci_gate.config.rule_tables import TABLE_KEYS, RuleTables, rules_in
from ci_gate.core.names import NO_INTENT
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.waivers import Waiver
from tests.config.builders import CANARY, SMOKE, given, refusal, suites, write

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"
INTENTS_HINT = 'write [intents] with min_recall = 0.8 below it, or [intents."Transfer money"] for one of them'
UTTERANCES_HINT = 'write must_pass = ["where is my card"], or the path of a file with an utterance a line'
FORBIDDEN_HINT = 'write [[forbidden]] with expected = "Cancel card" and matched = "Order card" below it'
WAIVERS_HINT = 'write [[waivers]] with utterance = "…" or intent = "…", and reason, owner and expires below it'
CONFUSION_HINT = 'write confusion = { expected = "Cancel card", matched = "Order card" }'
DAY_HINT = "give the last day on which the waiver applies: expires = 2027-01-31"

WAIVED = 'reason = "known"\nowner = "Ada"\nexpires = 2027-01-31\n'
"""What every waiver needs besides what it waives."""


def tables(text: str) -> RuleTables:
    """Read rules at the top of a file; in the entry of a suite they must mean the same."""
    common = given(text).file.rules
    (entry,) = given(_in_a_suite(text)).file.suites
    assert entry.rules == common
    return common


def _in_a_suite(text: str) -> str:
    """Move rules into the entry of a suite."""
    for key in TABLE_KEYS:
        text = text.replace(f"[{key}", f"[suites.{key}")
    return SMOKE + text


def test_file_without_rules_or_with_empty_lists_has_none() -> None:
    assert tables("") == RuleTables()
    assert tables("must_pass = []\nforbidden = []\nwaivers = []") == RuleTables()


def test_floors_are_general_or_of_an_intent_that_may_be_called_anything() -> None:
    file = """
    thresholds = { min_f1 = 0.9 }
    [intents]
    min_recall = 0.8
    min_precision = "70%"
    point = true
    [intents."Transfer money"]
    min_recall = 0.95
    [intents.min_support]
    min_f1 = "off"
    """
    (suite,) = suites(file, suite=("Smoke",))
    floors = suite.rules.intents
    assert floors.general.bounds == {"min_recall": Fraction(4, 5), "min_precision": Fraction(7, 10)}
    assert (floors.general.min_support, floors.general.point) == (5, True)
    assert floors.of("transfer MONEY").bounds == {"min_recall": Fraction(19, 20), "min_precision": Fraction(7, 10)}
    assert floors.of("min_support").bounds == floors.general.bounds
    assert floors.of("another") == floors.general


def test_floor_is_the_same_number_in_every_spelling() -> None:
    for written in ("0.8", '"0.8"', '"80%"', "0.80", "'.8'"):
        (suite,) = suites(f"[intents]\nmin_recall = {written}", suite=("Smoke",))
        assert suite.rules.intents.general.bounds == {"min_recall": Fraction(4, 5)}


@pytest.mark.parametrize(("table", "where"), [("intents", "intents"), ("intents.Pay", "intents.'Pay'")])
def test_value_of_a_floor_that_makes_no_sense_is_refused(table: str, where: str) -> None:
    nothing = "can never fail: to switch the threshold off, write 'off'"
    for text, message in {
        "min_recall = 80": "min_recall: '80' is more than 1, which no score can reach: did you mean 80%?",
        'min_recall = "many"': "min_recall: 'many' is not a number like 0.9 or 90%, nor 'off'",
        "min_support = 0": "min_support: '0' is not a whole number of 1 or more",
        "min_support = 2.5": "min_support: '2.5' is not a whole number of 1 or more",
        **{
            f"{key} = {zero}": f"{key}: '{zero.strip(chr(34))}' {nothing}"
            for key in ("min_f1", "min_precision", "min_recall")
            for zero in ("0", "0.0", '"0%"')
        },
    }.items():
        file = f"thresholds = {{ min_f1 = 0.9 }}\n[{table}]\n{text}"
        error = refusal(lambda file=file: suites(file, suite=("Smoke",)))  # type: ignore[misc]
        assert error.message == f"ci-gate.toml: {where}: {message}"


def test_must_pass_is_a_list_or_a_file_with_an_utterance_per_line() -> None:
    listed = tables('must_pass = [" where is  my card", "Tarjeta perdida", "where is my card"]').must_pass
    assert listed == ("where is my card", "Tarjeta perdida")
    write("\ufeff where is  my card\r\n\r\n  \nTarjeta perdida\nwhere is my card\n", "critical/utterances.txt")
    assert tables('must_pass = "critical/utterances.txt"').must_pass == listed


def test_line_that_begins_with_a_hash_is_a_comment_unless_it_is_escaped() -> None:
    write("# what pays\npay a bill\n  #indented\n\\#help\n\\\\#x\nbill #4\n\\n\n", "critical.txt")
    assert tables('must_pass = "critical.txt"').must_pass == ("pay a bill", "#help", "\\#x", "bill #4", "\\n")
    assert tables('must_pass = ["#help"]').must_pass == ("#help",)


def test_forbidden_confusion_has_two_sides_and_may_be_of_no_intent() -> None:
    found = tables(confusion('" Cancel card "', '"Order card"') + confusion('"none"', '"Transfer money"')).forbidden
    assert found == (Forbidden("Cancel card", "Order card"), Forbidden(NO_INTENT, "Transfer money"))


@pytest.mark.parametrize(("subject", "utterance", "expected", "matched"), [
    ('utterance = " where is  my card "', "where is my card", "", ""),
    ('intent = "Cancel card"', "", "Cancel card", ""),
    ('intent = "None"', "", NO_INTENT, ""),
    ('confusion = { expected = "Cancel card", matched = "none" }', "", "Cancel card", NO_INTENT),
])  # fmt: skip
@pytest.mark.parametrize("expires", ["2027-01-31", '" 2027-01-31 "'])
def test_waiver_has_one_subject(subject: str, utterance: str, expected: str, matched: str, expires: str) -> None:
    text = f'[[waivers]]\n{subject}\nreason = " known "\nowner = "Ada"\nexpires = {expires}'
    (waiver,) = tables(text).waivers
    assert waiver == Waiver(
        utterance=utterance, expected=expected, matched=matched, reason="known", owner="Ada", expires=date(2027, 1, 31)
    )


NUMBER, SWITCH = "a number is wanted here", "true or false is wanted here"
FILLED = "must be a text that is not empty"
MEANT = "did you mean 'expected'?"
TOGETHER = "max_regressions holds for all intents together: write it below [intents]"
WAIVER = f"[[waivers]]\nintent = 'a'\n{WAIVED}"


def confusion(expected: str, matched: str) -> str:
    return f"[[forbidden]]\nexpected = {expected}\nmatched = {matched}\n"


@pytest.mark.parametrize(("text", "message", "hint"), [
    ("intents = 0.8", "intents must be a table", INTENTS_HINT),
    ("[[intents]]\nmin_recall = 0.8", "intents must be a table", INTENTS_HINT),
    ("[intents]\nmin_recal = 0.8", "intents: unknown key 'min_recal'", "did you mean 'min_recall'?"),
    ('[intents."Pay"]\nmin_recal = 0.8', "intents.'Pay': unknown key 'min_recal'", "did you mean 'min_recall'?"),
    ('[intents."Pay"]\nmax_regressions = 0', "intents.'Pay': unknown key 'max_regressions'", TOGETHER),
    ("[intents]\nmin_recall = true", f"intents: min_recall: {NUMBER}", INTENTS_HINT),
    ("[intents]\nmin_recall = [0.8]", f"intents: min_recall: {NUMBER}", INTENTS_HINT),
    ("[intents]\nmin_support = 2027-01-31", f"intents: min_support: {NUMBER}", INTENTS_HINT),
    ("[intents]\npoint = 1", f"intents: point: {SWITCH}", INTENTS_HINT),
    ('[intents]\npoint = "true"', f"intents: point: {SWITCH}", INTENTS_HINT),
    *(
        (
            f'[intents."{one}"]\nmin_f1 = 0.8\n[intents."{other}"]\nmin_f1 = 0.9',
            f"intents: '{one}', '{other}' are the same intent",
            "keep one of these tables",
        )
        for one, other in (
            ("pay", "Pay"), ("Card||Cancel", "card >> cancel"), ("A|B", "b | a"), ("A | B|a", "B|A"),
            ("Pay  bill", "Pay bill"), ("Überweisung", "U\u0308berweisung"),
        )
    ),
    ("must_pass = 5", "must_pass: a list of utterances is wanted here", UTTERANCES_HINT),
    ("must_pass = { a = 1 }", "must_pass: a list of utterances is wanted here", UTTERANCES_HINT),
    ("must_pass = [5]", f"must_pass: utterance 1 {FILLED}", UTTERANCES_HINT),
    ('must_pass = ["x", " "]', f"must_pass: utterance 2 {FILLED}", UTTERANCES_HINT),
    ('must_pass = "gone.txt"', "must_pass: cannot read 'gone.txt': No such file or directory", UTTERANCES_HINT),
    ('must_pass = "."', "must_pass: cannot read '.': Is a directory", UTTERANCES_HINT),
    ('must_pass = "a\\u0000b"', "must_pass: 'a\0b' is not a path", ""),
    ('must_pass = "blank.txt"', "must_pass: 'blank.txt' holds no utterance", UTTERANCES_HINT),
    ('must_pass = "comments.txt"', "must_pass: 'comments.txt' holds no utterance", UTTERANCES_HINT),
    ('must_pass = "latin.txt"', "must_pass: 'latin.txt' is not UTF-8 text", "save it again as UTF-8"),
    ("forbidden = 1", "forbidden must be a list of tables", FORBIDDEN_HINT),
    ("[forbidden]\nexpected = 'a'", "forbidden must be a list of tables", FORBIDDEN_HINT),
    ("forbidden = ['a']", "[[forbidden]] 1 must be a table", FORBIDDEN_HINT),
    ("[[forbidden]]\nexpected = 'a'", "[[forbidden]] 1: matched is missing", FORBIDDEN_HINT),
    (confusion("'a'", "'b'") + "[[forbidden]]\nmatched = 'b'", "[[forbidden]] 2: expected is missing", FORBIDDEN_HINT),
    (confusion("''", "'b'"), f"[[forbidden]] 1: expected {FILLED}", FORBIDDEN_HINT),
    (confusion("'a'", "1"), f"[[forbidden]] 1: matched {FILLED}", FORBIDDEN_HINT),
    *(
        (confusion(f"'{one}'", f"'{other}'"), "[[forbidden]] 1: expected and matched are the same", FORBIDDEN_HINT)
        for one, other in (
            ("Pay bill", "pay bill"), ("Card||Cancel", "card >> cancel"), ("A | B", "b|a"),
            ("Überweisung", "u\u0308berweisung"), ("None", "(No  intent)"),
        )
    ),
    (confusion("'a'", "'b'").replace("ted", "td"), "[[forbidden]] 1: unknown key 'expectd'", MEANT),
    ("waivers = {}", "waivers must be a list of tables", WAIVERS_HINT),
    ("waivers = [1]", "[[waivers]] 1 must be a table", WAIVERS_HINT),
    (WAIVER.replace("intent = 'a'\n", ""), "[[waivers]] 1 does not name what it waives", WAIVERS_HINT),
    (f"{WAIVER}utterance = 'b'", "[[waivers]] 1 waives several things: utterance, intent", WAIVERS_HINT),
    (WAIVER.replace("intent", "intents"), "[[waivers]] 1: unknown key 'intents'", "did you mean 'intent'?"),
    (WAIVER.replace("'a'", "''"), f"[[waivers]] 1: intent {FILLED}", WAIVERS_HINT),
    (WAIVER.replace("intent = 'a'", "utterance = 5"), f"[[waivers]] 1: utterance {FILLED}", WAIVERS_HINT),
    (WAIVER.replace("intent", "confusion"), "[[waivers]] 1: confusion must be a table", CONFUSION_HINT),
    (
        WAIVER.replace("intent = 'a'", "confusion = { expected = 'a' }"),
        "[[waivers]] 1: confusion: matched is missing",
        CONFUSION_HINT,
    ),
    (
        WAIVER.replace("intent = 'a'", "confusion = { expected = 'a', matched = 'A' }"),
        "[[waivers]] 1: confusion: expected and matched are the same",
        CONFUSION_HINT,
    ),
    ("[[waivers]]\nintent = '|'\n" + WAIVED, "[[waivers]] 1: intent '|' names no intent", WAIVERS_HINT),
    (WAIVER.replace('reason = "known"', ""), "[[waivers]] 1: reason is missing", WAIVERS_HINT),
    (WAIVER.replace('owner = "Ada"', ""), "[[waivers]] 1: owner is missing", WAIVERS_HINT),
    (WAIVER.replace("expires = 2027-01-31", ""), "[[waivers]] 1: expires is missing", DAY_HINT),
    *(
        (WAIVER.replace("2027-01-31", written), "[[waivers]] 1: expires must be a day", DAY_HINT)
        for written in ("20270131", "true", "2027-01-31T10:00:00Z", "10:00:00")
    ),
    (WAIVER.replace("2027-01-31", '"31.1.2027"'), "[[waivers]] 1: expires: '31.1.2027' is not a day", DAY_HINT),
])  # fmt: skip
def test_table_that_makes_no_sense_is_refused_with_its_place(text: str, message: str, hint: str) -> None:
    write(" \n\n", "blank.txt")
    write("# later\n", "comments.txt")
    write("dónde".encode("latin-1"), "latin.txt")
    for file, where in ((text, "ci-gate.toml"), (_in_a_suite(text), "ci-gate.toml: [[suites]] 1 'Smoke'")):
        error = refusal(lambda file=file: given(file))  # type: ignore[misc]
        assert (error.message, error.hint) == (f"{where}: {message}", hint)


PLACES = {
    "general floor": '[intents]\nmin_f1 = "{}"', "key of a floor": '[intents]\n"{}" = 1',
    "name of an intent": '[intents."{}"]\nmin_f1 = 0.9', "utterance": 'must_pass = ["a", "{}"]',
    "path": 'must_pass = "{}"', "forbidden": '[[forbidden]]\nexpected = "{}"\nmatched = "a"',
    "key of a confusion": '[[forbidden]]\n"{}" = "a"',
    "reason": '[[waivers]]\nintent = "a"\nowner = "a"\nexpires = 2027-01-31\nreason = "see {}"',
    "day": '[[waivers]]\nintent = "a"\nowner = "a"\nreason = "a"\nexpires = "{}"',
    "confusion": '[[waivers]]\nconfusion = {{ expected = "a", matched = "{}" }}',
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", [CANARY, TOKEN], ids=["of the environment", "by its look"])
@pytest.mark.parametrize("inside", [False, True], ids=["common", "own"])
def test_secret_is_refused_in_every_place_and_not_repeated(place: str, secret: str, inside: bool) -> None:
    text = PLACES[place].format(secret)
    file = _in_a_suite(text) if inside else text
    error = refusal(lambda: given(file, {"CI_GATE_CLIENT_SECRET": CANARY}))
    where = "[[suites]] 1 'Smoke': " if inside else ""
    key = next(key for key in TABLE_KEYS if f"{key}]" in text or f"{key} " in text or f"[{key}." in text)
    what = "a secret of the environment" if secret == CANARY else "a token"
    assert error.message == f"ci-gate.toml: {where}{key} holds {what}, which does not belong there"
    assert error.hint == SECRETS_HINT
    assert secret not in error.message


def test_link_and_file_with_a_secret_are_refused() -> None:
    link = "https://files.example/utterances.txt?sig=CanarySignature"
    for text in (f'must_pass = "{link}"', f'[intents]\n"{link}" = 1', PLACES["day"].format(link)):
        for file in (text, _in_a_suite(text)):
            assert "CanarySignature" not in refusal(lambda file=file: given(file)).message  # type: ignore[misc]
    write(f"where is my card\n{CANARY}\n", "secrets.txt")
    write("-----BEGIN PRIVATE KEY-----\nMIIC\n-----END PRIVATE KEY-----\n", "key.pem")
    for path, what in (("secrets.txt", "a secret of the environment"), ("key.pem", "a key")):
        error = refusal(lambda path=path: given(f'must_pass = "{path}"', {"CI_GATE_CLIENT_SECRET": CANARY}))  # type: ignore[misc]
        assert error.message == f"ci-gate.toml: must_pass: '{path}' holds {what}, which does not belong there"


# Whoever adds a field to the rules says here what it names; the rest is then demanded of it.

SAID = "where is my card"
NAMING: dict[str, tuple[object, bool]] = {
    "must_pass": ((SAID,), True),
    "forbidden": ((Forbidden("Cancel card", "Order card"),), False),
}
"""What is written in tables and names utterances (``True``) or intents, which a suite must then have."""

NAMING_OTHERWISE = {
    "intents": "its tables hold numbers, which are settled for each intent",
    "waivers": "what is waived need not be there",
    "common_names": "it is made of the others",
}
NAMING_NOTHING = frozenset(
    {
        *("thresholds", "tolerate", "alpha", "share", "lower_bound", "strict_drop"),
        *("max_regressions", "demands_all", "pressing", "is_part"),
    }
)


def test_every_field_of_the_rules_is_classified_by_what_it_names() -> None:
    assert {field.name for field in fields(Rules)} == {*NAMING, *NAMING_OTHERWISE, *NAMING_NOTHING}


@pytest.mark.parametrize("name", NAMING)
def test_rule_that_names_something_works_in_both_places_and_can_be_hashed(name: str) -> None:
    value, is_said = NAMING[name]
    here, nowhere = RuleTables(**{name: value}), RuleTables()  # type: ignore[arg-type]
    for common, own in ((here, nowhere), (nowhere, here), (here, here)):
        rules = rules_in(common, own)
        assert getattr(rules, name) == value
        assert rules.is_about_the_bot
        assert [named.is_utterance for named in rules.names] == [is_said]
        assert rules.common_names == (frozenset(rules.names) if common is here else frozenset())
        assert (SAID in repr(rules)) is is_said
        assert SAID not in repr(rules.hashed())
