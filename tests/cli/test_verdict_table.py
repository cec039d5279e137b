"""The verdict on a fall, through the command line: results files whose verdicts were worked out elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.errors import ExitCode
from tests.core.reference_values import VERDICTS
from tests.stage import command

if TYPE_CHECKING:
    from collections.abc import Container

    from tests.stage import Ending

HEAD = (
    '"Report name:","Smoke"',
    '"Utterance count:","{}"',
    '"Utterance","ExpectedIntent","MatchedIntent","ResultType"',
)
ROW = '"pay bill {}","Pay bill","{}","{}"'
WRONG = (("None", "FN"), ("Send money", "FP"))
SIX_DIGITS = 6e-6

verdict_table = pytest.mark.parametrize(
    ("shared", "passed", "worse", "better", "allowed", "drop", "chance", "verdict"),
    VERDICTS,
    ids=[f"{verdict}-{n}-{worse}-{better}-{allowed}" for n, _, worse, better, allowed, _, _, verdict in VERDICTS],
)


def leave_results(path: str, total: int, right: Container[int]) -> str:
    """Leave a results file in which these utterances were recognised; the others were wrong in either way."""
    lines = [line.format(total) for line in HEAD]
    for number in range(total):
        matched, kind = ("Pay bill", "TP") if number in right else WRONG[number % 2]
        lines.append(ROW.format(number, matched, kind))
    Path(path).write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def leave_runs(total: int, passed: int, worse: int, better: int) -> tuple[str, str]:
    """Leave the results of a run and of its baseline, between which so many got worse and better."""
    then = leave_results("old.csv", total, range(passed))
    return leave_results("new.csv", total, range(worse, passed + better)), then


def check(capsys: pytest.CaptureFixture[str], files: tuple[str, str], *arguments: str) -> Ending:
    """Hold a run against its baseline."""
    new, old = files
    return command(capsys, "check", new, "--baseline", old, *arguments, folder="ci-gate-check")


def drop_findings(ending: Ending) -> int:
    """Count the warnings of a fall in the report."""
    (suite,) = ending.report["suites"]
    return [finding["kind"] for finding in suite["findings"]].count("drop")


@verdict_table
def test_a_fall_fails_warns_or_passes_as_the_table_says(
    shared: int,
    passed: int,
    worse: int,
    better: int,
    allowed: str,
    drop: float,
    chance: float,
    verdict: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ending = check(capsys, leave_runs(shared, passed, worse, better), "--max-f1-drop", allowed)
    assert ending.code == (ExitCode.FAILED if verdict == "fail" else ExitCode.PASSED)
    assert drop_findings(ending) == (verdict == "warn")
    (suite,) = ending.report["suites"]
    f1 = suite["comparison"]["drops"]["f1"]
    assert [f1["drop"], f1["chance"]] == pytest.approx([drop, chance], rel=SIX_DIGITS)
    assert (f1["worse"], f1["better"], suite["comparison"]["shared"]) == (worse, better, shared)
    (judged,) = (one for one in suite["checks"] if one["metric"] == "f1_drop")
    assert judged["actual"] == pytest.approx(drop, rel=SIX_DIGITS)


@verdict_table
def test_a_strict_rule_fails_over_every_fall_that_is_too_large_and_over_no_other(
    shared: int,
    passed: int,
    worse: int,
    better: int,
    allowed: str,
    drop: float,
    chance: float,
    verdict: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ending = check(capsys, leave_runs(shared, passed, worse, better), "--max-f1-drop", allowed, "--strict-drop")
    assert ending.code == (ExitCode.FAILED if drop > float(allowed) else ExitCode.PASSED)
    assert drop_findings(ending) == (verdict == "warn" and chance <= 0.05)


def test_the_table_holds_unless_told_otherwise_for_a_fall_of_one_point(capsys: pytest.CaptureFixture[str]) -> None:
    for shared, passed, worse, better, allowed, _, _, verdict in VERDICTS:
        if allowed == "0.01":
            ending = check(capsys, leave_runs(shared, passed, worse, better))
            assert ending.code == (ExitCode.FAILED if verdict == "fail" else ExitCode.PASSED)


@pytest.mark.parametrize(
    ("arguments", "ends"),
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
def test_each_rule_about_a_fall_can_be_set(
    arguments: tuple[str, ...], ends: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(capsys, leave_runs(200, 170, 12, 5), *arguments).code == ends


def add(files: tuple[str, str], total: int, lines: str) -> None:
    """Let both runs have the same further utterances, which makes so many in all."""
    for path in map(Path, files):
        text = path.read_text(encoding="utf-8").replace('"200"', f'"{total}"')
        path.write_text(text + lines, encoding="utf-8", newline="")


@pytest.mark.parametrize(("allowed", "ends"), [(0, ExitCode.FAILED), (1, ExitCode.PASSED)])
def test_intents_that_got_worse_are_bounded_in_the_settings_file(
    allowed: int, ends: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("ci-gate.toml").write_text(f"[intents]\nmax_regressions = {allowed}\n", encoding="utf-8")
    files = leave_runs(200, 170, 12, 5)
    add(files, 220, "".join(f'"send {number}","Send money","Send money","TP"\r\n' for number in range(20)))
    ending = check(capsys, files, "--max-f1-drop", "off")
    assert ending.code == ends
    assert "1 intent got worse beyond chance: 'Pay bill' (12 got worse, 5 better)" in ending.out


def test_a_bound_that_losing_every_intent_could_not_break_judges_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("ci-gate.toml").write_text("[intents]\nmax_regressions = 1\n", encoding="utf-8")
    ending = check(capsys, leave_runs(200, 170, 12, 5), "--max-f1-drop", "off")
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "intents worse beyond chance <= 1: no data (no more than 1 intent has so many utterances" in ending.out


def test_utterances_that_expect_nothing_take_no_part_in_the_fall_of_f1(capsys: pytest.CaptureFixture[str]) -> None:
    files = leave_runs(200, 170, 12, 5)
    add(files, 300, "".join(f'"hello {number}","None","None","TN"\r\n' for number in range(100)))
    ending = check(capsys, files)
    f1 = ending.report["suites"][0]["comparison"]["drops"]["f1"]
    assert ending.code == ExitCode.FAILED
    assert [f1["drop"], f1["chance"]] == pytest.approx([0.0208473, 0.0481262], rel=SIX_DIGITS)


def test_a_run_whose_baseline_shares_nothing_with_it_is_never_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    new, old = leave_runs(200, 170, 12, 5)
    text = Path(old).read_text(encoding="utf-8").replace("pay bill", "bill to pay")
    Path(old).write_text(text, encoding="utf-8")
    ending = check(capsys, (new, old))
    assert ending.code == ExitCode.INCONCLUSIVE
    assert ending.report["suites"][0]["comparison"] is None


def test_a_baseline_of_which_hardly_anything_was_evaluated_is_nothing_to_compare_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    new, old = leave_runs(200, 200, 0, 0)
    text = Path(old).read_text(encoding="utf-8")
    Path(old).write_text(text.replace('"TP"', '""', 101), encoding="utf-8", newline="")
    ending = check(capsys, (new, old))
    assert ending.code == ExitCode.USAGE
    assert "its evidence is not sound: only 99 of 200 utterances were evaluated: less than half" in ending.err
    Path(old).write_text(text.replace('"TP"', '""', 100), encoding="utf-8", newline="")
    assert check(capsys, (new, old)).code == ExitCode.PASSED
