"""The baseline: the earlier run that a run is compared with, and whether the two can be compared at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_gate.core.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ci_gate.core.model import Case

ENOUGH = 0.5
"""The least share of the baseline's utterances that the other run must have too, and that both must have evaluated."""


_TOO_LITTLE = f"less than {ENOUGH:.0%}: what they share says too little"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a run was of; ``None`` is "not known".

    ``report`` is what its results file calls the suite, which need not be the name; ``engine`` is what was asked for:
    "" where the platform chose.
    """

    suite: str | None = None
    report: str | None = None
    bot_id: str | None = None
    engine: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier run of a suite, sound enough to be compared with. ``name`` says where it was found."""

    name: str
    origin: Origin
    utterances: Mapping[str, Case] = field(repr=False)
    run_id: str | None = None
    bot_version: str | None = None
    finished: str | None = None


@dataclass(frozen=True, slots=True)
class MissingBaseline:
    """There is no baseline at the place that was named, and that is allowed."""

    name: str


def obstacles(baseline: Baseline, origin: Origin, utterances: Mapping[str, Case]) -> Iterator[str]:
    """Say why a run cannot be compared with a baseline: only like can be held against like."""
    then, now = baseline.origin, origin
    for what, before, after in (
        ("suite", then.suite, now.suite),
        ("report", then.report, now.report),
        ("bot", then.bot_id, now.bot_id),
        ("engine", then.engine, now.engine),
        ("language", then.language, now.language),
    ):
        if before is not None and after is not None and before.casefold() != after.casefold():
            chosen = "the platform's choice"
            yield f"the baseline is of {what} {_quoted(before, chosen)}, not of {_quoted(after, chosen)}"
    known = baseline.utterances
    shared = len(known.keys() & utterances.keys())
    if shared < ENOUGH * len(known):
        yield f"{_of_all(known)} this run has {shared}, {_TOO_LITTLE}"


def doubt_about_overlap(baseline: Baseline, evaluated: int) -> str | None:
    """Say so where both runs have the utterances and did not evaluate enough of them: then nothing can pass."""
    known = baseline.utterances
    if evaluated < ENOUGH * len(known):
        return f"{_of_all(known)} both runs evaluated {evaluated}, {_TOO_LITTLE}"
    return None


def _of_all(known: Mapping[str, Case]) -> str:
    return f"of the {counted(len(known), 'utterance')} of the baseline"


def _quoted(text: str, chosen: str) -> str:
    return f"'{text}'" if text else chosen
