"""Judges suites on the platform: wires settings, platform, clock and progress together. Imports the network late."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ci_gate.cli.progress import Progress, seconds_text
from ci_gate.cli.subjects import expectation_of, subject_of
from ci_gate.config.values import is_loopback
from ci_gate.core.report import Source
from ci_gate.gate import Assignment, Event, RunKnown
from ci_gate.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.assess import Assessed
    from ci_gate.cli.console import Console
    from ci_gate.cli.session import Session
    from ci_gate.config.settings import Credentials, RemoteSettings, SuiteSettings
    from ci_gate.core.model import Platform


def judge_on_platform(session: Session[RemoteSettings], *, attach: str | None = None) -> tuple[Assessed, ...]:
    """Run or attach, and judge, every suite of the settings."""
    from ci_gate.kore.platform import KorePlatform
    from ci_gate.kore.wire import HttpWire

    settings, clock, console = session.settings, session.world.clock, session.console
    remote = settings.remote
    deadline = clock.now() + settings.limits.timeout
    token = _token(remote.credentials, clock.epoch)
    _warn_of_expiry(remote.credentials, clock.epoch() + settings.limits.timeout, clock.epoch(), console)
    # Proxies are for the way out: a platform on this machine is never behind one.
    wire = HttpWire(ca_file=remote.ca_file, use_proxies=not is_loopback(urlsplit(remote.host).hostname or ""))

    def platform(suite: SuiteSettings) -> Platform:
        return KorePlatform(
            wire=wire,
            host=remote.host,
            bot_id=suite.bot_id or "",
            token=token,
            bot_version=suite.bot_version or "inDevelopment",
            engine=suite.engine,
            language=suite.language,
            results_host=remote.results_host,
            max_file_size=settings.limits.max_file_size,
            max_file_rows=settings.limits.max_file_rows,
            time_left=lambda: deadline - clock.now(),
            now=clock.epoch,
            log=console.detail,
        )

    progress = Progress(console, clock)

    def watch(event: Event) -> None:
        progress.watch(event)
        if isinstance(event, RunKnown) and len(settings.suites) == 1:
            session.pipeline.run_known(event.run.id)

    assign = partial(_assignment, attach=attach, hash_utterances=settings.output.hash_utterances)
    lanes = Lanes(
        assignments=tuple(assign(suite, platform(suite)) for suite in settings.suites),
        clock=clock,
        deadline=deadline,
        watch=watch,
        interrupted=lambda: session.signals.received,
        stop=session.world.stop,
        uniform=session.world.uniform,
    )
    try:
        with session.pipeline.folded("waiting for the platform"):
            return lanes.run()
    finally:
        progress.close()
        wire.close()


def _assignment(suite: SuiteSettings, platform: Platform, *, attach: str | None, hash_utterances: bool) -> Assignment:
    return Assignment(
        subject=subject_of(suite, Source.RUN if attach is None else Source.ATTACHED),
        platform=platform,
        thresholds=suite.thresholds,
        expectation=expectation_of(suite),
        tolerate=suite.tolerate,
        max_age=suite.max_age if attach is not None else None,
        hash_utterances=hash_utterances,
        attach=attach,
    )


def _token(credentials: Credentials, now: Callable[[], float]) -> Callable[[], str]:
    """Give what makes the next request's token."""
    from ci_gate.kore.auth import signer

    ready = credentials.token
    if ready is not None:
        return lambda: ready
    return signer(client_id=credentials.client_id, key=credentials.key, algorithm=credentials.algorithm, now=now)


def _warn_of_expiry(credentials: Credentials, deadline: float, now: float, console: Console) -> None:
    """Say before anything is started that a ready token will not last."""
    from ci_gate.kore.auth import expiry

    expires = expiry(credentials.token) if credentials.token else None
    if expires is not None and expires < deadline:
        when = f"in {seconds_text(expires - now)}" if expires > now else "already"
        console.warn(f"the token in CI_GATE_JWT expires {when}, before the deadline; a shorter --timeout would fit")
