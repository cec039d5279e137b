"""The baseline: the earlier run that a run is compared with, and whether the two can be compared at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.clock import moment_text
from ci_gate.core.duplicates import collapsed
from ci_gate.core.evidence.identity import primary_subtag
from ci_gate.core.findings import NEVER_A_BASELINE, Finding, FindingKind
from ci_gate.core.names import same_name, utterance_key_of_version_1
from ci_gate.core.text.safe import counted
from ci_gate.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping

    from ci_gate.core.counts import Counts
    from ci_gate.core.model import ResultsFile, Utterance

ENOUGH = Fraction(1, 2)
"""The least share of the baseline's utterances that the other run must have too, and that both must have evaluated."""

_UNLESS_RENAMED = f'; if it is the same bot under another name, tolerate = ["{FindingKind.OTHER_BOT}"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a run was of; ``None`` is "not known".

    ``report`` and ``bot_name`` are what its results file calls the suite and the bot, which need not be the names that
    they are asked for by; ``engine`` is what was asked for: "" if the platform chose. ``run_ids`` are all that it is
    known by; it ``ended`` at a moment in seconds since 1970.
    """

    suite: str | None = None
    report: str | None = None
    bot_id: str | None = None
    bot_name: str | None = None
    engine: str | None = None
    language: str | None = None
    run_ids: tuple[str, ...] = ()
    ended: float | None = None

    def of_files(self) -> Origin:
        """Return what is known if files were judged: they may be called anything, and came about with any engine."""
        return replace(self, suite=None, engine=self.engine or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier run of a suite, sound enough to be compared with. ``name`` says where it was found.

    ``absent`` utterances of its suite do not stand in it, since they were not evaluated. ``doubts`` are contradictions
    in its evidence that were tolerated: they have to stand in the other run too. ``has_old_keys``: its utterances are
    hidden, and known by the keys of version 1.
    """

    name: str
    origin: Origin
    utterances: Mapping[str, Utterance] = field(repr=False)
    absent: int = 0
    doubts: frozenset[FindingKind] = frozenset()
    has_old_keys: bool = False
    run_id: str | None = None
    bot_version: str | None = None
    finished: str | None = None

    @classmethod
    def of(
        cls,
        name: str,
        utterances: Iterable[Utterance],
        *,
        origin: Origin,
        absent: int,
        tolerated: frozenset[FindingKind],
        run_id: str | None,
        bot_version: str | None,
        finished: str | None = None,
    ) -> Baseline:
        """Return what a judged run is to a later one; ``tolerated`` are all kinds of findings that were."""
        return cls(
            name=name,
            origin=origin,
            utterances=collapsed(utterances),
            absent=absent,
            doubts=tolerated - {FindingKind.UNKNOWN_NAME},  # which is a doubt about the rules
            run_id=run_id,
            bot_version=bot_version,
            finished=finished,
        )

    def __post_init__(self) -> None:
        """Cut out what has the shape of a secret: a path may hold one, and a report that is read back anything."""
        for name in ("name", "run_id", "bot_version", "finished"):
            if text := getattr(self, name):
                object.__setattr__(self, name, redacted(text))

    def hashed(self) -> Baseline:
        """Return this baseline with a hash in place of each utterance, which may have been shown then."""
        return replace(self, utterances={key: utterance.hashed() for key, utterance in self.utterances.items()})


@dataclass(frozen=True, slots=True)
class MissingBaseline:
    """There is no baseline at the place that was named, and that is allowed."""

    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", redacted(self.name))


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why nothing can be compared with a run: in short, and as a sentence about a run that was recorded."""

    short: str
    sentence: str


def flaw_of(
    baseline: Baseline, utterances: Collection[Utterance], blocking: Iterable[str], counts: Counts | None = None
) -> Flaw | None:
    """Return why a judged run is no baseline; ``None`` if it is one.

    ``utterances`` are all of the run, copies included, and ``blocking`` the findings that stand in the way of a pass.
    ``counts`` are needed of a run that is known by its report alone: any other has been weighed against them.
    """
    if found := ", ".join(blocking):
        return Flaw(found, f"its evidence was not sound: {found}")
    if unsound := ", ".join(sorted(baseline.doubts & NEVER_A_BASELINE)):
        return Flaw(unsound, f"its evidence was not sound: {unsound}, which was tolerated")
    problem = _missing_in(baseline, utterances, counts)
    return Flaw(problem, problem) if problem else None


def _missing_in(baseline: Baseline, utterances: Collection[Utterance], counts: Counts | None) -> str | None:
    if not utterances:
        return "it holds no utterances"
    if counts is None:
        return None
    passed = sum(utterance.passed for utterance in utterances)
    failed = sum(utterance.is_mismatch for utterance in utterances)
    tp, tn, fp, fn = (number or 0 for number in (counts.tp, counts.tn, counts.fp, counts.fn))
    if (tp + tn, fp + fn) != (passed, failed) and not baseline.doubts:
        return "its counts and its utterances do not agree"
    lost = max(0, (counts.failed_utterances or 0) - (len(utterances) - passed - failed))
    if baseline.absent > (0 if baseline.doubts else lost):
        return f"it holds {len(utterances)} of its {len(utterances) + baseline.absent} utterances"
    return None


def with_current_keys(baseline: Baseline, results: ResultsFile) -> Baseline:
    """Return a hidden baseline with the keys of this version, for the utterances that the run has too."""
    if not baseline.has_old_keys:
        return baseline
    new = {
        utterance_key_of_version_1(one.text, one.written or one.expected, one.parent_intent): one.key
        for one in results.utterances
    }
    renamed = (replace(utterance, key=new.get(key, key)) for key, utterance in baseline.utterances.items())
    return replace(baseline, utterances=collapsed(renamed), has_old_keys=False)


def obstacles(
    baseline: Baseline, origin: Origin, findings: Iterable[Finding], tolerate: Container[FindingKind] = ()
) -> Iterator[Finding]:
    """Yield findings on why a run cannot be compared with a baseline, or what is odd about comparing the two."""
    then, now = baseline.origin, origin
    if same := {*map(str.casefold, then.run_ids)}.intersection(map(str.casefold, now.run_ids)):
        run = next(run_id for run_id in now.run_ids if run_id.casefold() in same)
        message = f"the baseline is of run '{run}' itself, so that nothing would be compared"
        yield _not_comparable(f"{message}: name an earlier one")
    elif then.ended is not None and now.ended is not None and then.ended > now.ended:
        yield Finding(FindingKind.NEWER_BASELINE, _newer(then.ended, now.ended))
    for what, before, after in (("suite", then.suite, now.suite), ("engine", then.engine, now.engine)):
        if before is not None and after is not None and not same_name(before, after):
            yield _not_comparable(_differ(what, before, after))
    if then.language and now.language and not _same_language(then.language, now.language):
        yield _not_comparable(_differ("language", then.language, now.language))
    yield from _other_bot(then, now, may_differ=FindingKind.OTHER_BOT in tolerate)
    tolerated = {finding.kind for finding in findings if finding.tolerated}
    if missing := baseline.doubts - tolerated:
        kinds = ", ".join(sorted(missing))
        yield _not_comparable(f"in the baseline {kinds} was tolerated, and this run does not show the same")


def _other_bot(then: Origin, now: Origin, *, may_differ: bool) -> Iterator[Finding]:
    """Compare the bots of both runs by their ids if both are known, else by the names in the files."""
    if then.bot_id and now.bot_id and then.bot_id.casefold() != now.bot_id.casefold():
        yield _not_comparable(_differ("bot", then.bot_id, now.bot_id))
    for what, before, after in (("bot", then.bot_name, now.bot_name), ("report", then.report, now.report)):
        if before is None or after is None or same_name(before, after):
            continue
        message = _differ(what, before, after)
        if then.bot_id and now.bot_id:
            yield Finding(FindingKind.OTHER_SUITE, f"{message}: it seems to have been renamed")
        else:
            yield Finding(FindingKind.NOT_COMPARABLE, f"{message}{_UNLESS_RENAMED}", tolerated=may_differ)


def too_little(baseline: Baseline, number: int, who: str) -> list[Finding]:
    """Return a finding if a run has too few of the baseline's utterances, or if both evaluated too few."""
    size = len(baseline.utterances) + baseline.absent
    if number >= ENOUGH * size:
        return []
    message = f"of the {counted(size, 'utterance')} of the baseline {who} {number}, less than half"
    return [_not_comparable(f"{message}: what they share says too little")]


def _newer(then: float, now: float) -> str:
    """Return that the baseline is the later of the two runs, so that better and worse may have changed places."""
    ended = f"the run of the baseline ended at {moment_text(then)}, after this one at {moment_text(now)}"
    return f"{ended}: is it the earlier run?"


def _not_comparable(message: str) -> Finding:
    return Finding(FindingKind.NOT_COMPARABLE, message)


def _differ(what: str, before: str, after: str) -> str:
    return f"the baseline is of {what} {_quoted(before)}, not of {_quoted(after)}"


def _same_language(one: str, other: str) -> bool:
    """Compare by the primary subtag; words that are no codes by themselves."""
    subtags = primary_subtag(one), primary_subtag(other)
    return subtags[0] == subtags[1] if None not in subtags else same_name(one, other)


def _quoted(text: str) -> str:
    return f"'{redacted(text)}'" if text else "the platform's choice"
