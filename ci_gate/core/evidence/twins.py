"""Facts that two places report: the table of all such pairs, and the findings about pairs that disagree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ci_gate.core.evidence import identity, sums
from ci_gate.core.findings import Finding, FindingKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ci_gate.core.evidence.facts import Contradiction, Facts


class Certainty(StrEnum):
    """How certain it is that two reported facts mean the same."""

    DOCUMENTED = "documented"
    SEEN = "seen"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Twin:
    """Two places that report the same fact.

    ``unless`` completes the sentence "if your platform …" with the case in which a contradiction is normal. ``warns``:
    a contradiction never blocks a pass. An inferred pair needs one of the two.
    """

    first: str
    second: str
    certainty: Certainty
    kind: FindingKind
    check: Callable[[Facts], Iterator[Contradiction]]
    unless: str = ""
    warns: bool = False

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an inferred pair that would block a suite without advice on how to tolerate it."""
        if self.certainty is Certainty.INFERRED and not (self.warns or self.unless):
            raise ValueError(f"{self.first} and {self.second} are inferred, and nothing says how to go on")

    def findings(self, facts: Facts) -> Iterator[Finding]:
        for found in self.check(facts):
            warns = self.warns or found.warning is not None
            yield Finding(found.warning or self.kind, f"{found.message}{'' if warns else self.way_on}", warns=warns)

    @property
    def way_on(self) -> str:
        """The advice for a platform on which the contradiction is normal; empty without ``unless``."""
        return f'; if your platform {self.unless}, tolerate = ["{self.kind}"]' if self.unless else ""


_D, _S, _I = Certainty.DOCUMENTED, Certainty.SEEN, Certainty.INFERRED
_ID, _BOT, _RUN = FindingKind.OTHER_ID, FindingKind.OTHER_BOT, FindingKind.WRONG_RUN
_COUNT, _SCORE = FindingKind.COUNT_MISMATCH, FindingKind.SCORE_MISMATCH
_OTHER_RUN_IDS = "names runs otherwise in its replies"

TWINS: Final = (
    Twin("run id asked for", "_id", _I, _ID, identity.RUN.asked_and_reported, _OTHER_RUN_IDS),
    Twin("run id asked for", "result._id", _I, _ID, identity.RUN.asked_and_again, _OTHER_RUN_IDS),
    Twin("_id", "result._id", _D, _ID, identity.RUN.reported_twice),
    Twin("bot id asked for", "streamId", _D, _BOT, identity.BOT.asked_and_reported),
    Twin("bot id asked for", "result.streamId", _D, _BOT, identity.BOT.asked_and_again),
    Twin("streamId", "result.streamId", _D, _BOT, identity.BOT.reported_twice),
    Twin("version asked for", "result.runType", _D, _RUN, identity.VERSION.asked_and_reported),
    Twin("version asked for", "Run Type", _S, _RUN, identity.VERSION.asked_and_again),
    Twin("result.runType", "Run Type", _S, _RUN, identity.VERSION.reported_twice),
    Twin("language asked for", "result.botLanguage", _D, _RUN, identity.LANGUAGE.asked_and_reported),
    Twin("language asked for", "Bot Language", _S, _RUN, identity.LANGUAGE.asked_and_again),
    Twin("result.botLanguage", "Bot Language", _S, _RUN, identity.LANGUAGE.reported_twice),
    Twin("start by this command", "result.endTime", _I, _RUN, identity.ended_before_it_began, "reports local times"),
    Twin("start by this command", "result.startTime", _I, _RUN, identity.started_too_early, "reports local times"),
    Twin("result.startTime", "result.endTime", _D, _RUN, identity.ended_before_its_start),
    Twin("suite asked for", "Report name", _I, FindingKind.OTHER_SUITE, identity.suite_and_report, warns=True),
    Twin("success", "TP + TN", _I, _COUNT, sums.success_and_types, "counts successes otherwise"),
    Twin("failure", "FP + FN + failedUtteranceCount", _I, _COUNT, sums.failure_and_types, "counts failures otherwise"),
    Twin(
        "TP + … + failedUtteranceCount",
        "utterance_count",
        _I,
        _COUNT,
        sums.types_and_size,
        "counts utterances otherwise",
    ),
    Twin("totalEntitiesCount", "matchedEntitiesCount", _D, _COUNT, sums.entities_and_matched),
    Twin("utterance_count", "Utterance count", _S, _COUNT, sums.size_and_top_block),
    Twin(
        "entities of the reply",
        "entities of the file",
        _I,
        _COUNT,
        sums.entities_and_top_block,
        "counts entities otherwise in its file",
    ),
    Twin("utterance count", "rows of the file", _S, _COUNT, sums.size_and_rows),
    Twin("TP, TN, FP, FN", "result types of the rows", _S, _COUNT, sums.types_and_rows),
    Twin("matchedEntitiesCount", "entities of the rows", _S, _COUNT, sums.matched_and_rows),
    Twin("scores of the reply", "the counts", _D, _SCORE, sums.reply_scores_and_counts),
    Twin("scores of the file", "the counts", _S, _SCORE, sums.file_scores_and_counts),
    Twin("scores of the reply", "scores of the file", _S, _SCORE, sums.reply_scores_and_file),
    Twin("Success / Failure Ratio", "the counts", _S, _SCORE, sums.ratio_and_counts),
    Twin("Percentage breakdown", "the counts", _S, _SCORE, sums.breakdown_and_counts),
    Twin("Entities Success / Failure Ration", "the counts", _S, _SCORE, sums.entity_ratio_and_counts),
    Twin("result types of the rows", "their intents", _S, FindingKind.TYPE_MISMATCH, sums.types_and_intents),
)
"""Every pair, except the places of one reply that hold the same count: the parser of the reply compares those."""


def contradictions(facts: Facts) -> Iterator[Finding]:
    for twin in TWINS:
        yield from twin.findings(facts)
