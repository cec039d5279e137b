"""From what was given to the settings of a command: defaults, precedence, and what is missing."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ci_gate.commands import COMMAND_BY_NAME
from ci_gate.config.credentials import read_credentials, secrets_of
from ci_gate.config.options import BY_NAME, OPTIONS
from ci_gate.config.parsers import (
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
from ci_gate.config.raw_value import RawValue
from ci_gate.config.selection import selected, suite_of_file, suite_of_run
from ci_gate.config.settings import (
    BOT_VERSIONS,
    DEFAULT_BOT_VERSION,
    CheckSettings,
    CompareSettings,
    Limits,
    Output,
    Remote,
    RemoteSettings,
    Side,
    SimulatorSettings,
    SuiteSettings,
)
from ci_gate.config.sources import FILE, Sources, SuiteEntry
from ci_gate.config.suite_rules import can_fail, given_for, rules_of, shared_alpha
from ci_gate.core.thresholds import OFF, THRESHOLDS
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Value = TypeVar("Value")

_NAMELESS = SuiteEntry("")


def resolve_remote(sources: Sources, environment: Mapping[str, str]) -> RemoteSettings:
    """Settle the settings of ``run``. Everything that is missing is said at once."""
    return replace(_remote(sources, environment, selected(sources)), resume=_switch(sources, "resume"))


def resolve_attached(sources: Sources, environment: Mapping[str, str], run_id: str) -> RemoteSettings:
    """Settle the settings of ``gate``, which attaches to one run of one suite."""
    _argument(run_id, "RUN_ID", environment)
    return _remote(sources, environment, suite_of_run(sources))


def resolve_compare(sources: Sources, environment: Mapping[str, str], suite: str) -> CompareSettings:
    """Settle the settings of ``compare``: one suite, and what of it is held against what."""
    asked = _argument(suite, "SUITE", environment)
    sources = replace(sources, flags={**sources.flags, "suite": asked})
    entries = suite_of_run(sources)
    sources = replace(sources, notes=(*sources.notes, *_ignored(sources, entries)))
    remote = _remote(sources, environment, entries, compares=True)
    base = _optional(sources.get("base"), read_side) or Side(version="published")
    head = _optional(sources.get("head"), read_side) or Side(version=DEFAULT_BOT_VERSION)
    if base.text.casefold() == head.text.casefold():
        raise UsageError(f"--base and --head are both {base}: nothing would be compared", hint="name another for one")
    return CompareSettings(**{item.name: getattr(remote, item.name) for item in fields(remote)}, base=base, head=head)


def _ignored(sources: Sources, entries: tuple[SuiteEntry, ...]) -> Iterator[str]:
    """Name what is set for single runs, and has no say where two of them are compared."""
    for option in OPTIONS:
        given = [given_for(sources, entry, option.name) for entry in entries]
        if option.in_suite and "compare" not in option.commands and given and given[0]:
            yield f"{given[0].origin} is for single runs: compare goes by --base and --head alone"


def resolve_check(sources: Sources, report_name: str | None, file_name: str) -> CheckSettings:
    """Settle the settings of ``check``: one suite, called as asked, else as the results file says, else as the file."""
    _read_all(sources)
    entry = suite_of_file(sources, _usable(report_name), _usable(file_name) or "results")
    # Its tests share a chance with those of the suites that a run would judge, so that a replay comes to the same.
    (suite,) = _suites(sources, (entry,), beside=tuple(other for other in selected(sources) if other != entry))
    if missing := _missing_thresholds(sources, (entry,)):
        raise _incomplete(missing, sources)
    return CheckSettings(
        suites=(suite,),
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


def report_dir_of(command: str, given: RawValue | None) -> Path:
    """Return the report folder, which is needed even if nothing else makes sense."""
    return _optional(given, read_path) or Path(COMMAND_BY_NAME[command].report_dir)


def _remote(
    sources: Sources, environment: Mapping[str, str], entries: tuple[SuiteEntry, ...], *, compares: bool = False
) -> RemoteSettings:
    """Settle what every command needs that asks the platform."""
    _read_all(sources, compares=compares)
    suites = _suites(sources, entries, compares=compares)
    host = sources.get("host")
    missing = [] if host else [_how_to_give("host", sources)]
    if not entries:
        missing.append(_how_to_give("suite", sources))
    homeless = [entry for entry in entries or (_NAMELESS,) if not given_for(sources, entry, "bot_id")]
    if homeless:
        missing.append(_how_to_give("bot_id", sources, homeless))
    missing += _missing_thresholds(sources, entries, compares=compares)
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


def _read_all(sources: Sources, *, compares: bool = False) -> None:
    """Refuse a suite of the file that makes no sense, chosen or not: tonight's mistake should show by day."""
    for entry in sources.file.suites:
        _suite(sources, entry, compares=compares)


def _suites(
    sources: Sources,
    entries: tuple[SuiteEntry, ...],
    *,
    beside: tuple[SuiteEntry, ...] = (),
    compares: bool = False,
) -> tuple[SuiteSettings, ...]:
    """Return the settings of the judged suites; their tests and those of the suites ``beside`` share alpha."""
    family = (*entries, *beside)
    is_part, is_alone = len(entries) < len(sources.file.suites), len(family) == 1
    suites = [_suite(sources, entry, compares=compares, is_part=is_part, is_alone=is_alone) for entry in family]
    share = sources.get("share_alpha")
    rules = shared_alpha(
        [suite.rules for suite in suites],
        ["alpha" in entry.values for entry in family],
        shares=share.read(read_switch) if share else True,
    )
    return tuple(replace(suite, rules=own) for suite, own in zip(suites, rules, strict=True))[: len(entries)]


def _suite(
    sources: Sources, entry: SuiteEntry, *, compares: bool = False, is_part: bool = False, is_alone: bool = False
) -> SuiteSettings:
    """Settle one suite; a value of its own entry beats the common one."""
    get = partial(given_for, sources, entry)
    advisory, max_age, allow_missing = get("advisory"), get("max_age"), get("allow_missing_baseline")
    return SuiteSettings(
        name=entry.name,
        label=entry.label,
        rules=rules_of(sources, entry, compares=compares, is_part=is_part, is_alone=is_alone),
        bot_id=_optional(get("bot_id"), read_name),
        bot_version=None if compares else _optional(get("bot_version"), partial(read_word, words=BOT_VERSIONS)),
        engine=_optional(get("engine"), partial(read_word, words=("regression", "dgpt"))),
        language=_optional(get("language"), read_code),
        advisory=advisory.read(read_switch) if advisory else False,
        max_age=max_age.read(_read_age) if max_age and not compares else None,
        baseline_path=None if compares else _optional(get("baseline"), read_path),
        allow_missing_baseline=allow_missing.read(read_switch) if allow_missing else False,
        can_fail_alone=can_fail(sources, entry, compared=False),
    )


def _missing_thresholds(sources: Sources, entries: tuple[SuiteEntry, ...], *, compares: bool = False) -> list[str]:
    """Name the suites that could not fail: defaults alone make no gate."""
    lacking = [
        entry
        for entry in entries or (_NAMELESS,)
        if not can_fail(sources, entry, compared=compares or given_for(sources, entry, "baseline") is not None)
    ]
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


def _optional(given: RawValue | None, reader: Callable[[str], Value]) -> Value | None:
    return given.read(reader) if given else None


def _argument(text: str, origin: str, environment: Mapping[str, str]) -> RawValue:
    """Take what was given without a flag, which must be a name."""
    given = RawValue((text,), origin)
    given.refuse_secrets(secrets_of(environment))
    given.read(read_name)
    return given


def _switch(sources: Sources, name: str) -> bool:
    given = sources.get(name)
    return given.read(read_switch) if given else False


def read_side(text: str) -> Side:
    """Read a bot version or the id of a run; whatever is not the one is the other."""
    name = read_name(text)
    version = next((word for word in BOT_VERSIONS if word.casefold() == name.casefold()), None)
    return Side(version=version) if version else Side(run_id=name)


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
