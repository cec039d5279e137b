"""The scenarios: what can be asked of the simulator by name, and what each one changes about a run."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ci_gate.simulator.catalogue import Understanding
from ci_gate.simulator.runs import State
from ci_gate.simulator.wire import Refusal, invalid_credentials, wrong_scope

if TYPE_CHECKING:
    from collections.abc import Callable


class Scenario(StrEnum):
    """One ending that a caller of the platform can meet."""

    PASSING = "passing"
    FAILING = "failing"
    REGRESSED = "regressed"
    SLOW = "slow"
    LATE_FILE = "late-file"
    EXPIRED_LINK = "expired-link"
    FLAKY = "flaky"
    PLATFORM_FAILED = "platform-failed"
    CANCELLED = "cancelled"
    UNKNOWN_SUITE = "unknown-suite"
    STUCK = "stuck"
    PARTIAL = "partial"
    NO_RESULTS = "no-results"
    UNEVALUATED = "unevaluated"
    OTHER_BOT = "other-bot"
    DENIED = "denied"
    NO_SCOPE = "no-scope"

    @property
    def description(self) -> str:
        return SCRIPTS[self].description


@dataclass(frozen=True, slots=True)
class Script:
    """What the platform does in one scenario; the defaults are those of a healthy platform and a good bot."""

    description: str  # a line for a help text
    _: KW_ONLY
    understanding: Understanding = Understanding.GOOD  # of the version in development …
    published: Understanding = Understanding.OLDER  # … and of the published one
    stretch: int = 1  # how many times the usual duration a run takes
    halts_at: float = 1.0  # how far a run gets, as a share of its utterances …
    ending: State = State.COMPLETED  # … and what it is from then on
    drops_every: int | None = None  # every n-th utterance is lost
    file_delay: float = 0.0  # seconds from completion to the results file
    first_link_expired: bool = False
    faulty: bool = False
    mistakes_bot: bool = False  # replies and file are of another bot of the same client
    hides_suites: bool = False
    refusal: Callable[[], Refusal] | None = None

    def understanding_of(self, version: str) -> Understanding:
        return self.published if version == "published" else self.understanding


SCRIPTS = {
    Scenario.PASSING: Script("runs complete with good scores"),
    Scenario.FAILING: Script(
        "runs complete with poor scores", understanding=Understanding.POOR, published=Understanding.POOR
    ),
    Scenario.REGRESSED: Script(
        "the version in development is worse than the published one", understanding=Understanding.WORSE
    ),
    Scenario.SLOW: Script("runs take four times as long, then complete with good scores", stretch=4),
    Scenario.LATE_FILE: Script("the results file appears five seconds after the run has completed", file_delay=5.0),
    Scenario.EXPIRED_LINK: Script(
        "the first link to the results file has already expired, the next one works", first_link_expired=True
    ),
    Scenario.FLAKY: Script(
        "rate limits, server errors, resets and torn replies come first, then good scores", faulty=True
    ),
    Scenario.PLATFORM_FAILED: Script("runs end as failed at 40 percent", halts_at=0.4, ending=State.FAILED),
    Scenario.CANCELLED: Script("runs end as cancelled at 40 percent", halts_at=0.4, ending=State.CANCELLED),
    Scenario.UNKNOWN_SUITE: Script("every suite is listed, yet refused as not found", hides_suites=True),
    Scenario.STUCK: Script("runs stop at 40 percent and never end", halts_at=0.4, ending=State.RUNNING),
    Scenario.PARTIAL: Script("runs complete, but some utterances were dropped on the way", drops_every=8),
    Scenario.NO_RESULTS: Script(
        "runs complete with good scores, and the results file never appears", file_delay=math.inf
    ),
    Scenario.UNEVALUATED: Script(
        "runs complete without a single utterance having been evaluated",
        understanding=Understanding.ABSENT,
        published=Understanding.ABSENT,
    ),
    Scenario.OTHER_BOT: Script(
        "runs complete with good scores, but reply and results file are of another bot", mistakes_bot=True
    ),
    Scenario.DENIED: Script("every call is refused for its credentials", refusal=invalid_credentials),
    Scenario.NO_SCOPE: Script("every call is refused for a missing API scope", refusal=wrong_scope),
}

_WIDTH = max(map(len, Scenario))
SCENARIO_LIST = "\n".join(["Scenarios:", *(f"  {it.value:<{_WIDTH}}  {it.description}" for it in Scenario)])
"""One scenario a line, for help texts."""
