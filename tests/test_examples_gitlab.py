"""The rules that the GitLab examples keep; ``make integration`` runs them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_gate.config.options import BY_NAME, VARIABLES
from ci_gate.config.parsers import read_duration
from ci_gate.output.ci.gitlab import GitLab
from ci_gate.reports import JUNIT

EXAMPLES = Path(__file__).parent.parent / "examples" / "gitlab"
PLAIN = (EXAMPLES / ".gitlab-ci.yml").read_text(encoding="utf-8")
TEMPLATE = (EXAMPLES / "template.yml").read_text(encoding="utf-8")
HEADER, BODY = yaml.safe_load_all(TEMPLATE)
TEMPLATE_JOB = "$[[ inputs.job-name ]]"
GATES: dict[str, dict[str, Any]] = {
    "plain": yaml.safe_load(PLAIN)["bot-gate"],
    "template": BODY[TEMPLATE_JOB],
}

every_gate = pytest.mark.parametrize("gate", GATES.values(), ids=GATES)


@every_gate
def test_the_reports_that_a_job_names_are_those_that_the_gate_writes(gate: dict[str, Any]) -> None:
    written = {JUNIT, *(one.name for one in GitLab.formats if one.is_file)}
    artifacts = gate["artifacts"]
    assert set(artifacts["reports"].values()) == {f"ci-gate-report/{name}" for name in written}
    assert artifacts["when"] == "always"
    assert artifacts["paths"] == ["ci-gate-report/"]


@every_gate
def test_every_variable_of_the_gate_is_one_that_it_knows(gate: dict[str, Any]) -> None:
    assert {name for name in gate["variables"] if name.startswith("CI_GATE_")} <= {*VARIABLES}


@every_gate
def test_nothing_but_the_gate_can_end_a_job_in_1(gate: dict[str, Any]) -> None:
    clean, make, install, try_it, *_, run = gate["script"]
    assert clean == "rm -rf ci-gate-report"
    assert all(line.endswith(" || exit 70") for line in (make, install, try_it))
    assert install.endswith('-m pip install --quiet "$GATE_PACKAGE" || exit 70')
    assert run == ".ci-gate-venv/bin/python -I -m ci_gate run"
    assert not any("$[[" in line for line in gate["script"])


@every_gate
def test_nothing_of_the_pipeline_around_it_gets_into_the_gate(gate: dict[str, Any]) -> None:
    assert gate["dependencies"] == gate["before_script"] == []
    assert gate["retry"] == 0
    assert gate["resource_group"] == "ci-gate-$CI_GATE_BOT_ID"


@pytest.mark.parametrize("text", [PLAIN, TEMPLATE], ids=["plain", "template"])
def test_the_package_is_a_pinned_commit_and_nothing_filters_or_tolerates_the_gate(text: str) -> None:
    sources = re.findall(
        r"(?:GATE_PACKAGE:(?: \|-\n)?|package:) +(git\S+|\$\[\[ inputs\.package \]\])$", text, re.MULTILINE
    )
    pinned = re.compile(r"git\+https://git\.example\.com/tools/ci-gate@[0-9a-f]{40}")
    assert {source for source in sources if not pinned.fullmatch(source)} <= {"$[[ inputs.package ]]"}
    assert any(map(pinned.fullmatch, sources))
    assert not re.search(r"^\s+(- )?(changes|allow_failure: true|exit_codes):", text, re.MULTILINE)


def test_the_job_outlives_the_gate() -> None:
    minutes = int(GATES["plain"]["timeout"].removesuffix(" minutes"))
    assert minutes * 60 > read_duration(GATES["plain"]["variables"]["CI_GATE_TIMEOUT"]) + 300
    own = read_duration(BY_NAME["timeout"].default)
    assert int(HEADER["spec"]["inputs"]["job-timeout"]["default"].removesuffix(" minutes")) * 60 > own + 300


def test_an_input_that_is_left_out_leaves_its_setting_to_the_file() -> None:
    variables = str({name: text for name, text in BODY[TEMPLATE_JOB]["variables"].items() if name != "GATE_PACKAGE"})
    inputs = HEADER["spec"]["inputs"]
    assert {inputs[name]["default"] for name in re.findall(r"\[\[ inputs\.([a-z0-9-]+) \]\]", variables)} == {""}


def test_every_input_is_described_and_used() -> None:
    inputs = HEADER["spec"]["inputs"]
    assert all(entry["description"].endswith(".") for entry in inputs.values())
    assert {*re.findall(r"\$\[\[ inputs\.([a-z0-9-]+) \]\]", TEMPLATE)} == {*inputs}


def test_what_publishes_needs_a_gate_that_tolerates_nothing() -> None:
    pipeline = yaml.safe_load(PLAIN)
    assert pipeline["publish-bot"]["needs"] == ["bot-gate"]
    (when,) = pipeline["publish-bot"]["rules"]
    assert pipeline["bot-gate"]["rules"][0] == {
        **when,
        "allow_failure": False,
        "variables": {"CI_GATE_ADVISORY": "false"},
    }
    assert BODY[TEMPLATE_JOB]["rules"] == pipeline["bot-gate"]["rules"]
