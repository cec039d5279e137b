"""Tables of rules in the settings file: what they mean, and what is said where one makes no sense."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from ci_gate.config.raw_value import SECRETS_HINT
from ci_gate.config.rule_tables import TABLE_KEYS, RuleTables, rules_in
from ci_gate.core.names import NO_INTENT
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.waivers import Waiver
from tests.config.builders import CANARY, given, refusal, suites, write

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"
INTENTS_HINT = 'write [intents] with min_recall = 0.8 below it, or [intents."Transfer money"] for one of them'
UTTERANCES_HINT = 'write must_pass = ["where is my card"], or the path of a file with an utterance a line'
FORBIDDEN_HINT = 'write [[forbidden]] with expected = "Cancel card" and matched = "Order card" below it'
WAIVERS_HINT = 'write [[waivers]] with utterance = "…" or intent = "…", and reason, owner and expires below it'
CONFUSION_HINT = 'write confusion = { expected = "Cancel card", matched = "Order card" }'
DAY_HINT = "write the last day on which it holds: expires = 2027-01-31"

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
    return f'[[suites]]\nname = "Smoke"\n{text}'


def test_a_file_without_rules_has_none() -> None:
    assert tables("") == RuleTables()


# Floors of intents


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


@pytest.mark.parametrize("written", ["0.8", '"0.8"', '"80%"', "0.80", "'.8'"])
def test_a_floor_is_the_same_number_however_it_is_written(written: str) -> None:
    (suite,) = suites(f"[intents]\nmin_recall = {written}", suite=("Smoke",))
    assert suite.rules.intents.general.bounds == {"min_recall": Fraction(4, 5)}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("intents = 0.8", "intents must be a table", INTENTS_HINT),
        ("[[intents]]\nmin_recall = 0.8", "intents must be a table", INTENTS_HINT),
        ("[intents]\nmin_recal = 0.8", "intents: unknown key 'min_recal'", "did you mean 'min_recall'?"),
        (
            '[intents."Pay"]\nmin_recal = 0.8',
            "intents.'Pay': unknown key 'min_recal'",
            "did you mean 'min_recall'?",
        ),
        (
            '[intents."Pay"]\nmax_regressions = 0',
            "intents.'Pay': unknown key 'max_regressions'",
            "max_regressions holds for all intents together: write it below [intents]",
        ),
        ("[intents]\nmin_recall = true", "intents: min_recall: a number is wanted here", INTENTS_HINT),
        ("[intents]\nmin_recall = [0.8]", "intents: min_recall: a number is wanted here", INTENTS_HINT),
        ("[intents]\nmin_support = 2027-01-31", "intents: min_support: a number is wanted here", INTENTS_HINT),
        ("[intents]\npoint = 1", "intents: point: true or false is wanted here", INTENTS_HINT),
        ('[intents]\npoint = "true"', "intents: point: true or false is wanted here", INTENTS_HINT),
        (
            "[intents.pay]\nmin_f1 = 0.8\n[intents.Pay]\nmin_f1 = 0.9",
            "intents: 'pay', 'Pay' are the same intent",
            "keep one of these tables",
        ),
        *(
            (f'[intents."{one}"]\nmin_f1 = 0.8\n[intents."{other}"]\nmin_f1 = 0.9', message, "keep one of these tables")
            for one, other, message in (
                ("Card||Cancel", "card >> cancel", "intents: 'Card||Cancel', 'card >> cancel' are the same intent"),
                ("A|B", "b | a", "intents: 'A|B', 'b | a' are the same intent"),
                ("A | B|a", "B|A", "intents: 'A | B|a', 'B|A' are the same intent"),
                ("Pay  bill", "Pay bill", "intents: 'Pay  bill', 'Pay bill' are the same intent"),
                ("Überweisung", "U\u0308berweisung", "intents: 'Überweisung', 'U\u0308berweisung' are the same intent"),
            )
        ),
    ],
)
def test_floors_that_make_no_sense_are_refused_where_they_stand(text: str, message: str, hint: str) -> None:
    _is_refused(text, message, hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("min_recall = 80", "min_recall: '80' is more than 1, which no score can reach: did you mean 80%?"),
        ('min_recall = "many"', "min_recall: 'many' is not a number like 0.9 or 90%, nor 'off'"),
        ("min_support = 0", "min_support: '0' is not a whole number of 1 or more"),
        ("min_support = 2.5", "min_support: '2.5' is not a whole number of 1 or more"),
    ],
)
@pytest.mark.parametrize("table", ["intents", "intents.Pay"])
def test_values_of_floors_that_make_no_sense_are_refused_where_they_stand(text: str, message: str, table: str) -> None:
    file = f"thresholds = {{ min_f1 = 0.9 }}\n[{table}]\n{text}"
    where = table.replace(".Pay", ".'Pay'")
    assert refusal(lambda: suites(file, suite=("Smoke",))).message == f"ci-gate.toml: {where}: {message}"


@pytest.mark.parametrize("text", ["0", "0.0", '"0%"'])
@pytest.mark.parametrize("key", ["min_f1", "min_precision", "min_recall"])
@pytest.mark.parametrize("table", ["intents", "intents.Pay"])
def test_a_floor_that_nothing_can_fail_is_refused(table: str, key: str, text: str) -> None:
    bare, where = text.strip('"'), table.replace(".Pay", ".'Pay'")
    file = f"thresholds = {{ min_f1 = 0.9 }}\n[{table}]\n{key} = {text}"
    assert refusal(lambda: suites(file, suite=("Smoke",))).message == (
        f"ci-gate.toml: {where}: {key}: '{bare}' is a threshold that nothing can fail: to have none, write 'off'"
    )


# Utterances that must pass


def test_what_must_pass_is_listed_or_stands_in_a_file_a_line_each() -> None:
    listed = tables('must_pass = [" where is  my card", "Tarjeta perdida", "where is my card"]').must_pass
    assert listed == ("where is my card", "Tarjeta perdida")
    write("\ufeff where is  my card\r\n\r\n  \nTarjeta perdida\nwhere is my card\n", "critical/utterances.txt")
    assert tables('must_pass = "critical/utterances.txt"').must_pass == listed


def test_a_line_that_begins_with_a_hash_is_a_comment_unless_a_backslash_stands_before_it() -> None:
    write("# what pays\npay a bill\n  #indented\n\\#help\n\\\\#x\nbill #4\n\\n\n", "critical.txt")
    assert tables('must_pass = "critical.txt"').must_pass == ("pay a bill", "#help", "\\#x", "bill #4", "\\n")
    assert tables('must_pass = ["#help"]').must_pass == ("#help",)


def test_an_empty_list_asks_for_nothing() -> None:
    assert tables("must_pass = []\nforbidden = []\nwaivers = []") == RuleTables()


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        ("5", "must_pass: a list of utterances is wanted here", UTTERANCES_HINT),
        ("{ a = 1 }", "must_pass: a list of utterances is wanted here", UTTERANCES_HINT),
        ("[5]", "must_pass: utterance 1 must be a text that is not empty", UTTERANCES_HINT),
        ('["x", " "]', "must_pass: utterance 2 must be a text that is not empty", UTTERANCES_HINT),
        ('"nowhere.txt"', "must_pass: cannot read 'nowhere.txt': No such file or directory", UTTERANCES_HINT),
        ('"."', "must_pass: cannot read '.': Is a directory", UTTERANCES_HINT),
        ('"a\\u0000b"', "must_pass: 'a\0b' is not a path", ""),
        ('"blank.txt"', "must_pass: 'blank.txt' holds no utterance", UTTERANCES_HINT),
        ('"comments.txt"', "must_pass: 'comments.txt' holds no utterance", UTTERANCES_HINT),
        ('"latin.txt"', "must_pass: 'latin.txt' is not UTF-8 text", "save it again as UTF-8"),
    ],
)
def test_what_must_pass_is_refused_where_it_makes_no_sense(value: str, message: str, hint: str) -> None:
    write(" \n\n", "blank.txt")
    write("# later\n", "comments.txt")
    write("dónde".encode("latin-1"), "latin.txt")
    _is_refused(f"must_pass = {value}", message, hint)


# Confusions that must never happen


def test_a_forbidden_confusion_has_two_sides_and_none_is_one() -> None:
    text = """
    [[forbidden]]
    expected = " Cancel card "
    matched = "Order card"
    [[forbidden]]
    expected = "none"
    matched = "Transfer money"
    """
    assert tables(text).forbidden == (Forbidden("Cancel card", "Order card"), Forbidden(NO_INTENT, "Transfer money"))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("forbidden = 1", "forbidden must be a list of tables", FORBIDDEN_HINT),
        ("[forbidden]\nexpected = 'a'", "forbidden must be a list of tables", FORBIDDEN_HINT),
        ("forbidden = ['a']", "[[forbidden]] 1 must be a table", FORBIDDEN_HINT),
        ("[[forbidden]]\nexpected = 'a'", "[[forbidden]] 1: matched is missing", FORBIDDEN_HINT),
        (
            "[[forbidden]]\nexpected = 'a'\nmatched = 'b'\n[[forbidden]]\nmatched = 'b'",
            "[[forbidden]] 2: expected is missing",
            FORBIDDEN_HINT,
        ),
        (
            "[[forbidden]]\nexpected = ''\nmatched = 'b'",
            "[[forbidden]] 1: expected must be a text that is not empty",
            FORBIDDEN_HINT,
        ),
        (
            "[[forbidden]]\nexpected = 'a'\nmatched = 1",
            "[[forbidden]] 1: matched must be a text that is not empty",
            FORBIDDEN_HINT,
        ),
        (
            "[[forbidden]]\nexpected = 'Pay bill'\nmatched = 'pay bill'",
            "[[forbidden]] 1: expected and matched are the same",
            FORBIDDEN_HINT,
        ),
        *(
            (
                f"[[forbidden]]\nexpected = '{one}'\nmatched = '{other}'",
                "[[forbidden]] 1: expected and matched are the same",
                FORBIDDEN_HINT,
            )
            for one, other in (
                ("Card||Cancel", "card >> cancel"),
                ("A | B", "b|a"),
                ("Überweisung", "u\u0308berweisung"),
                ("None", "(No  intent)"),
            )
        ),
        (
            "[[forbidden]]\nexpectd = 'a'\nmatched = 'b'",
            "[[forbidden]] 1: unknown key 'expectd'",
            "did you mean 'expected'?",
        ),
    ],
)
def test_a_forbidden_confusion_that_makes_no_sense_is_refused(text: str, message: str, hint: str) -> None:
    _is_refused(text, message, hint)


# Waivers


@pytest.mark.parametrize(
    ("subject", "utterance", "expected", "matched"),
    [
        ('utterance = " where is  my card "', "where is my card", "", ""),
        ('intent = "Cancel card"', "", "Cancel card", ""),
        ('intent = "None"', "", NO_INTENT, ""),
        ('confusion = { expected = "Cancel card", matched = "none" }', "", "Cancel card", NO_INTENT),
    ],
)
@pytest.mark.parametrize("expires", ["2027-01-31", '" 2027-01-31 "'])
def test_a_waiver_is_of_an_utterance_an_intent_or_a_confusion(
    subject: str, utterance: str, expected: str, matched: str, expires: str
) -> None:
    text = f'[[waivers]]\n{subject}\nreason = " known "\nowner = "Ada"\nexpires = {expires}'
    (waiver,) = tables(text).waivers
    assert waiver == Waiver(
        utterance=utterance,
        expected=expected,
        matched=matched,
        reason="known",
        owner="Ada",
        expires=date(2027, 1, 31),
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("waivers = {}", "waivers must be a list of tables", WAIVERS_HINT),
        ("waivers = [1]", "[[waivers]] 1 must be a table", WAIVERS_HINT),
        (f"[[waivers]]\n{WAIVED}", "[[waivers]] 1 says nothing of what it waives", WAIVERS_HINT),
        (
            f"[[waivers]]\nintent = 'a'\nutterance = 'b'\n{WAIVED}",
            "[[waivers]] 1 waives several things: utterance, intent",
            WAIVERS_HINT,
        ),
        (
            f"[[waivers]]\nintents = 'a'\n{WAIVED}",
            "[[waivers]] 1: unknown key 'intents'",
            "did you mean 'intent'?",
        ),
        (f"[[waivers]]\nintent = ''\n{WAIVED}", "[[waivers]] 1: intent must be a text that is not empty", WAIVERS_HINT),
        (
            f"[[waivers]]\nutterance = 5\n{WAIVED}",
            "[[waivers]] 1: utterance must be a text that is not empty",
            WAIVERS_HINT,
        ),
        (f"[[waivers]]\nconfusion = 'a'\n{WAIVED}", "[[waivers]] 1: confusion must be a table", CONFUSION_HINT),
        (
            f"[[waivers]]\nconfusion = {{ expected = 'a' }}\n{WAIVED}",
            "[[waivers]] 1: confusion: matched is missing",
            CONFUSION_HINT,
        ),
        (f"[[waivers]]\nintent = '|'\n{WAIVED}", "[[waivers]] 1: intent '|' names no intent", WAIVERS_HINT),
        (
            f"[[waivers]]\nconfusion = {{ expected = 'a', matched = 'A' }}\n{WAIVED}",
            "[[waivers]] 1: confusion: expected and matched are the same",
            CONFUSION_HINT,
        ),
        *(
            (
                f"[[waivers]]\nintent = 'a'\n{WAIVED}".replace(line, ""),
                f"[[waivers]] 1: {line.partition(' ')[0]} is missing",
                DAY_HINT if line.startswith("expires") else WAIVERS_HINT,
            )
            for line in WAIVED.splitlines()
        ),
        *(
            (
                f"[[waivers]]\nintent = 'a'\n{WAIVED}".replace("2027-01-31", written),
                "[[waivers]] 1: expires must be a day",
                DAY_HINT,
            )
            for written in ("20270131", "true", "2027-01-31T10:00:00Z", "10:00:00")
        ),
        (
            f"[[waivers]]\nintent = 'a'\n{WAIVED}".replace("2027-01-31", '"31.1.2027"'),
            "[[waivers]] 1: expires: '31.1.2027' is not a day",
            DAY_HINT,
        ),
    ],
)
def test_a_waiver_that_makes_no_sense_is_refused(text: str, message: str, hint: str) -> None:
    _is_refused(text, message, hint)


# Secrets

PLACES = {
    "general floor": '[intents]\nmin_f1 = "{}"',
    "key of a floor": '[intents]\n"{}" = 1',
    "name of an intent": '[intents."{}"]\nmin_f1 = 0.9',
    "utterance": 'must_pass = ["a", "{}"]',
    "path": 'must_pass = "{}"',
    "forbidden": '[[forbidden]]\nexpected = "{}"\nmatched = "a"',
    "key of a confusion": '[[forbidden]]\n"{}" = "a"',
    "reason": '[[waivers]]\nintent = "a"\nowner = "a"\nexpires = 2027-01-31\nreason = "see {}"',
    "day": '[[waivers]]\nintent = "a"\nowner = "a"\nreason = "a"\nexpires = "{}"',
    "confusion": '[[waivers]]\nconfusion = {{ expected = "a", matched = "{}" }}',
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", [CANARY, TOKEN], ids=["of the environment", "by its look"])
@pytest.mark.parametrize("inside", [False, True], ids=["common", "own"])
def test_a_secret_is_refused_wherever_it_stands_before_anything_repeats_it(
    place: str, secret: str, inside: bool
) -> None:
    text = PLACES[place].format(secret)
    file = _in_a_suite(text) if inside else text
    error = refusal(lambda: given(file, {"CI_GATE_CLIENT_SECRET": CANARY}))
    where = "[[suites]] 1 'Smoke': " if inside else ""
    key = next(key for key in TABLE_KEYS if f"{key}]" in text or f"{key} " in text or f"[{key}." in text)
    what = "a secret of the environment" if secret == CANARY else "a token"
    assert error.message == f"ci-gate.toml: {where}{key} holds {what}, and is no place for it"
    assert error.hint == SECRETS_HINT
    assert secret not in error.message


def test_what_has_the_look_of_a_secret_is_not_repeated() -> None:
    link = "https://files.example/utterances.txt?sig=CanarySignature"
    for text in (f'must_pass = "{link}"', f'[intents]\n"{link}" = 1', PLACES["day"].format(link)):
        for file in (text, _in_a_suite(text)):
            assert "CanarySignature" not in refusal(lambda file=file: given(file)).message  # type: ignore[misc]


def test_a_file_of_secrets_is_no_file_of_utterances() -> None:
    write(f"where is my card\n{CANARY}\n", "secrets.txt")
    write("-----BEGIN PRIVATE KEY-----\nMIIC\n-----END PRIVATE KEY-----\n", "key.pem")
    for path, what in (("secrets.txt", "a secret of the environment"), ("key.pem", "a key")):
        error = refusal(lambda path=path: given(f'must_pass = "{path}"', {"CI_GATE_CLIENT_SECRET": CANARY}))  # type: ignore[misc]
        assert error.message == f"ci-gate.toml: must_pass: '{path}' holds {what}, and is no place for it"


def _is_refused(text: str, message: str, hint: str) -> None:
    """At the top of the file and in the entry of a suite alike."""
    for file, where in ((text, "ci-gate.toml"), (_in_a_suite(text), "ci-gate.toml: [[suites]] 1 'Smoke'")):
        Path("ci-gate.toml").unlink(missing_ok=True)
        error = refusal(lambda file=file: given(file))  # type: ignore[misc]
        assert (error.message, error.hint) == (f"{where}: {message}", hint)


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


def test_every_field_of_the_rules_says_what_it_names() -> None:
    assert {field.name for field in fields(Rules)} == {*NAMING, *NAMING_OTHERWISE, *NAMING_NOTHING}


@pytest.mark.parametrize("name", NAMING)
def test_a_rule_that_names_something_holds_wherever_it_is_written_and_can_be_missed_and_hidden(name: str) -> None:
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
