"""The commands ``run`` and ``gate``: judge suites on the platform. Imports the network code only to connect."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ci_gate.config.parsers import is_loopback
from ci_gate.config.resolve import resolve_attached, resolve_remote
from ci_gate.config.settings import DEFAULT_BOT_VERSION
from ci_gate.core.events import Event, RunIdentified, attach_command
from ci_gate.core.report import Source
from ci_gate.gate.run_record import Identity, RunRecord, identities_of
from ci_gate.gate.session import Plan
from ci_gate.gate.suite_run import Assignment
from ci_gate.gate.workers import Workers
from ci_gate.output.ci.commit import commit_of
from ci_gate.output.progress import Progress, seconds_text
from ci_gate.output.report_folder import RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ci_gate.config.settings import Credentials, RemoteSettings, SuiteSettings
    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.core.clock import Clock
    from ci_gate.core.comparison.baseline import Baseline, MissingBaseline
    from ci_gate.core.model import Platform
    from ci_gate.gate.session import CommandContext, Invocation
    from ci_gate.kore.wire import HttpWire
    from ci_gate.output.console import Console


def plan_run(invocation: Invocation) -> Plan[RemoteSettings]:
    """Plan ``run``: start, or resume, a run of every suite."""
    return Plan(resolve_remote(invocation.sources, invocation.environment), judge_on_platform)


def plan_gate(invocation: Invocation) -> Plan[RemoteSettings]:
    """Plan ``gate``: attach to one existing run; the argument is its id."""
    settings = resolve_attached(invocation.sources, invocation.environment, invocation.argument)
    return Plan(settings, partial(judge_on_platform, attach=invocation.argument.strip()))


def judge_on_platform(
    context: CommandContext[RemoteSettings], *, attach: str | None = None
) -> tuple[SuiteOutcome, ...]:
    """Start, resume or attach to a run of every suite, judge the runs, and return the outcomes in suite order."""
    settings, baselines = context.settings, context.baselines.by_label
    # A run that was started elsewhere may test any commit.
    commit = None if attach is not None else commit_of(context.runtime.environment)
    with connect(context, identities_of(settings, baselines, commit)) as remote:
        resumed = _begin(remote.record, context, attach)
        outcomes = remote.judge(
            tuple(
                remote.assignment(
                    suite, baseline=baselines.get(suite.label), attach=attach, resume=resumed.get(suite.label)
                )
                for suite in settings.suites
            )
        )
        remote.record.close((outcome.report.subject.label, outcome.report) for outcome in outcomes)
    return outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteJudge:
    """Judges suites on the platform within one deadline.

    ``deadline`` is a time in seconds of the runtime's monotonic clock; ``token`` returns a token for the next request.
    """

    context: CommandContext[RemoteSettings]
    wire: HttpWire
    deadline: float
    token: Callable[[], str]
    record: RunRecord
    progress: Progress

    def assignment(
        self,
        suite: SuiteSettings,
        *,
        baseline: Baseline | MissingBaseline | None = None,
        attach: str | None = None,
        resume: str | None = None,
        way_back: Callable[[str], str] | None = None,
    ) -> Assignment:
        """Return the assignment to judge ``suite``: by a new run, or by the run whose id is ``attach`` or ``resume``.

        ``way_back`` returns, for a run id, the command that continues with that run; the default attaches to it.
        """
        flags = self.context.settings.flags
        source = Source.ATTACHED if attach else Source.RESUMED if resume else Source.RUN
        return Assignment(
            subject=suite.subject(source),
            platform=self._platform(suite, way_back or partial(attach_command, label=suite.label, flags=flags)),
            rules=suite.rules,
            expectation=suite.expectation(source),
            baseline=baseline,
            max_age=None if source is Source.RUN else suite.max_age,
            hash_utterances=self.context.settings.output.hash_utterances,
            attach=attach or resume,
            way_back=way_back,
            flags=flags,
        )

    def judge(self, assignments: tuple[Assignment, ...], *, recorded_as: str | None = None) -> tuple[SuiteOutcome, ...]:
        """Judge all assignments, and return their outcomes in the same order.

        ``recorded_as`` is the label for the record of runs if it differs from the label of the only assignment.
        """

        def watch(event: Event) -> None:
            if isinstance(event, RunIdentified):
                self.record.add(recorded_as or event.label, event.run.id)
                if len(assignments) == 1:
                    self.context.ci.run_known(event.run.id)
            self.progress.watch(event)

        runtime = self.context.runtime
        workers = Workers(
            assignments=assignments,
            clock=runtime.clock,
            deadline=self.deadline,
            watch=watch,
            interrupted=lambda: runtime.signals.received,
            uniform=runtime.uniform,
        )
        with self.context.ci.folded("waiting for the platform"):
            return workers.run()

    def _platform(self, suite: SuiteSettings, way_back: Callable[[str], str]) -> Platform:
        from ci_gate.kore.platform import KorePlatform

        settings, clock = self.context.settings, self.context.runtime.clock
        return KorePlatform(
            wire=self.wire,
            host=settings.remote.host,
            bot_id=suite.bot_id or "",
            token=self.token,
            bot_version=suite.bot_version or DEFAULT_BOT_VERSION,
            engine=suite.engine,
            language=suite.language,
            results_host=settings.remote.results_host,
            max_file_size=settings.limits.max_file_size,
            max_file_rows=settings.limits.max_file_rows,
            time_left=lambda: self.deadline - clock.now(),
            now=clock.epoch,
            log=self.context.console.detail,
            way_back=way_back,
        )


@contextmanager
def connect(context: CommandContext[RemoteSettings], identities: Mapping[str, Identity]) -> Iterator[RemoteJudge]:
    """Yield a ``RemoteJudge`` that can send requests; stop its workers and close its connections at the end."""
    from ci_gate.kore.wire import HttpWire

    settings, clock, console = context.settings, context.runtime.clock, context.console
    remote = settings.remote
    _warn_of_expiry(remote.credentials, clock.epoch() + settings.limits.timeout, clock.epoch(), console)
    progress = Progress(console, clock)
    # A platform on this machine is never behind a proxy, whatever the environment sets for other hosts.
    wire = HttpWire(ca_file=remote.ca_file, use_proxies=not is_loopback(urlsplit(remote.host).hostname or ""))
    try:
        yield RemoteJudge(
            context=context,
            wire=wire,
            deadline=clock.now() + settings.limits.timeout,
            token=_token(remote.credentials, clock),
            record=RunRecord(
                path=settings.output.report_dir / RUNS,
                identities=identities,
                secret=remote.credentials.key,
                now=clock.epoch,
                warn=console.warn,
                flags=settings.flags,
            ),
            progress=progress,
        )
    finally:
        context.runtime.stop()  # ends workers that sleep: their outcomes are no longer needed
        progress.close()
        wire.close()


def _begin(record: RunRecord, context: CommandContext[RemoteSettings], attach: str | None) -> Mapping[str, str]:
    """Begin the record of runs. Return the ids of the runs to resume by label; print a note per suite when resuming."""
    if attach is not None:
        record.begin_beside()
    elif not context.settings.resume:
        record.begin()
    else:
        resumed = record.resume()
        for suite in context.settings.suites:
            run = resumed.get(suite.label)
            state = (
                f"resuming run {run.run_id}, recorded at {run.since}" if run else "nothing to resume; starting a run"
            )
            context.console.note(f"{suite.label}: {state}")
        return {label: run.run_id for label, run in resumed.items()}
    return {}


def _token(credentials: Credentials, clock: Clock) -> Callable[[], str]:
    """Return a function that returns a valid token for the next request."""
    from ci_gate.kore.auth import signer

    ready = credentials.token
    if ready is not None:
        return lambda: ready
    return signer(
        client_id=credentials.client_id, key=credentials.key, algorithm=credentials.algorithm, now=clock.epoch
    )


def _warn_of_expiry(credentials: Credentials, deadline: float, now: float, console: Console) -> None:
    """Warn if the token of ``CI_GATE_JWT`` expires before the deadline; both times are in seconds since 1970."""
    from ci_gate.kore.auth import expiry

    expires = expiry(credentials.token) if credentials.token else None
    if expires is not None and expires < deadline:
        when = f"in {seconds_text(expires - now)}" if expires > now else "already"
        console.warn(
            f"the token in CI_GATE_JWT expires {when}, before the deadline; use a newer token, or a shorter --timeout"
        )
