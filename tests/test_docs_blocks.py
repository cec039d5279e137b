"""The blocks of the README for CI systems: safe to paste, and the examples in short."""

from __future__ import annotations

import re

import pytest
import yaml

from ci_gate.config.options import BY_NAME
from ci_gate.config.parsers import read_duration
from tests.tools.docs.pages import README, ROOT, text_of


def block(name: str) -> str:
    """Return the block that is shown for a CI system."""
    (text,) = re.findall(rf"<!-- block: {name} -->\n```\w+\n(.*?)```", text_of(README), re.DOTALL)
    return str(text)


@pytest.mark.parametrize("name", ["github", "gitlab", "jenkins"])
def test_a_block_judges_by_f1_and_accuracy(name: str) -> None:
    assert re.search(r"min.f1\W+0\.90", block(name), re.IGNORECASE)
    assert re.search(r"min.accuracy\W+0\.85", block(name), re.IGNORECASE)


def test_the_block_for_github_may_do_nothing_but_read_and_keeps_its_reports() -> None:
    workflow = yaml.safe_load(block("github"))
    assert workflow["permissions"] == {"contents": "read"}
    # YAML 1.1 takes the key `on` for a truth value.
    assert workflow[True] == {"pull_request": None, "merge_group": None}
    (job,) = workflow["jobs"].values()
    checkout, gate, upload = job["steps"]
    assert checkout["uses"].startswith("actions/checkout@")
    assert checkout["with"] == {"persist-credentials": False}
    assert job["timeout-minutes"] * 60 >= read_duration(BY_NAME["timeout"].default) + 300
    assert set(gate["with"]) <= set(yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"])
    assert upload["if"] == "always()"
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in job["steps"])
    assert "if" not in job


def test_the_block_for_gitlab_is_the_example_in_short() -> None:
    (job,) = yaml.safe_load(block("gitlab")).values()
    example = yaml.safe_load((ROOT / "examples" / "gitlab" / ".gitlab-ci.yml").read_text(encoding="utf-8"))["bot-gate"]
    reports = job["artifacts"].pop("reports")
    assert reports.items() <= example["artifacts"].pop("reports").items()
    assert "junit" in reports
    assert job["artifacts"].items() <= example["artifacts"].items()
    assert {"when", "access", "paths"} <= set(job["artifacts"])
    assert job["variables"].items() <= example["variables"].items()
    assert job["dependencies"] == example["dependencies"]
    assert job["script"][0].startswith("rm -rf ci-gate-report && ")
    assert [line for line in job["script"] if not line.endswith(" || exit 70")] == [
        ".ci-gate-venv/bin/python -I -m ci_gate run"
    ]


def test_the_block_for_jenkins_is_the_example_in_short() -> None:
    example = (ROOT / "examples" / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    variables = re.findall(r"^ +(\w+ = '.*')$", block("jenkins"), re.MULTILINE)
    assert len(variables) == 6
    assert [variable for variable in variables if variable not in example] == []


def test_the_block_for_jenkins_shows_no_earlier_report_and_reads_secrets_in_the_shell_alone() -> None:
    text = block("jenkins")
    assert text.index("rm -rf ci-gate-report") < text.index("pip install") < text.index("withCredentials")
    assert "post { always { junit 'ci-gate-report/junit.xml' } }" in text
    assert '"""' not in text
    assert not re.search(r'\bsh "', text)
