"""The baseline: the earlier run with which a run is compared, and whether the two are comparable at all."""

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
"""The smallest share of the baseline's utterances that a run must contain, and that both runs must have evaluated."""

_UNLESS_RENAMED = f'; if it is the same bot under another name, tolerate = ["{FindingKind.OTHER_BOT}"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The suite, bot, engine, language and time of a run; ``None`` if a fact is not known.

    ``report`` and ``bot_name`` are the names of suite and bot in the results file, which may differ from the requested
    names. ``engine`` is the requested engine, "" if the platform chose it. ``run_ids`` are all ids of the run;
    ``ended`` is in seconds since 1970.
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
        """Return this origin as known from saved files: no suite, and no engine unless one was requested."""
        return replace(self, suite=None, engine=self.engine or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier run of a suite whose evidence is sound enough for a comparison; ``name`` is where it was found.

    ``absent`` is the number of utterances of its suite that it lacks, since they were not evaluated. ``doubts`` are the
    kinds of findings that were tolerated in it: the run to compare has to show them too. ``has_old_keys``: its
    utterances are hashed and have the keys of version 1 of ``report.json``.
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
        """Return a judged run as a baseline; ``tolerated`` are the kinds of all findings that were tolerated in it."""
        return cls(
            name=name,
            origin=origin,
            utterances=collapsed(utterances),
            absent=absent,
            doubts=tolerated - {FindingKind.UNKNOWN_NAME},  # a doubt about the rules, not the run
            run_id=run_id,
            bot_version=bot_version,
            finished=finished,
        )

    def __post_init__(self) -> None:
        """Redact secrets: a path may contain one, and a report that is read back may contain anything."""
        for name in ("name", "run_id", "bot_version", "finished"):
            if text := getattr(self, name):
                object.__setattr__(self, name, redacted(text))

    def hashed(self) -> Baseline:
        """Return this baseline with a hash in place of each utterance: its own report may have shown the texts."""
        return replace(self, utterances={key: utterance.hashed() for key, utterance in self.utterances.items()})


@dataclass(frozen=True, slots=True)
class MissingBaseline:
    """The place ``name`` at which no baseline exists, which the settings allow."""

    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", redacted(self.name))


@dataclass(frozen=True, slots=True)
class Flaw:
    """The reason why a run cannot be a baseline: ``short``, and as a ``sentence`` about a recorded run."""

    short: str
    sentence: str


def flaw_of(
    baseline: Baseline, utterances: Collection[Utterance], blocking: Iterable[str], counts: Counts | None = None
) -> Flaw | None:
    """Return why a judged run cannot be a baseline; ``None`` if it can.

    ``utterances`` are all utterances of the run, copies included, and ``blocking`` its findings that block a pass.
    ``counts`` are given only for a run that is read back from its report, since its utterances were not compared with
    its counts yet.
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
    """Return ``baseline`` with keys of the current version in place of old ones.

    An old key stays if ``results`` lacks its utterance: the new key cannot be computed from a hash.
    """
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
    """Yield findings that rule out the comparison of a run with a baseline, or that warn about it."""
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
    """Yield findings about different bots: by id if both ids are known, else by the names in the files."""
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
    """Return a finding if ``number`` is less than half of the baseline's utterances.

    ``who`` is the subject and the verb of the message: "this run has", for example.
    """
    size = len(baseline.utterances) + baseline.absent
    if number >= ENOUGH * size:
        return []
    message = f"of the {counted(size, 'utterance')} of the baseline {who} {number}, less than half"
    return [_not_comparable(f"{message}: too few shared utterances for a comparison")]


def _newer(then: float, now: float) -> str:
    """Return the message that the baseline is the later of the two runs: they may have been swapped."""
    ended = f"the run of the baseline ended at {moment_text(then)}, after this one at {moment_text(now)}"
    return f"{ended}: check that the baseline is the earlier run"


def _not_comparable(message: str) -> Finding:
    return Finding(FindingKind.NOT_COMPARABLE, message)


def _differ(what: str, before: str, after: str) -> str:
    return f"the baseline is of {what} {_quoted(before)}, not of {_quoted(after)}"


def _same_language(one: str, other: str) -> bool:
    """Return whether two languages have the same primary subtag; a word that is not a code is compared as a name."""
    subtags = primary_subtag(one), primary_subtag(other)
    return subtags[0] == subtags[1] if None not in subtags else same_name(one, other)


def _quoted(text: str) -> str:
    return f"'{redacted(text)}'" if text else "the platform's choice"
