"""The README against the code: settings, exit codes, commands, examples and the output that it shows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from ci_gate.commands import COMMANDS
from ci_gate.config.options import OPTIONS, SECRETS, options_of
from ci_gate.config.rule_tables import TABLE_KEYS
from ci_gate.core.findings import FindingKind
from ci_gate.core.floors import FLOORS
from ci_gate.core.text.safe import one_line
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.stage import command

if TYPE_CHECKING:
    from ci_gate.config.options import Option

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def row_of(option: Option) -> str:
    """Write an option as its row in the table of settings."""
    key = f"`{option.name}`" if option.in_file and option.name != "suite" else "–"
    where = " (or suite)" if option.in_suite else ""
    return f"| `{option.flag}` | {key}{where} | {option.default or 'required'} | {option.help} |"


@pytest.mark.parametrize("option", [o for o in OPTIONS if "simulator" not in o.commands], ids=lambda o: o.name)
def test_every_setting_has_its_row(option: Option) -> None:
    assert row_of(option) in README


def test_the_simulators_options_are_named() -> None:
    assert all(f"`{option.flag}`" in README for option in options_of("simulator"))


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_every_exit_code_has_its_row(code: ExitCode) -> None:
    assert f"| {code.value} | {code.name.lower()} | {code.meaning} |" in README


def test_every_command_and_secret_is_named() -> None:
    assert all(f"`ci-gate {row.name}" in README for row in COMMANDS)
    assert all(f"`{name}`" in README for name in SECRETS)


def test_every_finding_is_named_where_the_verdict_is_explained() -> None:
    explained = README.partition("\n## How the verdict is reached\n")[2].partition("\n## ")[0]
    assert [kind.value for kind in FindingKind if f"`{kind}`" not in explained] == []


@pytest.mark.parametrize("key", [*TABLE_KEYS, *FLOORS, "min_support", "point", "max_regressions"])
def test_every_rule_that_has_no_flag_is_in_the_table_of_the_file(key: str) -> None:
    (table,) = re.findall(r"\n\| key in the file \| default \| what \|\n(.*?)\n\n", README, re.DOTALL)
    assert re.search(rf"`\[*{key}\b", table)


def test_the_settings_example_is_valid_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    """The block is used as it stands: only the credentials are missing, since they never stand in a file."""
    block = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0]
    assert [suite["name"] for suite in tomllib.loads(block)["suites"]] == ["Smoke", "Full regression"]
    Path("ci-gate.toml").write_text(block, encoding="utf-8")
    ending = command(capsys, "run")
    assert ending.code == ExitCode.USAGE
    assert [line.strip().partition(":")[0] for line in ending.err.splitlines()[2:]] == ["credentials"]


def as_pattern(shown: str) -> re.Pattern[str]:
    """Make a pattern of an output that is shown: a line with nothing but dots stands for lines that are left out."""
    lines = (r"(?:[^\n]*\n)+?" if line.strip() == "…" else re.escape(f"{line}\n") for line in shown.splitlines())
    return re.compile("".join(lines))


@pytest.mark.parametrize("scenario", ["failing", "regressed"])
def test_the_output_that_is_shown_is_the_real_one(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = re.findall(
        rf"<!-- output: demo --scenario {scenario} -->\n```console\n\$ [^\n]*\n(.*?)```", README, re.DOTALL
    )
    ending = command(capsys, "demo", "--scenario", scenario, folder="ci-gate-demo")
    run_id = re.compile(r"tr-[0-9a-f-]{36}")
    assert as_pattern(run_id.sub("tr-", shown)).fullmatch(run_id.sub("tr-", ending.out))


SITUATIONS = re.findall(r"<!-- settings: (\S+) -->\n```toml\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("path", "shown"), SITUATIONS, ids=[Path(path).stem for path, _ in SITUATIONS])
def test_the_settings_that_are_shown_for_a_situation_are_those_of_its_file(path: str, shown: str) -> None:
    """They are cut: the file has the platform and the bot besides."""
    file = (ROOT / path).read_text(encoding="utf-8")
    assert [line for line in shown.splitlines() if line not in file.splitlines()] == []
    whole = tomllib.loads(file)
    assert tomllib.loads(shown) == {key: whole[key] for key in whole if key not in ("host", "bot_id", "timeout")}


def test_every_file_of_a_situation_is_shown() -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "examples" / "rules").glob("*.toml")}
    assert {path for path, _ in SITUATIONS} == files


def test_the_readme_opens_with_the_two_commands_of_the_makefile() -> None:
    commands = re.findall(r"^\$ make (\w+)$", README, re.MULTILINE)
    assert commands[:2] == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{target}:" in makefile for target in commands)


@pytest.mark.parametrize("name", ["simulator", "demo"])
def test_help_texts_name_every_scenario(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = one_line(command(capsys, name, "--help").out)
    assert all(scenario in shown for scenario in Scenario)


def block(name: str) -> str:
    """Give the block that is shown for a CI system."""
    (text,) = re.findall(rf"<!-- block: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    return str(text)


def test_the_block_for_github_asks_for_nothing_and_keeps_its_reports() -> None:
    workflow = yaml.safe_load(block("github"))
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    gate, upload = job["steps"]
    assert job["timeout-minutes"] > 30
    assert set(gate["with"]) <= set(yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"])
    assert upload["if"] == "always()"
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in job["steps"])
    assert "if" not in job


def test_the_block_for_gitlab_is_the_example_in_short() -> None:
    (job,) = yaml.safe_load(block("gitlab")).values()
    example = yaml.safe_load((ROOT / "examples" / "gitlab" / ".gitlab-ci.yml").read_text(encoding="utf-8"))["bot-gate"]
    assert job["artifacts"].items() <= example["artifacts"].items()
    assert {"when", "access", "reports"} <= set(job["artifacts"])
    assert job["variables"].items() <= example["variables"].items()
    assert job["script"][0].startswith("rm -rf ci-gate-report && ")
    assert [line for line in job["script"] if not line.endswith(" || exit 70")] == [
        'PATH="$PWD/.ci-gate-venv/bin:$PATH"',
        "python -I -m ci_gate run",
    ]


def test_the_block_for_jenkins_shows_no_earlier_report_and_reads_secrets_in_the_shell_alone() -> None:
    text = block("jenkins")
    assert text.index("rm -rf ci-gate-report") < text.index("pip install") < text.index("withCredentials")
    assert "post { always { junit 'ci-gate-report/junit.xml' } }" in text
    assert '"""' not in text
    assert not re.search(r'\bsh "', text)


def test_links_of_the_readme_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert targets
    assert all((ROOT / target).exists() for target in targets)
