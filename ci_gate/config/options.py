"""The table of options: each row defines a flag, an environment variable and a key of the settings file."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from functools import partial

from ci_gate.commands import ASKING_PLATFORM, COMMAND_BY_NAME, JUDGING

PREFIX = "CI_GATE_"

_JUDGING = frozenset(JUDGING)
_PLATFORM = frozenset(ASKING_PLATFORM)
_WITH_FILE = _JUDGING | _PLATFORM
_ONE_RUN = _JUDGING - {"compare"}

_FOLDERS = {name: COMMAND_BY_NAME[name].report_dir for name in JUDGING}
_USUAL = _FOLDERS[JUDGING[0]]
_REPORT_DIRS = "; ".join([_USUAL, *(f"of {name} {folder}" for name, folder in _FOLDERS.items() if folder != _USUAL)])


class Shape(StrEnum):
    """The form in which an option takes its value."""

    TEXT = "text"
    PATH = "path"
    """A path; one in the settings file is relative to the folder of that file."""
    LIST = "list"
    SWITCH = "switch"
    YES_NO = "yes or no"
    """A switch that is on by default, so its flag takes a word, such as off. The file may also say true or false."""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. ``name`` is its key in the settings file; the flag and the variable derive from it."""

    name: str
    help: str
    _: KW_ONLY
    metavar: str = "WORD"
    default: str = "none"
    """The default as help texts show it; empty if there is none and the command requires the setting."""
    commands: frozenset[str] = _JUDGING
    shape: Shape = Shape.TEXT
    in_file: bool = True
    in_suite: bool = False
    acts_once: bool = False
    """Whether the option is meant for a single command, so that it has a flag but no variable."""

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable; empty if the option has none."""
        return "" if self.acts_once else PREFIX + self.name.upper()


_score = partial(Option, metavar="SCORE")
_count = partial(Option, metavar="COUNT")
_switch = partial(Option, metavar="", default="off", shape=Shape.SWITCH)
_path = partial(Option, metavar="PATH", shape=Shape.PATH)
_suite = partial(Option, in_suite=True)
_platform = partial(Option, commands=_PLATFORM)
_one_run = partial(Option, commands=_ONE_RUN)
_compare = partial(Option, commands=frozenset({"compare"}), in_file=False)
_simulator = partial(Option, commands=frozenset({"simulator"}), in_file=False)

OPTIONS = (
    _path(
        "config",
        "Settings file.",
        default="ci-gate.toml, else pyproject.toml",
        commands=_WITH_FILE,
        in_file=False,
    ),
    _platform("host", "Base URL or host name of the platform; https is assumed.", metavar="URL", default=""),
    _platform("bot_id", "Stream id of the bot.", metavar="ID", default="", in_suite=True),
    _one_run(
        "suite",
        "Display name of a suite; if the settings file lists suites, selects among them by name or label.",
        metavar="NAME",
        default="",
        shape=Shape.LIST,
    ),
    _one_run("bot_version", "inDevelopment or published.", default="inDevelopment", in_suite=True),
    _compare("base", "What to compare with: a bot version, or the id of a run.", default="published"),
    _compare("head", "What to judge: a bot version, or the id of a run.", default="inDevelopment"),
    _suite("engine", "regression, or dgpt (experimental).", default="not sent"),
    _suite("language", "Language code, sent as bot-language.", metavar="CODE", default="not sent"),
    _platform("timeout", "Deadline of the whole command: 90s, 45m, 1h30m, or seconds.", metavar="TIME", default="30m"),
    _score("min_f1", "Minimum F1."),
    _score("min_precision", "Minimum precision."),
    _score("min_recall", "Minimum recall."),
    _score("min_accuracy", "Minimum share of utterances that the bot got right."),
    _score("min_entity_match", "Minimum share of entities that were matched."),
    _count(
        "max_failed_utterances",
        "Maximum number of utterances left unevaluated by the platform; if unset, a single one prevents a pass.",
    ),
    _count("max_mismatches", "Maximum number of mismatched utterances (FP+FN)."),
    _count("max_entity_mismatches", "Maximum number of mismatched entities."),
    _count("min_utterances", "Minimum number of utterances in the suite.", default="1"),
    _score(
        "max_f1_drop",
        "Largest allowed drop of F1 below the baseline; a larger one fails unless it may be chance.",
        default="0.01 with a baseline",
    ),
    _score(
        "max_precision_drop",
        "Largest allowed drop of precision below the baseline; a larger one fails unless it may be chance.",
    ),
    _score(
        "max_recall_drop",
        "Largest allowed drop of recall below the baseline; a larger one fails unless it may be chance.",
    ),
    _score(
        "max_accuracy_drop",
        "Largest allowed drop of accuracy below the baseline; a larger one fails unless it may be chance.",
    ),
    _count("max_new_failures", "Maximum number of utterances that passed in the baseline and fail now."),
    _suite("bound", "point, or lower: judge the lower end of a score's interval.", default="point"),
    _path("baseline", "report.json or results of an earlier run to compare with.", commands=_ONE_RUN, in_suite=True),
    _switch("allow_missing_baseline", "Continue if there is no baseline yet.", commands=_ONE_RUN, in_suite=True),
    _suite(
        "alpha",
        "Significance level (chance of a false alarm) that all tests of a command share.",
        metavar="SCORE",
        default="0.05",
    ),
    Option(
        "share_alpha",
        "on, or off: each test of a command uses the whole alpha.",
        default="on",
        shape=Shape.YES_NO,
    ),
    _switch("strict_drop", "A drop fails even if it may be chance.", in_suite=True),
    _suite(
        "tolerate",
        "Kinds of doubt that do not block a pass: partial, count-mismatch, no-file, wrong-run, other-id, other-bot, "
        "score-mismatch, type-mismatch, unknown-name.",
        metavar="KIND",
        shape=Shape.LIST,
    ),
    _switch("advisory", "Report a failed suite as a warning.", in_suite=True),
    Option(
        "utterances",
        "show, or hash to keep customers' sentences out of every output; short ones can be guessed.",
        default="show",
    ),
    _path("report_dir", "Folder for the reports.", default=_REPORT_DIRS),
    _path("junit_xml", "Where to write a further copy of junit.xml."),
    Option("junit_cases", "all, mismatched or gate: the utterances in junit.xml.", default="all"),
    Option(
        "max_file_size", "Maximum size of the results file, after any decompression.", metavar="SIZE", default="16MiB"
    ),
    Option("max_file_rows", "Maximum number of rows in a results file.", metavar="COUNT", default="20000"),
    _suite(
        "max_age",
        "Refuse a run that ended longer ago than this.",
        metavar="TIME",
        default="off",
        commands=_ONE_RUN & _PLATFORM,
    ),
    _switch("resume", "Resume the unfinished runs recorded in run.json.", commands=frozenset({"run"}), in_file=False),
    _platform("jwt_algorithm", "HS256, HS512, RS256 or RS512.", default="HS256"),
    _platform("results_host", "Another host that may serve results over http.", metavar="HOST", in_file=False),
    _path(
        "ca_file",
        "Certificates to trust besides the system's.",
        default="SSL_CERT_FILE",
        commands=_PLATFORM,
        in_file=False,
    ),
    _switch("allow_http", "Allow http to a host other than loopback.", commands=_PLATFORM, in_file=False),
    _path("status", "The saved status reply of the run.", commands=frozenset({"check"}), in_file=False),
    _path(
        "replay",
        "Report folder of an earlier run to judge again under its recorded settings.",
        metavar="REPORT_DIR",
        commands=frozenset({"check"}),
        in_file=False,
        acts_once=True,
    ),
    _switch("quiet", "Print only the verdict, warnings and errors.", commands=_WITH_FILE, in_file=False),
    _switch("verbose", "Print every request, and tracebacks.", commands=_WITH_FILE, in_file=False),
    _switch("no_color", "No colours; also NO_COLOR.", commands=_WITH_FILE, in_file=False),
    _simulator("port", "Port on loopback.", metavar="PORT", default="any free one"),
    _simulator("scenario", "How the runs end; see the list of scenarios.", metavar="NAME", default="passing"),
    _simulator("duration", "How long a run takes.", metavar="TIME", default="6s"),
    _switch("enforce_jti", "Refuse a token seen before.", commands=frozenset({"simulator"}), in_file=False),
)

BY_NAME = {option.name: option for option in OPTIONS}

SECRETS = ("CI_GATE_CLIENT_ID", "CI_GATE_CLIENT_SECRET", "CI_GATE_PRIVATE_KEY", "CI_GATE_JWT")
"""The variables of secrets, which have neither a flag nor a key."""

COMMIT = "CI_GATE_COMMIT"
"""The variable for the commit under test, for environments in which no CI system names it."""

VARIABLES = (*(option.variable for option in OPTIONS if option.variable), COMMIT, *SECRETS)


def options_of(command: str) -> tuple[Option, ...]:
    """Return the options of one command in the order in which its help lists them."""
    return tuple(option for option in OPTIONS if command in option.commands)
