"""The intents of the suites that are drawn: as many utterances each, or few with many and many with few."""

from __future__ import annotations

INTENTS = 40
BROKEN = INTENTS // 2 - 1
"""The intent that is broken where one is: of medium size."""

SIZES = (200, 1000, 5000)
KNOWN_SUITES = 20_000
"""The suites behind the known rates of the rules on intents; like those of F1, another program found them."""


def supports(utterances: int) -> tuple[int, ...]:
    """Give the utterances of each intent in a suite of about so many."""
    weights = [rank**-0.8 for rank in range(1, INTENTS + 1)]
    return tuple(max(1, round(utterances * weight / sum(weights))) for weight in weights)
