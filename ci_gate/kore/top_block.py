"""The top block of a results file: the statements about the run above the columns, and contradictions among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from ci_gate.core.counts import Counts
from ci_gate.core.model import Reported
from ci_gate.kore.columns import BREAKDOWN, COUNTS, ENTITY_RATIOS, RATIO, RESULT_TYPES, SCORES, TOP_BLOCK, normalise
from ci_gate.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

Statements: TypeAlias = "Mapping[str, list[tuple[int, str]]]"
"""For each key of the top block, the row number and the text of every statement."""

_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,9})?) ?% ?((?:True|False) ?(?:Positive|Negative))", re.ASCII | re.IGNORECASE)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


def reported_in(statements: Statements) -> Reported:
    """Return the statements as fields. If several differ under one key, the first one counts and a doubt is added."""
    texts = {key: redacted(said[0][1]) for key, said in statements.items()}
    counts: dict[str, int] = {}
    doubts = []
    for key, ((row, text), *others) in statements.items():
        if any(other != text for _, other in others):
            doubts.append(f"the results file gives several values for '{TOP_BLOCK[key]}' (first in row {row})")
        if key in COUNTS and _COUNT.fullmatch(text):
            counts[key] = int(text)
        elif key in COUNTS:
            doubts.append(f"the results file gives no whole number for '{COUNTS[key]}' (row {row})")
    return Reported(
        bot_name=texts.get("botname"),
        suite=texts.get("reportname"),
        bot_version=texts.get("runtype"),
        language=texts.get("botlanguage"),
        counts=Counts(
            utterances=counts.get("utterancecount"),
            entities=counts.get("totalentitiescount"),
            matched_entities=counts.get("matchedentitiescount"),
        ),
        scores={metric: texts[key] for key, metric in SCORES.items() if key in texts},
        success_ratio=_percent(texts.get(RATIO)),
        entity_ratio=next((_percent(texts[key]) for key in ENTITY_RATIOS if key in texts), None),
        breakdown={
            RESULT_TYPES[normalise(word)]: percent for percent, word in _SHARE.findall(texts.get(BREAKDOWN, ""))
        },
        doubts=tuple(doubts),
    )


def _percent(text: str | None) -> str | None:
    return (text or "").strip("%").strip() or None
