"""From what was given to the settings of a command: defaults, precedence, and what is missing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ci_gate.config.credentials import read_credentials
from ci_gate.config.options import BY_NAME
from ci_gate.config.settings import (
    CheckSettings,
    Limits,
    Output,
    Remote,
    RemoteSettings,
    SimulatorSettings,
    SuiteSettings,
)
from ci_gate.config.sources import Given, Sources, SuiteEntry
from ci_gate.config.values import (
    nearest,
    read_base_url,
    read_count,
    read_duration,
    read_host,
    read_name,
    read_port,
    read_size,
    read_switch,
    read_word,
)
from ci_gate.core.findings import TOLERABLE, FindingKind
from ci_gate.core.thresholds import DEFAULTS, OFF, THRESHOLDS, Threshold, read_threshold
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Value = TypeVar("Value")

REPORT_DIRS = {"run": "ci-gate-report", "gate": "ci-gate-report", "check": "ci-gate-check"}


def resolve_remote(sources: Sources, environment: Mapping[str, str]) -> RemoteSettings:
    """Settle the settings of ``run``. Everything that is missing is said at once."""
    suites = tuple(_suite(sources, entry) for entry in _selected(sources))
    host = sources.get("host")
    missing = [] if host else [_how_to_give("host")]
    if not suites:
        missing.append(_how_to_give("suite"))
    if not all(suite.bot_id for suite in suites or (_suite(sources, SuiteEntry("")),)):
        missing.append(_how_to_give("bot_id"))
    missing += _missing_thresholds(sources, suites)
    credentials, missing_secret = read_credentials(sources.get("jwt_algorithm"), environment)
    missing += missing_secret
    if missing or host is None or credentials is None:
        raise UsageError("not everything that is needed was given", hint="missing:\n" + "\n".join(missing))
    allow_http = _switch(sources, "allow_http")
    ca_file = sources.get("ca_file")
    remote = Remote(
        host=host.read(partial(read_base_url, allow_http=allow_http)),
        credentials=credentials,
        results_host=_optional(sources.get("results_host"), read_host),
        ca_file=ca_file.read(_existing_file) if ca_file else None,
    )
    return RemoteSettings(
        suites=_distinct(suites),
        output=_output(sources, "run"),
        limits=_limits(sources),
        notes=sources.notes,
        remote=remote,
    )


def resolve_attached(sources: Sources, environment: Mapping[str, str], run_id: str) -> RemoteSettings:
    """Settle the settings of ``gate``, which attaches to one run of one suite."""
    Given((run_id,), "RUN_ID").read(read_name)
    settings = resolve_remote(sources, environment)
    if len(settings.suites) > 1:
        names = ", ".join(suite.name for suite in settings.suites)
        raise UsageError("a run belongs to one suite, but several are given", hint=f"choose with --suite: {names}")
    return settings


def resolve_check(sources: Sources, report_name: str | None, file_name: str) -> CheckSettings:
    """Settle the settings of ``check``: one suite, called as asked, else as the results file says, else as the file."""
    asked = sources.get("suite")
    if asked and len(asked.texts) > 1:
        raise UsageError(f"{asked.origin}: a results file belongs to one suite")
    if not sources.file.suites or asked:
        entries = _selected(sources) or (SuiteEntry(_usable(report_name) or _usable(file_name) or "results"),)
    else:
        entries = tuple(entry for entry in sources.file.suites if entry.name == report_name)
        if not entries:
            known = [entry.name for entry in sources.file.suites]
            hint = f"{nearest(report_name or file_name, known)} Choose with --suite"
            raise UsageError(f"the file belongs to no suite that {sources.file.path} lists", hint=hint)
    if len(entries) > 1:
        labels = ", ".join(_suite(sources, entry).label for entry in entries)
        raise UsageError(f"several entries fit this file: {labels}", hint="choose one by its label with --suite")
    suites = (_suite(sources, entries[0]),)
    if missing := _missing_thresholds(sources, suites):
        raise UsageError("not everything that is needed was given", hint="missing:\n" + "\n".join(missing))
    status = sources.get("status")
    return CheckSettings(
        suites=suites,
        output=_output(sources, "check"),
        limits=_limits(sources),
        notes=sources.notes,
        status=Path(status.texts[0]) if status else None,
    )


def resolve_simulator(sources: Sources, scenarios: Iterable[str]) -> SimulatorSettings:
    """Settle the settings of ``simulator``."""
    return SimulatorSettings(
        scenario=_optional(sources.get("scenario"), partial(read_word, words=tuple(scenarios))) or "passing",
        port=_optional(sources.get("port"), read_port) or 0,
        duration=_optional(sources.get("duration"), read_duration) or 6.0,
        enforce_jti=_switch(sources, "enforce_jti"),
    )


def report_dir_of(command: str, given: Given | None) -> Path:
    """Tell the report folder, which is needed even where nothing else makes sense."""
    return Path(given.texts[0] if given else REPORT_DIRS[command])


def _selected(sources: Sources) -> tuple[SuiteEntry, ...]:
    """Choose the suites: those asked for, which must be among those of the file where it lists any."""
    asked = sources.get("suite")
    listed = sources.file.suites
    if asked is None:
        return listed
    names = asked.read_all(read_name)
    if not listed:
        return tuple(SuiteEntry(name) for name in dict.fromkeys(names))
    for name in names:
        if not any(_goes_by(entry, name) for entry in listed):
            known = nearest(name, [entry.name for entry in listed])
            raise UsageError(f"{asked.origin}: {sources.file.path} lists no suite '{name}'", hint=known)
    return tuple(entry for entry in listed if any(_goes_by(entry, name) for name in names))


def _goes_by(entry: SuiteEntry, name: str) -> bool:
    label = entry.values.get("label")
    return name == entry.name or (label is not None and name == label.texts[0].strip())


def _suite(sources: Sources, entry: SuiteEntry) -> SuiteSettings:
    """Settle one suite; a value of its own entry beats the common one."""

    def get(name: str) -> Given | None:
        return entry.values.get(name) or sources.get(name)

    tolerate, advisory, max_age = get("tolerate"), get("advisory"), get("max_age")
    return SuiteSettings(
        name=entry.name,
        label=_optional(entry.values.get("label"), read_name) or entry.name,
        thresholds=_thresholds(get),
        bot_id=_optional(get("bot_id"), read_name),
        bot_version=_optional(get("bot_version"), partial(read_word, words=("inDevelopment", "published"))),
        engine=_optional(get("engine"), partial(read_word, words=("regression", "dgpt"))),
        language=_optional(get("language"), read_name),
        tolerate=frozenset(tolerate.read_all(_read_tolerable)) if tolerate else frozenset(),
        advisory=advisory.read(read_switch) if advisory else False,
        max_age=max_age.read(_read_age) if max_age else None,
    )


def _thresholds(get: Callable[[str], Given | None]) -> tuple[Threshold, ...]:
    """Settle the thresholds of a suite in the order of the table."""
    found = []
    for key in THRESHOLDS:
        given = get(key)
        threshold = given.read(partial(read_threshold, key)) if given else DEFAULTS.get(key)
        if threshold is not None:
            found.append(threshold)
    return tuple(found)


def _missing_thresholds(sources: Sources, suites: tuple[SuiteSettings, ...]) -> list[str]:
    """Name the suites that could not fail: defaults alone make no gate."""
    by_label = {(entry.name, _suite(sources, entry).label): entry for entry in sources.file.suites}
    lacking = [
        suite.label
        for suite in suites
        if not _asks_for_something(sources, by_label.get((suite.name, suite.label), SuiteEntry(suite.name)))
    ]
    if suites and not lacking:
        return []
    if not suites and _asks_for_something(sources, SuiteEntry("")):
        return []
    which = f" for {', '.join(lacking)}" if lacking else ""
    how = "such as --min-f1 0.9, CI_GATE_MIN_F1 or [thresholds] min_f1 = 0.9"
    return [f"  a threshold{which}: {how}; a gate that cannot fail is not a gate"]


def _asks_for_something(sources: Sources, entry: SuiteEntry) -> bool:
    given = (entry.values.get(key) or sources.get(key) for key in THRESHOLDS)
    return any(found is not None and found.texts[0].strip().lower() != OFF for found in given)


def _distinct(suites: tuple[SuiteSettings, ...]) -> tuple[SuiteSettings, ...]:
    """Refuse two suites that every report would show under one label."""
    labels = [suite.label for suite in suites]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(f"two suites are labelled '{label}'", hint='give one of them label = "…" of its own')
    return suites


def _output(sources: Sources, command: str) -> Output:
    junit_xml, no_color = sources.get("junit_xml"), _switch(sources, "no_color")
    cases = _optional(sources.get("junit_cases"), partial(read_word, words=("all", "mismatched", "gate")))
    utterances = _optional(sources.get("utterances"), partial(read_word, words=("show", "hash")))
    return Output(
        report_dir=report_dir_of(command, sources.get("report_dir")),
        junit_xml=Path(junit_xml.texts[0]) if junit_xml else None,
        junit_cases=cases or "all",
        hash_utterances=utterances == "hash",
        quiet=_switch(sources, "quiet"),
        verbose=_switch(sources, "verbose"),
        color=False if no_color else None,
    )


def _limits(sources: Sources) -> Limits:
    defaults = Limits()
    return Limits(
        timeout=_optional(sources.get("timeout"), read_duration) or defaults.timeout,
        max_file_size=_optional(sources.get("max_file_size"), read_size) or defaults.max_file_size,
        max_file_rows=_optional(sources.get("max_file_rows"), read_count) or defaults.max_file_rows,
    )


def _optional(given: Given | None, reader: Callable[[str], Value]) -> Value | None:
    return given.read(reader) if given else None


def _switch(sources: Sources, name: str) -> bool:
    given = sources.get(name)
    return given.read(read_switch) if given else False


def _read_tolerable(text: str) -> FindingKind:
    return FindingKind(read_word(text, [kind.value for kind in TOLERABLE]))


def _read_age(text: str) -> float | None:
    return None if text.strip().lower() == OFF else read_duration(text)


def _existing_file(text: str) -> str:
    if not Path(text).is_file():
        raise ValueError(f"there is no file '{text}'")
    return text


def _usable(name: str | None) -> str | None:
    try:
        return read_name(name or "")
    except ValueError:
        return None


def _how_to_give(name: str) -> str:
    option = BY_NAME[name]
    what = {"host": "the platform's host", "suite": "a suite", "bot_id": "the bot's id"}[name]
    key = '[[suites]] name = "…"' if name == "suite" else f'{name} = "…"'
    return f"  {what}: {option.flag} {option.metavar}, {option.variable}, or {key} in ci-gate.toml"
