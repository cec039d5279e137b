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
ONLY_HTTP = "this setting can only be given as --allow-http or CI_GATE_ALLOW_HTTP"
COMMAND_HINT = "a key belongs to the table above it; this one holds for the whole command: write it above all tables"
SUITE_HINT = 'write [[suites]] in double brackets, and name = "…" below it; one for each suite'
THRESHOLDS_HINT = "write thresholds = { min_f1 = 0.9 }, or a table of that name with a line for each"

TEXT_HINT = 'a string needs quotation marks, like "off"'
WANTED = "expected a string or a number"
ONE_HINT = "write one value, without brackets or braces"


def _texts(file: str, name: str) -> tuple[str, ...]:
    return given(file).file.common[name].texts


# Flags


def test_flags_keep_their_text_and_their_name_and_others_are_absent() -> None:
    # Depending on its version, click passes a missing switch as None or as False.
    sources = given(host=None, suite=(), advisory=None, quiet=False)
    assert (sources.flags, sources.get("host")) == ({}, None)
    assert given(host="bots.example", suite=("Smoke", "Full"), advisory=True, min_f1="").flags == {
        "host": RawValue(("bots.example",), "--host"),
        "suite": RawValue(("Smoke", "Full"), "--suite"),
        "advisory": RawValue(("true",), "--advisory"),
        "min_f1": RawValue(("",), "--min-f1"),
    }


# Variables


def test_every_secret_and_every_option_that_lasts_has_a_variable() -> None:
    lasting = {option.variable: option.name for option in OPTIONS if not option.acts_once}
    found, notes = read_environment({**dict.fromkeys(lasting, "x"), **dict.fromkeys(SECRETS, CANARY)})
    assert set(found) == {*lasting.values()}
    assert notes == ()
    assert CANARY not in repr(found)


def test_unknown_variable_without_a_near_one_is_refused_with_all() -> None:
    hint = refusal(lambda: read_environment({"CI_GATE_ZZZ": "x"})).hint
    assert hint.startswith("known are CI_GATE_CONFIG, CI_GATE_HOST, ")
    assert hint.endswith("CI_GATE_JWT")
    others = {"HOST": "x", "CI": "true", "CI_GATEWAY": "x", "ci_gate_hots": "x"}
    assert read_environment(others) == ({}, ()), "variables of other programs"


@pytest.mark.parametrize(("name", "meant"), [
    ("CI_GATE_HOTS", "CI_GATE_HOST"), ("CI_GATE_BOTID", "CI_GATE_BOT_ID"), ("CI_GATE_MIN_F_1", "CI_GATE_MIN_F1"),
    ("CI_GATE_SUITES", "CI_GATE_SUITE"), ("CI_GATE_SECRET", "CI_GATE_CLIENT_SECRET"), ("CI_GATE_host", "CI_GATE_HOST"),
])  # fmt: skip
def test_unknown_variable_is_refused_with_the_nearest_known_one(name: str, meant: str) -> None:
    for value in ("", CANARY):
        error = refusal(lambda value=value: read_environment({name: value}))  # type: ignore[misc]
        assert (error.message, error.hint) == (f"unknown variable {name}", f"did you mean '{meant}'?")


def test_empty_variable_counts_as_unset_and_is_noted_when_it_is_a_threshold() -> None:
    names = ("CI_GATE_HOST", "CI_GATE_TOLERATE", "CI_GATE_SUITE", "CI_GATE_ADVISORY", "CI_GATE_MIN_F1")
    for blank in ("", "  ", "\r\n"):
        found = read_environment(dict.fromkeys(names, blank))
        assert found == ({}, ("CI_GATE_MIN_F1 is empty and sets no threshold",))


def test_suites_are_separated_by_lines_and_other_lists_by_commas_or_blanks() -> None:
    for text, names in {
        "Smoke": ("Smoke",),
        "  Full regression ": ("Full regression",),
        "Smoke\nFull regression": ("Smoke", "Full regression"),
        "\r\nSmoke\r\n\r\n  Full, all of it \r\n": ("Smoke", "Full, all of it"),
    }.items():
        assert read_environment({"CI_GATE_SUITE": text})[0]["suite"] == RawValue(names, "CI_GATE_SUITE")
    for text in ("partial,no-file", "partial, no-file", "partial no-file", "\n partial\r\n,,no-file ,"):
        assert read_environment({"CI_GATE_TOLERATE": text})[0]["tolerate"].texts == ("partial", "no-file")
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


def test_file_in_the_working_directory_is_found_but_not_needed() -> None:
    Path("pyproject.toml").mkdir()
    assert given().file == SettingsFile()
    assert given('host = "x"').file == SettingsFile("ci-gate.toml", {"host": RawValue(("x",), "ci-gate.toml: host")})


def test_named_file_may_be_a_pyproject_that_has_the_table() -> None:
    write('[tool.ci-gate]\nhost = "x"', "sub/pyproject.toml")
    assert given(config="sub/pyproject.toml").get("host") == RawValue(("x",), "sub/pyproject.toml [tool.ci-gate]: host")
    write("[tool.other]", "sub/pyproject.toml")
    error = refusal(lambda: given(config="sub/pyproject.toml"))
    assert error.message == "sub/pyproject.toml has no table [tool.ci-gate]"
    assert error.hint == "add it, or name another file with --config"


def test_pyproject_serves_where_there_is_no_file_of_its_own() -> None:
    write('[tool.ci-gate]\nhost = "x"\n[[tool.ci-gate.suites]]\nname = "Smoke"', "pyproject.toml")
    file = given().file
    assert file.common == {"host": RawValue(("x",), "pyproject.toml [tool.ci-gate]: host")}
    assert [suite.name for suite in file.suites] == ["Smoke"]


def test_pyproject_of_other_tools_is_ignored_and_that_beside_a_file_is_not_read() -> None:
    for text in ("", "[tool.black]\nline-length = 100", 'tool = "none"', "[project]\nname = 'x'"):
        write(text, "pyproject.toml")
        assert given().file == SettingsFile()
    for text in ("[broken", '[tool.ci-gate]\nhsot = "x"', '[tool.ci-gate]\nhost = "y"'):
        write(text, "pyproject.toml")
        assert _texts('host = "x"', "host") == ("x",)


@pytest.mark.parametrize("name", ["other.toml", "conf/ci-gate.toml", "settings"])
def test_named_file_beats_the_one_that_is_there(name: str) -> None:
    write('host = "named"', name)
    by_flag = given('host = "there"', config=name).get("host")
    by_variable = gather({}, {"CI_GATE_CONFIG": f" {name} "}).get("host")
    assert by_flag == by_variable == RawValue(("named",), f"{name}: host")


@pytest.mark.parametrize("name", ["gone.toml", "folder", "ci-gate.toml/below", "loop.toml"])
def test_named_file_that_cannot_be_read_is_a_mistake(name: str) -> None:
    write("", "ci-gate.toml")
    Path("folder").mkdir()
    Path("loop.toml").symlink_to("loop.toml")
    error = refusal(lambda: given(config=name))
    assert error.message.startswith(f"cannot read {name}: ")
    assert error.hint == "name another file with --config"


def test_file_is_refused_when_its_name_is_empty_or_a_folder_has_its_place() -> None:
    for name in ("", " "):
        assert refusal(lambda name=name: given(config=name)).message == f"--config: '{name}' is not a path"  # type: ignore[misc]
    Path("ci-gate.toml").mkdir()
    assert refusal(given).message.startswith("cannot read ci-gate.toml: ")


# What is in it


def test_file_is_utf8_with_any_line_ends() -> None:
    for start in (b"", b"\xef\xbb\xbf"):
        for end in (b"\n", b"\r\n"):
            write(start + end.join([b"# settings", 'language = "dé"'.encode(), b"[thresholds]", b""]))
            assert read_file(None).common["language"].texts == ("dé",)
    for encoding in ("utf-16", "latin-1"):
        write('host = "hôte"'.encode(encoding))
        error = refusal(given)
        assert (error.message, error.hint) == ("ci-gate.toml is not UTF-8 text", "save it again as UTF-8")


@pytest.mark.parametrize(("text", "where"), [
    ("host = platform.kore.ai", "line 1"), ('bot_id = "x"\nhost = "y\n', "line 2"),
    ('host = "x"\n\nhost = "y"\n', "line 3"), ("[thresholds]\nmin_f1 = 90%", "line 2"),
    ("[thresholds]\nmin_f1 = .9", "line 2"), ("[thresholds]\nmin_f1 = 0,9", "line 2"),
    ("max_file_rows = " + "9" * 5000, "digits"), ("tolerate = " + "[" * 5000, ""),
])  # fmt: skip
def test_broken_file_is_refused_with_the_place(text: str, where: str) -> None:
    error = refusal(lambda: given(text))
    assert error.message.startswith("ci-gate.toml is not valid TOML: ")
    assert where in error.message
    assert error.hint == 'fix it at that place; strings need quotation marks, like host = "platform.kore.ai"'


@pytest.mark.parametrize(("line", "name", "texts"), [
    ("timeout = 90", "timeout", ("90",)), ('timeout = "90s"', "timeout", ("90s",)),
    ("advisory = true", "advisory", ("true",)), ("advisory = false", "advisory", ("false",)),
    ('advisory = "yes"', "advisory", ("yes",)), ("tolerate = []", "tolerate", ()),
    ('tolerate = ["partial", "no-file"]', "tolerate", ("partial", "no-file")),
    ('tolerate = "partial"', "tolerate", ("partial",)), ("thresholds = { min_f1 = 0.90 }", "min_f1", ("0.90",)),
    ("thresholds.min_f1 = 0.1234567890123456789", "min_f1", ("0.1234567890123456789",)),
    ("[thresholds]\nmin_f1 = 1", "min_f1", ("1",)), ('[thresholds]\nmin_f1 = "90%"', "min_f1", ("90%",)),
    ('[thresholds]\nmin_accuracy = "off"', "min_accuracy", ("off",)),
    ("[thresholds]\nmax_mismatches = 12", "max_mismatches", ("12",)),
])  # fmt: skip
def test_value_stays_the_text_that_was_written(line: str, name: str, texts: tuple[str, ...]) -> None:
    assert _texts(line, name) == texts


def test_suite_has_values_of_its_own() -> None:
    smoke, full, night = given(
        '[[suites]]\nname = " Smoke "\n[[suites]]\nname = "Full"\nlabel = "all"\nadvisory = true\n'
        'thresholds = { min_f1 = 0.85, min_accuracy = "off" }\n'
        '[[suites]]\nname = "Night"\n[suites.thresholds]\nmin_f1 = 0.8'
    ).file.suites
    assert (smoke.name, smoke.label, smoke.values) == ("Smoke", "Smoke", {})
    assert (full.name, full.label) == ("Full", "all")
    assert night.values["min_f1"].texts == ("0.8",)
    own = {"label": "all", "advisory": "true", "thresholds: min_f1": "0.85", "thresholds: min_accuracy": "off"}
    assert full.values == {
        key.removeprefix("thresholds: "): RawValue((text,), f"ci-gate.toml: [[suites]] 2 'Full': {key}")
        for key, text in own.items()
    }


ONE = '[[suites]]\nname = "Smoke"\n'
IN_ONE = "[[suites]] 1 'Smoke': "
TABLE_HINT = "thresholds belong in their own table: thresholds = {{ {} = … }}"
NAME_HINT = 'every suite needs name = "…", as the platform shows it'
TOP_HINT = "[tool.ci-gate] is for pyproject.toml; here the keys belong at the top of the file"


@pytest.mark.parametrize(("text", "message", "hint"), [
    ('hots = "x"', "unknown key 'hots'", "did you mean 'host'?"),
    ('bot-id = "x"', "unknown key 'bot-id'", "did you mean 'bot_id'?"),
    ('suite = "Smoke"', "unknown key 'suite'", "did you mean 'suites'?"),
    ("[threshold]\nmin_f1 = 0.9", "unknown key 'threshold'", "did you mean 'thresholds'?"),
    ("[thresholds]\nmin_fl = 0.9", "thresholds: unknown key 'min_fl'", "did you mean 'min_f1'?"),
    ("[thresholds]\nf1 = 0.9", "thresholds: unknown key 'f1'", "did you mean 'min_f1'?"),
    (ONE + 'lable = "x"', f"{IN_ONE}unknown key 'lable'", "did you mean 'label'?"),
    (ONE + "thresholds.min_recal = 1", f"{IN_ONE}thresholds: unknown key 'min_recal'", "did you mean 'min_recall'?"),
    ("min_f1 = 0.9", "unknown key 'min_f1'", TABLE_HINT.format("min_f1")),
    (ONE + "min_recall = 0.9", f"{IN_ONE}unknown key 'min_recall'", TABLE_HINT.format("min_recall")),
    (ONE + 'host = "x"', f"{IN_ONE}unknown key 'host'", COMMAND_HINT),
    ('[thresholds]\ntimeout = "1h"', "thresholds: unknown key 'timeout'", COMMAND_HINT),
    ("allow_http = true", "unknown key 'allow_http'", ONLY_HTTP),
    ('[tool.ci-gate]\nhost = "x"', "unknown key 'tool'", TOP_HINT),
    ("[suites]\nname = 'Smoke'", "suites must be a list of tables", SUITE_HINT),
    ("[suites.Smoke]", "suites must be a list of tables", SUITE_HINT),
    ("suites = ['Smoke']", "[[suites]] 1 must be a table", SUITE_HINT),
    (ONE + "[[suites]]\nlabel = 'x'", "[[suites]] 2: the name is missing", NAME_HINT),
    ("thresholds = 0.9", "thresholds must be a table", THRESHOLDS_HINT),
    ("[[thresholds]]\nmin_f1 = 0.9", "thresholds must be a table", THRESHOLDS_HINT),
    (ONE + "thresholds = 0.9", f"{IN_ONE}thresholds must be a table", THRESHOLDS_HINT),
    ('jwt_algoritm = "HS256"', "unknown key 'jwt_algoritm'", "did you mean 'jwt_algorithm'?"),
    ("host = true", f"host: {WANTED}, not true", TEXT_HINT),
    ("timeout = false", f"timeout: {WANTED}, not false", TEXT_HINT),
    ("tolerate = [true]", f"tolerate: {WANTED}, not true", TEXT_HINT),
    ("[thresholds]\nmin_f1 = false", f"thresholds: min_f1: {WANTED}, not false", TEXT_HINT),
    ("[[suites]]\nname = true", f"[[suites]] 1: name: {WANTED}, not true", TEXT_HINT),
    (ONE + "label = true", f"{IN_ONE}label: {WANTED}, not true", TEXT_HINT),
    ('host = ["x"]', f"host: {WANTED}", ONE_HINT),
    ("timeout = { m = 5 }", f"timeout: {WANTED}", ONE_HINT),
    ('tolerate = [["partial"]]', f"tolerate: {WANTED}", ONE_HINT),
    ("advisory = [true]", f"advisory: {WANTED}", ONE_HINT),
    ("max_age = 2024-01-01", f"max_age: {WANTED}", ONE_HINT),
    ("[thresholds]\nmin_f1 = [0.9]", f"thresholds: min_f1: {WANTED}", ONE_HINT),
    ('[[suites]]\nname = ["Smoke", "Full"]', f"[[suites]] 1: name: {WANTED}", ONE_HINT),
])  # fmt: skip
def test_mistake_in_the_file_is_refused_with_its_place_and_what_was_meant(text: str, message: str, hint: str) -> None:
    error = refusal(lambda: given(text))
    assert (error.message, error.hint) == (f"ci-gate.toml: {message}", hint)


@pytest.mark.parametrize("key", [
    "client_secret", "client_id", "client-id", "clientId", "CI_GATE_CLIENT_SECRET", "jwt", "token", "private-key",
])  # fmt: skip
@pytest.mark.parametrize("before", ["", "[thresholds]\n", ONE])
def test_secret_in_the_file_is_refused_and_sent_to_the_environment(before: str, key: str) -> None:
    error = refusal(lambda: given(f'{before}{key} = "{CANARY}"'))
    assert error.message.endswith(f"unknown key '{key}'")
    assert error.hint == SECRET_HINT


def test_mistake_in_pyproject_is_refused_with_its_place() -> None:
    for text in ("ci-gate = 5", "ci-gate = []"):
        write(f"[tool]\n{text}", "pyproject.toml")
        error = refusal(given)
        assert error.message == "pyproject.toml [tool.ci-gate] must be a table"
        assert error.hint == "write [tool.ci-gate] and the keys below it"
    write('[tool.ci-gate]\nhots = "x"', "pyproject.toml")
    assert refusal(given).message == "pyproject.toml [tool.ci-gate]: unknown key 'hots'"


@pytest.mark.parametrize("name", ["", ".", "..", "a\\nb", "\\u0007"])
def test_name_that_no_suite_can_have_is_refused_where_it_stands(name: str) -> None:
    message = refusal(lambda: given(f'[[suites]]\nname = "{name}"')).message
    assert message.startswith("ci-gate.toml: [[suites]] 1: name: ")
    assert message.isprintable()


# What must be known early

FOLDERS = ("report_dir", "junit_xml")


def test_report_folder_is_read_early_from_a_file_that_is_otherwise_wrong() -> None:
    assert early({}, {}, FOLDERS) == {}
    for text in ("report_dir = ", 'report = "x"'):
        write(text)
        assert early({}, {}, FOLDERS) == {}
    write('report_dir = "out"\nmni_f1 = 1\njunit_xml = 7\nthresholds = 3\n')
    assert early({}, {}, FOLDERS) == {"report_dir": RawValue(("out",), "ci-gate.toml: report_dir")}


@pytest.mark.parametrize(("flag", "variable", "found"), [
    ("flag", "variable", RawValue(("flag",), "--report-dir")),
    ("", " variable ", RawValue(("variable",), "CI_GATE_REPORT_DIR")),
    (None, "variable", RawValue(("variable",), "CI_GATE_REPORT_DIR")),
    ("", " ", RawValue(("file",), "other.toml: report_dir")),
    (" ", "variable", RawValue((" ",), "--report-dir")),
], ids=repr)  # fmt: skip
def test_early_value_has_the_usual_precedence(flag: str | None, variable: str, found: RawValue) -> None:
    write('report_dir = "file"', "other.toml")
    environment = {"CI_GATE_REPORT_DIR": variable, "CI_GATE_CONFIG": "other.toml", "CI_GATE_NO_SUCH": "x"}
    flags = {"report_dir": flag, "config": "", "quiet": True, "suite": ("Smoke",), "timeout": "soon"}
    assert early(flags, environment, FOLDERS) == {"report_dir": found}


@pytest.mark.parametrize("config", ["nowhere.toml", " "])
def test_missing_settings_file_hides_no_other_early_value(config: str) -> None:
    write('report_dir = "file"')
    environment = {"CI_GATE_JUNIT_XML": "copy.xml"}
    assert early({"config": config}, environment, FOLDERS) == {
        "junit_xml": RawValue(("copy.xml",), "CI_GATE_JUNIT_XML")
    }


SERVICE = {
    "SERVICE_HOST": "10.0.0.1", "SERVICE_PORT": "8080", "SERVICE_PORT_HTTP": "8080",
    "PORT": "tcp://10.0.0.1:8080", "PORT_8080_TCP": "tcp://10.0.0.1:8080", "PORT_8080_TCP_PROTO": "tcp",
    "PORT_8080_TCP_PORT": "8080", "PORT_8080_TCP_ADDR": "10.0.0.1", "PORT_53_UDP": "udp://10.0.0.1:53",
    "NAME": "/web/ci-gate", "ENV_PYTHON_VERSION": "3.12",
}  # fmt: skip
"""The variables that Kubernetes and Docker set for a service, without its name in front."""


def test_variables_of_a_service_with_the_name_of_the_gate_are_ignored() -> None:
    variables = {f"{name}_{key}": text for name in ("CI_GATE", "CI_GATE_SIMULATOR") for key, text in SERVICE.items()}
    for environment in ({name: text} for name, text in variables.items()):
        assert read_environment(environment) == ({}, ()), environment
        assert early({}, environment, BY_NAME) == {}, environment
    assert read_environment({"CI_GATE_PORT": "8080"})[0]["port"].texts == ("8080",), "the port of the simulator"


@pytest.mark.parametrize("name", ["CI_GATE_SERVICE", "CI_GATE_PORTS", "CI_GATE_PORT_8080", "CI_GATE_SERVICE_HOSTS"])
def test_variable_that_no_service_has_is_unknown(name: str) -> None:
    with pytest.raises(UsageError, match=f"unknown variable {name}"):
        read_environment({name: "10.0.0.1"})
