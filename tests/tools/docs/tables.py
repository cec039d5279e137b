"""The tables of the documentation pages, each generated from the program's own table."""

from __future__ import annotations

import textwrap
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import click
import yaml

from ci_gate.cli.app import app
from ci_gate.commands import COMMANDS, JUDGING
from ci_gate.config.options import OPTIONS, SECRETS, VARIABLES, options_of
from ci_gate.config.rule_tables import TABLE_KEYS
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.rules import RULES
from ci_gate.errors import ExitCode
from ci_gate.kore.columns import COLUMNS, REQUIRED
from ci_gate.output.ci.detect import SYSTEMS
from ci_gate.output.report_folder import RUNS
from ci_gate.reports import JUNIT, REPORTS
from ci_gate.reports.values import PASSED_ON
from ci_gate.simulator.scenario import SCRIPTS
from tests.tools.docs import words
from tests.tools.docs.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ci_gate.config.options import Option


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in cells) for cells in (head, *rows)]
    rule = "---|" * len(head)
    return "".join(f"{line}\n" for line in (f"| {lines[0]} |", f"|{rule}", *(f"| {line} |" for line in lines[1:])))


def _code(text: str) -> str:
    return f"`{text}`"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def exit_codes() -> str:
    return _table(("code", "name", "when"), ((str(code.value), code.name.lower(), code.meaning) for code in ExitCode))


def commands() -> str:
    def usage(name: str) -> str:
        context = click.Context(app)
        command = app.get_command(context, name)
        assert command is not None
        arguments = [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
        return _code(" ".join(("ci-gate", name, *arguments)))

    return _table(
        ("command", "does", "secret"),
        ((usage(one.name), one.help, "yes" if one.asks_platform else "no") for one in COMMANDS),
    )


def _taken_by(option: Option) -> str:
    if option.commands >= {*JUDGING}:
        return "all"
    return ", ".join(one.name for one in COMMANDS if one.name in option.commands)


def settings() -> str:
    def row(option: Option) -> tuple[str, ...]:
        key = _code(option.name) if option.in_file and option.name != "suite" else "–"
        where = " (or suite)" if option.in_suite else ""
        return _code(option.flag), f"{key}{where}", option.default or "required", _taken_by(option), option.help

    of_users = (option for option in OPTIONS if "simulator" not in option.commands)
    return _table(("flag", "key in the file", "default", "commands", "meaning"), map(row, of_users))


def simulator_settings() -> str:
    rows = ((_code(one.flag), one.default, one.help) for one in options_of("simulator") if len(one.commands) == 1)
    return _table(("flag", "default", "meaning"), rows)


def variables() -> str:
    names = [name for name in VARIABLES if name in SECRETS]
    return _table(("variable", "meaning"), ((_code(name), _sentence(words.VARIABLES[name])) for name in names))


def rules_in_tables() -> str:
    assert {*TABLE_KEYS} <= {*words.TABLE_KEYS}
    rows = ((one.key, one.default, one.meaning) for one in words.TABLE_KEYS.values())
    return _table(("key in the file", "default", "meaning"), rows)


def rules() -> str:
    def row(key: str) -> tuple[str, ...]:
        said = words.RULES[key]
        table, _, name = key.rpartition(".")
        return f"`{name}` in `[{table}]`" if table else _code(name), said.worry, said.shows, said.hides

    return _table(("rule", "worry", "a failure shows", "a pass does not show"), map(row, RULES))


def _effect(kind: FindingKind) -> str:
    found = Finding(kind, "")
    if not found.blocks:
        return "warns"
    return "judges nothing" if found.voids else "blocks a pass"


def findings() -> str:
    def row(kind: FindingKind) -> tuple[str, ...]:
        said = words.FINDINGS[kind]
        return _code(kind.value), _effect(kind), "yes" if Finding(kind, "").way_on else "–", said.meaning, said.cure

    return _table(("finding", "effect", "tolerable", "meaning", "what to do"), map(row, FindingKind))


def effects() -> str:
    def row(effect: str, *, tolerable: bool) -> tuple[str, ...]:
        kinds = [
            kind for kind in FindingKind if _effect(kind) == effect and bool(Finding(kind, "").way_on) is tolerable
        ]
        may = "by name" if tolerable else "–"
        return effect, may, ", ".join(_code(kind.value) for kind in kinds)

    order = [("judges nothing", True), ("judges nothing", False), ("blocks a pass", True), ("blocks a pass", False)]
    rows = [row(effect, tolerable=tolerable) for effect, tolerable in [*order, ("warns", False)]]
    return _table(("effect", "tolerated", "findings"), rows)


def files() -> str:
    of_every_gate = [one.name for one in REPORTS if one.is_file] + [RUNS]
    of_systems = [one.name for system in SYSTEMS for one in system.formats if one.is_file]
    assert {*of_every_gate, *of_systems} == {name for name in words.FILES if not name.startswith("<label>")}
    assert JUNIT in of_every_gate
    return _table(("file", "content"), ((_code(name), _sentence(said)) for name, said in words.FILES.items()))


def outputs() -> str:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    rows = ((_code(name), output["description"]) for name, output in action["outputs"].items())
    return _table(("output", "meaning"), rows)


def dotenv() -> str:
    names = ("verdict", "exit_code", "advisory", "run_id", *(metric.value for metric in PASSED_ON))
    text = ", ".join(_code(f"GATE_{name.upper()}") for name in names)
    return f"{textwrap.fill(text, 120)}.\n"


def scenarios() -> str:
    return _table(
        ("scenario", "what happens"), ((_code(one.value), _sentence(SCRIPTS[one].description)) for one in SCRIPTS)
    )


def columns() -> str:
    rows = ((_code(label), "yes" if key in REQUIRED else "no") for key, label in COLUMNS.items())
    return _table(("column", "required"), rows)


TABLES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        made.__name__.replace("_", " "): made
        for made in (
            *(exit_codes, commands, settings, simulator_settings, variables, rules_in_tables, rules),
            *(findings, effects, files, outputs, dotenv, scenarios, columns),
        )
    }
)
"""The functions that generate the tables, by the name in a page's marker."""
