"""The intents of the drawn suites: either of equal size, or a few large and many small ones."""

from __future__ import annotations

INTENTS = 40
BROKEN = INTENTS // 2 - 1
"""The intent that breaks, if one does: of medium size."""

SIZES = (200, 1000, 5000)
KNOWN_SUITES = 20_000
"""The number of suites behind the known rates of the rules on intents, which an independent program found, as for F1.
"""


def supports(utterances: int) -> tuple[int, ...]:
    """Return the number of utterances of each intent in a suite of about ``utterances``."""
    weights = [rank**-0.8 for rank in range(1, INTENTS + 1)]
    return tuple(max(1, round(utterances * weight / sum(weights))) for weight in weights)
