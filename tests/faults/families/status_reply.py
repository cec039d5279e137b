"""Faults of the status reply: fields that are missing, misplaced, of another type, or contradict each other."""

from __future__ import annotations

from tests.faults.good_run import RUN_ID
from tests.faults.model import FAILS, STRICT, Fault, Script, ends
from tests.faults.replies import completed

FAULTS = (
    Fault(
        "counts that contradict the total",
        Script(status=(completed({"result.results.TP": 30}),)),
        ends(5, "count", mend="--tolerate"),
    ),
    Fault(
        "torn once, of a bot that is not good enough",
        Script(status=(completed(edit=lambda body: body[:200]), ...)),
        FAILS,
        STRICT,
    ),
    Fault(
        "torn for ever",
        Script(status=(completed(edit=lambda body: body[:200]),)),
        ends(4, "not JSON", mend=f"ci-gate gate {RUN_ID}"),
    ),
)
