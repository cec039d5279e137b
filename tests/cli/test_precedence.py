"""A setting means the same wherever it is written; a flag overrides a variable, and a variable the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_gate.errors import ExitCode
from tests.fakes import FakePlatform
from tests.files import write, write_settings
from tests.scripted import ENVIRONMENT

if TYPE_CHECKING:
    from tests.sandbox import Ending
    from tests.scripted import Play

WAYS = ("flag", "variable", "file", "entry", "pyproject")
FILES = {
    "file": ("ci-gate.toml", "[thresholds]\nmin_accuracy = {}\n"),
    "entry": ("ci-gate.toml", "[[suites]]\nname = 'Smoke'\nthresholds = {{ min_accuracy = {} }}\n"),
    "pyproject": ("pyproject.toml", "[tool.ci-gate.thresholds]\nmin_accuracy = {}\n"),
}


def judged(play: Play, way: str, threshold: str, platform: FakePlatform) -> Ending:
    """Run the gate with a minimum accuracy that is set in one of ``WAYS``."""
    flags = ("--min-accuracy", threshold) if way == "flag" else ()
    environment = {"CI_GATE_MIN_ACCURACY": threshold} if way == "variable" else {}
    if way in FILES:
        path, text = FILES[way]
        write(path, text.format(threshold))
    return play("run", *flags, platform=platform, environment={"CI_GATE_MIN_F1": "", **environment})


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
def test_a_decimal_is_the_same_number_wherever_it_is_written(
    threshold: str, right: int, wrong: int, code: ExitCode, way: str, play: Play
) -> None:
    ending = judged(play, way, threshold, FakePlatform.judging(right=right, wrong=wrong))
    (check,) = [check for check in ending.suite["checks"] if check["metric"] == "accuracy"]
    assert ending.code == code, ending.output
    assert (check["name"], check["threshold"]) == (f"accuracy >= {threshold:<04}", float(threshold))


def allowed_mismatches(ending: Ending) -> list[int]:
    return [check["threshold"] for check in ending.suite["checks"] if check["metric"] == "mismatches"]


@pytest.mark.parametrize(
    ("flags", "environment", "threshold"),
    [
        (("--max-mismatches", "1"), {"CI_GATE_MAX_MISMATCHES": "2"}, 1),
        (("--max-mismatches", "1"), {}, 1),
        ((), {"CI_GATE_MAX_MISMATCHES": "2"}, 2),
        ((), {}, 3),
    ],
    ids=["flag, variable and file", "flag and file", "variable and file", "file"],
)
def test_a_flag_overrides_a_variable_and_a_variable_the_file(
    flags: tuple[str, ...], environment: dict[str, str], threshold: int, play: Play
) -> None:
    write_settings("thresholds = { max_mismatches = 3 }")
    assert allowed_mismatches(play("run", *flags, environment=environment)) == [threshold]


def test_the_entry_of_a_suite_overrides_a_flag(play: Play) -> None:
    write_settings("[[suites]]\nname = 'Smoke'\nthresholds = { max_mismatches = 4 }")
    assert allowed_mismatches(play("run", "--max-mismatches", "1")) == [4]


def test_a_secret_has_no_flag(play: Play) -> None:
    for name in ("--client-secret", "--jwt", "--client-id", "--private-key"):
        assert play("run", f"{name}=x").code == ExitCode.USAGE
    assert ENVIRONMENT["CI_GATE_CLIENT_SECRET"] not in play("run", "--verbose").err
