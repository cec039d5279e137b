"""The table of options: one row gives the flag, the variable and the key in the file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ci_gate.core.thresholds import THRESHOLDS

PREFIX = "CI_GATE_"

_REMOTE = frozenset({"run", "gate", "compare"})
_RUN = frozenset({"run"})
_GATE = frozenset({"run", "gate"})
_CHECK = frozenset({"check"})
_COMPARE = frozenset({"compare"})
_SIMULATOR = frozenset({"simulator"})
_JUDGING = _REMOTE | _CHECK
_ONE_RUN = _GATE | _CHECK


class Shape(StrEnum):
    """How an option takes its value."""

    TEXT = "text"
    LIST = "list"
    SWITCH = "switch"
    YES_NO = "yes or no"
    """What is on unless it is switched off, so that its flag takes a word; in the file it may be true or false."""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. ``name`` is its key in the file; flag and variable follow from it."""

    name: str
    help: str
    metavar: str = "TEXT"
    default: str = ""
    commands: frozenset[str] = _REMOTE
    shape: Shape = Shape.TEXT
    in_file: bool = True
    in_suite: bool = False

    @property
    def flag(self) -> str:
        """The flag on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable, the same for every command."""
        return PREFIX + self.name.upper()


_THRESHOLD_HELP = {
    "min_f1": "Lowest F1 that passes.",
    "min_precision": "Lowest precision that passes.",
    "min_recall": "Lowest recall that passes.",
    "min_accuracy": "Lowest share of utterances that the bot got right.",
    "min_entity_match": "Lowest share of entities that were matched.",
    "max_failed_utterances": "Most utterances that may go unevaluated; unset, a single one makes a pass impossible.",
    "max_mismatches": "Most utterances that may be mismatched (FP+FN).",
    "max_entity_mismatches": "Most entities that may be mismatched.",
    "min_utterances": "Fewest utterances that the suite must have.",
    "max_f1_drop": "Most by which F1 may fall below the baseline, unless by chance.",
    "max_precision_drop": "Most by which precision may fall below the baseline, unless by chance.",
    "max_recall_drop": "Most by which recall may fall below the baseline, unless by chance.",
    "max_accuracy_drop": "Most by which accuracy may fall below the baseline, unless by chance.",
    "max_new_failures": "Most utterances that passed in the baseline and may fail now.",
}
_THRESHOLD_DEFAULT = {"min_utterances": "1", "max_f1_drop": "0.01 with a baseline"}

OPTIONS = (
    Option("config", "Settings file.", "PATH", "ci-gate.toml, else pyproject.toml", _JUDGING, in_file=False),
    Option("host", "Base URL or host name of the platform; https is assumed.", "URL"),
    Option("bot_id", "Stream id of the bot.", "ID", in_suite=True),
    Option("suite", "Display name of a suite; selects where the file lists suites.", "NAME", "", _ONE_RUN, Shape.LIST),
    Option("bot_version", "inDevelopment or published.", "WORD", "inDevelopment", _ONE_RUN, in_suite=True),
    Option(
        "base", "What to compare with: a bot version, or the id of a run.", "WORD", "published", _COMPARE, in_file=False
    ),
    Option(
        "head", "What to judge: a bot version, or the id of a run.", "WORD", "inDevelopment", _COMPARE, in_file=False
    ),
    Option("engine", "regression, or dgpt (experimental).", "WORD", "not sent", _JUDGING, in_suite=True),
    Option("language", "Language code, sent as bot-language.", "CODE", "not sent", _JUDGING, in_suite=True),
    Option("timeout", "Deadline of the whole command: 90s, 45m, 1h30m, or seconds.", "TIME", "30m"),
    *(
        Option(
            name,
            _THRESHOLD_HELP[name],
            "SCORE" if metric.is_share else "COUNT",
            _THRESHOLD_DEFAULT.get(name, "none"),
            _JUDGING,
        )
        for name, metric in THRESHOLDS.items()
    ),
    Option(
        "bound", "point, or lower: judge the lower end of a score's interval.", "WORD", "point", _JUDGING, in_suite=True
    ),
    Option(
        "baseline", "report.json or results of an earlier run to compare with.", "PATH", "none", _ONE_RUN, in_suite=True
    ),
    Option(
        "allow_missing_baseline",
        "Go on where there is no baseline yet.",
        "",
        "off",
        _ONE_RUN,
        Shape.SWITCH,
        in_suite=True,
    ),
    Option(
        "alpha", "Chance of a false alarm that all tests of a command share.", "SCORE", "0.05", _JUDGING, in_suite=True
    ),
    Option(
        "share_alpha",
        "on, or off: each test of a command has that chance for itself.",
        "WORD",
        "on",
        _JUDGING,
        Shape.YES_NO,
    ),
    Option(
        "strict_drop", "A drop fails even where it may be chance.", "", "off", _JUDGING, Shape.SWITCH, in_suite=True
    ),
    Option(
        "tolerate",
        "Doubts that are to block nothing, by name: partial, count-mismatch, no-file, wrong-run, other-id, other-bot, "
        "score-mismatch, type-mismatch, unknown-name.",
        "KIND",
        "none",
        _JUDGING,
        Shape.LIST,
        in_suite=True,
    ),
    Option("advisory", "A suite that failed is a warning.", "", "off", _JUDGING, Shape.SWITCH, in_suite=True),
    Option("utterances", "show, or hash to keep customers' sentences out of every output.", "WORD", "show", _JUDGING),
    Option("report_dir", "Folder for the reports.", "PATH", "ci-gate-report; of check ci-gate-check", _JUDGING),
    Option("junit_xml", "Where to write a further copy of junit.xml.", "PATH", "none", _JUDGING),
    Option("junit_cases", "all, mismatched or gate: the utterances in junit.xml.", "WORD", "all", _JUDGING),
    Option("max_file_size", "Largest results file, decoded.", "SIZE", "16MiB", _JUDGING),
    Option("max_file_rows", "Most rows of a results file.", "COUNT", "20000", _JUDGING),
    Option("max_age", "Refuse a run that ended longer ago.", "TIME", "off", _GATE, in_suite=True),
    Option("resume", "Go on with the open runs of run.json.", "", "off", _RUN, Shape.SWITCH, in_file=False),
    Option("jwt_algorithm", "HS256, HS512, RS256 or RS512.", "WORD", "HS256"),
    Option("results_host", "Another host that may serve results over http.", "HOST", "none", _REMOTE, in_file=False),
    Option("ca_file", "Certificates to trust besides the system's.", "PATH", "SSL_CERT_FILE", _REMOTE, in_file=False),
    Option("allow_http", "Allow http to a host other than loopback.", "", "off", _REMOTE, Shape.SWITCH, in_file=False),
    Option("status", "The saved status reply of the run.", "PATH", "none", _CHECK, in_file=False),
    Option("quiet", "Print the verdict and errors only.", "", "off", _JUDGING, Shape.SWITCH, in_file=False),
    Option("verbose", "Print every request, and tracebacks.", "", "off", _JUDGING, Shape.SWITCH, in_file=False),
    Option("no_color", "No colours; also NO_COLOR.", "", "off", _JUDGING, Shape.SWITCH, in_file=False),
    Option("port", "Port on loopback.", "PORT", "any free one", _SIMULATOR, in_file=False),
    Option("scenario", "How the runs end; see below.", "NAME", "passing", _SIMULATOR, in_file=False),
    Option("duration", "How long a run takes.", "TIME", "6s", _SIMULATOR, in_file=False),
    Option("enforce_jti", "Refuse a token seen before.", "", "off", _SIMULATOR, Shape.SWITCH, in_file=False),
)

BY_NAME = {option.name: option for option in OPTIONS}

SECRETS = ("CI_GATE_CLIENT_ID", "CI_GATE_CLIENT_SECRET", "CI_GATE_PRIVATE_KEY", "CI_GATE_JWT")
"""Variables that have neither flag nor key."""

VARIABLES = (*(option.variable for option in OPTIONS), *SECRETS)


def options_of(command: str) -> tuple[Option, ...]:
    """Give the options of one command in the order in which its help lists them."""
    return tuple(option for option in OPTIONS if command in option.commands)
