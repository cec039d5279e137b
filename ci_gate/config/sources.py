"""The sources of settings, in order of precedence: flags, environment, file. Unknown names are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.config.credentials import SECRET_NAME, secrets_of
from ci_gate.config.options import BY_NAME, COMMIT, OPTIONS, PREFIX, VARIABLES, Option, Shape, options_of
from ci_gate.config.parsers import nearest, read_name, read_switch
from ci_gate.config.raw_value import SECRETS_HINT, RawValue, Value
from ci_gate.config.rule_tables import TABLE_KEYS, RuleTables, read_table, take_rules
from ci_gate.config.settings_file import FoundFile, find_file, hidden_settings
from ci_gate.core.thresholds import THRESHOLDS
from ci_gate.errors import UsageError
from ci_gate.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

_OF_ONE_COMMAND = ("suite", "base", "head")
"""Options whose values are not copied into a printed follow-up command, which sets its own if it needs them."""

_COMMON_KEYS = tuple(option.name for option in OPTIONS if option.in_file and option.name not in ("suite", *THRESHOLDS))
_PATHS = tuple(option.name for option in OPTIONS if option.shape is Shape.PATH)
_SUITE_KEYS = ("label", *(option.name for option in OPTIONS if option.in_suite))
_SUITE_HINT = 'write [[suites]] in double brackets, and name = "…" below it; one for each suite'
_THRESHOLDS_HINT = "write thresholds = { min_f1 = 0.9 }, or a table of that name with a line for each"
_OF_A_SERVICE = re.compile(
    r"(?:\w+_)?SERVICE_(?:HOST|PORT(?:_\w+)?)=.*"
    r"|(?:\w+_)?PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?=.*|=(?:tcp|udp|sctp)://.*)"
    r"|(?:\w+_)?NAME=/.*|(?:\w+_)?ENV_\w+=.*",
    re.DOTALL,
)
"""Matches variables that Kubernetes and Docker set to describe a service or container called ``ci-gate…``."""

FlagValue = str | tuple[str, ...] | bool | None


@dataclass(frozen=True, slots=True)
class SuiteEntry:
    """One ``[[suites]]`` entry. Its values override the common ones, flags and variables included."""

    name: str
    values: Mapping[str, RawValue] = field(default_factory=dict)
    rules: RuleTables = field(default_factory=RuleTables)

    @property
    def label(self) -> str:
        """The name of the suite in reports."""
        given = self.values.get("label")
        return given.read(read_name) if given else self.name


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The contents of the settings file; empty if there is none. ``path`` names the file in messages."""

    path: str = ""
    common: Mapping[str, RawValue] = field(default_factory=dict)
    suites: tuple[SuiteEntry, ...] = ()
    rules: RuleTables = field(default_factory=RuleTables)


@dataclass(frozen=True, slots=True)
class Sources:
    """All settings that were given, by source. Each of ``notes`` is to be shown to the user once."""

    flags: Mapping[str, RawValue]
    variables: Mapping[str, RawValue]
    file: SettingsFile = field(default_factory=SettingsFile)
    notes: tuple[str, ...] = ()

    def get(self, name: str) -> RawValue | None:
        """Return a setting from the source of the highest precedence that has it; ``None`` if none has."""
        return self.flags.get(name) or self.variables.get(name) or self.file.common.get(name)

    def of_suite(self, entry: SuiteEntry) -> Sources:
        """Return the sources for one suite, in which the values of its own entry override all others."""
        return replace(self, flags={**self.flags, **entry.values})

    def read(self, name: str, reader: Callable[[str], Value]) -> Value | None:
        """Return the parsed value of a setting; ``None`` if it was not given. Raise ``UsageError`` if it is invalid."""
        given = self.get(name)
        return given.read(reader) if given else None

    def path(self, name: str) -> Path | None:
        """Return a setting as a path; ``None`` if it was not given."""
        given = self.get(name)
        return given.path() if given else None

    def is_on(self, name: str) -> bool:
        return bool(self.read(name, read_switch))

    @property
    def origins(self) -> dict[str, str]:
        """The place where each given setting was written, by the name of the setting."""
        return {name: given.origin for name in BY_NAME if (given := self.get(name))}

    def words(self, command: str) -> tuple[str, ...]:
        """Return those of the given flags that ``command`` accepts, as they are typed, for a printed command.

        Secrets and the queries of links are redacted. A redacted value makes the printed command end in an error;
        without the flag, the command would silently use other settings.
        """
        return tuple(
            word
            for option in options_of(command)
            if option.name not in _OF_ONE_COMMAND and (given := self.flags.get(option.name))
            for text in given.texts
            for word in (
                [option.flag] * (text == "true") if option.shape is Shape.SWITCH else [option.flag, redacted(text)]
            )
        )


def gather(flags: Mapping[str, FlagValue], environment: Mapping[str, str], *, without_file: bool = False) -> Sources:
    """Collect the settings from all sources. Raise ``UsageError`` for unknown names, invalid files and secrets."""
    variables, notes = read_environment(environment)
    given = Sources(_from_flags(flags), variables, notes=notes)
    known, commit = secrets_of(environment), RawValue((environment.get(COMMIT, ""),), COMMIT)
    _refuse_secrets((given.flags, given.variables, {COMMIT: commit}), known)
    file = SettingsFile() if without_file else read_file(given.get("config"), known)
    names = {entry.name: RawValue((entry.name,), f"{file.path}: the name of a suite") for entry in file.suites}
    _refuse_secrets((file.common, names, *(entry.values for entry in file.suites)), known)
    return replace(given, file=file, notes=(*notes, *(() if without_file else hidden_settings(given.get("config")))))


def early(flags: Mapping[str, FlagValue], environment: Mapping[str, str], names: Iterable[str]) -> dict[str, RawValue]:
    """Return those of ``names`` that were given, even if other settings are invalid.

    An empty flag and a file that cannot be read count as not given.
    """
    named = _from_flags({name: value for name, value in flags.items() if value})
    given = Sources(named, _from_variables(_ours(environment)))
    try:
        found = find_file(given.get("config")) or FoundFile("", Path(), {})
    except UsageError:
        found = FoundFile("", Path(), {})
    texts = {name: text for name, text in found.document.items() if isinstance(text, str)}
    in_file = {name: RawValue((text,), f"{found.where}: {name}") for name, text in texts.items()}
    given = replace(given, file=SettingsFile(found.where, _taken_from(found.folder, in_file)))
    return {name: value for name in names if (value := given.get(name))}


def _refuse_secrets(sources: Iterable[Mapping[str, RawValue]], known: Collection[str]) -> None:
    for source in sources:
        for given in source.values():
            given.refuse_secrets(known)


def read_environment(environment: Mapping[str, str]) -> tuple[dict[str, RawValue], tuple[str, ...]]:
    """Return the ``CI_GATE_…`` variables as settings, and notes on them.

    An empty variable counts as unset; if it is a threshold, there is a note. Raise ``UsageError`` for an unknown
    variable.
    """
    ours = _ours(environment)
    for name in ours:
        if name not in VARIABLES:
            raise UsageError(f"unknown variable {name}", hint=nearest(name, VARIABLES, prefix=PREFIX))
    given = _from_variables(ours)
    empty = [name for name in THRESHOLDS if name not in given and BY_NAME[name].variable in ours]
    return given, tuple(f"{BY_NAME[name].variable} is empty and sets no threshold" for name in empty)


def _ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the ``CI_GATE_…`` variables, known or misspelt, without those that describe a service."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(PREFIX) and not _OF_A_SERVICE.fullmatch(f"{name.removeprefix(PREFIX)}={value}")
    }


def read_file(config: RawValue | None, secrets: Collection[str] = ()) -> SettingsFile:
    """Read the settings file that ``config`` names, or the default one. Its rules must hold none of ``secrets``."""
    found = find_file(config)
    try:
        return _settings_file(found, secrets) if found else SettingsFile()
    except UsageError as error:
        # The message may quote the file, which may hold a signed link by mistake.
        raise error.reworded(message=redacted(error.message), hint=redacted(error.hint)) from None


def _from_flags(flags: Mapping[str, FlagValue]) -> dict[str, RawValue]:
    return {name: given for name, value in flags.items() if (given := _from_flag(name, value))}


def _from_flag(name: str, value: FlagValue) -> RawValue | None:
    origin = BY_NAME[name].flag
    match value:
        case None | False | ():  # the flag was not given; click's versions differ in the value
            return None
        case True:
            return RawValue(("true",), origin)
        case str():
            return RawValue((value,), origin)
        case _:
            return RawValue(value, origin)


def _from_variables(environment: Mapping[str, str]) -> dict[str, RawValue]:
    split = ((option, _split(option, environment.get(option.variable, ""))) for option in OPTIONS)
    return {option.name: RawValue(texts, option.variable) for option, texts in split if texts}


def _split(option: Option, text: str) -> tuple[str, ...]:
    """Split a variable that holds a list, at blanks and commas; suites at line ends, since names contain blanks."""
    if option.shape is not Shape.LIST:
        parts = [text]
    elif option.name == "suite":
        parts = text.splitlines()
    else:
        parts = re.split(r"[\s,]+", text)
    return tuple(part.strip() for part in parts if part.strip())


def _settings_file(found: FoundFile, secrets: Collection[str]) -> SettingsFile:
    path, document = found.where, found.document
    thresholds = _thresholds(document.pop("thresholds", {}), f"{path}: thresholds")
    rules = take_rules(document, path, secrets=secrets, folder=found.folder)
    entries = document.pop("suites", [])
    if not isinstance(entries, list):
        raise UsageError(f"{path}: suites must be a list of tables", hint=_SUITE_HINT)
    common = _values(document, path, _COMMON_KEYS, ("thresholds", "suites", *TABLE_KEYS))
    suites = tuple(
        _suite(entry, f"{path}: [[suites]] {number}", secrets=secrets, folder=found.folder)
        for number, entry in enumerate(entries, 1)
    )
    return SettingsFile(path, _taken_from(found.folder, common | thresholds), suites, rules)


def _taken_from(folder: Path, values: Mapping[str, RawValue]) -> dict[str, RawValue]:
    """Return the settings of a file, with the file's folder as the base of the paths among them."""
    return {name: replace(given, folder=folder) if name in _PATHS else given for name, given in values.items()}


def _suite(entry: object, where: str, *, secrets: Collection[str], folder: Path) -> SuiteEntry:
    table = read_table(entry, where, _SUITE_HINT)
    if "name" not in table:
        raise UsageError(f"{where}: the name is missing", hint='every suite needs name = "…", as the platform shows it')
    name = _given(table.pop("name"), f"{where}: name", "name").read(read_name)
    where = f"{where} '{name}'"
    thresholds = _thresholds(table.pop("thresholds", {}), f"{where}: thresholds")
    rules = take_rules(table, where, secrets=secrets, folder=folder)
    values = _values(table, where, _SUITE_KEYS, ("name", "thresholds", *TABLE_KEYS)) | thresholds
    return SuiteEntry(name, _taken_from(folder, values), rules)


def _thresholds(value: object, where: str) -> dict[str, RawValue]:
    return _values(read_table(value, where, _THRESHOLDS_HINT), where, THRESHOLDS, ())


def _values(table: dict[str, object], where: str, keys: Iterable[str], others: tuple[str, ...]) -> dict[str, RawValue]:
    """Convert a table to settings. Raise ``UsageError`` for a key not in ``keys``; the hint may name ``others``."""
    for key in table:
        if key not in keys:
            raise UsageError(f"{where}: unknown key '{key}'", hint=_why_unknown(key, (*keys, *others)))
    return {key: _given(value, f"{where}: {key}", key) for key, value in table.items()}


def _why_unknown(key: str, known: tuple[str, ...]) -> str:
    """Return a hint for an unknown key: it is a secret, in the wrong place, or misspelt."""
    if SECRET_NAME.search(key):
        return SECRETS_HINT
    if key in THRESHOLDS:
        return f"thresholds belong in their own table: thresholds = {{ {key} = … }}"
    if key in _COMMON_KEYS:
        return "a key belongs to the table above it; this one holds for the whole command: write it above all tables"
    if key == "tool":
        return "[tool.ci-gate] is for pyproject.toml; here the keys belong at the top of the file"
    option = BY_NAME.get(key)
    if option is not None and not option.in_file:
        return f"this setting can only be given as {' or '.join(filter(None, (option.flag, option.variable)))}"
    return nearest(key, known)


def _given(value: object, origin: str, name: str) -> RawValue:
    """Return a TOML value as text, in the form in which a flag would have given it."""
    shape = BY_NAME[name].shape if name in BY_NAME else Shape.TEXT
    items = value if isinstance(value, list) and shape is Shape.LIST else [value]
    return RawValue(tuple(_as_text(item, origin, shape) for item in items), origin)


def _as_text(value: object, origin: str, shape: Shape) -> str:
    if isinstance(value, bool):
        if shape in (Shape.SWITCH, Shape.YES_NO):
            return "true" if value else "false"
        raise UsageError(
            f"{origin}: expected a string or a number, not {str(value).lower()}",
            hint='a string needs quotation marks, like "off"',
        )
    if isinstance(value, (str, int)):
        return str(value)
    raise UsageError(f"{origin}: expected a string or a number", hint="write one value, without brackets or braces")
