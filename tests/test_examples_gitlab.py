"""The rules that the GitLab examples keep; ``make integration`` runs them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_gate.cli.console import Console
from ci_gate.cli.files import JUNIT
from ci_gate.cli.pipeline import GitLab
from ci_gate.config.options import VARIABLES
from ci_gate.config.values import read_duration
from tests.fakes import FakeClock, world_of

EXAMPLES = Path(__file__).parent.parent / "examples" / "gitlab"
PLAIN = (EXAMPLES / ".gitlab-ci.yml").read_text(encoding="utf-8")
TEMPLATE = (EXAMPLES / "template.yml").read_text(encoding="utf-8")
HEADER, BODY = yaml.safe_load_all(TEMPLATE)
GATES: dict[str, dict[str, Any]] = {
    "plain": yaml.safe_load(PLAIN)["bot-gate"],
    "template": BODY["$[[ inputs.job-name ]]"],
}

every_gate = pytest.mark.parametrize("gate", GATES.values(), ids=GATES)


@every_gate
def test_the_reports_that_a_job_names_are_those_that_the_gate_writes(gate: dict[str, Any]) -> None:
    pipeline = GitLab(world=world_of(FakeClock()), console=Console())
    written = {JUNIT, *pipeline.renderers(Path("ci-gate-report"))}
    artifacts = gate["artifacts"]
    assert set(artifacts["reports"].values()) == {f"ci-gate-report/{name}" for name in written}
    assert artifacts["when"] == "always"
    assert artifacts["paths"] == ["ci-gate-report/"]


@every_gate
def test_every_variable_of_the_gate_is_one_that_it_knows(gate: dict[str, Any]) -> None:
    assert {name for name in gate["variables"] if name.startswith("CI_GATE_")} <= {*VARIABLES}


@every_gate
def test_an_installation_that_fails_cannot_end_in_1_and_the_gate_takes_the_place_of_its_shell(
    gate: dict[str, Any],
) -> None:
    make, install, try_it, *_, run = gate["script"]
    assert all(line.endswith(" || exit 70") for line in (make, install, try_it))
    assert install.endswith('-m pip install --quiet "$GATE_PACKAGE" || exit 70')
    assert run == "exec .ci-gate-venv/bin/python -I -m ci_gate run"
    assert not any("$[[" in line for line in gate["script"])


@pytest.mark.parametrize("text", [PLAIN, TEMPLATE], ids=["plain", "template"])
def test_the_package_is_a_pinned_commit_and_nothing_filters_or_retries_the_gate(text: str) -> None:
    sources = re.findall(
        r"(?:GATE_PACKAGE:(?: \|-\n)?|package:) +(git\S+|\$\[\[ inputs\.package \]\])$", text, re.MULTILINE
    )
    pinned = re.compile(r"git\+https://git\.example\.com/tools/ci-gate@[0-9a-f]{40}")
    assert {source for source in sources if not pinned.fullmatch(source)} <= {"$[[ inputs.package ]]"}
    assert any(map(pinned.fullmatch, sources))
    assert not re.search(r"^\s+(- )?(changes|retry|allow_failure: true|exit_codes):", text, re.MULTILINE)


def test_the_job_outlives_the_gate() -> None:
    minutes = int(GATES["plain"]["timeout"].removesuffix(" minutes"))
    assert minutes * 60 > read_duration(GATES["plain"]["variables"]["CI_GATE_TIMEOUT"]) + 300
    inputs = HEADER["spec"]["inputs"]
    assert int(inputs["job-timeout"]["default"].removesuffix(" minutes")) * 60 > read_duration(
        inputs["timeout"]["default"]
    )


def test_every_input_is_described_and_used() -> None:
    inputs = HEADER["spec"]["inputs"]
    assert all(entry["description"].endswith(".") for entry in inputs.values())
    assert {*re.findall(r"\$\[\[ inputs\.([a-z0-9-]+) \]\]", TEMPLATE)} == {*inputs}


def test_what_publishes_needs_a_gate_that_tolerates_nothing() -> None:
    pipeline = yaml.safe_load(PLAIN)
    assert pipeline["publish-bot"]["needs"] == ["bot-gate"]
    (when,) = pipeline["publish-bot"]["rules"]
    assert pipeline["bot-gate"]["rules"][0] == {**when, "allow_failure": False}
    assert BODY["$[[ inputs.job-name ]]"]["rules"] == pipeline["bot-gate"]["rules"]
