"""The settings of one command, frozen and complete: nothing later has to ask again whether they make sense."""

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
    """How one suite is run and judged. ``None`` means that nothing was given."""

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
    """Where each setting that was given was written, by its name."""

    def document(self) -> dict[str, object]:
        """Return the settings as plain data, under the keys of the settings file; a baseline stands beside them."""
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
        """Return which suite this is in reports; files do not say of which bot they are."""
        return Subject(
            label=self.label,
            suite=self.name,
            source=source,
            bot_id=None if source is Source.FILES else self.bot_id,
            engine=self.engine,
            advisory=self.advisory,
        )

    def expectation(self, source: Source) -> Expectation:
        """Return what the evidence must fit: what was set explicitly, and what is sent to start a run."""
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
    """What requests are signed with: a ready token, or a client id with a secret or private key."""

    token: str | None = field(default=None, repr=False)
    client_id: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    algorithm: str = "HS256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """How the platform is reached: an address without a slash at its end, and whom to trust with what."""

    host: str
    credentials: Credentials
    results_host: str | None = None
    ca_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where the reports go and what they show."""

    report_dir: Path
    junit_xml: Path | None = None
    junit_cases: str = "all"
    hash_utterances: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool | None = None
    """Whether to use colours; ``None``: where it is a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What bounds a command: its deadline in seconds, and the size of a results file."""

    timeout: float = 1800.0
    max_file_size: int = 16 * 2**20
    max_file_rows: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a command goes by. ``notes`` are to be shown to the user once."""

    suites: tuple[SuiteSettings, ...]
    output: Output
    limits: Limits
    notes: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where each setting that holds for the whole command was written, by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSettings(Settings):
    """The settings of a command that asks the platform; ``resume``: whether open runs of an earlier one go on.

    ``flags`` are the words that were typed, for the commands that lead back to a run.
    """

    remote: Remote
    flags: tuple[str, ...] = field(default=(), compare=False)
    resume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two runs to be compared: a bot version to run, or the id of a run that exists."""

    version: str | None = None
    run_id: str | None = None

    @property
    def text(self) -> str:
        """Return it as it is given on the command line."""
        return self.version or self.run_id or ""

    def __str__(self) -> str:
        return f"version {self.version}" if self.version else f"run {self.run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSettings(RemoteSettings):
    """The settings of a command that compares one run of a suite, ``head``, with another, ``base``."""

    base: Side
    head: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings(Settings):
    """The settings of a command that judges files; ``status`` is the saved status reply."""

    status: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """The settings of the simulator; ``duration`` in seconds."""

    scenario: str
    port: int
    duration: float
    enforce_jti: bool
