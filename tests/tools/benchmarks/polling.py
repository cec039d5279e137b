"""The number of requests that a run takes and the delay until its end is seen: the gate's pace against fixed loops."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from statistics import mean

from ci_gate.core.polling import Pacer
from tests.tools.benchmarks.table import Table

SEED = 20_251_009
RUNS = 600  # of each length
LENGTHS = {
    "10 s": 10.0,
    "30 s": 30.0,
    "1 min": 60.0,
    "5 min": 300.0,
    "15 min": 900.0,
    "30 min": 1800.0,
    "60 min": 3600.0,
}
SPREAD = 0.2  # the lengths vary by this share, otherwise a fixed loop would hit or miss the end every time
LOOPS = (5.0, 10.0)
_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Watched:
    """The cost of watching one run: the number of requests, and the seconds from the run's end until it was seen."""

    requests: int
    delay: float


@dataclass(frozen=True, slots=True)
class InventedRun:
    """A run as it may proceed on the platform; ``times`` are those at which each tenth of the work is done.

    The run waits in a queue, works at a changing speed, shows its progress live, now and then or batch by batch, in
    whole percent or as a fraction, and may spend a while on its report after all utterances are done.
    """

    length: float
    times: tuple[float, ...]
    refresh: float
    batch: float
    whole_percent: bool

    def progress(self, now: float) -> float:
        """Return the fraction that the platform shows at the time ``now``."""
        if self.refresh:
            now -= now % self.refresh
        tenth = bisect_right(self.times, now) - 1
        if tenth < 0:
            return 0.0
        if tenth >= _TENTHS:
            return 1.0
        begun, ended = self.times[tenth : tenth + 2]
        done = (tenth + (now - begun) / (ended - begun)) / _TENTHS
        if self.batch:
            done -= done % self.batch
        return math.floor(100 * done) / 100 if self.whole_percent else done


def measure() -> list[Table]:
    """Watch the same runs with each method."""
    chance = random.Random(SEED)
    rows = []
    paced: list[Watched] = []
    fixed: dict[float, list[Watched]] = {step: [] for step in LOOPS}
    for name, length in LENGTHS.items():
        runs = [_invented(chance, length * chance.uniform(1 - SPREAD, 1 + SPREAD)) for _ in range(RUNS)]
        by_pace = [_paced(run, chance) for run in runs]
        by_loop = {step: [_fixed(run, step) for run in runs] for step in LOOPS}
        rows.append(_row(name, by_pace, by_loop))
        paced += by_pace
        for step, watched in by_loop.items():
            fixed[step] += watched
    rows.append(_row("all", paced, fixed))
    columns = ["run", "requests", "delay s", "worst s"]
    for step in LOOPS:
        columns += [f"{step:g} s loop: requests", "delay s", "ratio of requests", "ratio of delay"]
    note = (
        "Requests and delays are means; delay is the time from the end of a run until it is seen. "
        "A ratio below 1 says that the gate does better than the loop."
    )
    title = f"Polling on a simulated clock ({RUNS} runs of each length, ±{SPREAD:.0%}, seed {SEED})"
    return [Table(title, tuple(columns), tuple(rows), note)]


def _row(name: str, paced: list[Watched], fixed: dict[float, list[Watched]]) -> tuple[str, ...]:
    requests, delay = _means(paced)
    cells = [name, f"{requests:.1f}", f"{delay:.2f}", f"{max(watched.delay for watched in paced):.1f}"]
    for watched in fixed.values():
        loop_requests, loop_delay = _means(watched)
        cells += [f"{loop_requests:.1f}", f"{loop_delay:.2f}"]
        cells += [f"{requests / loop_requests:.2f}", f"{delay / loop_delay:.2f}"]
    return tuple(cells)


def _means(watched: list[Watched]) -> tuple[float, float]:
    return mean(one.requests for one in watched), mean(one.delay for one in watched)


def _invented(chance: random.Random, length: float) -> InventedRun:
    """Return a random run that ends after ``length`` seconds."""
    queued = chance.uniform(0, min(15.0, length / 3)) if chance.random() < 0.5 else 0.0
    reporting = chance.uniform(0, 1 + length / 100) if chance.random() < 0.5 else 0.0
    paces = [math.exp(chance.gauss(0, 0.15)) for _ in range(_TENTHS)]
    work = length - queued - reporting
    times = tuple(queued + work * done / sum(paces) for done in accumulate(paces, initial=0.0))
    shown = chance.choice(("live", "refreshed", "in batches"))
    return InventedRun(
        length=length,
        times=times,
        refresh=chance.uniform(1, 10) if shown == "refreshed" else 0.0,
        # With a few utterances a second, a batch is a larger part of a short run.
        batch=min(0.5, chance.randint(2, 25) / (2 * length)) if shown == "in batches" else 0.0,
        whole_percent=chance.random() < 0.5,
    )


def _paced(run: InventedRun, chance: random.Random) -> Watched:
    """Watch a run as the gate does: wait and look in turn until a look shows the end."""
    pacer = Pacer(chance.uniform)
    now, requests = pacer.wait(0.0), 1
    while now < run.length:
        pacer.see(now, run.progress(now))
        now += pacer.wait(now)
        requests += 1
    return Watched(requests, now - run.length)


def _fixed(run: InventedRun, step: float) -> Watched:
    requests = math.ceil(run.length / step)
    return Watched(requests, requests * step - run.length)
