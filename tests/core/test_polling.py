"""The intervals of polling a run and of retries."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ci_gate.core.polling import Pacer, backoff

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[float], float | None]
    Looks = list[tuple[float, float | None, float | None]]


def without_jitter(low: float, high: float) -> float:
    """Return the middle of the range."""
    return 1.0


def looks(progress: Progress, end: float) -> list[float]:
    """Return the times of the polls of a run that starts at 0 and ends at ``end``."""
    pacer = Pacer(without_jitter)
    times = [pacer.wait(0.0)]
    while (now := times[-1]) < end:
        pacer.see(now, progress(now))
        times.append(now + pacer.wait(now))
    return times


TIMETABLES: dict[str, tuple[Progress, float, list[float]]] = {
    "steady, 20 s": (lambda now: now / 20, 20, [2, 4, 8, 14, 17, 19, 21]),
    "steady, 60 s": (lambda now: now / 60, 60, [2, 4, 8, 16, 32, 46, 53, 56.5, 58.5, 60.5]),
    "steady, 600 s": (lambda now: now / 600, 600,
        [2, 4, 8, 16, 32, 64, 124, 184, 244, 304, 364, 424, 484, 542, 571, 585.5, 592.75, 596.375, 598.375, 600.375]),
    "no progress, 60 s": (lambda now: None, 60, [2, 4, 8, 16, 26, 36, 46, 56, 66]),
    "steady to 50 % at 20 s, then frozen, 60 s": (lambda now: min(0.5, now / 40), 60,
        [2, 4, 8, 16, 28, 42, 49, 52.5, 54.5, 56.5, 58.5, 61]),
    "100 % at 20 s, finished at 40 s": (lambda now: min(1.0, now / 20), 40,
        [2, 4, 8, 14, 17, 19, 21, 23, 25, 29, 37, 47]),
}  # fmt: skip


@pytest.mark.parametrize(("progress", "end", "times"), TIMETABLES.values(), ids=TIMETABLES)
def test_run_is_looked_at_by_the_documented_timetable(progress: Progress, end: float, times: list[float]) -> None:
    assert looks(progress, end) == pytest.approx(times, abs=1e-9)


def test_progress_that_stays_at_zero_is_no_progress() -> None:
    assert looks(lambda now: 0.0, 60) == looks(lambda now: None, 60)


FORECASTS: dict[str, tuple[bool, Looks]] = {
    "an answer without progress": (False, [(10, 0.1, 90), (20, None, 80)]),
    "unchanged progress": (False, [(10, 0.1, 90), (20, 0.1, 80)]),
    "a faster pace of late": (False, [(100, 0.1, 900), (110, 0.6, 8)]),
    "a slower pace of late": (False, [(10, 0.5, 10), (30, 0.6, 20)]),
    "progress that goes back": (False, [(10, 0.5, 10), (20, 0.3, None), (22, 0.4, 12)]),
    "an overdue run": (False, [(10, 1.0, None), (11, 1.0, None)]),
    "an attached run": (True, [(0, 0.5, None), (2, 0.52, 48)]),
    "an attached run after a slow answer": (True, [(0.4, 0.5, None), (2.4, 0.52, 48)]),
    "an attached run that slows down": (True, [(10, 0.5, None), (20, 0.6, 40), (40, 0.62, 95)]),
    "an attached run without progress at first": (True, [(0, None, None), (10, 0.9, None), (20, 0.91, 90)]),
    "an attached run that goes back": (True, [(0, 0.5, None), (10, 0.2, None), (20, 0.4, 30)]),
}
"""Whether the run is attached, and the time, the progress and the expected remaining time of each answer."""


@pytest.mark.parametrize(("attached", "answers"), FORECASTS.values(), ids=FORECASTS)
def test_the_remaining_time_follows_the_pace(attached: bool, answers: Looks) -> None:
    pacer = Pacer(without_jitter, attached=attached)
    for now, done, left in answers:
        pacer.see(now, done)
        assert pacer.left(now) == (None if left is None else pytest.approx(left))


@pytest.mark.parametrize(("attached", "answers"), [
    (False, [(10, 0.5), (20, 0.3)]), (True, [(0, 0.5)]), (True, [(0.4, 0.5)]), (True, [(0, None)]),
])  # fmt: skip
def test_without_a_forecast_the_next_look_comes_soon(attached: bool, answers: list[tuple[float, float | None]]) -> None:
    pacer = Pacer(without_jitter, attached=attached)
    for now, done in answers:
        pacer.see(now, done)
    assert pacer.wait(now) == 2


@pytest.mark.parametrize(("seen", "meant"), [(-0.5, 0.0), (1.5, 1.0), (math.inf, 1.0), (-math.inf, 0.0)])
def test_progress_outside_its_scale_counts_as_the_nearer_end(seen: float, meant: float) -> None:
    one, other = Pacer(without_jitter), Pacer(without_jitter)
    one.see(10.0, seen)
    other.see(10.0, meant)
    assert one == other


def test_after_ten_minutes_looks_are_at_least_three_seconds_apart() -> None:
    pacer = Pacer(without_jitter)
    pacer.see(598.0, 0.999)
    assert pacer.wait(599.9) == 2
    assert pacer.wait(600.0) == 3


answers = st.lists(st.none() | st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0, math.nan, math.inf]), min_size=1)


@given(history=answers, seed=st.integers(), attached=st.booleans())
def test_a_wait_stays_within_its_bounds(history: list[float | None], seed: int, attached: bool) -> None:
    pacer = Pacer(random.Random(seed).uniform, attached=attached)
    now = 0.0 if attached else pacer.wait(0.0)
    for done in history * 3:
        pacer.see(now, done)
        wait = pacer.wait(now)
        floor = 3.0 if now >= 600 else 2.0
        assert floor <= wait <= max(floor, min(now, 60.0))
        left = pacer.left(now)
        assert left is None or left > 0
        now += wait


@settings(max_examples=40)
@given(history=answers, seed=st.integers(), attached=st.booleans())
def test_no_history_exceeds_the_request_limits(history: list[float | None], seed: int, attached: bool) -> None:
    pacer = Pacer(random.Random(seed).uniform, attached=attached)
    times = [0.0 if attached else pacer.wait(0.0)]
    while (now := times[-1]) < 2 * 3600:
        pacer.see(now, history[len(times) % len(history)])
        times.append(now + pacer.wait(now))
    for window, allowed in ((60.0, 60), (3600.0, 1800)):
        assert max(bisect_left(times, start + window) - at for at, start in enumerate(times)) <= allowed


@given(now=st.floats(0, 10_000), done=st.floats(0, 1), seed=st.integers())
def test_jitter_moves_a_wait_by_a_tenth_at_most(now: float, done: float, seed: int) -> None:
    jittered, plain = Pacer(random.Random(seed).uniform), Pacer(without_jitter)
    jittered.see(now, done)
    plain.see(now, done)
    assert 0.9 * plain.wait(now) - 1e-9 <= jittered.wait(now) <= 1.1 * plain.wait(now) + 1e-9


@pytest.mark.parametrize(("edge", "wait"), [(min, 36.0), (max, 44.0)])
def test_jitter_reaches_a_tenth_to_either_side(edge: Callable[[float, float], float], wait: float) -> None:
    pacer = Pacer(edge)
    pacer.see(100.0, 100 / 180)
    assert pacer.wait(100.0) == pytest.approx(wait)


@pytest.mark.parametrize(("edge", "pause"), [(min, 16.0), (max, 32.0)])
def test_pause_may_stay_as_it_is_or_be_doubled(edge: Callable[[float, float], float], pause: float) -> None:
    assert backoff(4, edge, rate_limited=True) == pause


def test_failure_is_no_matter_of_a_rate_limit_unless_it_is_said_to_be() -> None:
    assert backoff(7, without_jitter) == 10


@pytest.mark.parametrize(("rate_limited", "longest"), [(False, 10.0), (True, 60.0)])
@given(failures=st.integers(1, 10_000), seed=st.integers())
def test_pauses_double_up_to_their_longest(rate_limited: bool, longest: float, failures: int, seed: int) -> None:
    least = 2.0 ** min(failures, 10)
    pause = backoff(failures, random.Random(seed).uniform, rate_limited=rate_limited)
    assert min(longest, least) <= pause <= min(longest, 2 * least)


@pytest.mark.parametrize(
    ("rate_limited", "pauses"), [(False, [2, 4, 8, 10, 10, 10, 10]), (True, [2, 4, 8, 16, 32, 60, 60])]
)
def test_pauses_grow_to_a_minute_only_under_a_rate_limit(rate_limited: bool, pauses: list[float]) -> None:
    assert [backoff(failures, without_jitter, rate_limited=rate_limited) for failures in range(1, 8)] == pauses
