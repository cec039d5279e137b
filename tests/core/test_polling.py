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


def test_attached_run_that_slows_down_keeps_the_pace_since_it_was_found() -> None:
    pacer = Pacer(without_jitter, attached=True)
    for now, done in ((10.0, 0.5), (20.0, 0.6), (40.0, 0.62)):
        pacer.see(now, done)
    assert pacer.left(40.0) == pytest.approx(95)


@pytest.mark.parametrize("latency", [0.0, 0.4])
def test_attached_run_goes_by_the_pace_that_is_seen_and_not_by_what_was_done_before(latency: float) -> None:
    pacer = Pacer(without_jitter, attached=True)
    pacer.see(latency, 0.5)
    assert pacer.left(latency) is None
    assert pacer.wait(latency) == 2
    pacer.see(latency + 2, 0.52)
    assert pacer.left(latency + 2) == pytest.approx(48)


def test_attached_run_that_shows_no_progress_at_first_goes_by_the_pace_seen_since_it_does() -> None:
    pacer = Pacer(without_jitter, attached=True)
    pacer.see(0.0, None)
    assert (pacer.left(0.0), pacer.wait(0.0)) == (None, 2)
    pacer.see(10.0, 0.9)
    pacer.see(20.0, 0.91)
    assert pacer.left(20.0) == pytest.approx(90)


def test_answer_without_progress_leaves_the_forecast_as_it_was() -> None:
    pacer = Pacer(without_jitter)
    pacer.see(10.0, 0.1)
    pacer.see(20.0, None)
    assert pacer.left(20.0) == pytest.approx(80)


def test_unchanged_progress_leaves_the_forecast_as_it_was() -> None:
    pacer = Pacer(without_jitter)
    pacer.see(10.0, 0.1)
    pacer.see(20.0, 0.1)
    assert pacer.left(20.0) == pytest.approx(80)


def test_faster_pace_of_late_brings_the_forecast_forward() -> None:
    pacer = Pacer(without_jitter)
    pacer.see(100.0, 0.1)
    pacer.see(110.0, 0.6)
    assert pacer.left(110.0) == pytest.approx(8)


def test_slower_pace_of_late_does_not_put_the_forecast_off() -> None:
    pacer = Pacer(without_jitter)
    pacer.see(10.0, 0.5)
    pacer.see(30.0, 0.6)
    assert pacer.left(30.0) == pytest.approx(20)


def test_progress_that_goes_back_drops_the_forecast_and_starts_again_from_there() -> None:
    pacer = Pacer(without_jitter)
    pacer.see(10.0, 0.5)
    pacer.see(20.0, 0.3)
    assert (pacer.left(20.0), pacer.wait(20.0)) == (None, 2)
    pacer.see(22.0, 0.4)
    assert pacer.left(22.0) == pytest.approx(12)


def test_attached_run_that_goes_back_behind_its_first_look_can_be_forecast_again() -> None:
    pacer = Pacer(without_jitter, attached=True)
    pacer.see(0.0, 0.5)
    pacer.see(10.0, 0.2)
    pacer.see(20.0, 0.4)
    assert pacer.left(20.0) == pytest.approx(30)


def test_overdue_run_has_no_time_left() -> None:
    pacer = Pacer(without_jitter)
    pacer.see(10.0, 1.0)
    assert pacer.left(10.0) is None
    assert pacer.left(11.0) is None


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
