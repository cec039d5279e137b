"""What is read from flags, variables and the file; every mistake in a name or a file says where and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_gate.config.options import BY_NAME, OPTIONS, SECRETS
from ci_gate.config.raw_value import RawValue
from ci_gate.config.sources import SettingsFile, early, gather, read_environment, read_file
from ci_gate.errors import UsageError
from tests.config.builders import CANARY, given, refusal, write

SECRET_HINT = "secrets come from the environment only: CI_GATE_CLIENT_ID with CI_GATE_CLIENT_SECRET, or CI_GATE_JWT"
COMMAND_HINT = "a key belongs to the table above it; this one holds for the whole command: write it above all tables"
SUITE_HINT = 'write [[suites]] in double brackets, and name = "…" below it; one for each suite'
THRESHOLDS_HINT = "write thresholds = { min_f1 = 0.9 }, or a table of that name with a line for each"


def _texts(file: str, name: str) -> tuple[str, ...]:
    return given(file).file.common[name].texts


# Flags


def test_flags_that_were_not_given_are_not_there() -> None:
    """A switch that was not given is no value or off, as the version of click has it."""
    sources = given(host=None, suite=(), advisory=None, quiet=False)
    assert (sources.flags, sources.get("host")) == ({}, None)


def test_flags_keep_their_text_and_their_name() -> None:
    sources = given(host="bots.example", suite=("Smoke", "Full"), advisory=True, min_f1="")
    assert sources.flags == {
        "host": RawValue(("bots.example",), "--host"),
        "suite": RawValue(("Smoke", "Full"), "--suite"),
        "advisory": RawValue(("true",), "--advisory"),
        "min_f1": RawValue(("",), "--min-f1"),
    }


# Variables


def test_every_secret_and_every_option_that_lasts_has_a_variable() -> None:
    everything = {option.variable: "x" for option in OPTIONS if not option.acts_once}
    found, notes = read_environment({**everything, **dict.fromkeys(SECRETS, CANARY)})
    assert set(found) == {option.name for option in OPTIONS if not option.acts_once}
    assert notes == ()
    assert CANARY not in repr(found)


def test_variables_of_others_are_left_alone() -> None:
    assert read_environment({"HOST": "x", "CI": "true", "CI_GATEWAY": "x", "ci_gate_hots": "x"}) == ({}, ())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CI_GATE_HOTS", "did you mean 'CI_GATE_HOST'?"),
        ("CI_GATE_BOTID", "did you mean 'CI_GATE_BOT_ID'?"),
        ("CI_GATE_MIN_F_1", "did you mean 'CI_GATE_MIN_F1'?"),
        ("CI_GATE_SUITES", "did you mean 'CI_GATE_SUITE'?"),
        ("CI_GATE_SECRET", "did you mean 'CI_GATE_CLIENT_SECRET'?"),
        ("CI_GATE_host", "did you mean 'CI_GATE_HOST'?"),
    ],
)
@pytest.mark.parametrize("value", ["", CANARY])
def test_unknown_variable_is_refused_and_the_nearest_known_is_named(name: str, hint: str, value: str) -> None:
    error = refusal(lambda: read_environment({name: value}))
    assert (error.message, error.hint) == (f"unknown variable {name}", hint)


def test_variable_that_is_near_to_none_comes_with_all() -> None:
    hint = refusal(lambda: read_environment({"CI_GATE_ZZZ": "x"})).hint
    assert hint.startswith("known are CI_GATE_CONFIG, CI_GATE_HOST, ")
    assert hint.endswith("CI_GATE_JWT")


@pytest.mark.parametrize("blank", ["", "  ", "\r\n"])
def test_empty_variable_counts_as_unset_and_is_mentioned_once_where_a_threshold_hangs_on_it(blank: str) -> None:
    names = ("CI_GATE_HOST", "CI_GATE_TOLERATE", "CI_GATE_SUITE", "CI_GATE_ADVISORY", "CI_GATE_MIN_F1")
    assert read_environment(dict.fromkeys(names, blank)) == ({}, ("CI_GATE_MIN_F1 is empty and sets no threshold",))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Smoke", ("Smoke",)),
        ("  Full regression ", ("Full regression",)),
        ("Smoke\nFull regression", ("Smoke", "Full regression")),
        ("\r\nSmoke\r\n\r\n  Full, all of it \r\n", ("Smoke", "Full, all of it")),
    ],
)
def test_suites_stand_one_on_a_line(text: str, names: tuple[str, ...]) -> None:
    assert read_environment({"CI_GATE_SUITE": text})[0]["suite"] == RawValue(names, "CI_GATE_SUITE")


@pytest.mark.parametrize(
    "text", ["partial,no-file", "partial, no-file", "partial no-file", "\n partial\r\n,,no-file ,"]
)
def test_other_lists_are_parted_by_commas_or_blanks(text: str) -> None:
    assert read_environment({"CI_GATE_TOLERATE": text})[0]["tolerate"].texts == ("partial", "no-file")


def test_list_of_nothing_but_commas_counts_as_unset() -> None:
    assert read_environment({"CI_GATE_TOLERATE": " , ,"}) == ({}, ())


# Precedence


def test_flag_beats_variable_beats_file() -> None:
    environment = {"CI_GATE_HOST": "variable", "CI_GATE_TIMEOUT": "2m"}
    sources = given('host = "file"\ntimeout = "3m"\nlanguage = "de"', environment, host="flag")
    found = {name: sources.get(name) for name in ("host", "timeout", "language", "engine")}
    assert found == {
        "host": RawValue(("flag",), "--host"),
        "timeout": RawValue(("2m",), "CI_GATE_TIMEOUT"),
        "language": RawValue(("de",), "ci-gate.toml: language"),
        "engine": None,
    }


# Which file


def test_no_file_is_needed() -> None:
    assert given().file == SettingsFile()


def test_file_in_the_working_directory_is_found() -> None:
    assert given('host = "x"').file == SettingsFile("ci-gate.toml", {"host": RawValue(("x",), "ci-gate.toml: host")})


def test_pyproject_serves_where_there_is_no_file_of_its_own() -> None:
    write('[tool.ci-gate]\nhost = "x"\n[[tool.ci-gate.suites]]\nname = "Smoke"', "pyproject.toml")
    file = given().file
    assert file.common == {"host": RawValue(("x",), "pyproject.toml [tool.ci-gate]: host")}
    assert [suite.name for suite in file.suites] == ["Smoke"]


@pytest.mark.parametrize("text", ["", "[tool.black]\nline-length = 100", 'tool = "none"', "[project]\nname = 'x'"])
def test_pyproject_of_other_tools_says_nothing(text: str) -> None:
    write(text, "pyproject.toml")
    assert given().file == SettingsFile()


@pytest.mark.parametrize("text", ["[broken", '[tool.ci-gate]\nhsot = "x"', '[tool.ci-gate]\nhost = "y"'])
def test_file_of_its_own_beats_pyproject_which_is_not_even_read(text: str) -> None:
    write(text, "pyproject.toml")
    assert _texts('host = "x"', "host") == ("x",)


def test_folder_called_pyproject_is_none() -> None:
    Path("pyproject.toml").mkdir()
    assert given().file == SettingsFile()


@pytest.mark.parametrize("name", ["other.toml", "conf/ci-gate.toml", "settings"])
def test_named_file_beats_the_one_that_is_there(name: str) -> None:
    write('host = "named"', name)
    by_flag = given('host = "there"', config=name).get("host")
    by_variable = gather({}, {"CI_GATE_CONFIG": f" {name} "}).get("host")
    assert by_flag == by_variable == RawValue(("named",), f"{name}: host")


def test_named_file_may_be_a_pyproject() -> None:
    write('[tool.ci-gate]\nhost = "x"', "sub/pyproject.toml")
    assert given(config="sub/pyproject.toml").get("host") == RawValue(("x",), "sub/pyproject.toml [tool.ci-gate]: host")


def test_named_pyproject_without_the_table_is_a_mistake() -> None:
    write("[tool.other]", "sub/pyproject.toml")
    error = refusal(lambda: given(config="sub/pyproject.toml"))
    assert error.message == "sub/pyproject.toml has no table [tool.ci-gate]"
    assert error.hint == "add it, or name another file with --config"


@pytest.mark.parametrize("name", ["gone.toml", "folder", "ci-gate.toml/below", "loop.toml"])
def test_named_file_that_cannot_be_read_is_a_mistake(name: str) -> None:
    write("", "ci-gate.toml")
    Path("folder").mkdir()
    Path("loop.toml").symlink_to("loop.toml")
    error = refusal(lambda: given(config=name))
    assert error.message.startswith(f"cannot read {name}: ")
    assert error.hint == "name another file with --config"


@pytest.mark.parametrize("name", ["", " "])
def test_named_file_needs_a_name(name: str) -> None:
    assert refusal(lambda: given(config=name)).message == f"--config: '{name}' is not a path"


def test_folder_in_place_of_the_file_is_not_overlooked() -> None:
    Path("ci-gate.toml").mkdir()
    assert refusal(given).message.startswith("cannot read ci-gate.toml: ")


# What is in it


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_file_may_come_from_any_editor(start: bytes, end: bytes) -> None:
    write(start + end.join([b"# settings", 'language = "dé"'.encode(), b"[thresholds]", b""]))
    assert read_file(None).common["language"].texts == ("dé",)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_file_that_is_not_utf8_is_refused(encoding: str) -> None:
    write('host = "hôte"'.encode(encoding))
    error = refusal(given)
    assert (error.message, error.hint) == ("ci-gate.toml is not UTF-8 text", "save it again as UTF-8")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("host = platform.kore.ai", "line 1"),
        ('bot_id = "x"\nhost = "y\n', "line 2"),
        ('host = "x"\n\nhost = "y"\n', "line 3"),
        ("[thresholds]\nmin_f1 = 90%", "line 2"),
        ("[thresholds]\nmin_f1 = .9", "line 2"),
        ("[thresholds]\nmin_f1 = 0,9", "line 2"),
        ("max_file_rows = " + "9" * 5000, "digits"),
        ("tolerate = " + "[" * 5000, ""),
    ],
)
def test_broken_file_is_refused_with_the_place(text: str, where: str) -> None:
    error = refusal(lambda: given(text))
    assert error.message.startswith("ci-gate.toml is not valid TOML: ")
    assert where in error.message
    assert error.hint == 'mend it there; texts stand in quotation marks, like host = "platform.kore.ai"'


@pytest.mark.parametrize(
    ("line", "name", "texts"),
    [
        ("timeout = 90", "timeout", ("90",)),
        ('timeout = "90s"', "timeout", ("90s",)),
        ("advisory = true", "advisory", ("true",)),
        ("advisory = false", "advisory", ("false",)),
        ('advisory = "yes"', "advisory", ("yes",)),
        ("tolerate = []", "tolerate", ()),
        ('tolerate = ["partial", "no-file"]', "tolerate", ("partial", "no-file")),
        ('tolerate = "partial"', "tolerate", ("partial",)),
        ("thresholds = { min_f1 = 0.90 }", "min_f1", ("0.90",)),
        ("thresholds.min_f1 = 0.1234567890123456789", "min_f1", ("0.1234567890123456789",)),
        ("[thresholds]\nmin_f1 = 1", "min_f1", ("1",)),
        ('[thresholds]\nmin_f1 = "90%"', "min_f1", ("90%",)),
        ('[thresholds]\nmin_accuracy = "off"', "min_accuracy", ("off",)),
        ("[thresholds]\nmax_mismatches = 12", "max_mismatches", ("12",)),
    ],
)
def test_values_stay_the_text_that_was_written(line: str, name: str, texts: tuple[str, ...]) -> None:
    assert _texts(line, name) == texts


def test_suites_have_values_of_their_own() -> None:
    (smoke, full) = given(
        '[[suites]]\nname = " Smoke "\n[[suites]]\nname = "Full"\nlabel = "all"\nadvisory = true\n'
        'thresholds = { min_f1 = 0.85, min_accuracy = "off" }\n'
    ).file.suites
    assert (smoke.name, smoke.label, smoke.values) == ("Smoke", "Smoke", {})
    assert (full.name, full.label) == ("Full", "all")
    assert full.values == {
        "label": RawValue(("all",), "ci-gate.toml: [[suites]] 2 'Full': label"),
        "advisory": RawValue(("true",), "ci-gate.toml: [[suites]] 2 'Full': advisory"),
        "min_f1": RawValue(("0.85",), "ci-gate.toml: [[suites]] 2 'Full': thresholds: min_f1"),
        "min_accuracy": RawValue(("off",), "ci-gate.toml: [[suites]] 2 'Full': thresholds: min_accuracy"),
    }


def test_thresholds_may_stand_in_a_table_below_their_suite() -> None:
    (smoke,) = given('[[suites]]\nname = "Smoke"\n[suites.thresholds]\nmin_f1 = 0.8').file.suites
    assert smoke.values["min_f1"].texts == ("0.8",)


ONE = '[[suites]]\nname = "Smoke"\n'


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('hots = "x"', "ci-gate.toml: unknown key 'hots'", "did you mean 'host'?"),
        ('bot-id = "x"', "ci-gate.toml: unknown key 'bot-id'", "did you mean 'bot_id'?"),
        ('suite = "Smoke"', "ci-gate.toml: unknown key 'suite'", "did you mean 'suites'?"),
        ("[threshold]\nmin_f1 = 0.9", "ci-gate.toml: unknown key 'threshold'", "did you mean 'thresholds'?"),
        ("[thresholds]\nmin_fl = 0.9", "ci-gate.toml: thresholds: unknown key 'min_fl'", "did you mean 'min_f1'?"),
        ("[thresholds]\nf1 = 0.9", "ci-gate.toml: thresholds: unknown key 'f1'", "did you mean 'min_f1'?"),
        (ONE + 'lable = "x"', "ci-gate.toml: [[suites]] 1 'Smoke': unknown key 'lable'", "did you mean 'label'?"),
        (
            ONE + "thresholds = { min_recal = 0.9 }",
            "ci-gate.toml: [[suites]] 1 'Smoke': thresholds: unknown key 'min_recal'",
            "did you mean 'min_recall'?",
        ),
        (
            "min_f1 = 0.9",
            "ci-gate.toml: unknown key 'min_f1'",
            "thresholds stand in a table of their own: thresholds = { min_f1 = … }",
        ),
        (
            ONE + "min_recall = 0.9",
            "ci-gate.toml: [[suites]] 1 'Smoke': unknown key 'min_recall'",
            "thresholds stand in a table of their own: thresholds = { min_recall = … }",
        ),
        (ONE + 'host = "x"', "ci-gate.toml: [[suites]] 1 'Smoke': unknown key 'host'", COMMAND_HINT),
        ('[thresholds]\ntimeout = "1h"', "ci-gate.toml: thresholds: unknown key 'timeout'", COMMAND_HINT),
        (
            "allow_http = true",
            "ci-gate.toml: unknown key 'allow_http'",
            "it can only be given as --allow-http or CI_GATE_ALLOW_HTTP",
        ),
        (
            '[tool.ci-gate]\nhost = "x"',
            "ci-gate.toml: unknown key 'tool'",
            "[tool.ci-gate] is for pyproject.toml; here the keys stand at the top of the file",
        ),
        ("[suites]\nname = 'Smoke'", "ci-gate.toml: suites must be a list of tables", SUITE_HINT),
        ("[suites.Smoke]", "ci-gate.toml: suites must be a list of tables", SUITE_HINT),
        ("suites = ['Smoke']", "ci-gate.toml: [[suites]] 1 must be a table", SUITE_HINT),
        (
            ONE + "[[suites]]\nlabel = 'x'",
            "ci-gate.toml: [[suites]] 2: the name is missing",
            'every suite needs name = "…", as the platform shows it',
        ),
        ("thresholds = 0.9", "ci-gate.toml: thresholds must be a table", THRESHOLDS_HINT),
        ("[[thresholds]]\nmin_f1 = 0.9", "ci-gate.toml: thresholds must be a table", THRESHOLDS_HINT),
        (
            ONE + "thresholds = 0.9",
            "ci-gate.toml: [[suites]] 1 'Smoke': thresholds must be a table",
            THRESHOLDS_HINT,
        ),
    ],
)
def test_mistake_in_the_file_says_where_it_is_and_what_was_meant(text: str, message: str, hint: str) -> None:
    error = refusal(lambda: given(text))
    assert (error.message, error.hint) == (message, hint)


@pytest.mark.parametrize(
    "key",
    ["client_secret", "client_id", "client-id", "clientId", "CI_GATE_CLIENT_SECRET", "jwt", "token", "private-key"],
)
@pytest.mark.parametrize("before", ["", "[thresholds]\n", ONE])
def test_secret_in_the_file_is_refused_and_sent_to_the_environment(before: str, key: str) -> None:
    error = refusal(lambda: given(f'{before}{key} = "{CANARY}"'))
    assert error.message.endswith(f"unknown key '{key}'")
    assert error.hint == SECRET_HINT


def test_mistyped_algorithm_is_not_taken_for_a_secret() -> None:
    assert refusal(lambda: given('jwt_algoritm = "HS256"')).hint == "did you mean 'jwt_algorithm'?"


@pytest.mark.parametrize("text", ["ci-gate = 5", "ci-gate = []"])
def test_table_of_pyproject_must_be_one(text: str) -> None:
    write(f"[tool]\n{text}", "pyproject.toml")
    error = refusal(given)
    assert error.message == "pyproject.toml [tool.ci-gate] must be a table"
    assert error.hint == "write [tool.ci-gate] and the keys below it"


def test_mistake_in_pyproject_is_said_to_be_there() -> None:
    write('[tool.ci-gate]\nhots = "x"', "pyproject.toml")
    assert refusal(given).message == "pyproject.toml [tool.ci-gate]: unknown key 'hots'"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("host = true", "host"),
        ("timeout = false", "timeout"),
        ("tolerate = [true]", "tolerate"),
        ("[thresholds]\nmin_f1 = false", "thresholds: min_f1"),
        ("[[suites]]\nname = true", "[[suites]] 1: name"),
        (ONE + "label = true", "[[suites]] 1 'Smoke': label"),
    ],
)
def test_true_and_false_are_for_switches_only(text: str, where: str) -> None:
    error = refusal(lambda: given(text))
    assert error.message.startswith(f"ci-gate.toml: {where}: a text or a number is wanted here, not ")
    assert error.hint == 'a text stands in quotation marks, like "off"'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('host = ["x"]', "host"),
        ("timeout = { m = 5 }", "timeout"),
        ('tolerate = [["partial"]]', "tolerate"),
        ("advisory = [true]", "advisory"),
        ("max_age = 2024-01-01", "max_age"),
        ("[thresholds]\nmin_f1 = [0.9]", "thresholds: min_f1"),
        ('[[suites]]\nname = ["Smoke", "Full"]', "[[suites]] 1: name"),
    ],
)
def test_one_value_is_wanted_where_there_is_no_list(text: str, where: str) -> None:
    error = refusal(lambda: given(text))
    assert error.message == f"ci-gate.toml: {where}: a text or a number is wanted here"
    assert error.hint == "write one value, without brackets or braces"


@pytest.mark.parametrize("name", ["", ".", "..", "a\\nb", "\\u0007"])
def test_name_that_no_suite_can_have_is_refused_where_it_stands(name: str) -> None:
    message = refusal(lambda: given(f'[[suites]]\nname = "{name}"')).message
    assert message.startswith("ci-gate.toml: [[suites]] 1: name: ")
    assert message.isprintable()


# What must be known early

FOLDERS = ("report_dir", "junit_xml")


def test_a_file_that_is_wrong_in_every_other_respect_still_tells_where_its_reports_go() -> None:
    write('report_dir = "out"\nmni_f1 = 1\njunit_xml = 7\nthresholds = 3\n')
    assert early({}, {}, FOLDERS) == {"report_dir": RawValue(("out",), "ci-gate.toml: report_dir")}


@pytest.mark.parametrize("text", ["report_dir = ", 'report = "x"'])
def test_a_file_that_does_not_tell_where_its_reports_go_is_no_error(text: str) -> None:
    write(text)
    assert early({}, {}, FOLDERS) == {}


def test_no_file_tells_nothing() -> None:
    assert early({}, {}, FOLDERS) == {}


@pytest.mark.parametrize(
    ("flag", "variable", "found"),
    [
        ("flag", "variable", RawValue(("flag",), "--report-dir")),
        ("", " variable ", RawValue(("variable",), "CI_GATE_REPORT_DIR")),
        (None, "variable", RawValue(("variable",), "CI_GATE_REPORT_DIR")),
        ("", " ", RawValue(("file",), "other.toml: report_dir")),
        (" ", "variable", RawValue((" ",), "--report-dir")),
    ],
    ids=repr,
)
def test_what_is_known_early_has_the_usual_precedence_and_an_empty_flag_counts_as_unset(
    flag: str | None, variable: str, found: RawValue
) -> None:
    write('report_dir = "file"', "other.toml")
    environment = {"CI_GATE_REPORT_DIR": variable, "CI_GATE_CONFIG": "other.toml", "CI_GATE_NO_SUCH": "x"}
    flags = {"report_dir": flag, "config": "", "quiet": True, "suite": ("Smoke",), "timeout": "soon"}
    assert early(flags, environment, FOLDERS) == {"report_dir": found}


@pytest.mark.parametrize("config", ["nowhere.toml", " "])
def test_a_settings_file_that_is_not_there_leaves_known_what_was_given_otherwise(config: str) -> None:
    write('report_dir = "file"')
    environment = {"CI_GATE_JUNIT_XML": "copy.xml"}
    assert early({"config": config}, environment, FOLDERS) == {
        "junit_xml": RawValue(("copy.xml",), "CI_GATE_JUNIT_XML")
    }


SERVICE = {
    "SERVICE_HOST": "10.0.0.1",
    "SERVICE_PORT": "8080",
    "SERVICE_PORT_HTTP": "8080",
    "PORT": "tcp://10.0.0.1:8080",
    "PORT_8080_TCP": "tcp://10.0.0.1:8080",
    "PORT_8080_TCP_PROTO": "tcp",
    "PORT_8080_TCP_PORT": "8080",
    "PORT_8080_TCP_ADDR": "10.0.0.1",
    "PORT_53_UDP": "udp://10.0.0.1:53",
    "NAME": "/web/ci-gate",
    "ENV_PYTHON_VERSION": "3.12",
}
"""What Kubernetes and Docker tell of a service, behind its name."""


@pytest.mark.parametrize("service", ["CI_GATE", "CI_GATE_SIMULATOR"])
@pytest.mark.parametrize("name", SERVICE)
def test_a_variable_of_a_service_that_is_called_like_the_gate_is_passed_over(service: str, name: str) -> None:
    environment = {f"{service}_{name}": SERVICE[name]}
    assert read_environment(environment) == ({}, ())
    assert early({}, environment, BY_NAME) == {}


def test_the_port_of_the_simulator_is_a_setting_nevertheless() -> None:
    assert read_environment({"CI_GATE_PORT": "8080"})[0]["port"].texts == ("8080",)


@pytest.mark.parametrize("name", ["CI_GATE_SERVICE", "CI_GATE_PORTS", "CI_GATE_PORT_8080", "CI_GATE_SERVICE_HOSTS"])
def test_a_variable_that_no_service_has_is_unknown(name: str) -> None:
    with pytest.raises(UsageError, match=f"unknown variable {name}"):
        read_environment({name: "10.0.0.1"})
