"""The names in a results file, in all accepted spellings: of columns, of entries in the top block, of results."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from ci_gate.core.metrics import Metric
from ci_gate.core.model import ResultType

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEITHER = re.compile(r"[\W_]+")  # neither letters nor digits


@lru_cache(maxsize=256)
def normalise(name: str) -> str:
    """Return the letters and digits of ``name`` in lower case: documents and real files spell names differently."""
    return _NEITHER.sub("", name.casefold())


def _by_name(*labels: str) -> Mapping[str, str]:
    """Return a mapping from the normalised form of each label to the label."""
    return MappingProxyType({normalise(label): label for label in labels})


_SPELLINGS = (
    ("Utterance",),
    ("ExpectedIntent",),
    ("MatchedIntent",),
    ("ResultType",),
    ("Parent Intent",),
    ("Entity Name",),
    ("Expected EntityValue",),
    ("Entity Result",),
)
"""The accepted spellings of each column, the one for messages first, in the order that ``_read_row`` expects."""

COLUMNS = _by_name(*(names[0] for names in _SPELLINGS))
REQUIRED = dict(islice(COLUMNS.items(), 4))
_COLUMN = {normalise(name): normalise(names[0]) for names in _SPELLINGS for name in names}


def column(cell: str) -> str:
    """Return the key of the column that ``cell`` names, singular or plural; for an unknown name, the name itself."""
    name = normalise(cell).removesuffix("s")
    return _COLUMN.get(name, name)


COUNTS = _by_name("Utterance count", "Total Entities Count", "Matched Entities Count")
TOP_BLOCK = _by_name(
    *("Bot Name", "Report name", "Bot Language", "Run Type"),
    *(*COUNTS.values(), "F1 Score", "Precision", "Recall", "Success / Failure Ratio", "Percentage breakdown"),
    *("Entities Success / Failure Ration", "Entities Success / Failure Ratio"),  # the platform writes the first
)
BREAKDOWN, RATIO = "percentagebreakdown", "successfailureratio"
ENTITY_RATIOS = ("entitiessuccessfailureration", "entitiessuccessfailureratio")
SCORES = MappingProxyType({"f1score": Metric.F1, "precision": Metric.PRECISION, "recall": Metric.RECALL})
_FOUR = (ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN)
_IN_WORDS = ("truepositive", "truenegative", "falsepositive", "falsenegative")
RESULT_TYPES = MappingProxyType(dict(zip(("tp", "tn", "fp", "fn", *_IN_WORDS), _FOUR * 2, strict=True)))
ENTITY_RESULTS = MappingProxyType({"true": True, "false": False, "none": False, "": False})
"""Whether an entity matched, by the normalised word in the cell. An empty cell means no match."""
