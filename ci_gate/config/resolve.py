"""The settings of each command, resolved from what was given: precedence, defaults and missing settings."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.commands import COMMAND_BY_NAME
from ci_gate.config.connection import resolve_connection
from ci_gate.config.credentials import secrets_of
from ci_gate.config.missing import incomplete, missing_suites, missing_thresholds
from ci_gate.config.options import BY_NAME, OPTIONS
from ci_gate.config.parsers import (
    read_bot_id,
    read_code,
    read_count,
    read_duration,
    read_name,
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
    RemoteSettings,
    Side,
    SimulatorSettings,
    SuiteSettings,
)
from ci_gate.config.suite_rules import origins_of_rules, rules_of, shared_alpha
from ci_gate.core.model import listed
from ci_gate.core.thresholds import OFF
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ci_gate.config.sources import Sources, SuiteEntry

_OF_A_REPLAY = ("replay", "report_dir", "junit_xml", "junit_cases", "quiet", "verbose", "no_color")
"""The settings that a replay accepts: they determine only where and how it is reported."""


def resolve_remote(sources: Sources, environment: Mapping[str, str]) -> RemoteSettings:
    """Return the settings of ``run``. Raise one ``UsageError`` that lists everything that is missing."""
    return replace(_remote("run", sources, environment, selected(sources)), resume=sources.is_on("resume"))


def resolve_attached(sources: Sources, environment: Mapping[str, str], run_id: str) -> RemoteSettings:
    """Return the settings of ``gate``, which attaches to the run ``run_id`` of one suite."""
    _argument(run_id, "RUN_ID", environment)
    return _remote("gate", sources, environment, suite_of_run(sources))


def resolve_compare(sources: Sources, environment: Mapping[str, str], suite: str) -> CompareSettings:
    """Return the settings of ``compare`` for two runs of ``suite``. Raise ``UsageError`` if both sides are the same."""
    asked = _argument(suite, "SUITE", environment)
    sources = replace(sources, flags={**sources.flags, "suite": asked})
    entries = suite_of_run(sources)
    sources = replace(sources, notes=(*sources.notes, *_ignored(sources, entries)))
    remote = _remote("compare", sources, environment, entries)
    base = sources.read("base", read_side) or Side(version="published")
    head = sources.read("head", read_side) or Side(version=DEFAULT_BOT_VERSION)
    if base.text.casefold() == head.text.casefold():
        raise UsageError(f"--base and --head are both {base}: nothing would be compared", hint="name another for one")
    return CompareSettings(**{item.name: getattr(remote, item.name) for item in fields(remote)}, base=base, head=head)


def _ignored(sources: Sources, entries: tuple[SuiteEntry, ...]) -> Iterator[str]:
    """Yield a note for each setting that ``compare`` ignores because it applies to single runs only."""
    for option in OPTIONS:
        given = [sources.of_suite(entry).get(option.name) for entry in entries]
        if option.in_suite and "compare" not in option.commands and given and given[0]:
            yield f"{given[0].origin} applies to single runs only: compare uses --base and --head"


def resolve_check(sources: Sources, report_name: str | None, file_name: str) -> CheckSettings:
    """Return the settings of ``check``, which judges the results file of one suite.

    The suite is chosen by ``--suite``, else by ``report_name``, the name of the suite inside the file, else by
    ``file_name``.
    """
    _read_all(sources)
    entry = suite_of_file(sources, _usable(report_name), _usable(file_name) or "results")
    # Its tests share alpha with all suites that ``run`` would judge, so that ``run`` and ``check`` agree on the file.
    (suite,) = _suites(sources, (entry,), beside=tuple(other for other in selected(sources) if other != entry))
    if missing := (*missing_thresholds(sources, (entry,)),):
        raise incomplete(missing, sources)
    return CheckSettings(
        suites=(suite,),
        output=_output(sources, "check"),
        limits=_limits(sources),
        notes=(*sources.notes, *_unreached(sources, (entry,))),
        origins=sources.origins,
        status=sources.path("status"),
    )


def resolve_replay(sources: Sources) -> tuple[Path, Output]:
    """Return the report folder to judge again, and the output settings.

    All other settings are those that the report recorded. Raise ``UsageError`` if a flag would change one of them.
    """
    for name in sources.flags:
        if name not in _OF_A_REPLAY:
            problem = f"{BY_NAME[name].flag} cannot be used with a replay, which uses the recorded settings"
            raise UsageError(problem, hint="leave it out; or name the results file in place of --replay")
    # The copy of junit.xml that a variable names belongs to the original run; a replay must not overwrite it.
    known = {name: given for name, given in sources.variables.items() if name in _OF_A_REPLAY and name != "junit_xml"}
    output = _output(replace(sources, variables=known), "check")
    return sources.flags["replay"].path(), output


def resolve_simulator(sources: Sources, scenarios: Iterable[str]) -> SimulatorSettings:
    return SimulatorSettings(
        scenario=sources.read("scenario", partial(read_word, words=tuple(scenarios))) or "passing",
        port=sources.read("port", read_port) or 0,
        duration=sources.read("duration", read_duration) or 6.0,
        enforce_jti=sources.is_on("enforce_jti"),
    )


def report_dir_of(command: str, given: RawValue | None) -> Path:
    """Return the report folder, which must be known even if other settings are invalid."""
    return given.path() if given else Path(COMMAND_BY_NAME[command].report_dir)


def _remote(
    command: str, sources: Sources, environment: Mapping[str, str], entries: tuple[SuiteEntry, ...]
) -> RemoteSettings:
    """Return the settings of a command that asks the platform about the suites ``entries``."""
    compares = command == "compare"
    _read_all(sources, compares=compares)
    suites = _suites(sources, entries, compares=compares)
    missing = (*missing_suites(sources, entries), *missing_thresholds(sources, entries, compares=compares))
    remote = resolve_connection(sources, environment, missing)
    for entry in (*entries, *sources.file.suites):
        sources.of_suite(entry).read("bot_id", read_bot_id)
    return RemoteSettings(
        suites=suites,
        output=_output(sources, command),
        limits=_limits(sources),
        notes=(*sources.notes, *_unreached(sources, entries)),
        origins=sources.origins,
        remote=remote,
        flags=sources.words("compare" if compares else "gate"),
    )


def _read_all(sources: Sources, *, compares: bool = False) -> None:
    """Validate every suite in the file, selected or not, so that an error in the nightly suite is found by day."""
    for entry in sources.file.suites:
        _suite(sources, entry, compares=compares)


def _suites(
    sources: Sources, entries: tuple[SuiteEntry, ...], *, beside: tuple[SuiteEntry, ...] = (), compares: bool = False
) -> tuple[SuiteSettings, ...]:
    """Return the settings of the suites ``entries``, whose tests share alpha with those of the suites ``beside``."""
    family = (*entries, *beside)
    is_part, is_alone = len(entries) < len(sources.file.suites), len(family) == 1
    suites = [_suite(sources, entry, compares=compares, is_part=is_part, is_alone=is_alone) for entry in family]
    rules = shared_alpha(
        [suite.rules for suite in suites],
        ["alpha" in entry.values for entry in family],
        shares=sources.read("share_alpha", read_switch) is not False,
    )
    return tuple(replace(suite, rules=own) for suite, own in zip(suites, rules, strict=True))[: len(entries)]


def _suite(
    sources: Sources, entry: SuiteEntry, *, compares: bool = False, is_part: bool = False, is_alone: bool = False
) -> SuiteSettings:
    own = sources.of_suite(entry)
    return SuiteSettings(
        name=entry.name,
        label=entry.label,
        rules=rules_of(sources, entry, compares=compares, is_part=is_part, is_alone=is_alone),
        bot_id=own.read("bot_id", read_name),
        bot_version=None if compares else own.read("bot_version", partial(read_word, words=BOT_VERSIONS)),
        engine=own.read("engine", partial(read_word, words=("regression", "dgpt"))),
        language=own.read("language", read_code),
        advisory=own.is_on("advisory"),
        max_age=None if compares else own.read("max_age", _read_age),
        baseline_path=None if compares else own.path("baseline"),
        allow_missing_baseline=not compares and own.is_on("allow_missing_baseline"),
        origins={**own.origins, **origins_of_rules(sources, entry)},
    )


def _unreached(sources: Sources, entries: Sequence[SuiteEntry]) -> Iterator[str]:
    """Yield a note on each flag or variable without effect on a suite whose own entry overrides the setting."""
    for name in dict.fromkeys(name for entry in entries for name in entry.values):
        if given := sources.flags.get(name) or sources.variables.get(name):
            labels = [entry.label for entry in entries if name in entry.values]
            whose = "suite {}, whose own entry sets" if len(labels) == 1 else "suites {}, whose own entries set"
            yield f"{given.origin} does not reach {whose.format(listed(labels))} {name}"


def _output(sources: Sources, command: str) -> Output:
    cases = sources.read("junit_cases", partial(read_word, words=("all", "mismatched", "gate")))
    utterances = sources.read("utterances", partial(read_word, words=("show", "hash")))
    return Output(
        report_dir=report_dir_of(command, sources.get("report_dir")),
        junit_xml=sources.path("junit_xml"),
        junit_cases=cases or "all",
        hash_utterances=utterances == "hash",
        quiet=sources.is_on("quiet"),
        verbose=sources.is_on("verbose"),
        color=False if sources.is_on("no_color") else None,
    )


def _limits(sources: Sources) -> Limits:
    defaults = Limits()
    return Limits(
        timeout=sources.read("timeout", read_duration) or defaults.timeout,
        max_file_size=sources.read("max_file_size", read_size) or defaults.max_file_size,
        max_file_rows=sources.read("max_file_rows", read_count) or defaults.max_file_rows,
    )


def _argument(text: str, origin: str, environment: Mapping[str, str]) -> RawValue:
    """Return a positional argument, which must be a name, as a setting with ``origin``."""
    given = RawValue((text,), origin)
    given.refuse_secrets(secrets_of(environment))
    given.read(read_name)
    return given


def read_side(text: str) -> Side:
    """Parse a bot version or the id of a run; any name that is not a bot version is taken as an id."""
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
