"""``run.json``: the runs of this gate from the moment they exist, so that a later command can go on with them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING

from ci_gate.bounded_files import read_bounded
from ci_gate.config.parsers import read_name
from ci_gate.config.settings import DEFAULT_BOT_VERSION
from ci_gate.config.settings_document import content_hash, settings_document
from ci_gate.core.clock import moment_text
from ci_gate.core.events import attach_command
from ci_gate.core.report import Unjudged
from ci_gate.errors import ExitCode, UsageError
from ci_gate.gate.run_mark import is_mark_of, mark_of
from ci_gate.output.report_folder import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from ci_gate.config.settings import RemoteSettings
    from ci_gate.core.comparison.baseline import Baseline, MissingBaseline
    from ci_gate.core.report import SuiteReport

_BESIDE = ("name", "bot_id", "bot_version")
_WITHOUT_EFFECT = ("timeout", "max_age", "results_host", "ca_file", "baseline", "allow_missing_baseline")
"""Settings that change neither a run nor its verdict; ``baseline`` is where it was found, not what it holds."""

_SCHEMA_VERSION = 2
_ANEW = "to start anew, leave --resume out"

_GOES_ON = frozenset({ExitCode.TIMEOUT, ExitCode.DENIED, ExitCode.INTERNAL, ExitCode.INTERRUPTED, ExitCode.TERMINATED})
"""Endings of the gate that are none of the run's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What must be known and the same for a run to be gone on with.

    ``commit`` is ``None`` if it is not known; ``settings`` is the hash of those that decide anything.
    """

    label: str
    suite: str
    bot_id: str
    bot_version: str
    commit: str | None
    settings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun(Identity):
    """A run that exists, known to the gate ``since`` a moment in ISO form; without a ``verdict`` it is open.

    ``mark`` shows who recorded the rest; ``None`` if whoever did so had no secret to show it with.
    """

    run_id: str
    since: str
    verdict: str | None = None
    mark: str | None = None

    def marked(self, secret: str) -> KnownRun:
        """Return the run as whoever holds the secret records it."""
        return replace(self, mark=mark_of(secret, self._content()) if secret else None)

    def is_marked(self, secret: str) -> bool:
        """Return whether all of it was recorded by whoever holds the secret."""
        return self.mark is not None and is_mark_of(secret, self._content(), self.mark)

    def _content(self) -> Mapping[str, object]:
        return {name: value for name, value in asdict(self).items() if name != "mark"}


@dataclass(slots=True, kw_only=True)
class RunRecord:
    """The runs of one command in their file; if that cannot be written, a warning is the whole harm.

    ``identities`` are the suites of the command by label; ``secret`` is what requests are signed with, empty if there
    is only a ready token; ``now`` returns the seconds since 1970; ``flags`` are the words that were typed.
    """

    path: Path
    identities: Mapping[str, Identity]
    secret: str = field(repr=False)
    now: Callable[[], float]
    warn: Callable[[str], None]
    flags: tuple[str, ...] = ()
    _runs: dict[str, KnownRun] = field(default_factory=dict)

    def begin(self) -> None:
        """Begin with no run, and forget what the file held."""
        self._write()

    def begin_beside(self) -> None:
        """Begin with what the file holds: who attaches to one run says nothing of the others."""
        with suppress(UsageError):  # nor needs a record
            self._runs = {run.label: run for run in known_runs(self.path)}
        self._write()

    def resume(self) -> Mapping[str, KnownRun]:
        """Begin with the open runs of an earlier command, and return them by label.

        Raise ``UsageError`` if one of them is not what would be started now or was recorded by somebody else, if the
        commit is not known or there is no secret to tell that by, or if the file makes no sense.
        """
        self._refuse_unprovable()
        still_open = [run for run in known_runs(self.path) if run.verdict is None]
        for run in still_open:
            self._refuse_unmarked(run)
            _refuse_changed(run, self.identities.get(run.label), self.flags)
        self._runs = {run.label: run for run in still_open}
        self._write()
        return dict(self._runs)

    def add(self, label: str, run_id: str) -> None:
        """Record a run that exists, unless it is known."""
        known = self._runs.get(label)
        if known is None or known.run_id != run_id:
            since = moment_text(self.now())
            run = KnownRun(**asdict(self.identities[label]), run_id=run_id, since=since)
            self._runs[label] = run.marked(self.secret)
            self._write()

    def close(self, reports: Iterable[tuple[str, SuiteReport]]) -> None:
        """Close the runs that have come to their end, by label; to be done before anything is reported of that end."""
        for label, report in reports:
            run = self._runs.get(label)
            if run and not (isinstance(report, Unjudged) and report.exit_code in _GOES_ON):
                self._runs[run.label] = replace(run, verdict=report.verdict.value).marked(self.secret)
        self._write()

    def _refuse_unprovable(self) -> None:
        """Refuse to go on with any run if nothing could show that it is of this commit, or who recorded it."""
        if not self.secret:
            raise UsageError(
                "--resume needs a client secret or a private key: by a ready token nothing shows who wrote run.json",
                hint=f"set CI_GATE_CLIENT_ID and CI_GATE_CLIENT_SECRET in place of CI_GATE_JWT; {_ANEW}",
            )
        if any(identity.commit is None for identity in self.identities.values()):
            raise UsageError(
                "--resume needs the commit that is built, and neither a variable of a CI system nor git names it",
                hint=f"set CI_GATE_COMMIT to it; {_ANEW}",
            )

    def _refuse_unmarked(self, run: KnownRun) -> None:
        """Refuse a run that anybody may have recorded, without a word on how to judge it all the same."""
        if not run.is_marked(self.secret):
            changed = f"its mark in '{self.path}' does not fit: the file or the secret is not the one of then"
            unmarked = f"in '{self.path}' it bears no mark, as if it had been recorded with a ready token"
            raise _not_resumed(run, changed if run.mark else unmarked, _ANEW)

    def _write(self) -> None:
        document = {"schema_version": _SCHEMA_VERSION, "runs": [asdict(run) for run in self._runs.values()]}
        try:
            write_whole(self.path, (json.dumps(document, indent=2) + "\n").encode())
        except OSError as problem:
            self.warn(f"not written: {self.path}: {problem.strerror}; --resume will not know of these runs")


def identities_of(
    settings: RemoteSettings, baselines: Mapping[str, Baseline | MissingBaseline], commit: str | None
) -> Mapping[str, Identity]:
    """Return for each suite, by label, what has to be the same when its run is resumed."""
    document = settings_document(settings, baselines)
    return {
        suite.label: Identity(
            label=suite.label,
            suite=suite.name,
            bot_id=suite.bot_id or "",
            bot_version=suite.bot_version or DEFAULT_BOT_VERSION,
            commit=commit,
            settings=fingerprint({**document["common"], **document["suites"][suite.label]}),
        )
        for suite in settings.suites
    }


def fingerprint(document: Mapping[str, object]) -> str:
    """Return the hash of the settings of one suite that change a run or its verdict, and do not stand beside it."""
    return content_hash({key: value for key, value in document.items() if key not in (*_BESIDE, *_WITHOUT_EFFECT)})


def known_runs(path: Path) -> tuple[KnownRun, ...]:
    """Read the runs of an earlier command; none if there is no file. Raise ``UsageError`` for any other file."""
    try:
        return _read(read_bounded(path)) if path.exists() else ()
    except OSError as problem:
        reason: object = problem.strerror
    except (ValueError, RecursionError) as problem:
        reason = problem
    raise UsageError(f"'{path}' cannot be read: {reason}", hint=_ANEW)


def _refuse_changed(run: KnownRun, now: Identity | None, flags: tuple[str, ...]) -> None:
    if changed := _changes(run, now):
        anyway = f"to judge it as things are now: {attach_command(run.run_id, run.label, flags)}"
        raise _not_resumed(run, changed, f"{_ANEW}; {anyway}")


def _not_resumed(run: KnownRun, reason: str, hint: str) -> UsageError:
    return UsageError(f"run {run.run_id} of suite '{run.suite}' cannot be resumed: {reason}", hint=hint)


def _changes(run: KnownRun, now: Identity | None) -> str:
    """Return what is not as it was when the run was started, or nothing if all is."""
    if now is None:
        return f"nobody asks for the suite labelled '{run.label}' any more"
    changes = [
        f"the {name.replace('_', ' ')} was {_shown(before)} and is {_shown(after)}"
        for name in ("suite", "bot_id", "bot_version", "commit")
        if (before := getattr(run, name)) != (after := getattr(now, name))
    ]
    if run.settings != now.settings:
        changes.append("the settings are others (host, language, engine, rules, or the baseline)")
    return ", ".join(changes)


def _shown(value: str | None) -> str:
    return "unknown" if value is None else f"'{value}'"


def _read(content: bytes) -> tuple[KnownRun, ...]:
    document = json.loads(content)
    version = document.get("schema_version") if isinstance(document, dict) else None
    if version == 1:
        raise ValueError("an earlier version of ci-gate wrote it, without marks that show who recorded its runs")
    if version != _SCHEMA_VERSION:
        raise ValueError("it is not of this version of ci-gate")
    entries = document.get("runs")
    if not isinstance(entries, list):
        raise ValueError("it lists no runs")
    runs = tuple(map(_run_of, entries))
    if len({run.label for run in runs}) < len(runs):
        raise ValueError("it lists a suite twice")
    return runs


def _run_of(entry: object) -> KnownRun:
    """Read one run; its id becomes part of a path, so the same rule holds for it as for one that a user gives."""
    names = {field.name for field in fields(KnownRun)}
    if not isinstance(entry, dict) or set(entry) != names:
        raise ValueError("a run in it has other fields than it should")
    optional = ("commit", "verdict", "mark")
    if not all(isinstance(value, str) or (value is None and name in optional) for name, value in entry.items()):
        raise ValueError("a field in it is not a text")
    read_name(entry["run_id"])
    return KnownRun(**entry)
