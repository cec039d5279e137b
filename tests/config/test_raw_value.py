"""Paths in a settings file start at its folder; a file left behind in the working directory is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_gate.config.raw_value import RawValue
from ci_gate.config.sources import early
from tests.config.builders import check, given, refusal, write

FILES = {
    "common": "{key} = '{path}'\n[thresholds]\nmin_f1 = 0.9\n",
    "suite": "[thresholds]\nmin_f1 = 0.9\n[[suites]]\nname = 'results'\n{key} = '{path}'\n",
}
"""Where a path can stand in a settings file."""

PLACES = [
    ("baseline", "common"), ("baseline", "suite"), ("must_pass", "common"), ("must_pass", "suite"),
    ("report_dir", "common"), ("junit_xml", "common"),
]  # fmt: skip


def settle(key: str, place: str, path: str = "old/it", *, config: str = "conf/ci-gate.toml", more: str = "") -> object:
    """Return the value that a settings file with one path resolves to."""
    text = more + FILES[place].format(key=key, path=path)
    if config.endswith("pyproject.toml"):
        text = f"[tool.ci-gate]\n{text}".replace("[thresholds]", "[tool.ci-gate.thresholds]")
        text = text.replace("[[suites]]", "[[tool.ci-gate.suites]]")
    write(text, config)
    settings = check(None, None, config=config)
    (suite,) = settings.suites
    return {
        "baseline": suite.baseline_path,
        "must_pass": suite.rules.must_pass,
        "report_dir": settings.output.report_dir,
        "junit_xml": settings.output.junit_xml,
    }[key]


@pytest.mark.parametrize("config", ["conf/ci-gate.toml", "conf/pyproject.toml"])
@pytest.mark.parametrize(("key", "place"), PLACES)
def test_a_path_is_taken_from_the_folder_of_the_file(key: str, place: str, config: str) -> None:
    write("here", "conf/old/it")
    write("elsewhere", "old/it")
    assert settle(key, place, config=config) == (("here",) if key == "must_pass" else Path("conf/old/it"))


@pytest.mark.parametrize("more", ["", "allow_missing_baseline = true\n"], ids=["strict", "first week"])
@pytest.mark.parametrize(("key", "place"), PLACES)
def test_path_that_exists_only_from_the_working_directory_is_refused_with_both(key: str, place: str, more: str) -> None:
    write("left behind", "old/it")
    error = refusal(lambda: settle(key, place, more=more))
    where = "conf/ci-gate.toml: " + ("[[suites]] 1 'results': " if place == "suite" else "") + key
    there = Path("conf/old/it")
    assert error.message == f"{where}: there is no '{there}', but there is '{Path('old/it')}' in the working directory"
    assert "relative to the file's folder" in error.hint


@pytest.mark.parametrize("key", ["baseline", "report_dir", "junit_xml"])
@pytest.mark.parametrize("config", ["ci-gate.toml", "conf/ci-gate.toml"])
def test_path_that_exists_nowhere_is_accepted(key: str, config: str) -> None:
    assert settle(key, "common", config=config) == Path(config).parent / "old/it"


def test_absolute_and_overlong_paths_are_not_left_behind() -> None:
    there = write("here", "old/it").resolve()
    assert settle("baseline", "common", str(there)) == there
    assert not RawValue(("a" * 5000,), "x", Path("conf")).is_left_behind


def test_flags_and_variables_are_taken_from_the_working_directory() -> None:
    write("[thresholds]\nmin_f1 = 0.9\n", "conf/ci-gate.toml")
    write("here", "old/it")
    settings = check(None, {"CI_GATE_BASELINE": "old/it"}, config="conf/ci-gate.toml", report_dir="out", status="s")
    (suite,) = settings.suites
    paths = (suite.baseline_path, settings.output.report_dir, settings.status)
    assert paths == (Path("old/it"), Path("out"), Path("s"))


def test_early_path_is_taken_from_the_folder_of_the_file() -> None:
    write("report_dir = 'out'\nnonsense = 1\n", "conf/other.toml")
    (value,) = early({"config": "conf/other.toml"}, {}, ("report_dir",)).values()
    assert value == RawValue(("out",), "conf/other.toml: report_dir", Path("conf"))


def test_file_that_hides_settings_of_pyproject_is_noted_once() -> None:
    write('[tool.ci-gate]\nhost = "y"', "pyproject.toml")
    (note,) = given('host = "x"').notes
    assert note == "ci-gate.toml is read, so [tool.ci-gate] in pyproject.toml is not: keep one of them"
    assert given(None, None, config="ci-gate.toml").notes == ()


@pytest.mark.parametrize("text", ["[broken", "[project]\nname = 'x'", "[tool]\nci-gate = 3"])
def test_a_pyproject_without_settings_hides_nothing(text: str) -> None:
    write(text, "pyproject.toml")
    assert given('host = "x"').notes == ()
