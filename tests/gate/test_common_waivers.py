"""Waivers for all suites that cover nothing: told once for a command, as far as anybody could look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.model import ResultType, Run, UnreadableFile
from ci_gate.errors import ExitCode
from tests.fakes import FakePlatform, completed, file_of

if TYPE_CHECKING:
    from ci_gate.core.model import ResultsFile
    from tests.files import write_settings
    from tests.scripted import Play
from tests.sandbox import Ending

BOTH = "[[suites]]\nname = 'A'\n[[suites]]\nname = 'B'\n"
WAIVER = "[[waivers]]\nutterance = '{}'\nreason = 'known'\nowner = 'Ines'\nexpires = 2099-01-01\n"
MISSING = UnreadableFile(problem="the platform offers no results file")
DAY_AFTER = "2000-01-01"


def with_mismatch() -> ResultsFile:
    """A results file of which the first utterance is a mismatch, and the others are right."""
    file = file_of()
    first, *others = file.utterances
    return replace(file, utterances=(replace(first, result_type=ResultType.FP, matched=("other",)), *others))


def judged(
    play: Play, text: str, *files: ResultsFile | UnreadableFile, arguments: tuple[str, ...] = (), wrong: int = 0
) -> Ending:
    """Run two suites under the rules of a file."""
    write_settings(text + BOTH)
    statuses = (completed(right=40 - wrong, wrong=wrong),)
    platform = FakePlatform(starts=(Run("A", "tr-a"), Run("B", "tr-b")), statuses=statuses, files=files)
    return play("run", *arguments, platform=platform, environment={"CI_GATE_SUITE": ""})


def told(ending: Ending) -> list[str]:
    """What the report says of waivers, suite by suite."""
    return [
        found["message"]
        for suite in ending.report["suites"]
        for found in suite["findings"]
        if found["kind"] == "waiver"
    ]


def test_one_that_covers_nothing_in_any_suite_is_told_once_with_the_nearest_name(play: Play) -> None:
    ending = judged(play, WAIVER.format("rihgt 1"), file_of(), file_of())
    assert ending.code == ExitCode.PASSED
    message = "the waiver of utterance 'rihgt 1' covers nothing in any suite: did you mean 'right 1'? (Ines: known)"
    assert told(ending) == [message]
    assert ending.out.count(message) == 1


def test_many_are_one_line_with_their_number(play: Play) -> None:
    ending = judged(play, "".join(WAIVER.format(f"zz {number}") for number in range(40)), file_of(), file_of())
    (line,) = (line for line in ending.out.splitlines() if "waiver:" in line)
    assert "40 waivers cover nothing in any suite: utterance 'zz 0'" in line


def test_one_that_covers_something_in_one_of_the_suites_is_no_doubt(play: Play) -> None:
    file = with_mismatch()
    ending = judged(play, WAIVER.format(file.utterances[0].text), file, file, wrong=1, arguments=("--min-f1", "0.1"))
    assert told(ending) == []


@pytest.mark.parametrize("arguments", [(), ("--suite", "A")])
def test_where_not_all_could_be_looked_at_that_is_said(arguments: tuple[str, ...], play: Play) -> None:
    ending = judged(play, WAIVER.format("zz"), file_of(), MISSING, arguments=arguments)
    assert told(ending) == ["the waiver of utterance 'zz' covers nothing in what was judged; it can go (Ines: known)"]


def test_without_any_results_nothing_is_said_of_waivers(play: Play) -> None:
    assert told(judged(play, WAIVER.format("zz"), MISSING, MISSING)) == []


def test_with_one_suite_there_is_no_other_to_speak_of(play: Play) -> None:
    write_settings(WAIVER.format("zz"))
    ending = play("run")
    assert told(ending) == ["the waiver of utterance 'zz' covers nothing; it can go (Ines: known)"]
