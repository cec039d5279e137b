"""The results file of a run: a CSV text in the layout, and with the spellings, of a real report."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from ci_gate.simulator.catalogue import NO_INTENT, Entity
from ci_gate.simulator.runs import Run, moment
from ci_gate.simulator.understanding import Answer, Outcome, percentage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS = (
    "Utterance",
    "ExpectedIntent",
    "MatchedIntent",
    "Parent Intent",
    "TaskState",
    "ResultType",
    "Entity Name",
    "Expected EntityValue",
    "Matched EntityValue",
    "Entity Result",
    "Expected Entity Order",
    "Actual Entity Order",
    "EntityIdentifiedBy",
    "entityIdentifiedUsing",
    "entityNERConfidenceScore",
    "Matched Intent's Score",
    "Expected Intent's Score",
)

THRESHOLDS = (
    (
        "Threshold Setting",
        "Mode",
        "minThreshold",
        "maxThreshold",
        "exactMatchThreshold",
        "isActive",
        "taskMatchTolerance",
        "wordCoverage",
        "suggestionsCount",
        "pathCoverage",
    ),
    ("", "ml", "0.7", "", "90", "true", "", "", "", ""),
    ("", "faq", "65", "80", "95", "true", "10", "", "2", "50"),
    ("", "cs", "", "", "", "true", "", "60", "", ""),
    ("", "rr", "", "", "", "true", "1", "", "", ""),
    ("", "extnlu", "", "", "", "true", "", "", "", ""),
)

NO_ENTITY = ("",) * 9


def results_file(run: Run) -> str:
    """Return the file with every field quoted and CRLF after every row; a value keeps the bare line feeds it holds."""
    rows = [*_top_block(run), COLUMNS]
    for answer in run.answers:
        rows += _rows(answer, task_state="published" if run.version == "published" else "configured")
    return "".join(_line(row) for row in rows)


def _line(fields: Sequence[str]) -> str:
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields) + "\r\n"


def _top_block(run: Run) -> Iterator[Sequence[str]]:
    counts = run.counts
    ended = moment(run.ended)
    half_day = "AM" if ended.hour < 12 else "PM"
    breakdown = {
        "True Positive": counts.tp,
        "True Negative": counts.tn,
        "False Positive": counts.fp,
        "False Negative": counts.fn,
    }
    yield "Bot Name:", run.reported_bot.name
    yield "Report name:", run.suite.name
    yield "Bot Language:", run.language
    yield "Run Type:", run.version
    yield "Notes:", f"{run.suite.description}\n"
    yield from THRESHOLDS
    yield "Last tested date and time:", f"{ended:%m-%d-%Y} {ended.hour % 12 or 12}:{ended:%M:%S} {half_day}"
    yield "Utterance count:", str(counts.utterances)
    shares = (f"{percentage(count, counts.utterances)}% {name}" for name, count in breakdown.items())
    yield "Percentage breakdown:", *shares
    yield "Success / Failure Ratio:", percentage(counts.success, counts.utterances)
    yield "F1 Score:", counts.f1
    yield "Precision:", counts.precision
    yield "Recall:", counts.recall
    yield "Total Entities Count:", str(counts.entities)
    yield "Matched Entities Count:", str(counts.matched_entities)
    yield "Entities Success / Failure Ration:", percentage(counts.matched_entities, counts.entities)


def _rows(answer: Answer, *, task_state: str) -> Iterator[Sequence[str]]:
    """Yield one row, or one for each entity: those repeat the cells that belong to the utterance."""
    utterance = answer.utterance
    intents = (
        utterance.text,
        " | ".join(utterance.expected),
        " | ".join(answer.matched).lower() or "None",
        utterance.parent or "None",
        " | ".join(task_state for _ in answer.matched) or "None",
        answer.outcome or "",
    )
    scores = _scores(answer)
    for entity in _entities(answer) or [NO_ENTITY]:
        yield *intents, *entity, *scores


def _entities(answer: Answer) -> list[Sequence[str]]:
    entities = answer.utterance.entities
    order = " > ".join(entity.name for entity in entities if answer.extracted(entity) is not None)
    return [_entity(answer, entity, order) for entity in entities]


def _entity(answer: Answer, entity: Entity, order: str) -> Sequence[str]:
    extracted = answer.extracted(entity)
    result = "" if answer.outcome is None else str(extracted == entity.value)
    # The platform recognises figures by rule, and everything else by a model that has a confidence.
    if extracted is None:
        identified = ("", "", "")
    elif any(character.isdigit() for character in extracted):
        identified = ("FM Engine", "systemEntity", "")
    else:
        identified = ("ML Engine", "NER", f"{1 - _whim(extracted, 300) / 1000:g}")
    return entity.name, entity.value, extracted or "None", result, "", order, *identified


def _scores(answer: Answer) -> tuple[str, str]:
    """Return the scores of what matched and of what was expected: invented, but the same in every run."""
    text = answer.utterance.text
    if answer.outcome is None:
        return "", ""
    matched = " | ".join(
        f"ML: {1 - _whim(text + intent, 250) / 1000:g}; RR: {5000 + _whim(intent + text, 4010)}"
        for intent in answer.matched
    )
    if answer.outcome is Outcome.TP:
        return matched, matched
    ceiling = 10 if answer.utterance.expected == (NO_INTENT,) else 6000
    return matched, f"ML: {_whim(text, ceiling) / 10_000:g}"


def _whim(text: str, limit: int) -> int:
    """Return a number below `limit` that looks like chance and depends on the text alone."""
    return crc32(text.encode()) % limit
