"""The pages for users against the program: their tables, settings, commands and the output that they show."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from ci_gate.cli.app import app
from ci_gate.commands import COMMAND_BY_NAME
from ci_gate.config.options import OPTIONS, VARIABLES
from ci_gate.config.rule_tables import TABLE_KEYS
from ci_gate.core.findings import FindingKind
from ci_gate.core.floors import FLOORS
from ci_gate.core.rules import RULES
from ci_gate.core.text.safe import one_line
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.sandbox import run_cli
from tests.tools.docs import words
from tests.tools.docs.__main__ import main
from tests.tools.docs.pages import PAGES, README, ROOT, filled, name_of, tables_in, text_of
from tests.tools.docs.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = {name_of(page): text_of(page) for page in PAGES}
SETTINGS = TEXTS["docs/settings.md"]
TROUBLESHOOTING = TEXTS["docs/troubleshooting.md"]
_RUN_ID = re.compile(r"tr-[0-9a-f-]{36}")

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@every_page
def test_the_tables_of_a_page_are_those_that_make_docs_writes(page: Path) -> None:
    assert filled(text_of(page), TABLES) == text_of(page), "run `make docs`"


def test_every_table_stands_on_one_page() -> None:
    assert sorted(name for text in TEXTS.values() for name in tables_in(text)) == sorted(TABLES)


def test_make_docs_changes_nothing_that_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    before = [page.stat().st_mtime_ns for page in PAGES]
    main()
    assert capsys.readouterr().out == ""
    assert [page.stat().st_mtime_ns for page in PAGES] == before


def test_every_finding_and_every_rule_is_explained() -> None:
    assert [*words.FINDINGS] == [*FindingKind]
    assert [*words.RULES] == [*RULES]


def test_every_rule_without_a_flag_is_in_the_table_of_the_file() -> None:
    table = TABLES["rules in tables"]()
    keys = [*TABLE_KEYS, *FLOORS, "min_support", "point", "max_regressions"]
    assert [key for key in keys if not re.search(rf"`\[*{key}\b", table)] == []


def test_every_exit_code_has_its_section_and_every_link_to_one_its_name() -> None:
    sections = re.findall(r"^### (.*)$", TROUBLESHOOTING, re.MULTILINE)
    assert sections == [f"{code.value}: {code.name.lower()}" for code in ExitCode if code is not ExitCode.PASSED]


@pytest.mark.parametrize(
    ("page", "suites"), [("README.md", ["Full regression"]), ("docs/settings.md", ["Smoke", "Full regression"])]
)
def test_the_settings_example_is_valid_and_complete(page: str, suites: list[str]) -> None:
    """The block is used as it stands: only the credentials are missing, since they never stand in a file."""
    block = textwrap.dedent(re.findall(r"```toml\n(.*?)```", TEXTS[page], re.DOTALL)[0])
    assert [suite["name"] for suite in tomllib.loads(block)["suites"]] == suites
    Path("ci-gate.toml").write_text(block, encoding="utf-8")
    ending = run_cli("run")
    assert ending.code == ExitCode.USAGE
    assert [line.strip().partition(":")[0] for line in ending.err.splitlines()[2:]] == ["credentials"]


def as_pattern(shown: str) -> re.Pattern[str]:
    """Make a pattern of an output that is shown: a line with nothing but dots stands for lines that are left out."""
    lines = (r"(?:[^\n]*\n)+?" if line.strip() == "…" else re.escape(f"{line}\n") for line in shown.splitlines())
    return re.compile("".join(lines))


OUTPUTS = [
    (name, *found)
    for name, text in TEXTS.items()
    for found in re.findall(r"<!-- output: ([^\n]*) -->\n```console\n\$ ([^\n]*)\n(.*?)```", text, re.DOTALL)
]


def test_outputs_are_shown_where_they_help() -> None:
    assert len(OUTPUTS) == sum(text.count("<!-- output: ") for text in TEXTS.values())
    assert [name for name, *_ in OUTPUTS] == ["README.md", "README.md", "docs/rules.md", "docs/troubleshooting.md"]


@pytest.mark.parametrize(
    ("typed", "shown_command", "shown"), [row[1:] for row in OUTPUTS], ids=[f"{row[0]}: {row[1]}" for row in OUTPUTS]
)
def test_the_output_that_is_shown_is_the_real_one(typed: str, shown_command: str, shown: str) -> None:
    assert shown_command.removeprefix(".venv/bin/") == f"ci-gate {typed}"
    shutil.copytree(ROOT / "examples", "examples")
    ending = run_cli(*typed.split())
    assert as_pattern(_RUN_ID.sub("tr-", shown)).fullmatch(_RUN_ID.sub("tr-", ending.out))
    assert shown.splitlines()[-1].startswith(f"exit code {ending.code}: ")


SITUATIONS = re.findall(r"<!-- settings: (\S+) -->\n```toml\n(.*?)```", TEXTS["docs/rules.md"], re.DOTALL)


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


def _typed(text: str) -> Iterator[list[str]]:
    """Yield the commands in the console blocks of a page, each as its words."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in re.findall(r"^ *\$ (.*)$", block, re.MULTILINE):
            yield shlex.split(line, comments=True)


COMMANDS = sorted({shlex.join(words) for text in TEXTS.values() for words in _typed(text) if "ci-gate" in words[0]})


@pytest.mark.parametrize("typed", COMMANDS)
def test_every_command_that_a_page_shows_is_understood(typed: str) -> None:
    program, name, *arguments = shlex.split(typed)
    assert program in ("ci-gate", ".venv/bin/ci-gate")
    found = app.get_command(click.Context(app), name)
    assert found is not None
    found.make_context(name, arguments)


def test_every_flag_variable_and_command_that_a_page_names_exists() -> None:
    flags = {option.flag for option in OPTIONS} | {"--scenario", "--help", "--version"}
    strange = []
    for name, text in TEXTS.items():
        spans = [span for span in re.findall(r"`([^`\n]+)`", text) if span.startswith("--") or "ci-gate " in span]
        named = {flag for span in spans for flag in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", span)}
        strange += [(name, flag) for flag in named - flags - {"--hypothesis-profile"}]
        variables = {one for one in re.findall(r"CI_GATE_[A-Z0-9_]+", text) if not one.endswith("_")}
        strange += [(name, one) for one in variables - {*VARIABLES, "CI_GATE_COMPLETE", "CI_GATE_SERVICE_HOST"}]
        commands = {one for span in spans for one in re.findall(r"\bci-gate ([a-z]+)\b", span)}
        strange += [(name, one) for one in commands - {*COMMAND_BY_NAME}]
    assert strange == []


def test_every_target_of_make_and_every_test_that_a_page_names_exists() -> None:
    targets = {*re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)}
    named = {one for text in TEXTS.values() for one in re.findall(r"(?:`|\$ )make ([a-z]+)", text)}
    tests = {one for text in TEXTS.values() for one in re.findall(r"\bpytest (tests/\S+?)`", text)}
    assert named - targets == set()
    assert [path for path in tests if not (ROOT / path).exists()] == []


def test_the_readme_opens_with_the_two_commands_of_the_makefile() -> None:
    assert re.findall(r"^\$ (.*)$", text_of(README), re.MULTILINE)[:2] == ["make demo", "make test"]


@pytest.mark.parametrize("name", ["simulator", "demo"])
def test_help_texts_name_every_scenario(name: str) -> None:
    shown = one_line(run_cli(name, "--help").out)
    assert all(scenario in shown for scenario in Scenario)
