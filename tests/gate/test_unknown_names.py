"""Names in rules: one that no suite has is an error, unless nobody could look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.counts import Counts
from ci_gate.core.model import ResultsFile, Run, UnreadableFile
from ci_gate.errors import ExitCode, PlatformError
from tests.fakes import FakePlatform, case, completed, file_of

if TYPE_CHECKING:
    from tests.files import write_settings
    from tests.scripted import Play
from tests.sandbox import Ending

MISSING = UnreadableFile(problem="the platform offers no results file")
FORBIDDEN = '[[forbidden]]\nexpected = "{}"\nmatched = "Order card"\n'
FLOOR = '[intents."{}"]\nmin_recall = 0.1\npoint = true\nmin_support = 1\n'
OWN_FLOOR = FLOOR.replace("[intents", "[suites.intents")
SUITES = "[[suites]]\nname = 'A'\n[[suites]]\nname = 'B'\n"
BOTH = {"CI_GATE_SUITE": ""}


def with_intent(intent: str) -> ResultsFile:
    """A results file of 40 utterances that all expect one intent."""
    file = file_of()
    cases = tuple(replace(one, expected=(intent,), matched=(intent,)) for one in file.utterances)
    return replace(file, utterances=cases)


def two(first: ResultsFile | UnreadableFile, second: ResultsFile | UnreadableFile) -> FakePlatform:
    """A platform with the results of two suites."""
    return FakePlatform(starts=(Run("A", "tr-a"), Run("B", "tr-b")), files=(first, second))


def judged(play: Play, text: str, *arguments: str, platform: FakePlatform | None = None, **environment: str) -> Ending:
    """Run under the rules of a file."""
    write_settings(text)
    return play("run", *arguments, platform=platform, environment=environment)


def error_of(ending: Ending) -> tuple[str, str]:
    """Message and hint of the error that belongs to no suite."""
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE, ending.output
    error = ending.report["error"]
    assert f"error: {error['message']}" in ending.err
    return error["message"], error["hint"]


@pytest.mark.parametrize(
    ("rules", "message", "hint"),
    [
        (FLOOR.format("Pay bil"), "no suite has the intent 'Pay bil'", "did you mean 'Pay bill'?"),
        (FORBIDDEN.format("Pay bil"), "no suite has the intent 'Pay bil'", "did you mean 'Pay bill'?"),
        (FLOOR.format("Zzz"), "no suite has the intent 'Zzz'", "it has 'Pay bill'"),
        ('must_pass = ["rihgt 1"]', "no suite has the must-pass utterance 'rihgt 1'", "did you mean 'right 1'?"),
        ('must_pass = ["zzz"]', "no suite has the must-pass utterance 'zzz'", "see the utterances in report.json"),
        (
            'must_pass = ["zzz", "yyy", "right 1"]\n' + FORBIDDEN.format("Xxx"),
            "no suite has the intent 'Xxx' (and 2 more names of rules)",
            "it has 'Pay bill'",
        ),
    ],
)
def test_a_name_that_no_suite_has_is_an_error_that_names_the_nearest(
    rules: str, message: str, hint: str, play: Play
) -> None:
    ending = judged(play, rules)
    assert error_of(ending) == (message, hint)
    assert [suite["suite"] for suite in ending.report["suites"]] == ["Smoke"], "what was judged is told all the same"


@pytest.mark.parametrize(
    "rules",
    [FLOOR.format("pay BILL"), FORBIDDEN.format("PAY bill"), 'must_pass = [" right  1 "]', 'must_pass = ["right 1"]'],
)
def test_a_name_is_known_in_any_case_and_an_utterance_however_it_is_spaced(rules: str, play: Play) -> None:
    assert judged(play, rules).code == ExitCode.PASSED


def test_a_forbidden_match_that_never_was_is_only_told(play: Play) -> None:
    ending = judged(play, FORBIDDEN.format("Pay bill"))
    assert ending.code == ExitCode.PASSED
    assert "nothing in this suite is expected or matched as 'Order card'" in ending.out


@pytest.mark.parametrize("matched", ["Pay bil", "PayBill", "Pya bill"])
def test_a_forbidden_match_that_is_a_slip_away_from_an_intent_blocks_unless_it_is_tolerated(
    matched: str, play: Play
) -> None:
    rules = f'[[forbidden]]\nexpected = "Pay bill"\nmatched = "{matched}"\n'
    ending = judged(play, rules)
    suite = ending.suite
    assert (ending.code, suite["error"]["hint"]) == (
        ExitCode.INCONCLUSIVE,
        "write the name as the suite does; if there are both: --tolerate unknown-name",
    )
    assert f"'{matched}' (did you mean 'Pay bill'?) is forbidden and occurs neither" in ending.out
    ending = judged(play, rules, "--tolerate", "unknown-name")
    assert ending.code == ExitCode.PASSED, ending.output
    assert ending.out.splitlines()[0].endswith("(tolerated: unknown-name)")


def test_a_name_that_was_written_for_all_suites_must_be_in_one_of_them(play: Play) -> None:
    ending = judged(
        play, FLOOR.format("Send money") + SUITES, platform=two(file_of(), with_intent("Send money")), **BOTH
    )
    assert ending.code == ExitCode.PASSED
    ending = judged(
        play, FLOOR.format("Send moneys") + SUITES, platform=two(file_of(), with_intent("Send money")), **BOTH
    )
    assert error_of(ending) == ("no suite has the intent 'Send moneys'", "did you mean 'Send money'?")


def test_a_name_in_the_entry_of_a_suite_must_be_in_that_suite(play: Play) -> None:
    own = FORBIDDEN.replace("[[", "[[suites.").format("Send money")
    text = f"[[suites]]\nname = 'A'\n{own}[[suites]]\nname = 'B'\n{own}"
    ending = judged(play, text, platform=two(file_of(), with_intent("Send money")), **BOTH)
    assert error_of(ending) == ("suite 'A' has no intent 'Send money'", "it has 'Pay bill'")
    ending = judged(play, text, platform=two(with_intent("Send money"), with_intent("Send money")), **BOTH)
    assert ending.code == ExitCode.PASSED


def test_where_only_some_suites_are_judged_an_unknown_name_is_only_told(play: Play) -> None:
    ending = judged(play, FLOOR.format("Send money") + SUITES, "--suite", "A")
    assert ending.code == ExitCode.PASSED
    assert "the intent 'Send money' is not in this suite; whether another has it was not looked at" in ending.out


def test_where_only_some_suites_are_judged_their_own_names_must_be_known_all_the_same(play: Play) -> None:
    own = FORBIDDEN.replace("[[", "[[suites.").format("Send money")
    ending = judged(play, f"{SUITES}{own}", "--suite", "B", platform=FakePlatform())
    assert error_of(ending) == ("suite 'B' has no intent 'Send money'", "it has 'Pay bill'")


@pytest.mark.parametrize("tolerated", [False, True])
def test_a_suite_without_results_may_have_any_name_that_was_written_for_all(tolerated: bool, play: Play) -> None:
    flags = ("--tolerate", "no-file") if tolerated else ()
    ending = judged(play, FLOOR.format("Send money") + SUITES, *flags, platform=two(file_of(), MISSING), **BOTH)
    assert ending.report["error"] is None
    assert ending.code == ExitCode.INCONCLUSIVE


def test_a_suite_that_was_not_looked_at_may_have_any_name_that_was_written_for_all(play: Play) -> None:
    platform = FakePlatform(starts=(Run("A", "tr-a"), PlatformError("Test Suite not found")))
    ending = judged(play, FLOOR.format("Send money") + SUITES, platform=platform, **BOTH)
    assert (ending.code, ending.report["error"]) == (ExitCode.PLATFORM, None)
    own = FORBIDDEN.replace("[[", "[[suites.").format("Zzz")
    platform = FakePlatform(starts=(PlatformError("Test Suite not found"), Run("B", "tr-b")))
    ending = judged(play, f"{SUITES}{own}", platform=platform, **BOTH)
    assert error_of(ending) == ("suite 'B' has no intent 'Zzz'", "it has 'Pay bill'")


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (FLOOR.format("Zzz"), "the intent 'Zzz' is not in this suite; which is tolerated"),
        ('must_pass = ["zzz"]', "the must-pass utterance 'zzz' is not in this suite; which is tolerated"),
        (
            "[[suites]]\nname = 'Smoke'\n" + FORBIDDEN.replace("[[", "[[suites.").format("Zzz"),
            "the intent 'Zzz' is not in this suite; which is tolerated",
        ),
    ],
)
def test_that_a_name_is_unknown_can_be_tolerated_and_is_told(rules: str, told: str, play: Play) -> None:
    ending = judged(play, rules, "--tolerate", "unknown-name")
    assert ending.code == ExitCode.PASSED, ending.output
    assert told in ending.out
    assert ending.out.splitlines()[0].endswith("(tolerated: unknown-name)")
    assert ending.report["error"] is None


def test_a_suite_may_tolerate_for_itself_what_another_does_not(play: Play) -> None:
    own = FORBIDDEN.replace("[[", "[[suites.").format("Zzz")
    lenient = f"[[suites]]\nname = 'A'\ntolerate = ['unknown-name']\n{own}"
    platform = two(file_of(), file_of())
    assert judged(play, f"{lenient}[[suites]]\nname = 'B'\n", platform=platform, **BOTH).code == ExitCode.PASSED
    ending = judged(play, f"{lenient}[[suites]]\nname = 'B'\n{own}", platform=two(file_of(), file_of()), **BOTH)
    assert error_of(ending) == ("suite 'B' has no intent 'Zzz'", "it has 'Pay bill'")
    common = FLOOR.format("Zzz") + SUITES.replace("'A'", "'A'\ntolerate = ['unknown-name']")
    assert judged(play, common, platform=two(file_of(), file_of()), **BOTH).code == ExitCode.PASSED


def with_two_lost() -> FakePlatform:
    """A platform that did not evaluate two of 42 utterances, and whose file does not hold them."""
    counts = Counts(utterances=42, tp=40, tn=0, fp=0, fn=0, failed_utterances=2)
    status = completed()
    return FakePlatform(statuses=(replace(status, reported=replace(status.reported, counts=counts, scores={})),))


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (FLOOR.format("Zzz"), "the intent 'Zzz' may be among the 2 utterances that the file lacks"),
        ('must_pass = ["zzz"]', "the must-pass utterance 'zzz' may be among the 2 utterances that the file lacks"),
        (FORBIDDEN.format("Zzz"), "the intent 'Zzz' may be among the 2 utterances that the file lacks"),
    ],
)
def test_a_name_that_may_be_in_what_the_file_lacks_is_no_error_and_no_pass(rules: str, told: str, play: Play) -> None:
    ending = judged(play, rules, "--max-failed-utterances", "2", platform=with_two_lost())
    assert ending.report["error"] is None
    assert ending.code == ExitCode.INCONCLUSIVE, ending.output
    assert told in ending.out


def test_a_name_that_is_there_is_known_whatever_the_file_lacks(play: Play) -> None:
    ending = judged(play, FLOOR.format("PAY bill"), "--max-failed-utterances", "2", platform=with_two_lost())
    assert "may be among" not in ending.out
    assert ending.code == ExitCode.PASSED, ending.output


@pytest.mark.parametrize("spelling", ["pay BILL", "Pay  bill", "PAY\tBILL"])
def test_a_name_for_all_suites_and_for_one_is_the_same_in_another_spelling(spelling: str, play: Play) -> None:
    """Written for all it has to be in one of them, however the entry of a suite spells it."""
    text = f"{FLOOR.format('Pay bill')}{SUITES.replace(chr(10) + '[[', chr(10) + OWN_FLOOR.format(spelling) + '[[', 1)}"
    ending = judged(play, text, platform=two(with_intent("Send money"), file_of()), **BOTH)
    assert ending.code == ExitCode.PASSED, ending.output


def test_a_hidden_utterance_is_not_said_to_be_near_to_another(play: Play) -> None:
    ending = judged(play, 'must_pass = ["rihgt 1"]', "--utterances", "hash")
    message, hint = error_of(ending)
    assert message.startswith("no suite has the must-pass utterance '#")
    assert hint == "see the utterances in report.json"
    assert "rihgt" not in ending.output + ending.summary


def test_an_unknown_name_beats_a_failed_suite(play: Play) -> None:
    bad = FakePlatform(
        statuses=(completed(right=0, wrong=40),),
        files=(replace(file_of(), utterances=tuple(case(f"u {n}", row=n + 2) for n in range(40))),),
    )
    assert judged(play, FLOOR.format("Zzz"), platform=bad).code == ExitCode.USAGE
