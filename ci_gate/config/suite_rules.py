"""The rules of one suite, merged from its own entry, the common settings and the defaults."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ci_gate.config.parsers import read_alpha, read_whole, read_word
from ci_gate.config.rule_tables import rules_in
from ci_gate.core.findings import TOLERABLE, FindingKind
from ci_gate.core.rules import ALPHA, LOWER, MAX_REGRESSIONS, POINT
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS, OFF, THRESHOLDS, Threshold, read_threshold
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_gate.config.raw_value import RawValue
    from ci_gate.config.rule_tables import RuleTables
    from ci_gate.config.sources import Sources, SuiteEntry
    from ci_gate.core.rules import Rules

_BASELINE_HINT = (
    "name one with --baseline, CI_GATE_BASELINE or baseline = …; or compare two versions: ci-gate compare --help"
)


def rules_of(sources: Sources, entry: SuiteEntry, *, compares: bool, is_part: bool, is_alone: bool = False) -> Rules:
    """Return the rules that a suite is judged by.

    ``compares`` means that there is another run to compare with, even if no baseline is named; ``is_part``, that only
    some of the suites in the file are judged; ``is_alone``, that no other suite is judged. Raise ``UsageError`` if a
    setting is invalid, or needs a baseline and none is named.
    """
    given = sources.of_suite(entry)
    common, own = sources.file.rules, entry.rules
    has_baseline = compares or given.get("baseline") is not None
    tolerate = given.get("tolerate")
    return replace(
        rules_in(common, own),
        thresholds=_thresholds(given, has_baseline=has_baseline),
        tolerate=frozenset(tolerate.read_all(_read_tolerable)) if tolerate else frozenset(),
        alpha=given.read("alpha", read_alpha) or ALPHA,
        lower_bound=given.read("bound", partial(read_word, words=(POINT, LOWER))) == LOWER,
        strict_drop=given.is_on("strict_drop"),
        max_regressions=_max_regressions(common, own, has_baseline=has_baseline),
        demands_all=given.get("max_failed_utterances") is None,
        pressing=_set_for(sources, entry, is_alone=is_alone),
        is_part=is_part,
    )


def origins_of_rules(sources: Sources, entry: SuiteEntry) -> dict[str, str]:
    """Return the path of the settings file for each kind of rule that the file sets for this suite."""
    tables = (sources.file.rules, entry.rules)
    given = {
        MAX_REGRESSIONS: any(MAX_REGRESSIONS in table.general for table in tables),
        "intents": any(table.general for table in tables),
        "named_intents": any(table.named for table in tables),
        "must_pass": any(table.must_pass for table in tables),
        "forbidden": any(table.forbidden for table in tables),
        "waivers": any(table.waivers for table in tables),
    }
    return {key: sources.file.path for key, is_given in given.items() if is_given}


def _set_for(sources: Sources, entry: SuiteEntry, *, is_alone: bool) -> frozenset[str]:
    """Return the keys of the bounds that are set for this suite in particular.

    These are the thresholds and ``max_regressions`` in its own entry, or anywhere if no other suite is judged.
    """
    own, common = entry.rules, sources.file.rules
    keys = {key for key in THRESHOLDS if key in entry.values or (is_alone and sources.get(key))}
    if MAX_REGRESSIONS in own.general or (is_alone and MAX_REGRESSIONS in common.general):
        keys.add(MAX_REGRESSIONS)
    return frozenset(keys)


def shared_alpha(rules: Sequence[Rules], own: Sequence[bool], *, shares: bool) -> tuple[Rules, ...]:
    """Return the ``rules`` of each suite with the number of tests that share its alpha, the significance level.

    All tests of the command share one alpha, except those of a suite that sets alpha itself (true in ``own``), which
    share that alpha among themselves. If ``shares`` is false, each test has the whole alpha. The numbers depend only on
    the settings, never on results, so that judging one suite again leaves its verdict as it was.
    """
    if not shares:
        return tuple(rules)
    together = sum(one.tests for one, stands_apart in zip(rules, own, strict=True) if not stands_apart)
    return tuple(
        replace(one, share=max(1, one.tests if stands_apart else together))
        for one, stands_apart in zip(rules, own, strict=True)
    )


def _thresholds(sources: Sources, *, has_baseline: bool) -> tuple[Threshold, ...]:
    """Return the thresholds of a suite, defaults included, in the order of ``THRESHOLDS``."""
    found = []
    defaults = {**DEFAULTS, **(BASELINE_DEFAULTS if has_baseline else {})}
    for key, metric in THRESHOLDS.items():
        given = sources.get(key)
        threshold = given.read(partial(read_threshold, key)) if given else defaults.get(key)
        if given and threshold and metric.needs_baseline and not has_baseline:
            raise _alone(given)
        if threshold is not None:
            found.append(threshold)
    return tuple(found)


def _max_regressions(common: RuleTables, own: RuleTables, *, has_baseline: bool) -> int | None:
    """Return the maximum number of intents that may get worse; ``None`` if it is unlimited."""
    given = own.general.get(MAX_REGRESSIONS) or common.general.get(MAX_REGRESSIONS)
    if given is None or given.texts[0].strip().lower() == OFF:
        return None
    if not has_baseline:
        raise _alone(given)
    return given.read(partial(read_whole, least=0))


def _alone(given: RawValue) -> UsageError:
    return UsageError(f"{given.origin} compares with an earlier run, and none is named", hint=_BASELINE_HINT)


def _read_tolerable(text: str) -> FindingKind:
    return FindingKind(read_word(text, [kind.value for kind in TOLERABLE]))
