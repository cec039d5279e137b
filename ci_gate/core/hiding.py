"""Hides what people said: a hash stands for an utterance, the same in a run, its rules and its baseline."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.core.names import normalised
from ci_gate.core.plain import short_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_gate.core.baseline import Baseline
    from ci_gate.core.model import Case, ResultsFile
    from ci_gate.core.rules import Rules

_HASH = re.compile("#[0-9a-f]{12}")


def is_hidden(utterance: str) -> bool:
    """Whether a hash stands for an utterance."""
    return _HASH.fullmatch(utterance) is not None


def hidden(utterance: str) -> str:
    """Give the hash of an utterance however it is spaced; what is one already stays."""
    return utterance if is_hidden(utterance) else short_hash(normalised(utterance))


def hidden_results(results: ResultsFile) -> ResultsFile:
    """Hide the utterances of a results file, however it is read."""
    by_row = None if results.row_by_row is None else _hidden_cases(results.row_by_row)
    return replace(results, cases=_hidden_cases(results.cases), row_by_row=by_row)


def _hidden_cases(cases: Iterable[Case]) -> tuple[Case, ...]:
    return tuple(replace(case, utterance=hidden(case.utterance)) for case in cases)


def hidden_rules(rules: Rules) -> Rules:
    """Hide the utterances that rules are about, so that they still fit those of a hidden run."""
    return replace(
        rules,
        must_pass=tuple(map(hidden, rules.must_pass)),
        common_names=frozenset(
            replace(name, text=hidden(name.text)) if name.is_utterance else name for name in rules.common_names
        ),
        waivers=tuple(
            replace(waiver, utterance=hidden(waiver.utterance)) if waiver.utterance else waiver
            for waiver in rules.waivers
        ),
    )


def hidden_baseline(baseline: Baseline) -> Baseline:
    """Hide the utterances of an earlier run, which may have been shown then."""
    utterances = {key: replace(case, utterance=hidden(case.utterance)) for key, case in baseline.utterances.items()}
    return replace(baseline, utterances=utterances)
