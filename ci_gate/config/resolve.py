"""From what was given to the settings of a command: defaults, precedence, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ci_gate.config.credentials import read_credentials, secrets_of
from ci_gate.config.options import BY_NAME
from ci_gate.config.selection import selected, suite_of_file, suite_of_run
from ci_gate.config.settings import (
    CheckSettings,
    Limits,
    Output,
    Remote,
    RemoteSettings,
    SimulatorSettings,
    SuiteSettings,
)
from ci_gate.config.sources import FILE, Given, Sources, SuiteEntry
from ci_gate.config.values import (
    read_base_url,
    read_code,
    read_count,
    read_duration,
    read_existing_file,
    read_host,
    read_name,
    read_path,
    read_port,
    read_size,
    read_switch,
    read_word,
)
from ci_gate.core.findings import TOLERABLE, FindingKind
from ci_gate.core.thresholds import DEFAULTS, OFF, THRESHOLDS, Threshold, read_threshold
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Value = TypeVar("Value")

_NAMELESS = SuiteEntry("")
REPORT_DIRS = {"run": "ci-gate-report", "gate": "ci-gate-report", "check": "ci-gate-check"}


def resolve_remote(sources: Sources, environment: Mapping[str, str]) -> RemoteSettings:
    """Settle the settings of ``run``. Everything that is missing is said at once."""
    return replace(_remote(sources, environment, selected(sources)), resume=_switch(sources, "resume"))


def resolve_attached(sources: Sources, environment: Mapping[str, str], run_id: str) -> RemoteSettings:
    """Settle the settings of ``gate``, which attaches to one run of one suite."""
    given = Given((run_id,), "RUN_ID")
    given.refuse_secrets(secrets_of(environment))
    given.read(read_name)
    return _remote(sources, environment, suite_of_run(sources))


def resolve_check(sources: Sources, report_name: str | None, file_name: str) -> CheckSettings:
    """Settle the settings of ``check``: one suite, called as asked, else as the results file says, else as the file."""
    _read_all(sources)
    entry = suite_of_file(sources, _usable(report_name), _usable(file_name) or "results")
    if missing := _missing_thresholds(sources, (entry,)):
        raise _incomplete(missing, sources)
    return CheckSettings(
        suites=(_suite(sources, entry),),
        output=_output(sources, "check"),
        limits=_limits(sources),
        notes=(*sources.notes, *_unreached(sources, (entry,))),
        status=_optional(sources.get("status"), read_path),
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
    return _optional(given, read_path) or Path(REPORT_DIRS[command])


def _remote(sources: Sources, environment: Mapping[str, str], entries: tuple[SuiteEntry, ...]) -> RemoteSettings:
    """Settle what every command needs that asks the platform."""
    _read_all(sources)
    suites = tuple(_suite(sources, entry) for entry in entries)
    host = sources.get("host")
    missing = [] if host else [_how_to_give("host", sources)]
    if not entries:
        missing.append(_how_to_give("suite", sources))
    homeless = [entry for entry in entries or (_NAMELESS,) if not _given_for(sources, entry, "bot_id")]
    if homeless:
        missing.append(_how_to_give("bot_id", sources, homeless))
    missing += _missing_thresholds(sources, entries)
    credentials, missing_secret = read_credentials(sources.get("jwt_algorithm"), environment)
    missing += missing_secret
    if missing or host is None or credentials is None:
        raise _incomplete(missing, sources)
    allow_http = _switch(sources, "allow_http")
    remote = Remote(
        host=host.read(partial(read_base_url, allow_http=allow_http)),
        credentials=credentials,
        results_host=_optional(sources.get("results_host"), read_host),
        ca_file=_optional(sources.get("ca_file"), read_existing_file),
    )
    return RemoteSettings(
        suites=suites,
        output=_output(sources, "run"),
        limits=_limits(sources),
        notes=(*sources.notes, *_unreached(sources, entries)),
        remote=remote,
    )


def _read_all(sources: Sources) -> None:
    """Refuse a suite of the file that makes no sense, chosen or not: tonight's mistake should show by day."""
    for entry in sources.file.suites:
        _suite(sources, entry)


def _suite(sources: Sources, entry: SuiteEntry) -> SuiteSettings:
    """Settle one suite; a value of its own entry beats the common one."""
    get = partial(_given_for, sources, entry)
    tolerate, advisory, max_age = get("tolerate"), get("advisory"), get("max_age")
    return SuiteSettings(
        name=entry.name,
        label=entry.label,
        thresholds=_thresholds(get),
        bot_id=_optional(get("bot_id"), read_name),
        bot_version=_optional(get("bot_version"), partial(read_word, words=("inDevelopment", "published"))),
        engine=_optional(get("engine"), partial(read_word, words=("regression", "dgpt"))),
        language=_optional(get("language"), read_code),
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


def _missing_thresholds(sources: Sources, entries: tuple[SuiteEntry, ...]) -> list[str]:
    """Name the suites that could not fail: defaults alone make no gate."""
    lacking = [entry for entry in entries or (_NAMELESS,) if not _asks_for_something(sources, entry)]
    if not lacking:
        return []
    how = "--min-f1 0.9, CI_GATE_MIN_F1 or thresholds = { min_f1 = 0.9 }"
    switched_off = any(key in entry.values for entry in lacking for key in THRESHOLDS)
    where = ", in the suite's own entry where that says off" if switched_off else ""
    return [f"  a threshold{_for(lacking)}: such as {how}{where}; a gate that cannot fail is not a gate"]


def _unreached(sources: Sources, entries: Iterable[SuiteEntry]) -> Iterator[str]:
    """Name the flags that say nothing to a suite whose own entry has that setting."""
    for entry in entries:
        for name in entry.values:
            if name in sources.flags:
                yield f"{BY_NAME[name].flag} does not reach suite '{entry.label}', whose own entry sets {name}"


def _asks_for_something(sources: Sources, entry: SuiteEntry) -> bool:
    given = (_given_for(sources, entry, key) for key in THRESHOLDS)
    return any(found is not None and found.texts[0].strip().lower() != OFF for found in given)


def _given_for(sources: Sources, entry: SuiteEntry, name: str) -> Given | None:
    """Find a value for a suite: its own entry beats what is common to all."""
    return entry.values.get(name) or sources.get(name)


def _output(sources: Sources, command: str) -> Output:
    cases = _optional(sources.get("junit_cases"), partial(read_word, words=("all", "mismatched", "gate")))
    utterances = _optional(sources.get("utterances"), partial(read_word, words=("show", "hash")))
    return Output(
        report_dir=report_dir_of(command, sources.get("report_dir")),
        junit_xml=_optional(sources.get("junit_xml"), read_path),
        junit_cases=cases or "all",
        hash_utterances=utterances == "hash",
        quiet=_switch(sources, "quiet"),
        verbose=_switch(sources, "verbose"),
        color=False if _switch(sources, "no_color") else None,
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


def _usable(name: str | None) -> str | None:
    try:
        return read_name(name or "")
    except ValueError:
        return None


def _incomplete(missing: list[str], sources: Sources) -> UsageError:
    """Say what is missing, and what might have been meant to give it."""
    return UsageError("not everything that is needed was given", hint="\n".join(("missing:", *missing, *sources.notes)))


def _how_to_give(name: str, sources: Sources, entries: Iterable[SuiteEntry] = ()) -> str:
    option = BY_NAME[name]
    what = {"host": "the platform's host", "suite": "a suite", "bot_id": "the bot's id"}[name]
    key = '[[suites]] name = "…"' if name == "suite" else f'{name} = "…"'
    where = sources.file.path or FILE
    return f"  {what}{_for(entries)}: {option.flag} {option.metavar}, {option.variable}, or {key} in {where}"


def _for(entries: Iterable[SuiteEntry]) -> str:
    labels = ", ".join(f"'{entry.label}'" for entry in entries if entry.name)
    return f" for {labels}" if labels else ""
