"""A setting means the same wherever it is written; the flag beats the variable, the variable the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.errors import ExitCode
from tests.fakes import FakePlatform, completed, file_of
from tests.scripted import ENVIRONMENT

if TYPE_CHECKING:
    from tests.scripted import Play
    from tests.stage import Ending

WAYS = ("flag", "variable", "file", "entry", "pyproject")
NO_THRESHOLD = {"CI_GATE_MIN_F1": ""}


def platform(right: int, wrong: int) -> FakePlatform:
    """A run with an accuracy of exactly so many in all of them."""
    return FakePlatform(statuses=(completed(right=right, wrong=wrong),), files=(file_of(right=right, wrong=wrong),))


def judged(play: Play, way: str, threshold: str, stand_in: FakePlatform) -> Ending:
    """Give the threshold in one of the ways."""
    flags: tuple[str, ...] = ("--min-accuracy", threshold) if way == "flag" else ()
    environment = {"CI_GATE_MIN_ACCURACY": threshold} if way == "variable" else {}
    text = {
        "file": f"[thresholds]\nmin_accuracy = {threshold}\n",
        "entry": f"[[suites]]\nname = 'Smoke'\nthresholds = {{ min_accuracy = {threshold} }}\n",
        "pyproject": f"[tool.ci-gate.thresholds]\nmin_accuracy = {threshold}\n",
    }.get(way)
    if text:
        Path("pyproject.toml" if way == "pyproject" else "ci-gate.toml").write_text(text, encoding="utf-8")
    return play("run", *flags, platform=stand_in, environment=NO_THRESHOLD | environment)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("threshold", "right", "wrong", "code"),
    [
        ("0.8", 40, 10, ExitCode.PASSED),
        ("0.9", 45, 5, ExitCode.PASSED),
        ("0.92", 46, 4, ExitCode.PASSED),
        ("0.8", 39, 11, ExitCode.FAILED),
        ("0.9", 44, 6, ExitCode.FAILED),
        ("0.92", 45, 5, ExitCode.FAILED),
    ],
)
def test_a_decimal_is_the_same_number_in_every_way(
    threshold: str, right: int, wrong: int, code: ExitCode, way: str, play: Play
) -> None:
    ending = judged(play, way, threshold, platform(right, wrong))
    (check,) = [check for check in ending.report["suites"][0]["checks"] if check["metric"] == "accuracy"]
    assert ending.code == code, ending.out + ending.err
    assert check["name"] == f"accuracy >= {threshold:<04}"
    assert check["threshold"] == float(threshold)


@pytest.mark.parametrize(
    ("ways", "threshold"),
    [
        (("flag", "variable", "file"), 1),
        (("flag", "file"), 1),
        (("variable", "file"), 2),
        (("file",), 3),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, tuple) else None,
)
def test_the_nearer_the_user_the_stronger(ways: tuple[str, ...], threshold: int, play: Play) -> None:
    flags = ("--max-mismatches", "1") if "flag" in ways else ()
    environment = {"CI_GATE_MAX_MISMATCHES": "2"} if "variable" in ways else {}
    Path("ci-gate.toml").write_text("thresholds = { max_mismatches = 3 }", encoding="utf-8")
    checks = play("run", *flags, environment=environment).report["suites"][0]["checks"]
    assert [check["threshold"] for check in checks if check["metric"] == "mismatches"] == [threshold]


def test_a_suites_own_entry_beats_what_is_common_to_all(play: Play) -> None:
    text = "[[suites]]\nname = 'Smoke'\nthresholds = { max_mismatches = 4 }"
    Path("ci-gate.toml").write_text(text, encoding="utf-8")
    checks = play("run", "--max-mismatches", "1").report["suites"][0]["checks"]
    assert [check["threshold"] for check in checks if check["metric"] == "mismatches"] == [4]


def test_the_secret_has_no_flag(play: Play) -> None:
    for name in ("--client-secret", "--jwt", "--client-id", "--private-key"):
        assert play("run", f"{name}=x").code == ExitCode.USAGE
    assert ENVIRONMENT["CI_GATE_CLIENT_SECRET"] not in play("run", "--verbose").err
