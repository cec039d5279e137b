"""Waivers for all suites that cover nothing are mentioned once, and only if every suite could be looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.model import ResultType, UnreadableFile
from ci_gate.errors import ExitCode
from tests.fakes import TWO_RUNS, FakePlatform, completed, file_of
from tests.files import write_settings

if TYPE_CHECKING:
    from ci_gate.core.model import ResultsFile
    from tests.sandbox import Ending
    from tests.scripted import Play

BOTH = "[[suites]]\nname = 'A'\n[[suites]]\nname = 'B'\n"
WAIVER = "[[waivers]]\nutterance = '{}'\nreason = 'known'\nowner = 'Ines'\nexpires = 2099-01-01\n"
MISSING = UnreadableFile(problem="the platform offers no results file")


def judged(play: Play, rules: str, *files: ResultsFile | UnreadableFile, flags: tuple[str, ...] = ()) -> Ending:
    """Run two suites under these rules."""
    write_settings(rules + BOTH)
    platform = FakePlatform(starts=TWO_RUNS, files=files)
    return play("run", *flags, platform=platform, environment={"CI_GATE_SUITE": ""})


def findings(ending: Ending) -> list[str]:
    """Return what the report says about waivers, suite by suite."""
    found = (one for suite in ending.report["suites"] for one in suite["findings"])
    return [one["message"] for one in found if one["kind"] == "waiver"]


def test_a_waiver_that_covers_nothing_is_mentioned_once_with_the_nearest_name(play: Play) -> None:
    ending = judged(play, WAIVER.format("rihgt 1"), file_of(), file_of())
    assert ending.code == ExitCode.PASSED
    message = "the waiver of utterance 'rihgt 1' covers nothing in any suite: did you mean 'right 1'? (Ines: known)"
    assert findings(ending) == [message]
    assert ending.out.count(message) == 1


def test_many_waivers_that_cover_nothing_are_one_line_with_their_number(play: Play) -> None:
    ending = judged(play, "".join(WAIVER.format(f"zz {number}") for number in range(40)), file_of(), file_of())
    (line,) = (line for line in ending.out.splitlines() if "waiver:" in line)
    assert "40 waivers cover nothing in any suite: utterance 'zz 0'" in line


def test_a_waiver_that_covers_something_in_one_suite_is_not_mentioned(play: Play) -> None:
    file = file_of()
    first, *others = file.utterances
    file = replace(file, utterances=(replace(first, result_type=ResultType.FP, matched=("other",)), *others))
    write_settings(WAIVER.format(first.text) + BOTH)
    platform = FakePlatform(starts=TWO_RUNS, statuses=(completed(right=39, wrong=1),), files=(file,))
    ending = play("run", "--min-f1", "0.1", platform=platform, environment={"CI_GATE_SUITE": ""})
    assert findings(ending) == []


@pytest.mark.parametrize("flags", [(), ("--suite", "A")])
def test_an_unused_waiver_may_be_used_in_a_suite_that_was_not_judged(flags: tuple[str, ...], play: Play) -> None:
    message = "the waiver of utterance 'zz' covers nothing in what was judged; it can be removed (Ines: known)"
    assert findings(judged(play, WAIVER.format("zz"), file_of(), MISSING, flags=flags)) == [message]


def test_a_waiver_is_not_mentioned_without_any_results(play: Play) -> None:
    assert findings(judged(play, WAIVER.format("zz"), MISSING, MISSING)) == []


def test_a_waiver_that_covers_nothing_in_the_only_suite_names_no_other_suite(play: Play) -> None:
    write_settings(WAIVER.format("zz"))
    assert findings(play("run")) == ["the waiver of utterance 'zz' covers nothing; it can be removed (Ines: known)"]
