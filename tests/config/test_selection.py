"""Which suites are run, which one a run belongs to, and which one a results file belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_gate.core.text.safe import file_stem
from tests.config.builders import SMOKE, attach, check, given, refusal, suites

if TYPE_CHECKING:
    from collections.abc import Mapping

THREE = """
thresholds = { min_f1 = 0.9 }
[[suites]]
name = "Smoke"
[[suites]]
name = "Full regression"
label = "full"
[[suites]]
name = "Night"
"""

TWINS = """
thresholds = { min_f1 = 0.9 }
[[suites]]
name = "Smoke"
label = "draft"
[[suites]]
name = "Smoke"
label = "live"
bot_version = "published"
"""

NAMESAKE = """
thresholds = { min_f1 = 0.9 }
[[suites]]
name = "Smoke"
[[suites]]
name = "Smoke"
label = "live"
"""


def _labels(file: str | None, asked: tuple[str, ...] = (), environment: Mapping[str, str] | None = None) -> list[str]:
    return [found.label for found in suites(file, environment, suite=asked)]


@pytest.mark.parametrize(("asked", "labels"), [
    (("Night",), ["Night"]), (("Full regression",), ["full"]), (("full",), ["full"]),
    (("full", "Full regression"), ["full"]), (("Night", "Smoke"), ["Smoke", "Night"]), ((" Night ",), ["Night"]),
])  # fmt: skip
def test_suites_are_chosen_by_name_or_label_in_the_order_of_the_file(asked: tuple[str, ...], labels: list[str]) -> None:
    assert _labels(THREE, asked) == labels
    assert _labels(THREE, (), {"CI_GATE_SUITE": "\n".join(asked)}) == labels


def test_every_suite_is_run_by_default_and_a_flag_overrides_the_variable() -> None:
    assert _labels(THREE) == ["Smoke", "full", "Night"]
    assert _labels(THREE, ("full",), {"CI_GATE_SUITE": "Smoke\nNight"}) == ["full"]


def test_name_that_two_suites_share_chooses_both_and_a_label_one() -> None:
    assert [(found.name, found.bot_version) for found in suites(TWINS)] == [("Smoke", None), ("Smoke", "published")]
    assert _labels(TWINS, ("Smoke",)) == ["draft", "live"]
    assert _labels(TWINS, ("live",)) == ["live"]
    assert _labels(NAMESAKE, ("Smoke",)) == ["Smoke", "live"]


def test_without_a_file_each_name_is_a_suite_once() -> None:
    assert _labels(None, ("Smoke", "Full", "Smoke"), {"CI_GATE_MIN_F1": "0.9"}) == ["Smoke", "Full"]


@pytest.mark.parametrize(("asked", "hint"), [
    ("smoke", "did you mean 'Smoke'?"), ("Full regresion", "did you mean 'Full regression'?"),
    ("ful", "did you mean 'full'?"), ("xyz", "known are Smoke, Full regression, full, Night"),
])  # fmt: skip
def test_suite_that_the_file_does_not_list_is_refused_and_the_nearest_named(asked: str, hint: str) -> None:
    error = refusal(lambda: suites(THREE, suite=("Night", asked)))
    assert (error.message, error.hint) == (f"--suite: ci-gate.toml lists no suite '{asked}'", hint)
    error = refusal(lambda: suites(THREE, {"CI_GATE_SUITE": asked}))
    assert (error.message, error.hint) == (f"CI_GATE_SUITE: ci-gate.toml lists no suite '{asked}'", hint)


@pytest.mark.parametrize("asked", ["", " ", ".", "..", "a\tb"])
@pytest.mark.parametrize("file", [None, THREE])
def test_name_that_no_suite_can_have_is_refused(file: str | None, asked: str) -> None:
    assert refusal(lambda: suites(file, suite=(asked,))).message.startswith("--suite: ")


@pytest.mark.parametrize("entries", [
    '[[suites]]\nname = "Smoke"\n[[suites]]\nname = "Smoke"',
    '[[suites]]\nname = "Smoke"\n[[suites]]\nname = "Full"\nlabel = "Smoke"',
    '[[suites]]\nname = "A"\nlabel = "Smoke"\n[[suites]]\nname = "B"\nlabel = " Smoke"',
])  # fmt: skip
def test_two_suites_never_share_a_label_chosen_or_not(entries: str) -> None:
    file = f'thresholds = {{ min_f1 = 0.9 }}\n{entries}\n[[suites]]\nname = "Night"'
    for attempt in (
        lambda: suites(file),
        lambda: suites(file, suite=("Night",)),
        lambda: attach(file, suite=("Night",)),
        lambda: check(file, suite=("Night",)),
    ):
        error = refusal(attempt)
        assert error.message == "ci-gate.toml: two suites are labelled 'Smoke'"
        assert error.hint == 'give one of them label = "…" of its own'


ONLY = "thresholds = { min_f1 = 0.9 }\n" + SMOKE


@pytest.mark.parametrize(("file", "asked", "label"), [
    (ONLY, (), "Smoke"), (THREE, ("Full regression",), "full"), (TWINS, ("live",), "live"),
    (NAMESAKE, ("Smoke",), "Smoke"), (NAMESAKE, ("live",), "live"),
])  # fmt: skip
def test_run_belongs_to_the_only_suite_or_the_one_that_was_named(file: str, asked: tuple[str, ...], label: str) -> None:
    assert [found.label for found in attach(file, suite=asked).suites] == [label]


@pytest.mark.parametrize(("file", "asked", "hint"), [
    (THREE, (), "choose one with --suite: Smoke, full, Night"),
    (THREE, ("Night", "Smoke"), "choose one with --suite: Smoke, Night"),
    (TWINS, ("Smoke",), "choose one with --suite: draft, live"),
])  # fmt: skip
def test_run_never_belongs_to_several_suites(file: str, asked: tuple[str, ...], hint: str) -> None:
    error = refusal(lambda: attach(file, suite=asked))
    assert (error.message, error.hint) == ("a run belongs to one suite, but several are given", hint)


@pytest.mark.parametrize("run_id", ["", " ", ".", "..", "tr\n1"])
def test_run_needs_an_id_that_can_be_asked_for(run_id: str) -> None:
    assert refusal(lambda: attach(THREE, run_id, suite=("Smoke",))).message.startswith("RUN_ID: ")


@pytest.mark.parametrize(("asked", "report_name", "file_name", "name"), [
    (("Smoke",), "Full", "results", "Smoke"), ((), "Full", "results", "Full"), ((), " Full ", "results", "Full"),
    ((), None, "smoke", "smoke"), ((), "", "smoke", "smoke"), ((), "..", "smoke", "smoke"),
    ((), "a\nb", "smoke", "smoke"), ((), None, "", "results"), ((), None, "..", "results"),
])  # fmt: skip
def test_results_file_is_called_as_asked_else_as_it_says_else_as_itself(
    asked: tuple[str, ...], report_name: str | None, file_name: str, name: str
) -> None:
    settings = check(None, None, (report_name, file_name), suite=asked, min_f1="0.9")
    assert [(found.name, found.label) for found in settings.suites] == [(name, name)]


@pytest.mark.parametrize(("file", "asked", "report_name", "file_name", "label"), [
    (THREE, ("full",), "Smoke", "results", "full"), (THREE, (), "Full regression", "results", "full"),
    (THREE, (), "Smoke", "full.results", "Smoke"), (THREE, (), None, "Night", "Night"),
    (THREE, (), None, "full", "full"), (THREE, (), None, "Full regression", "full"),
    (THREE, (), None, file_stem("Smoke"), "Smoke"), (THREE, ("Smoke", "Night"), "Night", "results", "Night"),
    (THREE, ("Smoke", "Night"), None, "Smoke", "Smoke"), (TWINS, (), "Smoke", "live", "live"),
    (TWINS, ("Smoke",), "Smoke", "draft", "draft"), (NAMESAKE, (), "Smoke", file_stem("Smoke"), "Smoke"),
    (NAMESAKE, (), None, "Smoke", "Smoke"), (NAMESAKE, ("Smoke",), None, "live", "Smoke"),
])  # fmt: skip
def test_results_file_finds_its_suite_in_the_file(
    file: str, asked: tuple[str, ...], report_name: str | None, file_name: str, label: str
) -> None:
    settings = check(file, None, (report_name, file_name), suite=asked)
    assert [found.label for found in settings.suites] == [label]


@pytest.mark.parametrize(("report_name", "file_name", "what", "hint"), [
    ("Smoek", "results", "is of suite 'Smoek'", "did you mean 'Smoke'?"),
    ("xyz", "Smoke", "is of suite 'xyz'", "known are Smoke, Full regression, full, Night"),
    (None, "nigth", "does not name its suite, and its file name is 'nigth'", "did you mean 'Night'?"),
])  # fmt: skip
def test_results_file_of_no_suite_is_refused(report_name: str | None, file_name: str, what: str, hint: str) -> None:
    error = refusal(lambda: check(THREE, None, (report_name, file_name)))
    assert error.message == f"the results file {what}, which matches no suite of ci-gate.toml"
    assert error.hint == f"choose one with --suite; {hint}"


def test_results_file_must_be_of_exactly_one_suite_that_was_chosen() -> None:
    error = refusal(lambda: check(THREE, {"CI_GATE_SUITE": "Smoke\nfull"}, ("Night", "results")))
    assert error.message == "the results file is of suite 'Night', which matches no suite of CI_GATE_SUITE"
    for asked in ((), ("Smoke",)):
        error = refusal(lambda asked=asked: check(TWINS, None, ("Smoke", "results"), suite=asked))  # type: ignore[misc]
        message, hint = "several suites fit the results file", "choose one with --suite: draft, live"
        assert (error.message, error.hint) == (message, hint)


def test_label_that_makes_no_sense_is_refused_with_its_place() -> None:
    error = refusal(lambda: given('[[suites]]\nname = "Smoke"\nlabel = ""').file.suites[0].label)
    assert error.message == (
        "ci-gate.toml: [[suites]] 1 'Smoke': label: the value is empty; give a name, or leave the setting out"
    )
