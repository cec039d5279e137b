"""The usage error that lists every missing setting at once, with all ways to set each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.config.options import BY_NAME
from ci_gate.config.settings_file import FILE
from ci_gate.config.sources import SuiteEntry
from ci_gate.config.suite_rules import rules_of
from ci_gate.core.thresholds import THRESHOLDS
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_gate.config.sources import Sources

_NAMELESS = SuiteEntry("")


def incomplete(missing: Iterable[str], sources: Sources) -> UsageError:
    """Return the error that lists the lines ``missing``, then the notes, which may explain why a setting is missing."""
    return UsageError("not everything that is needed was given", hint="\n".join(("missing:", *missing, *sources.notes)))


def missing_suites(sources: Sources, entries: tuple[SuiteEntry, ...]) -> Iterator[str]:
    """Yield a line if there is no suite, and a line that lists the suites of ``entries`` without a bot id."""
    if not entries:
        yield how_to_give("suite", sources)
    if homeless := [entry for entry in entries or (_NAMELESS,) if not sources.of_suite(entry).get("bot_id")]:
        yield how_to_give("bot_id", sources, homeless)


def missing_thresholds(sources: Sources, entries: tuple[SuiteEntry, ...], *, compares: bool = False) -> Iterator[str]:
    """Yield a line that lists the suites whose rules can never fail: the default rules alone make no gate."""
    lacking = [entry for entry in entries or (_NAMELESS,) if not _can_fail(sources, entry, compares=compares)]
    if lacking:
        how = "--min-f1 0.9, CI_GATE_MIN_F1 or thresholds = { min_f1 = 0.9 }"
        switched_off = any(key in entry.values for entry in lacking for key in THRESHOLDS)
        where = ", in the suite's own entry where that says off" if switched_off else ""
        yield f"  a threshold{_for(lacking)}: such as {how}{where}; a gate that cannot fail is not a gate"


def _can_fail(sources: Sources, entry: SuiteEntry, *, compares: bool) -> bool:
    rules = rules_of(sources, entry, compares=True, is_part=False)
    has_baseline = compares or sources.of_suite(entry).get("baseline") is not None
    return (rules if has_baseline else rules.without_baseline()).can_fail


def how_to_give(name: str, sources: Sources, entries: Iterable[SuiteEntry] = ()) -> str:
    """Return a line with every way to set the option ``name``, for all suites or for those of ``entries``."""
    option = BY_NAME[name]
    what = {"host": "the platform's host", "suite": "a suite", "bot_id": "the bot's id"}[name]
    key = '[[suites]] name = "…"' if name == "suite" else f'{name} = "…"'
    where = sources.file.path or FILE
    return f"  {what}{_for(entries)}: {option.flag} {option.metavar}, {option.variable}, or {key} in {where}"


def _for(entries: Iterable[SuiteEntry]) -> str:
    labels = ", ".join(f"'{entry.label}'" for entry in entries if entry.name)
    return f" for {labels}" if labels else ""
