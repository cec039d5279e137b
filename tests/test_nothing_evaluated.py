"""A completed run in which nothing was evaluated, as in the vendor's documentation, never passes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.cli.app import main
from ci_gate.core.findings import TOLERABLE
from ci_gate.errors import ExitCode
from tests.fakes import FakeClock, runtime_of

STATUS = Path(__file__).parent / "data" / "nothing-evaluated.status.json"
RESULTS = (
    '"Report name:","one"\r\n"Utterance count:","1"\r\n'
    '"Utterance","ExpectedIntent","MatchedIntent","ResultType"\r\n'
    '"what do I owe","Show debts","None",""\r\n'
)

SCORES = st.sampled_from(["0", "0.5", "1", "off"])
COUNTS = st.sampled_from(["0", "1", "99", "off"])
THRESHOLDS = st.fixed_dictionaries(
    {},
    optional={
        "min-f1": SCORES,
        "min-precision": SCORES,
        "min-recall": SCORES,
        "min-accuracy": SCORES,
        "min-entity-match": SCORES,
        "max-failed-utterances": COUNTS,
        "max-mismatches": COUNTS,
        "max-entity-mismatches": COUNTS,
        "min-utterances": COUNTS,
    },
)


@given(
    thresholds=THRESHOLDS, tolerate=st.sets(st.sampled_from(TOLERABLE)), advisory=st.booleans(), with_file=st.booleans()
)
def test_a_run_without_an_evaluated_utterance_is_never_judged_under_any_settings(
    thresholds: dict[str, str], tolerate: set[str], advisory: bool, with_file: bool, tmp_path: Path
) -> None:
    results = tmp_path / "one.csv"
    results.write_text(RESULTS if with_file else "", encoding="utf-8", newline="")
    arguments = [f"--{name}={value}" for name, value in thresholds.items()]
    arguments += [f"--tolerate={kind}" for kind in tolerate] + ["--advisory"] * advisory
    code = main(["check", str(results), "--status", str(STATUS), *arguments], runtime_of(FakeClock()))
    assert code in (2, 5)


@pytest.mark.parametrize("allowed", ["unset", "0", "1", "off"])
def test_a_run_without_an_evaluated_utterance_is_inconclusive_under_any_limit(allowed: str, tmp_path: Path) -> None:
    results = tmp_path / "one.csv"
    results.write_text(RESULTS, encoding="utf-8", newline="")
    asked = ["check", str(results), "--status", str(STATUS), "--min-accuracy", "0.9", "--min-f1", "0.9"]
    asked += [] if allowed == "unset" else ["--max-failed-utterances", allowed]
    assert main(asked, runtime_of(FakeClock())) == ExitCode.INCONCLUSIVE
    shutil.rmtree("ci-gate-check")
