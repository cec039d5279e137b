"""Metrics, links and variables for GitLab, read back as strictly as it reads them."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from hypothesis import given
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ci_gate.core.report import Unjudged, conclude
from ci_gate.errors import PlatformError
from ci_gate.output.ci import gitlab
from tests.reports.builders import assessed, bank_cases, case, numbered, report, reports, subject, thresholds
from tests.reports.strategies import any_text, unhurried

LINKS = {"test report": "https://gitlab.example/1", "summary.md": "https://gitlab.example/2"}


def samples(text: str) -> dict[tuple[str, str], float]:
    """Return the values of OpenMetrics text by metric and suite."""
    return {
        (sample.name, sample.labels["suite"]): sample.value
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


def shell_split(text: str) -> list[list[str]]:
    """Split ``text`` as GitLab does: without comments, each line like a shell command."""
    return [words for line in text.splitlines() if (words := shlex.split(re.sub("#.*$", "", line)))]


def test_metrics_of_every_ending_are_valid_openmetrics() -> None:
    for gate in reports().values():
        text = "".join(gitlab.metrics(gate))
        assert text.endswith("# EOF\n")
        found = samples(text)
        assert len(shell_split(text)) == len(found)
        assert all(len(words) == 2 for words in shell_split(text))


def test_scores_are_those_of_judged_suites_with_utterances() -> None:
    found = samples("".join(gitlab.metrics(reports()["several"])))
    passed = {suite: value for (name, suite), value in found.items() if name == "ci_gate_passed"}
    assert list(passed.values()) == [1, 0, 0, 0]
    f1 = {suite: value for (name, suite), value in found.items() if name == "ci_gate_f1"}
    assert list(f1.values()) == [0.9916, 0.9286, 0.9286]
    cases = numbered([case(f"u{i}", matched=(), result_type=None) for i in range(3)])
    judged = conclude(subject(), assessed(cases[:0], thresholds(min_f1="0.5")))
    names = {name for name, _ in samples("".join(gitlab.metrics(report(judged))))}
    assert names <= {"ci_gate_passed", "ci_gate_utterances", "ci_gate_failed_utterances"}


def test_first_link_carries_the_verdict() -> None:
    (entries,) = json.loads("".join(gitlab.job_links(reports()["failed"], LINKS))).values()
    links = [entry["external_link"] for entry in entries]
    assert [link["url"] for link in links] == list(LINKS.values())
    assert [link["label"] for link in links] == ["test report · FAILED: f1 0.9286 < 0.95", "summary.md"]
    assert json.loads("".join(gitlab.job_links(reports()["usage"], {}))) == {"ci-gate": []}


def test_variables_distinguish_an_advisory_failure_from_a_pass() -> None:
    for name, advisory in (("advisory", "true"), ("passed", "false")):
        lines = "".join(gitlab.dotenv(reports()[name])).splitlines()
        assert {"GATE_VERDICT=passed", "GATE_EXIT_CODE=0", f"GATE_ADVISORY={advisory}"} <= {*lines}
    several = "".join(gitlab.dotenv(reports()["several"]))
    assert several == "GATE_VERDICT=unjudged\nGATE_EXIT_CODE=4\nGATE_ADVISORY=true\n"


@pytest.mark.parametrize("name", reports())
def test_variables_of_every_ending_are_valid(name: str) -> None:
    gate = reports()[name]
    text = "".join(gitlab.dotenv(gate))
    assert len(text.encode()) < 5_000
    lines = text.splitlines()
    assert len(lines) <= 20
    assert all(re.fullmatch(r"GATE_[A-Z0-9_]+=[A-Za-z0-9._-]+", line) for line in lines)
    found = dict(line.split("=") for line in lines)
    assert (found["GATE_VERDICT"], found["GATE_EXIT_CODE"]) == (gate.verdict.value, str(gate.exit_code.value))
    assert ("GATE_F1" in found) is (len(gate.suites) == 1 and gate.suites[0].judgement is not None)


@unhurried
@given(any_text, any_text)
def test_any_text_of_the_platform_makes_valid_files(label: str, run_id: str) -> None:
    judged = conclude(subject(label, run_id=run_id), assessed(bank_cases(), thresholds(min_f1="0.9")))
    gate = report(judged, Unjudged(subject(label + "2"), PlatformError(run_id)), error=PlatformError(label))
    text = "".join(gitlab.metrics(gate))
    assert len(shell_split(text)) == len(samples(text))
    assert len(json.loads("".join(gitlab.job_links(gate, LINKS)))["ci-gate"]) == 2
    for line in "".join(gitlab.dotenv(report(judged))).splitlines():
        assert re.fullmatch(r"GATE_[A-Z0-9_]+=[A-Za-z0-9._-]+", line)
    assert gitlab.section_start("s", label, 1.0).count("\n") == 1
    assert gitlab.section_start("s", label, 1.0).count("\x1b") == 2


def test_section_of_the_log_begins_and_ends_with_its_name() -> None:
    assert gitlab.section_start("wait", "waiting\nlong", 1.6) == (
        "\x1b[0Ksection_start:2:wait[collapsed=true]\r\x1b[0Kwaiting long\n"
    )
    assert gitlab.section_end("wait", 3.2) == "\x1b[0Ksection_end:3:wait\r\x1b[0K\n"
