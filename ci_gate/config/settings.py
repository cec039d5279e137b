"""The resolved settings of one command: immutable, complete and valid, so that no later step checks them again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_gate.core.findings import Expectation
from ci_gate.core.report import Source, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ci_gate.core.rules import Rules


DEFAULT_BOT_VERSION = "inDevelopment"
BOT_VERSIONS = (DEFAULT_BOT_VERSION, "published")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSettings:
    """How one suite is run and judged; ``None`` means not given. ``max_age`` is in seconds."""

    name: str
    label: str
    rules: Rules
    bot_id: str | None = None
    bot_version: str | None = None
    engine: str | None = None
    language: str | None = None
    advisory: bool = False
    max_age: float | None = None
    baseline_path: Path | None = None
    allow_missing_baseline: bool = False
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The place where each given setting was written, by the name of the setting."""

    def document(self) -> dict[str, object]:
        """Return the settings as plain data under the keys of the settings file, without the baseline."""
        return {
            "name": self.name,
            "bot_id": self.bot_id,
            "bot_version": self.bot_version,
            "engine": self.engine,
            "language": self.language,
            "advisory": self.advisory,
            "max_age": self.max_age,
            "allow_missing_baseline": self.allow_missing_baseline,
            **self.rules.document(),
        }

    def subject(self, source: Source) -> Subject:
        """Return the identity of this suite in reports, without the bot id if only files are judged."""
        return Subject(
            label=self.label,
            suite=self.name,
            source=source,
            bot_id=None if source is Source.FILES else self.bot_id,
            engine=self.engine,
            advisory=self.advisory,
        )

    def expectation(self, source: Source) -> Expectation:
        """Return the settings with which the evidence must agree; ``None`` for each that was not given.

        If this gate started the run, the bot version is never ``None``: the default was sent with the request.
        """
        sent = DEFAULT_BOT_VERSION if source in (Source.RUN, Source.RESUMED) else None
        return Expectation(
            suite=self.name,
            bot_id=self.bot_id,
            bot_version=self.bot_version or sent,
            language=self.language,
            engine=self.engine,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The credentials for requests: a ready token, or a client id with a client secret or a private key as ``key``."""

    token: str | None = field(default=None, repr=False)
    client_id: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    algorithm: str = "HS256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """How to reach the platform.

    ``host`` is a base URL without a trailing slash. ``results_host`` is another host that may serve results over
    http. ``ca_file`` holds certificates to trust besides the system's.
    """

    host: str
    credentials: Credentials
    results_host: str | None = None
    ca_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where the reports are written, and what they show."""

    report_dir: Path
    junit_xml: Path | None = None
    junit_cases: str = "all"
    hash_utterances: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool | None = None
    """Whether to use colours; ``None`` means only on a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a command: its deadline ``timeout`` in seconds, and the bytes and rows of a results file."""

    timeout: float = 1800.0
    max_file_size: int = 16 * 2**20
    max_file_rows: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that all judging commands have. Each of ``notes`` is to be shown to the user once."""

    suites: tuple[SuiteSettings, ...]
    output: Output
    limits: Limits
    notes: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The place where each setting for the whole command was written, by the name of the setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSettings(Settings):
    """The settings of a command that asks the platform.

    ``flags`` are the flags as they were typed, for printed commands that attach to a run. ``resume`` means to resume
    the unfinished runs of an earlier command.
    """

    remote: Remote
    flags: tuple[str, ...] = field(default=(), compare=False)
    resume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two runs to compare: the bot version to run, or the id of a run that exists."""

    version: str | None = None
    run_id: str | None = None

    @property
    def text(self) -> str:
        """Return the bot version or the run id, as it is written on the command line."""
        return self.version or self.run_id or ""

    def __str__(self) -> str:
        return f"version {self.version}" if self.version else f"run {self.run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSettings(RemoteSettings):
    """The settings of ``compare``, which judges the run ``head`` against the run ``base``."""

    base: Side
    head: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings(Settings):
    """The settings of ``check``, which judges files. ``status`` is the path of the saved status reply."""

    status: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """The settings of the simulator. ``duration`` is that of each run, in seconds."""

    scenario: str
    port: int
    duration: float
    enforce_jti: bool
