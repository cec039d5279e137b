"""Names in rules: a name that no suite has is an error, unless some suite could not be looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.counts import Counts
from ci_gate.core.model import ResultsFile, Run, UnreadableFile
from ci_gate.errors import ExitCode, PlatformError
from tests.fakes import TWO_RUNS, FakePlatform, case, completed, file_of
from tests.files import write_settings

if TYPE_CHECKING:
    from tests.sandbox import Ending
    from tests.scripted import Play

MISSING = UnreadableFile(problem="the platform offers no results file")
FORBIDDEN = '[[forbidden]]\nexpected = "{}"\nmatched = "Order card"\n'
FLOOR = '[intents."{}"]\nmin_recall = 0.1\npoint = true\nmin_support = 1\n'
OWN_FLOOR = FLOOR.replace("[intents", "[suites.intents")
OWN_FORBIDDEN = FORBIDDEN.replace("[[", "[[suites.")
SUITES = "[[suites]]\nname = 'A'\n[[suites]]\nname = 'B'\n"
TOLERATE = ("--tolerate", "unknown-name")


def with_intent(intent: str) -> ResultsFile:
    """Return a results file of 40 utterances that all expect ``intent``."""
    file = file_of()
    return replace(
        file, utterances=tuple(replace(one, expected=(intent,), matched=(intent,)) for one in file.utterances)
    )


def judged(play: Play, rules: str, *arguments: str, platform: FakePlatform | None = None, **environment: str) -> Ending:
    """Run the suite ``Smoke`` under these rules."""
    write_settings(rules)
    return play("run", *arguments, platform=platform, environment=environment)


def judged_both(
    play: Play, rules: str, first: ResultsFile, second: ResultsFile | UnreadableFile, *arguments: str
) -> Ending:
    """Run the suites ``A`` and ``B`` under these rules."""
    platform = FakePlatform(starts=TWO_RUNS, files=(first, second))
    return judged(play, rules, *arguments, platform=platform, CI_GATE_SUITE="")


def error_of(ending: Ending) -> tuple[str, str]:
    """Return message and hint of the error that belongs to no suite."""
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
            "no suite has the intent 'Xxx' (and 2 more unknown names in the rules)",
            "it has 'Pay bill'",
        ),
    ],
)
def test_a_name_in_no_suite_is_an_error_with_the_nearest_name(rules: str, message: str, hint: str, play: Play) -> None:
    ending = judged(play, rules)
    assert error_of(ending) == (message, hint)
    assert ending.suite["suite"] == "Smoke", "the suite is reported all the same"


def test_names_are_compared_without_regard_to_case_and_utterances_without_regard_to_blanks(play: Play) -> None:
    for rules in (FLOOR.format("pay BILL"), FORBIDDEN.format("PAY bill"), 'must_pass = [" right  1 ", "right 1"]'):
        assert judged(play, rules).code == ExitCode.PASSED


def test_a_forbidden_match_that_never_occurred_is_only_mentioned(play: Play) -> None:
    ending = judged(play, FORBIDDEN.format("Pay bill"))
    assert ending.code == ExitCode.PASSED
    assert "nothing in this suite is expected or matched as 'Order card'" in ending.out


@pytest.mark.parametrize("matched", ["Pay bil", "PayBill", "Pya bill"])
def test_a_forbidden_match_that_is_a_misspelt_intent_is_inconclusive_unless_tolerated(matched: str, play: Play) -> None:
    rules = f'[[forbidden]]\nexpected = "Pay bill"\nmatched = "{matched}"\n'
    ending = judged(play, rules)
    assert ending.code == ExitCode.INCONCLUSIVE
    hint = "write the name as the suite does; if there are both: --tolerate unknown-name"
    assert ending.suite["error"]["hint"] == hint
    assert f"'{matched}' (did you mean 'Pay bill'?) is forbidden and occurs neither" in ending.out
    assert_tolerated(judged(play, rules, *TOLERATE))


def assert_tolerated(ending: Ending) -> None:
    assert ending.code == ExitCode.PASSED, ending.output
    assert ending.out.splitlines()[0].endswith("(tolerated: unknown-name)")
    assert ending.report["error"] is None


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (FLOOR.format("Zzz"), "the intent 'Zzz' is not in this suite, which is tolerated"),
        (
            "[[suites]]\nname = 'Smoke'\n" + OWN_FORBIDDEN.format("Zzz"),
            "the intent 'Zzz' is not in this suite, which is tolerated",
        ),
    ],
)
def test_an_unknown_name_can_be_tolerated_and_is_mentioned(rules: str, words: str, play: Play) -> None:
    ending = judged(play, rules, *TOLERATE)
    assert_tolerated(ending)
    assert words in ending.out


def test_a_name_for_all_suites_must_be_in_one_of_them(play: Play) -> None:
    suites = file_of(), with_intent("Send money")
    assert judged_both(play, FLOOR.format("Send money") + SUITES, *suites).code == ExitCode.PASSED
    ending = judged_both(play, FLOOR.format("Send moneys") + SUITES, *suites)
    assert error_of(ending) == ("no suite has the intent 'Send moneys'", "did you mean 'Send money'?")


def test_a_name_in_the_entry_of_a_suite_must_be_in_that_suite(play: Play) -> None:
    own = OWN_FORBIDDEN.format("Send money")
    rules = f"[[suites]]\nname = 'A'\n{own}[[suites]]\nname = 'B'\n{own}"
    known = with_intent("Send money")
    ending = judged_both(play, rules, file_of(), known)
    assert error_of(ending) == ("suite 'A' has no intent 'Send money'", "it has 'Pay bill'")
    assert judged_both(play, rules, known, known).code == ExitCode.PASSED


def test_an_unknown_name_for_all_suites_is_only_mentioned_if_some_suites_are_not_judged(play: Play) -> None:
    ending = judged(play, FLOOR.format("Send money") + SUITES, "--suite", "A")
    assert ending.code == ExitCode.PASSED
    assert "the intent 'Send money' is not in this suite; the other suites were not searched for it" in ending.out


def test_an_unknown_name_of_one_suite_is_an_error_even_if_other_suites_are_not_judged(play: Play) -> None:
    ending = judged(play, SUITES + OWN_FORBIDDEN.format("Send money"), "--suite", "B")
    assert error_of(ending) == ("suite 'B' has no intent 'Send money'", "it has 'Pay bill'")


@pytest.mark.parametrize("flags", [(), ("--tolerate", "no-file")], ids=["refused", "tolerated"])
def test_a_name_for_all_suites_may_be_in_a_suite_without_results(flags: tuple[str, ...], play: Play) -> None:
    ending = judged_both(play, FLOOR.format("Send money") + SUITES, file_of(), MISSING, *flags)
    assert (ending.code, ending.report["error"]) == (ExitCode.INCONCLUSIVE, None)


def test_a_name_for_all_suites_may_be_in_a_suite_that_was_not_run(play: Play) -> None:
    unknown = PlatformError("Test Suite not found")
    platform = FakePlatform(starts=(TWO_RUNS[0], unknown))
    ending = judged(play, FLOOR.format("Send money") + SUITES, platform=platform, CI_GATE_SUITE="")
    assert (ending.code, ending.report["error"]) == (ExitCode.PLATFORM, None)
    platform = FakePlatform(starts=(unknown, Run("B", "tr-b")))
    ending = judged(play, SUITES + OWN_FORBIDDEN.format("Zzz"), platform=platform, CI_GATE_SUITE="")
    assert error_of(ending) == ("suite 'B' has no intent 'Zzz'", "it has 'Pay bill'")


def test_a_suite_may_tolerate_an_unknown_name_for_itself(play: Play) -> None:
    suites = file_of(), file_of()
    own = OWN_FORBIDDEN.format("Zzz")
    lenient = f"[[suites]]\nname = 'A'\ntolerate = ['unknown-name']\n{own}[[suites]]\nname = 'B'\n"
    assert judged_both(play, lenient, *suites).code == ExitCode.PASSED
    ending = judged_both(play, lenient + own, *suites)
    assert error_of(ending) == ("suite 'B' has no intent 'Zzz'", "it has 'Pay bill'")
    common = FLOOR.format("Zzz") + SUITES.replace("'A'", "'A'\ntolerate = ['unknown-name']")
    assert error_of(judged_both(play, common, *suites))[0] == "no suite has the intent 'Zzz'"


def test_an_utterance_that_must_pass_must_exist_whatever_is_tolerated(play: Play) -> None:
    ending = judged(play, 'must_pass = ["rihgt 1"]', "--tolerate", "unknown-name")
    assert error_of(ending) == ("no suite has the must-pass utterance 'rihgt 1'", "did you mean 'right 1'?")
    own = SUITES.replace("'A'", "'A'\nmust_pass = ['zzz']\ntolerate = ['unknown-name']")
    ending = judged_both(play, own, file_of(), file_of())
    assert error_of(ending)[0] == "suite 'A' has no must-pass utterance 'zzz'"


def with_two_lost() -> FakePlatform:
    """Return a platform that did not evaluate two of 42 utterances, which its file lacks."""
    counts = Counts(utterances=42, tp=40, tn=0, fp=0, fn=0, failed_utterances=2)
    status = completed()
    return FakePlatform(statuses=(replace(status, reported=replace(status.reported, counts=counts, scores={})),))


@pytest.mark.parametrize(
    ("rules", "name"),
    [
        (FLOOR.format("Zzz"), "the intent 'Zzz'"),
        ('must_pass = ["zzz"]', "the must-pass utterance 'zzz'"),
        (FORBIDDEN.format("Zzz"), "the intent 'Zzz'"),
    ],
    ids=["floor", "must pass", "forbidden"],
)
def test_a_name_that_may_be_among_lost_utterances_is_inconclusive(rules: str, name: str, play: Play) -> None:
    ending = judged(play, rules, "--max-failed-utterances", "2", platform=with_two_lost())
    assert (ending.code, ending.report["error"]) == (ExitCode.INCONCLUSIVE, None), ending.output
    assert f"{name} may be among the 2 utterances that the file lacks" in ending.out


def test_a_name_that_is_in_the_file_is_known_even_if_other_utterances_were_lost(play: Play) -> None:
    ending = judged(play, FLOOR.format("PAY bill"), "--max-failed-utterances", "2", platform=with_two_lost())
    assert "may be among" not in ending.out
    assert ending.code == ExitCode.PASSED, ending.output


@pytest.mark.parametrize("spelling", ["pay BILL", "Pay  bill", "PAY\tBILL"])
def test_a_name_for_all_suites_may_be_spelt_differently_in_the_entry_of_one(spelling: str, play: Play) -> None:
    first, second = "[[suites]]\nname = 'A'\n", "[[suites]]\nname = 'B'\n"
    rules = FLOOR.format("Pay bill") + first + OWN_FLOOR.format(spelling) + second
    ending = judged_both(play, rules, with_intent("Send money"), file_of())
    assert ending.code == ExitCode.PASSED, ending.output


def test_a_hidden_utterance_gets_no_nearest_name(play: Play) -> None:
    ending = judged(play, 'must_pass = ["rihgt 1"]', "--utterances", "hash")
    message, hint = error_of(ending)
    assert message.startswith("no suite has the must-pass utterance '#")
    assert hint == "see the utterances in report.json"
    assert "rihgt" not in ending.output + ending.summary


def test_an_unknown_name_outweighs_a_failed_suite(play: Play) -> None:
    wrong = replace(file_of(), utterances=tuple(case(f"u {n}", row=n + 2) for n in range(40)))
    platform = FakePlatform(statuses=(completed(right=0, wrong=40),), files=(wrong,))
    assert judged(play, FLOOR.format("Zzz"), platform=platform).code == ExitCode.USAGE
