"""``run.json``: records each run of a command as soon as it exists, so that a later command can resume it."""

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
"""Settings that affect neither a run nor its verdict; ``baseline`` is only the path, its content counts separately."""

_SCHEMA_VERSION = 2
_ANEW = "to start new runs, leave --resume out"

_GOES_ON = frozenset({ExitCode.TIMEOUT, ExitCode.DENIED, ExitCode.INTERNAL, ExitCode.INTERRUPTED, ExitCode.TERMINATED})
"""Exit codes with which the gate ends while the run on the platform may still go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The facts that must be known and unchanged for a run to be resumed.

    ``commit`` is ``None`` if unknown; ``settings`` is the hash of the settings that affect the run or its verdict.
    """

    label: str
    suite: str
    bot_id: str
    bot_version: str
    commit: str | None
    settings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun(Identity):
    """A run that exists on the platform.

    ``since`` is the time of its recording in ISO form. ``verdict`` is ``None`` while the run is open. ``mark``
    authenticates all other fields; it is ``None`` if the recorder had only a ready token.
    """

    run_id: str
    since: str
    verdict: str | None = None
    mark: str | None = None

    def marked(self, secret: str) -> KnownRun:
        """Return the run with a mark made with ``secret``, or without a mark if ``secret`` is empty."""
        return replace(self, mark=mark_of(secret, self._content()) if secret else None)

    def is_marked(self, secret: str) -> bool:
        """Return whether the mark proves that a holder of ``secret`` recorded all fields."""
        return self.mark is not None and is_mark_of(secret, self._content(), self.mark)

    def _content(self) -> Mapping[str, object]:
        return {name: value for name, value in asdict(self).items() if name != "mark"}


@dataclass(slots=True, kw_only=True)
class RunRecord:
    """The runs of one command, and the file that lists them; a failure to write the file only causes a warning.

    ``identities`` has an entry per label of a suite; ``secret`` signs requests and is empty if there is only a ready
    token; ``now`` returns seconds since 1970; ``flags`` are the options to repeat in suggested commands.
    """

    path: Path
    identities: Mapping[str, Identity]
    secret: str = field(repr=False)
    now: Callable[[], float]
    warn: Callable[[str], None]
    flags: tuple[str, ...] = ()
    _runs: dict[str, KnownRun] = field(default_factory=dict)

    def begin(self) -> None:
        """Begin an empty record, and overwrite the file with it."""
        self._write()

    def begin_beside(self) -> None:
        """Keep the recorded runs: attaching to one run must not forget the others."""
        with suppress(UsageError):  # attaching needs no record, so an unreadable one is replaced
            self._runs = {run.label: run for run in known_runs(self.path)}
        self._write()

    def resume(self) -> Mapping[str, KnownRun]:
        """Keep only the open runs of an earlier command, and return them by label.

        Raise ``UsageError`` if an open run has no valid mark or differs from the run that would be started now, if
        the secret or the commit for these two tests is missing, or if the file cannot be read.
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
        """Record the run ``run_id``, unless it is already recorded under ``label``."""
        known = self._runs.get(label)
        if known is None or known.run_id != run_id:
            since = moment_text(self.now())
            run = KnownRun(**asdict(self.identities[label]), run_id=run_id, since=since)
            self._runs[label] = run.marked(self.secret)
            self._write()

    def close(self, reports: Iterable[tuple[str, SuiteReport]]) -> None:
        """Record the verdict of every run that has ended; ``reports`` are pairs of label and report.

        Call this before the reports are published.
        """
        for label, report in reports:
            run = self._runs.get(label)
            if run and not (isinstance(report, Unjudged) and report.exit_code in _GOES_ON):
                self._runs[run.label] = replace(run, verdict=report.verdict.value).marked(self.secret)
        self._write()

    def _refuse_unprovable(self) -> None:
        """Raise ``UsageError`` if the recorder or the commit of a run could not be verified."""
        if not self.secret:
            raise UsageError(
                "--resume needs a client secret or a private key: a ready token cannot show who wrote run.json",
                hint=f"set CI_GATE_CLIENT_ID and CI_GATE_CLIENT_SECRET in place of CI_GATE_JWT; {_ANEW}",
            )
        if any(identity.commit is None for identity in self.identities.values()):
            raise UsageError(
                "--resume needs the commit that is built, which neither a CI variable nor git provides",
                hint=f"set CI_GATE_COMMIT to it; {_ANEW}",
            )

    def _refuse_unmarked(self, run: KnownRun) -> None:
        """Raise ``UsageError`` if the mark of ``run`` is invalid; the hint must not offer to judge a forged run."""
        if not run.is_marked(self.secret):
            changed = (
                f"its mark in '{self.path}' is invalid: the file or the secret has changed since the run was recorded"
            )
            unmarked = f"in '{self.path}' it has no mark: was it recorded with a ready token?"
            raise _not_resumed(run, changed if run.mark else unmarked, _ANEW)

    def _write(self) -> None:
        document = {"schema_version": _SCHEMA_VERSION, "runs": [asdict(run) for run in self._runs.values()]}
        try:
            write_whole(self.path, (json.dumps(document, indent=2) + "\n").encode())
        except OSError as problem:
            self.warn(f"not written: {self.path}: {problem.strerror}; --resume cannot resume these runs")


def identities_of(
    settings: RemoteSettings, baselines: Mapping[str, Baseline | MissingBaseline], commit: str | None
) -> Mapping[str, Identity]:
    """Return by label, for each suite, the facts that must be unchanged when its run is resumed."""
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
    """Return the hash of the settings in ``document`` that affect a run or its verdict.

    The suite's name, bot and bot version are left out, since ``Identity`` has fields for them.
    """
    return content_hash({key: value for key, value in document.items() if key not in (*_BESIDE, *_WITHOUT_EFFECT)})


def known_runs(path: Path) -> tuple[KnownRun, ...]:
    """Return the runs recorded in a file, or none if there is no file. Raise ``UsageError`` if it cannot be read."""
    try:
        return _read(read_bounded(path)) if path.exists() else ()
    except OSError as problem:
        reason: object = problem.strerror
    except (ValueError, RecursionError) as problem:
        reason = problem
    raise UsageError(f"'{path}' cannot be read: {reason}", hint=_ANEW)


def _refuse_changed(run: KnownRun, now: Identity | None, flags: tuple[str, ...]) -> None:
    if changed := _changes(run, now):
        anyway = (
            f"; to judge it under the present settings: {attach_command(run.run_id, run.label, flags)}" if now else ""
        )
        raise _not_resumed(run, changed, f"{_ANEW}{anyway}")


def _not_resumed(run: KnownRun, reason: str, hint: str) -> UsageError:
    return UsageError(f"run {run.run_id} of suite '{run.suite}' cannot be resumed: {reason}", hint=hint)


def _changes(run: KnownRun, now: Identity | None) -> str:
    """Describe how ``now`` differs from the identity of ``run``; return an empty text if both are equal."""
    if now is None:
        return f"the suite labelled '{run.label}' is no longer selected"
    changes = [
        f"the {name.replace('_', ' ')} was {_shown(before)} and is {_shown(after)}"
        for name in ("suite", "bot_id", "bot_version", "commit")
        if (before := getattr(run, name)) != (after := getattr(now, name))
    ]
    if run.settings != now.settings:
        changes.append("the settings have changed (host, language, engine, rules, or the baseline)")
    return ", ".join(changes)


def _shown(value: str | None) -> str:
    return "unknown" if value is None else f"'{value}'"


def _read(content: bytes) -> tuple[KnownRun, ...]:
    document = json.loads(content)
    version = document.get("schema_version") if isinstance(document, dict) else None
    if version == 1:
        raise ValueError("it was written by an earlier version of ci-gate, which did not authenticate its runs")
    if version != _SCHEMA_VERSION:
        raise ValueError("its schema version is not supported by this version of ci-gate")
    entries = document.get("runs")
    if not isinstance(entries, list):
        raise ValueError("it lists no runs")
    runs = tuple(map(_run_of, entries))
    if len({run.label for run in runs}) < len(runs):
        raise ValueError("it lists a suite twice")
    return runs


def _run_of(entry: object) -> KnownRun:
    """Parse one run. Validate its id by the rule for ids from users, since the id becomes part of a URL path."""
    names = {field.name for field in fields(KnownRun)}
    if not isinstance(entry, dict) or set(entry) != names:
        raise ValueError("a run in it has missing or unknown fields")
    optional = ("commit", "verdict", "mark")
    if not all(isinstance(value, str) or (value is None and name in optional) for name, value in entry.items()):
        raise ValueError("a field of a run in it is not a text")
    read_name(entry["run_id"])
    return KnownRun(**entry)
