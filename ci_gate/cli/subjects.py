"""What the settings of a suite say of it to those who judge and report it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.config.settings import DEFAULT_BOT_VERSION
from ci_gate.core.findings import Expectation
from ci_gate.core.report import Source, Subject

if TYPE_CHECKING:
    from ci_gate.config.settings import SuiteSettings


def subject_of(suite: SuiteSettings, source: Source) -> Subject:
    """Say which suite this is; nobody knows of which bot files are."""
    return Subject(
        label=suite.label,
        suite=suite.name,
        source=source,
        bot_id=None if source is Source.FILES else suite.bot_id,
        engine=suite.engine,
        advisory=suite.advisory,
    )


def expectation_of(suite: SuiteSettings, source: Source) -> Expectation:
    """Return what the evidence must fit: what was set explicitly, and what was sent to start a run."""
    sent = DEFAULT_BOT_VERSION if source in (Source.RUN, Source.RESUMED) else None
    return Expectation(
        suite=suite.name,
        bot_id=suite.bot_id,
        bot_version=suite.bot_version or sent,
        language=suite.language,
        engine=suite.engine,
    )
