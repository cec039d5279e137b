"""Judges suites on the platform: wires settings, platform, clock and progress together. Imports the network late."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ci_gate.cli.files import RUNS
from ci_gate.cli.progress import Progress, seconds_text
from ci_gate.cli.runs import Identity, RunRecord, identities_of
from ci_gate.cli.subjects import expectation_of, subject_of
from ci_gate.config.settings import DEFAULT_BOT_VERSION
from ci_gate.config.values import is_loopback
from ci_gate.core.report import Source
from ci_gate.events import Event, RunKnown
from ci_gate.gate import Assignment
from ci_gate.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ci_gate.assess import Assessed
    from ci_gate.cli.console import Console
    from ci_gate.cli.session import Session
    from ci_gate.config.settings import Credentials, RemoteSettings, SuiteSettings
    from ci_gate.core.model import Platform
    from ci_gate.gate import Clock
    from ci_gate.kore.wire import HttpWire


def judge_on_platform(session: Session[RemoteSettings], *, attach: str | None = None) -> tuple[Assessed, ...]:
    """Start, resume or attach to a run of every suite of the settings, and judge it."""
    settings = session.settings
    with open_desk(session, identities_of(settings, session.world.environment)) as desk:
        resumed = _begin(desk.record, session, attach)
        outcomes = desk.judge(
            tuple(desk.assignment(suite, attach=attach, resume=resumed.get(suite.label)) for suite in settings.suites)
        )
        desk.record.close((outcome.report.subject.label, outcome.report) for outcome in outcomes)
    return outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What it takes to have suites judged on the platform, until one deadline."""

    session: Session[RemoteSettings]
    wire: HttpWire
    deadline: float
    token: Callable[[], str]
    record: RunRecord
    progress: Progress

    def assignment(
        self,
        suite: SuiteSettings,
        *,
        attach: str | None = None,
        resume: str | None = None,
        way_back: Callable[[str], str] | None = None,
    ) -> Assignment:
        """Say all that is needed to have one suite judged."""
        source = Source.ATTACHED if attach else Source.RESUMED if resume else Source.RUN
        return Assignment(
            subject=subject_of(suite, source),
            platform=self._platform(suite),
            rules=suite.rules,
            expectation=expectation_of(suite, source),
            baseline=suite.baseline,
            max_age=None if source is Source.RUN else suite.max_age,
            hash_utterances=self.session.settings.output.hash_utterances,
            attach=attach or resume,
            way_back=way_back,
        )

    def judge(self, assignments: tuple[Assignment, ...], *, recorded_as: str | None = None) -> tuple[Assessed, ...]:
        """Walk all suites to their ends; the only one may be recorded under another label than its own."""

        def watch(event: Event) -> None:
            if isinstance(event, RunKnown):
                self.record.add(recorded_as or event.label, event.run.id)
                if len(assignments) == 1:
                    self.session.pipeline.run_known(event.run.id)
            self.progress.watch(event)

        world = self.session.world
        lanes = Lanes(
            assignments=assignments,
            clock=world.clock,
            deadline=self.deadline,
            watch=watch,
            interrupted=lambda: world.signals.received,
            uniform=world.uniform,
        )
        with self.session.pipeline.folded("waiting for the platform"):
            return lanes.run()

    def _platform(self, suite: SuiteSettings) -> Platform:
        from ci_gate.kore.platform import KorePlatform

        settings, clock = self.session.settings, self.session.world.clock
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
            log=self.session.console.detail,
        )


@contextmanager
def open_desk(session: Session[RemoteSettings], identities: Mapping[str, Identity]) -> Iterator[Desk]:
    """Open what is needed to ask the platform, and close it in every ending."""
    from ci_gate.kore.wire import HttpWire

    settings, clock, console = session.settings, session.world.clock, session.console
    remote = settings.remote
    _warn_of_expiry(remote.credentials, clock.epoch() + settings.limits.timeout, clock.epoch(), console)
    progress = Progress(console, clock)
    # Proxies are for the way out: a platform on this machine is never behind one.
    wire = HttpWire(ca_file=remote.ca_file, use_proxies=not is_loopback(urlsplit(remote.host).hostname or ""))
    try:
        yield Desk(
            session=session,
            wire=wire,
            deadline=clock.now() + settings.limits.timeout,
            token=_token(remote.credentials, clock),
            record=RunRecord(
                path=settings.output.report_dir / RUNS, identities=identities, now=clock.epoch, warn=console.warn
            ),
            progress=progress,
        )
    finally:
        session.world.stop()  # whoever still waits for the platform does so for nobody
        progress.close()
        wire.close()


def _begin(record: RunRecord, session: Session[RemoteSettings], attach: str | None) -> Mapping[str, str]:
    """Begin the record of runs; give the ids of those that go on by label, and say so."""
    if attach is not None:
        record.begin_beside()
    elif not session.settings.resume:
        record.begin()
    else:
        resumed = record.resume()
        for suite in session.settings.suites:
            run = resumed.get(suite.label)
            told = f"resuming run {run.run_id}, known since {run.since}" if run else "nothing to resume; starting a run"
            session.console.note(f"{suite.label}: {told}")
        return {label: run.run_id for label, run in resumed.items()}
    return {}


def _token(credentials: Credentials, clock: Clock) -> Callable[[], str]:
    """Give what makes the next request's token."""
    from ci_gate.kore.auth import signer

    ready = credentials.token
    if ready is not None:
        return lambda: ready
    return signer(
        client_id=credentials.client_id, key=credentials.key, algorithm=credentials.algorithm, now=clock.epoch
    )


def _warn_of_expiry(credentials: Credentials, deadline: float, now: float, console: Console) -> None:
    """Say before anything is started that a ready token will not last."""
    from ci_gate.kore.auth import expiry

    expires = expiry(credentials.token) if credentials.token else None
    if expires is not None and expires < deadline:
        when = f"in {seconds_text(expires - now)}" if expires > now else "already"
        console.warn(f"the token in CI_GATE_JWT expires {when}, before the deadline; a shorter --timeout would fit")
