"""Whatever a platform does during a run, only its last answers decide, and it is not asked too often.

The real client meets a platform with a random history, on a clock that only waiting and answering move.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from ci_gate.core.report import Judged, Source, Subject, Unjudged
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import DEFAULTS, read_threshold
from ci_gate.core.verdict import Verdict
from ci_gate.errors import ExitCode
from ci_gate.gate.suite_run import Assignment, SuiteRun
from ci_gate.kore.platform import LAST_LOOK_SECONDS, KorePlatform
from ci_gate.kore.wire import REPLY_LIMIT, Lost, Reply, Request, TooLarge
from tests.fakes import EPOCH, FakeClock
from tests.kore.fake_wire import refused, reply
from tests.tools.faults import good_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_gate.core.assess import SuiteOutcome

    Answer = Reply | Exception
    Measured = tuple[int, int, int, int]

HOST = "https://platform.example"
PER_MINUTE, PER_HOUR = 60, 1800
"""The platform's request limits per bot."""


_LONGEST = 5400.0
"""The longest deadline of these commands, in seconds."""


def status(measured: Measured = good_run.MEASURED, *, ended: float = EPOCH + _LONGEST, **changes: object) -> Reply:
    """Build the status of a run, by default of the good one, with parts of its result changed.

    It ends with the longest deadline of these commands, and so after every start.
    """
    told = good_run.completed(HOST, word="completed", now=ended)
    tp, tn, fp, fn = measured
    counts = {"TP": tp, "TN": tn, "FP": fp, "FN": fn, "success": tp + tn, "failure": fp + fn}
    told["result"] |= {**good_run.scores(measured), **changes}
    told["result"]["results"] |= counts
    return reply(200, told)


def running(ran: int, word: str = "running") -> Reply:
    return reply(200, good_run.running(ran=ran, word=word))


ACCEPTED = reply(200, {"status": "accepted", "requestId": good_run.RUN_ID})
DONE = status()
WHOLE = reply(200, good_run.results_file())
_BAD: Measured = (1, 2, 36, 1)
_POOR, _POOR_FILE = status(_BAD), reply(200, good_run.results_file(_BAD))

_NOT_NOW: tuple[Answer, ...] = (
    refused(429, "too many requests", headers={"retry-after": "1"}),
    refused(429, "too many requests", headers={"retry-after": "0"}),
    refused(429, "too many requests", headers={"retry-after": "90"}),
    reply(200, b"API rate limit reached"),
    Lost("refused", sent=False),
)
"""Answers that certainly had no effect."""
_BUSY: tuple[Answer, ...] = (refused(409, "another execution is in progress"), *_NOT_NOW)
_TROUBLE: tuple[Answer, ...] = (
    *_NOT_NOW,             Lost("no answer in time", sent=True),
    reply(500, b"<html>"), reply(503, b"", {"retry-after": "0"}),
    reply(404, b""),       reply(200, b'{"status": "compl'),
)  # fmt: skip
_LOST_STARTS: tuple[Answer, ...] = (
    Lost("the connection broke", sent=True), reply(502, b""),
    reply(200, {"status": "accepted"}),      reply(404, b""),
    refused(412, "no published version"),    refused(401, "denied"),
)  # fmt: skip
_YESTERDAY = status(ended=EPOCH - 86400.0)
_ENDS: tuple[Answer, ...] = (
    *(DONE, _POOR, _YESTERDAY),
    *(status(isPartialFailure=True), status((0, 0, 0, 0)), status(status="failed"), status(fileUrl=None)),
)
_OVER = (running(40, "failed"), running(7, "cancelled"))

starts = st.lists(st.sampled_from(_BUSY), max_size=4).flatmap(
    lambda before: st.sampled_from((ACCEPTED, ACCEPTED, *_LOST_STARTS, *_BUSY)).map(lambda last: [*before, last])
)
goings_on = st.one_of(
    st.integers(0, 40).map(running),
    st.sampled_from(["queued", "COMPLETED ", "done", ""]).map(lambda word: running(20, word)),
    st.sampled_from(_TROUBLE),
    st.sampled_from((*_ENDS, *_OVER)),
)
statuses = st.lists(goings_on, min_size=1, max_size=12) | st.lists(goings_on, max_size=8).map(
    lambda some: [*some, DONE]
)
files = st.lists(
    st.sampled_from(
        [
            *(WHOLE, WHOLE, _POOR_FILE, reply(200, good_run.results_file()[:900])),
            *(reply(403, b"<Error/>"), reply(200, b""), TooLarge()),
        ]
    )
    | st.sampled_from(_TROUBLE),
    min_size=1,
    max_size=4,
)


@dataclass(slots=True)
class History:
    """A wire to a platform that gives its answers in order, repeats the last one, and takes a while each time."""

    starts: Sequence[Answer]
    statuses: Sequence[Answer]
    files: Sequence[Answer]
    slowness: float
    clock: FakeClock = field(default_factory=FakeClock)
    given: dict[str, list[Answer]] = field(default_factory=lambda: {"start": [], "status": [], "file": []})
    asked_at: list[float] = field(default_factory=list)

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Return the next answer, or raise ``Lost`` if that takes longer than ``seconds``."""
        kind, answers = self._route(request)
        if kind != "file":
            self.asked_at.append(self.clock.time)
        if b"?skip" in request.target:
            return reply(403)
        given = self.given[kind]
        answer = answers[min(len(given), len(answers) - 1)]
        self.clock.time += min(self.slowness, seconds)
        if self.slowness > seconds:
            answer = Lost("no answer in time", sent=True)
        given.append(answer)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _route(self, request: Request) -> tuple[str, Sequence[Answer]]:
        if request.method == "POST":
            return "start", self.starts
        return ("file", self.files) if good_run.MEDIA.encode() in request.target else ("status", self.statuses)

    def last(self, kind: str) -> Answer | None:
        """Return the last answer of a kind that says something about the run."""
        told = [answer for answer in self.given[kind] if answer not in _TROUBLE]
        return told[-1] if told else None


def walk(history: History, *, timeout: float, seed: int, attach: bool) -> SuiteOutcome:
    clock = history.clock
    platform = KorePlatform(
        wire=history,
        host=HOST,
        bot_id=good_run.BOT_ID,
        token=lambda: "a-token",
        time_left=lambda: timeout - clock.now(),
        now=clock.epoch,
    )
    thresholds = (read_threshold("min_f1", "0.9"), *DEFAULTS.values())
    source = Source.ATTACHED if attach else Source.RUN
    assignment = Assignment(
        subject=Subject(label="any", suite=good_run.SUITE, source=source, bot_id=good_run.BOT_ID),
        platform=platform,
        rules=Rules(thresholds=tuple(threshold for threshold in thresholds if threshold)),
        attach=good_run.RUN_ID if attach else None,
    )
    return SuiteRun(assignment, clock, timeout, lambda _: None, Random(seed).uniform).execute()


def most_within(window: float, times: Iterable[float]) -> int:
    """Return the largest number of requests within ``window`` seconds."""
    times = sorted(times)
    most = first = 0
    for last, time in enumerate(times):
        while times[first] <= time - window:
            first += 1
        most = max(most, last - first + 1)
    return most


any_history = st.builds(
    History, starts=starts, statuses=statuses, files=files, slowness=st.sampled_from([0.0, 0.0, 0.2, 3.0, 40.0])
)


@given(
    history=any_history,
    timeout=st.sampled_from([1.0, 30.0, 600.0, _LONGEST]),
    seed=st.integers(0),
    attach=st.booleans(),
)
@example(history=History([ACCEPTED], [running(20), DONE], [WHOLE], 0.0), timeout=600.0, seed=0, attach=False)
@example(history=History([ACCEPTED], [_POOR], [_POOR_FILE], 0.0), timeout=600.0, seed=0, attach=False)
@example(history=History([ACCEPTED], [_YESTERDAY], [WHOLE], 0.0), timeout=600.0, seed=0, attach=False)
def test_no_history_ends_wrongly(history: History, timeout: float, seed: int, attach: bool) -> None:
    report = walk(history, timeout=timeout, seed=seed, attach=attach).report
    event(f"{report.exit_code.name}")
    if report.verdict is Verdict.PASSED:
        assert isinstance(report, Judged)
        assert history.last("status") in (DONE, *((_YESTERDAY,) if attach else ()))
        assert history.last("file") == WHOLE
    if report.exit_code is ExitCode.FAILED:
        assert (history.last("status"), history.last("file")) == (_POOR, _POOR_FILE)
    assert most_within(60.0, history.asked_at) <= PER_MINUTE
    assert most_within(3600.0, history.asked_at) <= PER_HOUR
    # After the deadline there is one last look, for which a path may be tried in two forms, and a file.
    assert history.clock.time <= timeout + 3 * LAST_LOOK_SECONDS
    assert_started_once(history, attach=attach)
    was_accepted = ACCEPTED in history.given["start"]
    if was_accepted or attach:
        assert report.subject.run_id == good_run.RUN_ID
    if isinstance(report, Unjudged) and was_accepted and report.exit_code in (ExitCode.TIMEOUT, ExitCode.DENIED):
        assert f"ci-gate gate {good_run.RUN_ID}" in report.error.hint


def assert_started_once(history: History, *, attach: bool) -> None:
    """Assert that no start follows one that may have been accepted; of two forms of a path only one can be right."""
    given = history.given["start"]
    assert not (attach and given)
    harmless = [answer in _BUSY or _is_no_path(answer) for answer in given[:-1]]
    assert all(harmless)


def _is_no_path(answer: Answer) -> bool:
    return isinstance(answer, Reply) and answer.code in (404, 405)


def test_the_history_of_a_good_run_passes() -> None:
    history = History([*_BUSY, ACCEPTED], [running(1), *_TROUBLE, running(20), DONE], [reply(403, b""), WHOLE], 0.2)
    assert walk(history, timeout=_LONGEST, seed=1, attach=False).report.exit_code is ExitCode.PASSED


@pytest.mark.parametrize(
    ("file", "code"),
    [(_POOR_FILE, ExitCode.FAILED), (WHOLE, ExitCode.INCONCLUSIVE)],
    ids=["its own file", "the file of a good one"],
)
def test_the_history_of_a_poor_run_fails_by_its_own_file_only(file: Reply, code: ExitCode) -> None:
    history = History([ACCEPTED], [running(20), _POOR], [reply(403, b""), file], 0.2)
    assert walk(history, timeout=_LONGEST, seed=1, attach=False).report.exit_code is code


def test_a_run_of_yesterday_passes_only_where_it_was_asked_for_by_its_id() -> None:
    found = {
        attach: walk(History([ACCEPTED], [_YESTERDAY], [WHOLE], 0.2), timeout=_LONGEST, seed=1, attach=attach)
        for attach in (False, True)
    }
    assert {attach: one.report.exit_code for attach, one in found.items()} == {
        False: ExitCode.INCONCLUSIVE,
        True: ExitCode.PASSED,
    }


def test_requests_are_counted_in_the_fullest_window() -> None:
    assert most_within(60.0, [0.0, 1.0, 2.0, 60.0, 61.0, 62.5]) == 3
