"""Settings of whole commands: precedence, defaults, what is missing, and that nothing secret shows."""

from __future__ import annotations

import traceback
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given as for_all
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from ci_gate.commands import COMMAND_BY_NAME, JUDGING
from ci_gate.config.raw_value import SECRETS_HINT, RawValue
from ci_gate.config.resolve import report_dir_of, resolve_attached, resolve_compare, resolve_remote, resolve_simulator
from ci_gate.config.settings import Credentials, Limits, Output, Remote, SimulatorSettings
from ci_gate.core.findings import FindingKind
from ci_gate.core.thresholds import DEFAULTS, THRESHOLDS, Threshold
from ci_gate.errors import UsageError
from tests.config.builders import CANARY, ENVIRONMENT, SMOKE, attach, check, compare, given, refusal, run, suites, write
from tests.core.builders import ALONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from ci_gate.config.settings import Settings, SuiteSettings
    from ci_gate.config.sources import FlagValue

F1 = {"CI_GATE_MIN_F1": "0.9", "CI_GATE_SUITE": "Smoke"}
SECRET_LINE = (
    "  credentials: CI_GATE_CLIENT_ID with CI_GATE_CLIENT_SECRET, or CI_GATE_JWT, as environment variables; "
    "CI systems keep secrets from forks and unprotected branches"
)

SCORES = [key for key, metric in ALONE.items() if metric.is_score]


def _suite(file: str | None = None, environment: dict[str, str] | None = None, /, **flags: FlagValue) -> SuiteSettings:
    (found,) = suites(file, {**F1, **(environment or {})}, **flags)
    return found


def _bounds(suite: SuiteSettings) -> dict[str, str]:
    return {threshold.key: threshold.bound_text for threshold in suite.rules.thresholds}


# Defaults


def test_settings_have_their_documented_defaults() -> None:
    settings = run(None, F1)
    assert settings.output == Output(
        report_dir=Path("ci-gate-report"), junit_xml=None, junit_cases="all", hash_utterances=False, quiet=False,
        verbose=False, color=None,
    )  # fmt: skip
    assert settings.limits == Limits(timeout=1800.0, max_file_size=16 * 2**20, max_file_rows=20_000)
    assert settings.remote == Remote(host="https://bots.example", credentials=Credentials(client_id="cs-1", key=CANARY))
    assert settings.notes == ()
    (suite,) = settings.suites
    assert (suite.name, suite.label, suite.bot_id) == ("Smoke", "Smoke", "st-1")
    assert (suite.bot_version, suite.engine, suite.language, suite.max_age) == (None, None, None, None)
    assert (suite.rules.tolerate, suite.advisory) == (frozenset(), False)
    assert suite.rules.thresholds == (Threshold("min_f1", Fraction(9, 10)), *DEFAULTS.values())


@pytest.mark.parametrize(("command", "folder"), [("run", "ci-gate-report"), ("check", "ci-gate-check")])
def test_check_never_overwrites_the_reports_of_a_run(command: str, folder: str) -> None:
    assert report_dir_of(command, None) == Path(folder)
    assert report_dir_of(command, RawValue(("out",), "--report-dir")) == Path("out")
    settings = run(None, F1) if command == "run" else check(min_f1="0.9")
    assert settings.output.report_dir == Path(folder)


@pytest.mark.parametrize("command", JUDGING)
def test_reports_go_to_the_folder_of_the_command(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMAND_BY_NAME, command, replace(COMMAND_BY_NAME[command], report_dir="elsewhere"))
    settle: dict[str, Callable[[], Settings]] = {
        "run": lambda: run(None, F1),
        "gate": lambda: attach(suite=("Smoke",), min_f1="0.9"),
        "compare": lambda: compare(None, None, "Smoke"),
        "check": lambda: check(min_f1="0.9"),
    }
    assert report_dir_of(command, None) == settle[command]().output.report_dir == Path("elsewhere")


# What was set


@pytest.mark.parametrize(("name", "text", "value"), [
    ("bot_id", " st-2 ", "st-2"), ("bot_version", "PUBLISHED", "published"),
    ("bot_version", "indevelopment", "inDevelopment"), ("engine", "Regression", "regression"),
    ("engine", "DGPT", "dgpt"), ("language", "pt-BR", "pt-BR"), ("max_age", "2h", 7200.0), ("max_age", "OFF", None),
])  # fmt: skip
def test_suite_setting_means_the_same_from_everywhere(name: str, text: str, value: object) -> None:
    assert getattr(_suite(**{name: text}), name) == value
    assert getattr(_suite(None, {f"CI_GATE_{name.upper()}": text}), name) == value
    assert getattr(_suite(f'{SMOKE}{name} = "{text}"'), name) == value


@pytest.mark.parametrize(("name", "text", "attribute", "value"), [
    ("report_dir", "out/reports", "output.report_dir", Path("out/reports")),
    ("junit_xml", "out/extra.xml", "output.junit_xml", Path("out/extra.xml")),
    ("junit_cases", "Mismatched", "output.junit_cases", "mismatched"),
    ("utterances", "show", "output.hash_utterances", False),
    ("utterances", "HASH", "output.hash_utterances", True),
    ("timeout", "1h30m", "limits.timeout", 5400.0),
    ("max_file_size", "2MiB", "limits.max_file_size", 2**21),
    ("max_file_rows", "500", "limits.max_file_rows", 500),
])  # fmt: skip
def test_command_setting_means_the_same_from_everywhere(name: str, text: str, attribute: str, value: object) -> None:
    by_flag, by_variable = run(None, F1, **{name: text}), run(None, {**F1, f"CI_GATE_{name.upper()}": text})
    for settings in (by_flag, by_variable, run(f'{name} = "{text}"', F1)):
        assert attrgetter(attribute)(settings) == value


def test_output_of_the_terminal_is_set_by_switches() -> None:
    for name in ("quiet", "verbose"):
        assert getattr(run(None, F1, **{name: True}).output, name) is True
        assert getattr(run(None, {**F1, f"CI_GATE_{name.upper()}": "yes"}).output, name) is True
    assert run(None, F1, no_color=True).output.color is False
    assert run(None, {**F1, "CI_GATE_NO_COLOR": "0"}).output.color is None


def test_platform_may_be_reached_in_special_ways() -> None:
    write("certificate", "ca.pem")
    flags: dict[str, FlagValue] = {"host": "http://bots.example:8080/x/", "allow_http": True, "ca_file": "ca.pem"}
    remote = run(None, F1, results_host="Files.example", **flags).remote
    assert (remote.host, remote.results_host, remote.ca_file) == (
        "http://bots.example:8080/x",
        "files.example",
        "ca.pem",
    )


def test_unencrypted_host_can_be_allowed_by_variable() -> None:
    environment = {**F1, "CI_GATE_HOST": "http://bots.example", "CI_GATE_ALLOW_HTTP": "1"}
    assert run(None, environment).remote.host == "http://bots.example"
    message = refusal(lambda: run(None, {**environment, "CI_GATE_ALLOW_HTTP": "no"})).message
    assert message.startswith("CI_GATE_HOST: 'http://bots.example' would send the token unencrypted; ")


# Which value counts


def test_value_of_a_suite_beats_flag_variable_and_file() -> None:
    file = """
    engine = "dgpt"
    advisory = true
    tolerate = ["partial"]
    thresholds = { min_f1 = 0.1, min_recall = 0.2 }
    [[suites]]
    name = "Plain"
    [[suites]]
    name = "Own"
    bot_id = "st-own"
    engine = "regression"
    advisory = false
    tolerate = []
    thresholds = { min_f1 = 0.85, min_recall = "off" }
    """
    environment = {"CI_GATE_BOT_ID": "st-common", "CI_GATE_MIN_RECALL": "0.3"}
    plain, own = suites(file, environment, min_f1="0.95", engine="dgpt")
    assert (plain.bot_id, plain.engine, plain.advisory) == ("st-common", "dgpt", True)
    assert plain.rules.tolerate == {FindingKind.PARTIAL}
    assert _bounds(plain) | {"min_utterances": "1"} == _bounds(plain)
    assert (_bounds(plain)["min_f1"], _bounds(plain)["min_recall"]) == ("0.95", "0.30")
    assert (own.bot_id, own.engine, own.advisory, own.rules.tolerate) == ("st-own", "regression", False, frozenset())
    assert (_bounds(own)["min_f1"], "min_recall" in _bounds(own)) == ("0.85", False)


def test_threshold_can_be_switched_off_for_a_command_or_a_suite() -> None:
    file = "thresholds = { min_f1 = 0.9, min_recall = 0.9, max_failed_utterances = 5 }"
    found = _bounds(_suite(file, {"CI_GATE_MIN_F1": "off"}, max_failed_utterances="off"))
    assert found == {"min_recall": "0.90", "min_utterances": "1"}
    own = f'{SMOKE}thresholds = {{ min_accuracy = "off" }}'
    (suite,) = suites(f"thresholds = {{ min_f1 = 0.9, min_accuracy = 0.8 }}\n{own}")
    assert _bounds(suite) == {"min_f1": "0.90", "min_utterances": "1"}


def test_empty_variable_leaves_the_threshold_of_the_file_and_is_mentioned() -> None:
    settings = run("thresholds = { min_f1 = 0.8 }", {**F1, "CI_GATE_MIN_F1": ""})
    assert settings.suites[0].rules.thresholds[0] == Threshold("min_f1", Fraction(4, 5))
    assert settings.notes == ("CI_GATE_MIN_F1 is empty and sets no threshold",)
    assert check(None, {"CI_GATE_MIN_F1": ""}, min_recall="1").notes == settings.notes


TOLERABLE_WORDS = (
    *("partial", "count-mismatch", "no-file", "wrong-run", "other-id", "other-bot", "score-mismatch"),
    *("type-mismatch", "unknown-name"),
)


def test_findings_are_tolerated_by_name() -> None:
    every = {FindingKind.PARTIAL, FindingKind.COUNT_MISMATCH, FindingKind.NO_FILE}
    for text in ("partial,count-mismatch,no-file", "PARTIAL\nCount-Mismatch no-file"):
        assert _suite(None, {"CI_GATE_TOLERATE": text}).rules.tolerate == every
    assert _suite(tolerate=("partial", "count-mismatch", "no-file")).rules.tolerate == every


@pytest.mark.parametrize("kind", FindingKind)
def test_finding_is_tolerated_from_everywhere_if_it_is_tolerable(kind: FindingKind) -> None:
    if kind not in TOLERABLE_WORDS:
        message = refusal(lambda: _suite(tolerate=(kind.value,))).message
        assert message == f"--tolerate: '{kind}' is not one of {', '.join(TOLERABLE_WORDS)}"
        return
    for found in (
        _suite(tolerate=(kind.value,)),
        _suite(None, {"CI_GATE_TOLERATE": kind.value}),
        _suite(f'tolerate = ["{kind}"]'),
        _suite(f'tolerate = "{kind.upper()}"'),
        _suite(f'{SMOKE}tolerate = ["{kind}"]'),
    ):
        assert found.rules.tolerate == {kind}


def _everywhere(key: str, text: str, number: str | None = None) -> list[SuiteSettings]:
    """Set a threshold by flag, variable, the file, and the suite's own entry; the file may spell it as ``number``."""
    number = number or f'"{text}"'
    return [
        _suite(**{key: text}),
        _suite(None, {f"CI_GATE_{key.upper()}": f" {text}\n"}),
        _suite(f"[thresholds]\n{key} = {number}", {} if key != "min_f1" else {"CI_GATE_MIN_F1": ""}),
        _suite(f"{SMOKE}thresholds = {{ {key} = {number} }}", {f"CI_GATE_{key.upper()}": "1"}),
    ]


# Thresholds are the same number from everywhere


@property_settings(deadline=None, max_examples=60)
@for_all(key=st.sampled_from(SCORES), value=st.decimals("0.00001", 1, places=5), data=st.data())
def test_score_is_the_same_from_everywhere_in_every_spelling(key: str, value: Decimal, data: st.DataObject) -> None:
    percentage, bare = f"{value * 100:f}%", f"{value:f}".removeprefix("0") if value < 1 else "1"
    text = data.draw(st.sampled_from([f"{value:f}", f"{value:f}000", percentage, bare]))
    number = data.draw(st.sampled_from([f"{value:f}", f"{value:f}0", f'"{text}"']))
    Path("ci-gate.toml").unlink(missing_ok=True)
    found = [one for suite in _everywhere(key, text, number) for one in suite.rules.thresholds if one.key == key]
    assert found == [Threshold(key, Fraction(value))] * 4


@pytest.mark.parametrize("key", [key for key in ALONE if key not in SCORES])
def test_number_is_the_same_from_everywhere(key: str) -> None:
    for number in ("7", '"7"', '" 7 "'):
        assert [_bounds(suite)[key] for suite in _everywhere(key, "7", number)] == ["7"] * 4
        Path("ci-gate.toml").unlink()


# Missing settings


def _lines(attempt: Callable[[], object]) -> list[str]:
    error = refusal(attempt)
    assert error.message == "not everything that is needed was given"
    title, *lines = error.hint.splitlines()
    assert title == "missing:"
    return lines


THRESHOLD_HINT = "such as --min-f1 0.9, CI_GATE_MIN_F1 or thresholds = { min_f1 = 0.9 }"
NOTHING = [
    '  the platform\'s host: --host URL, CI_GATE_HOST, or host = "…" in ci-gate.toml',
    '  a suite: --suite NAME, CI_GATE_SUITE, or [[suites]] name = "…" in ci-gate.toml',
    '  the bot\'s id: --bot-id ID, CI_GATE_BOT_ID, or bot_id = "…" in ci-gate.toml',
    f"  a threshold: {THRESHOLD_HINT}; a gate that cannot fail is not a gate",
    SECRET_LINE,
]


def test_everything_that_is_missing_is_listed_at_once() -> None:
    assert _lines(lambda: resolve_remote(given(), {})) == NOTHING
    assert _lines(lambda: resolve_attached(given(), {}, "tr-1")) == NOTHING
    for_smoke = NOTHING[2].replace("the bot's id", "the bot's id for 'Smoke'")
    assert _lines(lambda: resolve_compare(given(), {}, "Smoke")) == [NOTHING[0], for_smoke, NOTHING[4]]
    error = refusal(lambda: run(None, {"CI_GATE_MIN_F1": ""}))
    assert error.hint.splitlines()[-1] == "CI_GATE_MIN_F1 is empty and sets no threshold"


def test_missing_setting_is_listed_with_the_file_in_use_and_the_suites_that_lack_it() -> None:
    write('bot_id = "st-1"', "gate/settings.toml")
    (line,) = _lines(lambda: run(None, {"CI_GATE_MIN_F1": "0.9"}, config="gate/settings.toml"))
    assert line.endswith('or [[suites]] name = "…" in gate/settings.toml')
    full = '[[suites]]\nname = "Full"\nlabel = "all"\n'
    file = f'thresholds = {{ min_f1 = 0.9 }}\n{SMOKE}bot_id = "st-1"\n{full}'
    (line,) = _lines(lambda: run(file, {"CI_GATE_BOT_ID": ""}))
    assert line.startswith("  the bot's id for 'all': --bot-id ID, ")


@pytest.mark.parametrize("number", range(5))
def test_each_missing_setting_is_listed(number: int) -> None:
    names = ["CI_GATE_HOST", "CI_GATE_SUITE", "CI_GATE_BOT_ID", "CI_GATE_MIN_F1", "CI_GATE_CLIENT_ID"]
    environment = {**ENVIRONMENT, **F1}
    del environment[names[number]]
    (line,) = _lines(lambda: resolve_remote(given(None, environment), environment))
    assert line.split(":")[0] == NOTHING[number].split(":")[0] + (" for 'Smoke'" if number in (2, 3) else "")


# A gate that cannot fail is not a gate

OFF_FOR_ONE = """
thresholds = { min_f1 = 0.9 }
[[suites]]
name = "Smoke"
[[suites]]
name = "Full"
label = "all"
thresholds = { min_f1 = "off" }
"""


def test_suite_that_switches_everything_off_is_named_with_the_place_to_mend() -> None:
    line = (
        f"  a threshold for 'all': {THRESHOLD_HINT}, "
        "in the suite's own entry where that says off; a gate that cannot fail is not a gate"
    )
    assert _lines(lambda: run(OFF_FOR_ONE)) == [line]
    assert _lines(lambda: attach(OFF_FOR_ONE, suite=("all",))) == [line]
    assert _lines(lambda: check(OFF_FOR_ONE, suite=("all",))) == [line]
    assert [found.label for found in suites(OFF_FOR_ONE, suite=("Smoke",))] == ["Smoke"]


@pytest.mark.parametrize("flags", [
    {}, {"min_f1": "off"}, {"min_f1": "OFF", "max_failed_utterances": " off ", "min_utterances": "off"},
    dict.fromkeys(THRESHOLDS, "off"), {"min_utterances": "1"}, {"min_utterances": "0", "min_f1": "off"},
    {"max_failed_utterances": "off", "min_utterances": "1"},
])  # fmt: skip
def test_defaults_alone_make_no_gate(flags: dict[str, FlagValue]) -> None:
    (line,) = _lines(lambda: check(None, None, ("Smoke", "results"), **flags))
    assert line.startswith("  a threshold for 'Smoke': ")
    (line,) = _lines(lambda: run(None, {"CI_GATE_SUITE": "Smoke\nFull"}, **flags))
    assert line.startswith("  a threshold for 'Smoke', 'Full': ")


@pytest.mark.parametrize("key", ALONE)
def test_any_single_threshold_beyond_the_defaults_makes_a_gate(key: str) -> None:
    text = "2" if key == "min_utterances" else "1"
    settings = check(**{key: text})
    assert Threshold(key, Fraction(text)) in settings.suites[0].rules.thresholds


@pytest.mark.parametrize("text", ["0", "0.0", "0%", ".00"])
@pytest.mark.parametrize("key", SCORES)
def test_threshold_that_nothing_can_fail_is_refused_at_its_origin(key: str, text: str) -> None:
    flag, variable = f"--{key.replace('_', '-')}", f"CI_GATE_{key.upper()}"
    own = f'{SMOKE}thresholds = {{ {key} = "{text}" }}'
    for origin, attempt in (
        (flag, lambda: _suite(**{key: text})),
        (variable, lambda: _suite(None, {variable: text})),
        (f"ci-gate.toml: thresholds: {key}", lambda: _suite(f'[thresholds]\n{key} = "{text}"', {"CI_GATE_MIN_F1": ""})),
        (f"ci-gate.toml: [[suites]] 1 'Smoke': thresholds: {key}", lambda: _suite(own)),
    ):
        message = f"{origin}: '{text}' can never fail: to switch the threshold off, write 'off'"
        assert refusal(attempt).message == message


def test_every_utterance_must_be_evaluated_unless_a_number_is_set() -> None:
    key = "max_failed_utterances"
    for found in (_suite(), _suite(None, {f"CI_GATE_{key.upper()}": ""})):
        assert (_bounds(found).get(key), found.rules.demands_all) == (None, True)
    for text, bound in {"0": "0", "7": "7", "off": None}.items():
        Path("ci-gate.toml").unlink(missing_ok=True)
        for found in _everywhere(key, text):
            assert (_bounds(found).get(key), found.rules.demands_all) == (bound, False)


# Values that make no sense


@pytest.mark.parametrize(("name", "text", "problem"), [
    ("host", "ftp://x", "'ftp://x' is not a host name, nor a URL that starts with https://"),
    ("host", "", "'' is not a host name, nor a URL that starts with https://"),
    ("bot_id", "..", "'..' cannot be a name: in a URL it stands for a folder"),
    ("bot_version", "draft", "'draft' is not one of inDevelopment, published"),
    ("engine", "llm", "'llm' is not one of regression, dgpt"),
    ("language", "en us", "'en us' is not a language code like en, de or pt-BR"),
    ("timeout", "soon", "'soon' is not a time like 90s, 45m or 1h30m, nor a number of seconds above 0"),
    ("min_f1", "90", "'90' is more than 1, which no score can reach: did you mean 90%?"),
    ("min_f1", "", "'' is not a number like 0.9 or 90%, nor 'off'"),
    ("max_mismatches", "1.5", "'1.5' is not a whole number of 0 or more, nor 'off'"),
    ("tolerate", ("partly",), f"'partly' is not one of {', '.join(TOLERABLE_WORDS)}"),
    ("share_alpha", "perhaps", "'perhaps' is not one of true, false, yes, no, on, off, 1, 0"),
    ("utterances", "hide", "'hide' is not one of show, hash"),
    ("report_dir", "", "'' is not a path"),
    ("junit_xml", " ", "' ' is not a path"),
    ("junit_cases", "none", "'none' is not one of all, mismatched, gate"),
    ("max_file_size", "16M", "'16M' is not a size like 16MiB, nor a number of bytes above 0"),
    ("max_file_rows", "0", "'0' is not a whole number above 0"),
    ("max_age", "old", "'old' is not a time like 90s, 45m or 1h30m, nor a number of seconds above 0"),
    ("jwt_algorithm", "none", "'none' is not one of HS256, HS512, RS256, RS512"),
    ("results_host", "http://x", "'http://x' is not a bare host name; leave out https://, port and path"),
    ("ca_file", "gone.pem", "there is no file 'gone.pem'"),
])  # fmt: skip
def test_senseless_value_is_refused_under_the_name_of_its_flag(name: str, text: FlagValue, problem: str) -> None:
    flag = "--" + name.replace("_", "-")
    assert refusal(lambda: run(None, F1, **{name: text})).message == f"{flag}: {problem}"


def test_value_that_makes_no_sense_is_refused_at_its_variable_or_place_in_the_file() -> None:
    assert check(min_f1="0.9").status is None
    assert check(min_f1="0.9", status="saved.json").status == Path("saved.json")
    assert refusal(lambda: check(min_f1="0.9", status="")).message == "--status: '' is not a path"
    message = refusal(lambda: run(None, {**F1, "CI_GATE_ADVISORY": "maybe"})).message
    assert message == "CI_GATE_ADVISORY: 'maybe' is not one of true, false, yes, no, on, off, 1, 0"
    file = f'{SMOKE}[[suites]]\nname = "Full"\nthresholds = {{ min_f1 = 90 }}'
    start = "ci-gate.toml: [[suites]] 2 'Full': thresholds: min_f1: '90' is more than 1, "
    assert refusal(lambda: run(file, F1, suite=("Full",))).message.startswith(start)


def test_suite_that_was_not_chosen_must_make_sense_too() -> None:
    file = f'{SMOKE}[[suites]]\nname = "Full"\nengine = "llm"'
    message = "ci-gate.toml: [[suites]] 2 'Full': engine: 'llm' is not one of regression, dgpt"
    assert refusal(lambda: run(file, F1)).message == message
    assert refusal(lambda: check(file, suite=("Smoke",), min_f1="0.9")).message == message


# The simulator


def test_simulator_has_settings_of_its_own() -> None:
    scenarios = ("passing", "failing")
    assert resolve_simulator(given(), scenarios) == SimulatorSettings(
        scenario="passing", port=0, duration=6.0, enforce_jti=False
    )
    sources = given(None, {"CI_GATE_PORT": "8080"}, scenario="FAILING", duration="90s", enforce_jti=True)
    assert resolve_simulator(sources, scenarios) == SimulatorSettings(
        scenario="failing", port=8080, duration=90.0, enforce_jti=True
    )
    error = refusal(lambda: resolve_simulator(given(scenario="sunny"), scenarios))
    assert error.message == "--scenario: 'sunny' is not one of passing, failing"


# Secrets


def test_settings_never_show_a_secret() -> None:
    settings = run(None, {**F1, "CI_GATE_CLIENT_ID": CANARY})
    assert CANARY not in f"{settings} {settings!r}"
    environment = {**F1, "CI_GATE_HOST": "x", "CI_GATE_BOT_ID": "st-1", "CI_GATE_JWT": CANARY}
    sources = given(None, environment)
    assert CANARY not in f"{sources!r} {resolve_remote(sources, environment)!r}"


_SECRETS = dict.fromkeys(("CI_GATE_CLIENT_ID", "CI_GATE_CLIENT_SECRET", "CI_GATE_PRIVATE_KEY", "CI_GATE_JWT"), CANARY)


@pytest.mark.parametrize("missing", [(), *[(name,) for name in _SECRETS], ("CI_GATE_JWT", "CI_GATE_CLIENT_ID")])
@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_no_mixture_of_secrets_shows_one(missing: tuple[str, ...], algorithm: str) -> None:
    for suffix in ("", "\nnext", " ü"):
        environment = {name: value + suffix for name, value in _SECRETS.items() if name not in missing}
        sources = given(None, {**F1, **environment, "CI_GATE_HOST": "x"}, jwt_algorithm=algorithm, bot_id="st-1")
        try:
            shown = repr(resolve_remote(sources, environment))
        except UsageError as error:
            shown = "".join([repr(error), error.hint, *traceback.format_exception(error)])
        assert CANARY not in shown


def test_value_that_entries_of_suites_override_is_noted_once() -> None:
    settings = run(f'{SMOKE}bot_id = "st-1"\nthresholds = {{ min_f1 = 0.5 }}\n', ENVIRONMENT, min_f1="0.999")
    assert settings.notes == (
        "CI_GATE_BOT_ID does not reach suite 'Smoke', whose own entry sets bot_id",
        "--min-f1 does not reach suite 'Smoke', whose own entry sets min_f1",
    )
    file = "".join(f'[[suites]]\nname = "{name}"\nthresholds = {{ min_f1 = 0.5 }}\n' for name in ("Smoke", "Full"))
    both = "does not reach suites 'Smoke', 'Full', whose own entries set min_f1"
    assert run(file, {"CI_GATE_MIN_F1": "0.999"}).notes == (f"CI_GATE_MIN_F1 {both}",)
    assert run(file, {"CI_GATE_MIN_F1": "0.9"}, min_f1="0.8").notes == (f"--min-f1 {both}",)


def test_text_that_cannot_be_a_bot_id_is_refused() -> None:
    for text in (
        *("my bot", "cs-4711", "st-…", "st-...", "CS-1", '"st-1"', "$BOT", "${{ vars.BOT }}", "$(BOT)", "%BOT%"),
    ):
        assert refusal(lambda text=text: run(None, F1, bot_id=text)).message.startswith("--bot-id: ")  # type: ignore[misc]


@pytest.mark.parametrize("number", ["00", "01", "12"])
def test_bot_id_of_the_examples_is_refused_in_any_suite(number: str) -> None:
    bot = f"st-00000000-0000-0000-0000-0000000000{number}"
    file = f'{SMOKE}[[suites]]\nname = "Full"\nbot_id = "{bot}"\n'
    error = refusal(lambda: run(file, F1, suite=("Smoke",)))
    assert error.message == (
        f"ci-gate.toml: [[suites]] 2 'Full': bot_id: '{bot}' is a placeholder from the README or the examples: "
        "use the id of your own bot"
    )
    assert check(file, F1, ("Smoke", "x")).suites[0].bot_id is None, "nothing is sent"


# Two versions of a bot


@pytest.mark.parametrize(("flags", "base", "head"), [
    ({}, "version published", "version inDevelopment"),
    ({"base": "INDEVELOPMENT", "head": "Published"}, "version inDevelopment", "version published"),
    ({"base": " tr-1 "}, "run tr-1", "version inDevelopment"),
    ({"base": "tr-1", "head": "tr-2"}, "run tr-1", "run tr-2"),
])  # fmt: skip
def test_versions_and_runs_can_be_compared(flags: dict[str, FlagValue], base: str, head: str) -> None:
    settings = compare(**flags)
    assert (str(settings.base), str(settings.head)) == (base, head)
    assert (settings.base.text, settings.head.text) == (base.partition(" ")[2], head.partition(" ")[2])
    assert [one.name for one in settings.suites] == ["Smoke"]
    assert settings.output.report_dir == Path("ci-gate-report")


def test_comparison_needs_two_different_sides_with_valid_names() -> None:
    same = {
        "version inDevelopment": {"base": "inDevelopment"},
        "version published": {"head": "PUBLISHED"},
        "run tr-1": {"base": "tr-1", "head": "tr-1"},
    }
    for both, flags in same.items():
        error = refusal(lambda flags=flags: compare(**flags))  # type: ignore[misc]
        assert error.message == f"--base and --head are both {both}: nothing would be compared"
        assert error.hint == "name another for one"
    for name in ("base", "head"):
        message = refusal(lambda name=name: compare(**{name: ".."})).message  # type: ignore[misc]
        assert message.startswith(f"--{name}: '..' cannot be a name")


TWO = """
[[suites]]
name = "Smoke"
label = "quick"
[[suites]]
name = "Smoke"
label = "slow"
[[suites]]
name = "Full regression"
bot_version = "published"
"""


def test_suite_to_compare_is_one_of_the_file() -> None:
    for asked, message, hint in (
        ("Smokey", "SUITE: ci-gate.toml lists no suite 'Smokey'", "did you mean 'Smoke'?"),
        ("Smoke", "a run belongs to one suite, but several are given", "choose one with SUITE: quick, slow"),
        ("..", "SUITE: '..' cannot be a name: in a URL it stands for a folder", ""),
        (CANARY, "SUITE holds a secret of the environment, which does not belong there", SECRETS_HINT),
    ):
        error = refusal(lambda asked=asked: compare(TWO, None, asked))  # type: ignore[misc]
        assert (error.message, error.hint) == (message, hint)
    assert [one.label for one in compare(TWO, {"CI_GATE_SUITE": "Full regression"}, "slow").suites] == ["slow"]


def test_comparison_ignores_settings_of_single_runs_and_notes_them() -> None:
    variables = {"CI_GATE_BASELINE": "nowhere.json", "CI_GATE_ALLOW_MISSING_BASELINE": "true"}
    settings = compare(f'max_age = "1h"\n{TWO}', variables, "Full regression")
    (suite,) = settings.suites
    assert (suite.bot_version, suite.baseline_path, suite.max_age) == (None, None, None)
    assert settings.notes == tuple(
        f"{origin} applies to single runs only: compare uses --base and --head"
        for origin in (
            "ci-gate.toml: [[suites]] 3 'Full regression': bot_version",
            "CI_GATE_BASELINE",
            "CI_GATE_ALLOW_MISSING_BASELINE",
            "ci-gate.toml: max_age",
        )
    )
    assert compare(TWO, None, "quick").notes == ()
