"""The rules that the example workflows for GitHub Actions keep; ``make integration`` runs them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_gate.config.parsers import read_duration

ROOT = Path(__file__).parent.parent
GATE = "your-org/ci-gate@0123456789abcdef0123456789abcdef01234567"
SECRETS = {name: f"${{{{ secrets.{name} }}}}" for name in ("CI_GATE_CLIENT_ID", "CI_GATE_CLIENT_SECRET")}


@dataclass(frozen=True)
class Workflow:
    """An example as its text and as what it means."""

    name: str
    text: str
    document: dict[Any, Any]

    @property
    def jobs(self) -> dict[str, dict[str, Any]]:
        jobs: dict[str, dict[str, Any]] = self.document["jobs"]
        return jobs

    @property
    def steps(self) -> list[dict[str, Any]]:
        return [step for job in self.jobs.values() for step in job["steps"]]

    @property
    def gate_job(self) -> dict[str, Any]:
        (found,) = (job for job in self.jobs.values() if any(step.get("uses") == GATE for step in job["steps"]))
        return found

    @property
    def gate(self) -> dict[str, Any]:
        """The step of the gate, of which there is one."""
        (found,) = (step for step in self.steps if step.get("uses") == GATE)
        return found


def _read(path: Path) -> Workflow:
    text = path.read_text(encoding="utf-8")
    return Workflow(path.name, text, yaml.safe_load(text))


EXAMPLES = [_read(path) for path in sorted((ROOT / "examples" / "github").iterdir())]
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])


def test_there_is_an_example_for_each_way_to_use_the_gate() -> None:
    names = [example.name for example in EXAMPLES]
    assert names == ["attach.yml", "bots.yml", "nightly.yml", "pull-request.yml", "release.yml"]


@every_example
def test_it_begins_by_saying_what_it_is_for_and_what_to_set_up(example: Workflow) -> None:
    header = example.text.partition("\nname:")[0].splitlines()
    assert all(line.startswith("#") for line in header)
    assert any(line.startswith("# Set up: ") for line in header)


@every_example
def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is(example: Workflow) -> None:
    used = re.findall(r"uses: (.*)", example.text)
    versioned = re.compile(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert len(used) == sum("uses" in step for step in example.steps)
    assert [action for action in used if action != GATE and not versioned.fullmatch(action)] == []


@every_example
def test_no_job_may_do_more_than_it_says(example: Workflow) -> None:
    assert example.document["permissions"] == {}
    assert [name for name, job in example.jobs.items() if "permissions" not in job] == []
    reads_files = any(str(step.get("uses")).startswith("actions/checkout@") for step in example.gate_job["steps"])
    assert example.gate_job["permissions"] == ({"contents": "read"} if reads_files else {})


@every_example
def test_a_checkout_leaves_no_token_behind(example: Workflow) -> None:
    checkouts = [step for step in example.steps if str(step.get("uses")).startswith("actions/checkout@")]
    assert [step for step in checkouts if step.get("with") != {"persist-credentials": False}] == []


@every_example
def test_no_strangers_change_gets_secrets_and_nothing_filters_a_gate_out(example: Workflow) -> None:
    # YAML 1.1 takes the key `on` for a truth value.
    triggers = example.document[True]
    assert "pull_request_target" not in triggers
    assert "workflow_run" not in triggers
    assert not re.search(r"^\s+(paths|branches)(-ignore)?:", example.text, re.MULTILINE)


@every_example
def test_neither_the_gate_nor_its_job_can_be_skipped_or_excused(example: Workflow) -> None:
    for part in (example.gate_job, example.gate):
        assert {"if", "needs", "continue-on-error"} & {*part} == set()
    assert "advisory" not in example.gate["with"]
    assert "tolerate" not in example.gate["with"]


def test_no_other_job_can_stand_in_for_a_required_check() -> None:
    names = [job["name"] for example in EXAMPLES for job in example.jobs.values()]
    assert len(names) == len({*names})


@every_example
def test_no_expression_is_written_into_a_script(example: Workflow) -> None:
    scripts = [step["run"] for step in example.steps if "run" in step]
    scripts += [step["with"]["script"] for step in example.steps if "script" in step.get("with", {})]
    assert [script for script in scripts if "${{" in script] == []


@every_example
def test_every_input_of_the_gate_is_one_that_the_action_has(example: Workflow) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert {*example.gate["with"]} - {*action["inputs"]} == set()
    # Offered in a comment, where sentences of customers are at stake.
    assert "# utterances: hash" in example.text
    assert "utterances" in action["inputs"]


@every_example
def test_every_output_that_is_read_is_one_that_the_action_has(example: Workflow) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert {*re.findall(r"steps\.gate\.outputs\.([a-z0-9-]+)", example.text)} - {*action["outputs"]} == set()


@every_example
def test_the_secrets_reach_the_step_of_the_gate_alone(example: Workflow) -> None:
    assert example.gate["env"] == SECRETS
    expressions = [expression for expression in re.findall(r"\$\{\{.*?}}", example.text) if "secrets" in expression]
    assert sorted(expressions) == sorted(SECRETS.values())


@every_example
def test_the_gate_ends_before_github_ends_it(example: Workflow) -> None:
    own = read_duration(example.gate["with"]["timeout"]) / 60
    assert own + 5 <= example.gate_job["timeout-minutes"] <= own + 15
    assert all(job["timeout-minutes"] <= 10 for job in example.jobs.values() if job is not example.gate_job)


@every_example
def test_the_reports_are_kept_in_every_ending_under_a_name_of_their_own(example: Workflow) -> None:
    after = example.gate_job["steps"][example.gate_job["steps"].index(example.gate) + 1]
    assert after["uses"].startswith("actions/upload-artifact@")
    assert after["if"] == "always()"
    assert after["with"]["path"] == "ci-gate-report/"
    assert after["with"]["retention-days"] > 0
    assert "${{ github.run_attempt }}" in after["with"]["name"]
    assert ("${{ matrix.bot }}" in after["with"]["name"]) is ("strategy" in example.gate_job)


@every_example
def test_gates_of_one_bot_wait_for_each_other_and_are_never_cancelled(example: Workflow) -> None:
    if "run-id" in example.gate["with"]:
        assert "concurrency" not in example.gate_job  # it starts nothing that others would have to wait for
    else:
        group = "ci-gate-${{ matrix.bot }}" if "strategy" in example.gate_job else "ci-gate-banking"
        group += "-release" if "publish" in example.jobs else ""
        assert example.gate_job["concurrency"] == {"group": group, "cancel-in-progress": False}


def test_publishing_needs_the_gate_and_nothing_lets_it_run_without() -> None:
    (release,) = (example for example in EXAMPLES if example.name == "release.yml")
    assert release.jobs["publish"]["needs"] == "gate"
    assert "if" not in release.jobs["publish"]


def test_the_check_over_all_bots_is_never_skipped() -> None:
    (bots,) = (example for example in EXAMPLES if example.name == "bots.yml")
    assert bots.jobs["all"]["needs"] == "gate"
    assert bots.jobs["all"]["if"] == "always()"
    assert bots.gate_job["strategy"]["fail-fast"] is False


def test_the_comment_is_written_with_the_least_rights_by_a_job_without_secrets_and_not_from_forks() -> None:
    (example,) = (example for example in EXAMPLES if example.name == "pull-request.yml")
    comment = example.jobs["comment"]
    assert comment["permissions"] == {"pull-requests": "write"}
    assert comment["if"] == "always() && github.event.pull_request.head.repo.full_name == github.repository"
    assert comment["needs"] == "gate"
