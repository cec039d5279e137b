"""The verdict on a fall, through the command line: results files with verdicts that were worked out elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ci_gate.errors import ExitCode
from tests import sandbox
from tests.core.reference_values import VERDICTS
from tests.files import replace_in, write_rows, write_settings

if TYPE_CHECKING:
    from collections.abc import Container

    from tests.sandbox import Ending

SIX_DIGITS = 6e-6
WRONG = ('"None","FN"', '"Send money","FP"')


class Row(NamedTuple):
    """Two runs, the allowed fall of F1, and what an independent program found."""

    shared: int
    passed: int
    worse: int
    better: int
    allowed: str
    drop: float
    chance: float
    verdict: str

    @property
    def code(self) -> ExitCode:
        return ExitCode.FAILED if self.verdict == "fail" else ExitCode.PASSED


ROWS = [Row(*row) for row in VERDICTS]
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(map(str, (row.verdict, *row[:1], *row[2:5]))))


def write_run(path: str, total: int, right: Container[int]) -> str:
    """Write a results file in which the utterances ``right`` were recognised; the others are wrong in either way."""
    kinds = ['"Pay bill","TP"' if n in right else WRONG[n % 2] for n in range(total)]
    return write_rows(path, [f'"pay bill {n}","Pay bill",{kind}' for n, kind in enumerate(kinds)], name="Smoke")


def write_runs(total: int, passed: int, worse: int, better: int) -> tuple[str, str]:
    """Write the results of a run and of its baseline with these numbers of changes between them."""
    then = write_run("old.csv", total, range(passed))
    return write_run("new.csv", total, range(worse, passed + better)), then


def check(files: tuple[str, str], *arguments: str) -> Ending:
    """Compare a run with its baseline."""
    new, old = files
    return sandbox.check(new, "--baseline", old, *arguments)


def drop_findings(ending: Ending) -> int:
    return [finding["kind"] for finding in ending.suite["findings"]].count("drop")


@each_row
def test_a_fall_fails_warns_or_passes_as_the_table_says(row: Row) -> None:
    files = write_runs(*row[:4])
    ending = check(files, "--max-f1-drop", row.allowed)
    assert ending.code == row.code
    assert drop_findings(ending) == (row.verdict == "warn")
    comparison = ending.suite["comparison"]
    f1 = comparison["drops"]["f1"]
    assert [f1["drop"], f1["chance"]] == pytest.approx([row.drop, row.chance], rel=SIX_DIGITS)
    assert (f1["worse"], f1["better"], comparison["shared"]) == (row.worse, row.better, row.shared)
    (judged,) = (one for one in ending.suite["checks"] if one["metric"] == "f1_drop")
    assert judged["actual"] == pytest.approx(row.drop, rel=SIX_DIGITS)
    if row.allowed == "0.01":
        assert check(files).code == row.code, "one point is the default"


@each_row
def test_a_strict_rule_fails_for_every_fall_that_is_too_large_and_for_no_other(row: Row) -> None:
    ending = check(write_runs(*row[:4]), "--max-f1-drop", row.allowed, "--strict-drop")
    assert ending.code == (ExitCode.FAILED if row.drop > float(row.allowed) else ExitCode.PASSED)
    assert drop_findings(ending) == (row.verdict == "warn" and row.chance <= 0.05)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), ExitCode.FAILED),
        (("--alpha", "0.04"), ExitCode.PASSED),
        (("--max-f1-drop", "3%"), ExitCode.PASSED),
        (("--max-f1-drop", "off", "--max-accuracy-drop", "3%"), ExitCode.FAILED),
        (("--max-f1-drop", "off", "--max-accuracy-drop", "4%"), ExitCode.PASSED),
        (("--max-f1-drop", "off", "--max-new-failures", "11"), ExitCode.FAILED),
        (("--max-f1-drop", "off", "--max-new-failures", "12"), ExitCode.PASSED),
    ],
)
def test_each_rule_about_a_fall_can_be_set(arguments: tuple[str, ...], code: ExitCode) -> None:
    assert check(write_runs(200, 170, 12, 5), *arguments).code == code


def add(files: tuple[str, str], total: int, rows: str) -> None:
    """Add ``rows`` to both files, which then have ``total`` utterances."""
    for path in files:
        replace_in(path, '"200"', f'"{total}"')
        with Path(path).open("a", encoding="utf-8", newline="") as file:
            file.write(rows)


@pytest.mark.parametrize(("allowed", "code"), [(0, ExitCode.FAILED), (1, ExitCode.PASSED)])
def test_the_number_of_intents_that_got_worse_is_bounded(allowed: int, code: ExitCode) -> None:
    write_settings(f"[intents]\nmax_regressions = {allowed}\n")
    files = write_runs(200, 170, 12, 5)
    add(files, 220, "".join(f'"send {number}","Send money","Send money","TP"\r\n' for number in range(20)))
    ending = check(files, "--max-f1-drop", "off")
    assert ending.code == code
    assert "1 intent got worse beyond chance: 'Pay bill' (12 got worse, 5 better)" in ending.out


def test_a_bound_that_no_result_could_exceed_is_inconclusive() -> None:
    write_settings("[intents]\nmax_regressions = 1\n")
    ending = check(write_runs(200, 170, 12, 5), "--max-f1-drop", "off")
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "intents worse beyond chance <= 1: no data (no more than 1 intent has enough utterances" in ending.out


def test_utterances_without_an_expected_intent_do_not_affect_the_fall_of_f1() -> None:
    files = write_runs(200, 170, 12, 5)
    add(files, 300, "".join(f'"hello {number}","None","None","TN"\r\n' for number in range(100)))
    ending = check(files)
    f1 = ending.suite["comparison"]["drops"]["f1"]
    assert ending.code == ExitCode.FAILED
    assert [f1["drop"], f1["chance"]] == pytest.approx([0.0208473, 0.0481262], rel=SIX_DIGITS)


def test_a_baseline_without_a_shared_utterance_is_never_a_failure() -> None:
    files = write_runs(200, 170, 12, 5)
    replace_in(files[1], "pay bill", "bill to pay")
    ending = check(files)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert ending.suite["comparison"] is None


def test_a_baseline_of_which_less_than_half_was_evaluated_is_refused() -> None:
    files = write_runs(200, 200, 0, 0)
    replace_in(files[1], '"TP"', '""', 100)
    assert check(files).code == ExitCode.PASSED
    replace_in(files[1], '"TP"', '""', 1)
    ending = check(files)
    assert ending.code == ExitCode.USAGE
    assert "its evidence is not sound: only 99 of 200 utterances were evaluated: less than half" in ending.err
