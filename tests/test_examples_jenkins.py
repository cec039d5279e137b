"""The Jenkinsfile against the code, as far as reading it shows; it is executed where the tools for that are set up."""

from __future__ import annotations

import re
from pathlib import Path

from ci_gate.config.options import VARIABLES
from ci_gate.config.parsers import read_duration
from ci_gate.errors import ExitCode

JENKINSFILE = (Path(__file__).parents[1] / "examples" / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
CODE = re.sub(r"(?m)^\s*//.*$", "", JENKINSFILE)
ENVIRONMENT = dict(re.findall(r"(?m)^\s+([A-Z][A-Z0-9_]+) = '(.*)'$", CODE))
INSTALLATION_SECONDS = 600


def test_the_package_is_a_commit_and_nothing_else_is_installed() -> None:
    assert re.fullmatch(r"git\+https://git\.example\.com/\S+@[0-9a-f]{40}", ENVIRONMENT["GATE_PACKAGE"])
    installed = re.findall(r"pip install(.*)", CODE)
    assert [line.split() for line in installed] == [["--quiet", '"$GATE_PACKAGE"']]


def test_every_variable_is_one_that_the_gate_knows() -> None:
    named = set(re.findall(r"CI_GATE_\w+", JENKINSFILE))
    assert {"CI_GATE_CLIENT_ID", "CI_GATE_CLIENT_SECRET", "CI_GATE_HOST", "CI_GATE_MIN_F1"} <= named
    assert named <= set(VARIABLES)


def test_groovy_writes_nothing_into_a_script_of_the_shell() -> None:
    """In double quotes Groovy would put values, secrets among them, into the text of a command."""
    calls = re.findall(r"\bsh\b[ (].*", CODE)
    assert len(calls) == 2
    assert all(re.fullmatch(r"sh '''|sh\(returnStatus: true, script: '[^']*'\)", call) for call in calls)


def test_secrets_come_from_a_credential_and_only_where_the_gate_runs() -> None:
    binding, _, rest = CODE.partition("withCredentials(")[2].partition("}")
    assert re.findall(r"(\w+)Variable: 'CI_GATE_CLIENT_(\w+)'", binding) == [("username", "ID"), ("password", "SECRET")]
    assert binding.count("sh(") == 1
    assert "CI_GATE_CLIENT" not in CODE.replace(binding, "")
    assert "sh(" not in rest


def test_the_gate_ends_before_the_time_limit_of_the_pipeline() -> None:
    ((minutes, unit),) = re.findall(r"timeout\(time: (\d+), unit: '(\w+)'\)", CODE)
    assert unit == "MINUTES"
    assert read_duration(ENVIRONMENT["CI_GATE_TIMEOUT"]) + INSTALLATION_SECONDS <= int(minutes) * 60


def test_every_ending_without_a_verdict_has_its_reason() -> None:
    reasons = {int(code) for code in re.findall(r"(?m)^\s+(\d+): '", CODE)}
    assert reasons == set(ExitCode) - {ExitCode.PASSED, ExitCode.FAILED}


def test_publishing_cannot_be_started_without_the_gate() -> None:
    publish = CODE.partition("stage('Publish')")[2]
    assert "expression { currentBuild.currentResult == 'SUCCESS' }" in publish
    assert "disableRestartFromStage()" in CODE
