"""``junit.xml``; read with the parser that its readers build on."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.model import ResultType
from ci_gate.core.report import GateReport, Judged, Unjudged, conclude
from ci_gate.core.verdict import Verdict
from ci_gate.errors import ExitCode, PlatformError
from ci_gate.reports import junit
from ci_gate.reports.junit import JunitCases, placeholder, render
from tests.reports.builders import (
    assessed,
    bank_cases,
    case,
    denied,
    gate_of,
    numbered,
    report,
    reports,
    subject,
    suite_of,
    thresholds,
)
from tests.reports.strategies import any_text, unhurried

MARKS = ("failure", "error", "skipped")


def suites(gate: GateReport, cases: JunitCases = JunitCases.ALL) -> list[ET.Element]:
    return ET.fromstring("".join(render(gate, cases=cases))).findall("testsuite")


def gate_cases(name: str) -> list[tuple[str | None, str, str]]:
    found = []
    for element in suites(reports()[name])[0].findall("testcase"):
        if str(element.get("classname")).endswith(".gate"):
            tag, kind = next(((mark.tag, mark.get("type", "")) for mark in element), PASSED)
            found.append((element.get("name"), tag, kind))
    return found


def assert_readable(text: str) -> None:
    """Check everything that readers of the file rely on."""
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
    root = ET.fromstring(text.encode())
    counted: Counter[str] = Counter()
    for suite in root:
        cases = suite.findall("testcase")
        numbers = {f"{mark}s".replace("skippeds", "skipped"): len(suite.findall(f"testcase/{mark}")) for mark in MARKS}
        numbers["tests"] = len(cases)
        assert {name: suite.get(name) for name in numbers} == {name: str(number) for name, number in numbers.items()}
        counted.update(numbers)
        assert cases
        assert re.fullmatch(r"\d+\.\d{3}", suite.attrib["time"])
        assert set(suite.attrib) <= {"name", *numbers, "time", "timestamp"}
        keys = [f"{one.get('classname')}_{one.get('name')}" for one in cases]
        assert len(set(keys)) == len(keys)
        for one in cases:
            assert list(one.attrib) == ["name", "classname", "time"]
            assert one.get("time") == "0.000"
            assert 0 < len(one.attrib["name"]) <= 200
            assert re.fullmatch(r"[^./\n]+\.[^./\n]+", one.attrib["classname"])
            assert not one.attrib["classname"].lower().endswith((".yaml", ".yml"))
            assert len(one) <= 1
            for mark in one:
                assert mark.tag in MARKS
                message = mark.attrib["message"]
                assert message.strip()
                assert "\n" not in message
                assert (mark.text or "").partition("\n")[0] == message
    assert {name: root.get(name) for name in counted} == {name: str(number) for name, number in counted.items()}
    names = [suite.get("name") for suite in root]
    assert len(set(names)) == len(names)


def fails(text: str) -> bool:
    root = ET.fromstring(text)
    return root.find(".//failure") is not None or root.find(".//error") is not None


@pytest.mark.parametrize("cases", JunitCases)
@pytest.mark.parametrize("name", reports())
def test_file_is_readable_and_fails_unless_the_exit_code_is_0(name: str, cases: JunitCases) -> None:
    text = "".join(render(reports()[name], cases=cases))
    assert_readable(text)
    assert fails(text) == (reports()[name].exit_code is not ExitCode.PASSED)


FAILED = ("failure", "ThresholdFailure")
SKIPPED = ("skipped", "skipped")
EVIDENCE, NO_DATA, UNJUDGED = ("error", "EvidenceError"), ("error", "NoData"), ("error", "GateError")
PASSED = ("", "")


@pytest.mark.parametrize(("name", "expected"), [
    ("failed", {"f1 >= 0.95": FAILED, "accuracy >= 0.85": PASSED, "utterances >= 1": PASSED}),
    ("failed_and_partial", {
        "f1 >= 0.95": FAILED, "accuracy >= 0.85": PASSED, "utterances >= 1": PASSED, "partial": EVIDENCE,
    }),
    ("advisory", {"f1 >= 0.95": SKIPPED, "accuracy >= 0.85": PASSED, "utterances >= 1": PASSED}),
    ("no_data", {
        "f1 >= 0.95": PASSED, "entity match >= 0.80": NO_DATA, "utterances >= 1": PASSED, "run judged": UNJUDGED,
    }),
    ("timeout", {"run judged": UNJUDGED}), ("usage", {"run judged": UNJUDGED}),
    ("tolerated", {"f1 >= 0.95": PASSED, "utterances >= 1": PASSED}),
    ("voided", {
        "f1 >= 0.95": SKIPPED, "accuracy >= 0.85": PASSED, "utterances >= 1": PASSED, "run judged": UNJUDGED,
        "other-id": EVIDENCE,
    }),
    ("over_limit", {"f1 >= 0.90": PASSED, "not evaluated <= 2": FAILED, "utterances >= 1": PASSED}),
    ("sharing", {
        "utterances >= 1": PASSED, "f1 drop beyond chance <= 0.01": FAILED,
        "intents worse beyond chance <= 0": PASSED,
    }),
    ("half_measured", {
        "utterances >= 1": PASSED, "f1 drop beyond chance <= 0.01": PASSED, "new failures <= 0": NO_DATA,
        "run judged": UNJUDGED,
    }),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_cases_of_the_gate_are_its_checks_and_then_its_errors(name: str, expected: dict[str, tuple[str, str]]) -> None:
    assert gate_cases(name) == [(case, *mark) for case, mark in expected.items()]


def test_failed_check_that_does_not_count_is_skipped_and_an_error_has_its_hint() -> None:
    for name, why in (("voided", "not judged"), ("advisory_voided", "not judged"), ("advisory", "advisory")):
        (suite,) = suites(reports()[name])
        (skipped,) = [one for one in suite if one.get("name") == "f1 >= 0.95"]
        assert [(mark.tag, mark.get("message")) for mark in skipped] == [("skipped", f"{why}: f1 0.9286 < 0.95")]
        assert skipped[0].text == f"{why}: f1 0.9286 < 0.95"
    (error,) = suites(reports()["timeout"])[0].iter("error")
    assert (error.text or "").splitlines() == [
        "30m passed before run 'tr-77d1' ended; the platform's last word was IN_PROGRESS at 58 %",
        "attach to it again: ci-gate gate tr-77d1",
        "or allow it more time: --timeout 45m",
    ]


def test_unjudged_suite_has_an_error_and_no_failure() -> None:
    for gate in reports().values():
        for suite, judged in zip(suites(gate), gate.suites, strict=False):
            if isinstance(judged, Unjudged):
                assert suite.find(".//failure") is None
                assert suite.find(".//error") is not None


def test_limit_on_unevaluated_utterances_is_a_case_only_if_it_was_set() -> None:
    named = {name: any(str(case[0]).startswith("not evaluated") for case in gate_cases(name)) for name in reports()}
    assert {name for name, has in named.items() if has} == {"over_limit", "advisory_over_limit", "under_limit"}


def test_newly_failing_utterance_is_a_failure_only_in_a_judged_suite() -> None:
    for name, number in {"regressed": 5, "regressed_advisory": 0, "sharing": 7, "half_measured": 0}.items():
        types = [mark.get("type") for mark in suites(reports()[name])[0].iter("failure")]
        assert types.count("NewFailure") == number


def test_utterance_that_does_not_pass_is_skipped() -> None:
    for name in ("passed", "failed", "no_data", "advisory"):
        (suite,) = suites(reports()[name])
        (mismatch,) = [one for one in suite if one.get("name") == "send 50 euros to Maria"]
        assert mismatch.attrib["classname"].endswith(".Transfer Money")
        assert [child.tag for child in mismatch] == ["skipped"]
        assert mismatch[0].get("message") == "expected Transfer Money, matched Pay Bill"
    (suite,) = suites(reports()["unevaluated"], JunitCases.MISMATCHED)
    assert [skip.get("message") for skip in suite.iter("skipped")] == [
        "expected Transfer Money, matched Pay Bill",
        *["not evaluated: expected Show Balance"] * 3,
        "expected Transfer Money, matched Pay Bill",
        "result type not understood: expected Show Balance, matched Show Balance",
    ]


def test_user_chooses_which_utterances_are_listed() -> None:
    for cases, number in {JunitCases.ALL: 60, JunitCases.MISMATCHED: 8, JunitCases.GATE: 0}.items():
        (suite,) = suites(reports()["failed"], cases)
        classes = [one.get("classname") for one in suite.iter("testcase")]
        assert len(classes) - classes.count("Banking regression.gate") == number


def test_names_of_suites_and_copies_are_unique() -> None:
    cases = numbered(case(text) for text in ("hi", "hi", "hi (2)", "hi", "hi  ", "y" * 250, "y" * 260))
    (suite,) = suites(gate_of(cases, min_f1="1"))
    names = [one.get("name") for one in suite.iter("testcase") if one.get("classname") != "Banking regression.gate"]
    assert names == ["hi", "hi (2)", "hi (2) (2)", "hi (3)", "hi (4)", "y" * 200, "y" * 196 + " (2)"]
    error = PlatformError("the platform is down")
    gate = report(*[Unjudged(subject(label), error) for label in ("ci-gate", "a", "a\n")], error=error)
    assert [suite.get("name") for suite in suites(gate)] == ["ci-gate", "a", "a (2)", "ci-gate (2)"]


def test_class_has_one_dot_and_does_not_look_like_a_file() -> None:
    for label, intent, classname in (
        ("smoke", "Pay Bill", "smoke.Pay Bill"), ("v1.2/full", "a.b/c", "v1_2_full.a_b_c"),
        ("smoke", "yaml", "smoke.yaml_"), ("smoke", "YML", "smoke.YML_"),
        ("smoke.yaml", "x.yml", "smoke_yaml.x_yml"), ("smoke", "\n", "smoke.-"),
    ):  # fmt: skip
        gate = report(suite_of([case("hi", intent)], {"min_f1": "1"}, subject(label)))
        assert [one.get("classname") for one in suites(gate)[0].iter("testcase")][-1] == classname


def test_properties_of_a_suite_are_the_known_facts_about_its_run() -> None:
    (suite,) = suites(reports()["failed"])
    assert [(p.get("name"), p.get("value")) for p in suite.iter("property")] == [
        ("run_id", "tr-5f6b0c4e"), ("bot_id", "st-bank"), ("bot_version", "inDevelopment"), ("language", "en"),
        ("source", "run"), ("cases", "all"),
    ]  # fmt: skip
    assert (suite.get("time"), suite.get("timestamp")) == ("72.431", "2026-03-02T09:30:00+00:00")
    (suite,) = suites(reports()["tolerated"])
    assert [(p.get("name"), p.get("value")) for p in suite.iter("property")][-1] == ("tolerated", "partial")
    (suite,) = suites(report(denied()))
    assert [p.get("name") for p in suite.iter("property")] == ["bot_id", "source", "cases"]


def test_report_without_a_suite_is_an_error_and_a_suite_without_a_case_is_readable() -> None:
    text = "".join(render(report()))
    assert_readable(text)
    (error,) = ET.fromstring(text).iter("error")
    assert error.text == "there was no suite to judge"
    (suite,) = suites(report(Judged(subject(), assessed([case("hi")], []), Verdict.PASSED)), JunitCases.GATE)
    assert (suite.get("tests"), [child.tag for child in suite]) == ("0", ["properties"])


def test_placeholder_is_an_error() -> None:
    assert_readable("".join(placeholder()))
    (suite,) = ET.fromstring("".join(placeholder("still here")))
    assert (suite[0].get("classname"), suite[0].get("name")) == ("ci-gate.gate", "run judged")
    assert suite[0][0].attrib == {"type": "GateError", "message": "still here"}
    assert "".join(placeholder()).count("the gate has not finished") == 2
    assert fails("".join(placeholder("")))


@pytest.mark.subprocess
def test_placeholder_and_usage_error_do_not_import_the_library() -> None:
    program = (
        "import sys, datetime\n"
        "from ci_gate.core.report import GateReport\n"
        "from ci_gate.errors import UsageError\n"
        "from ci_gate.reports import junit\n"
        "''.join(junit.placeholder())\n"
        "now = datetime.datetime.now(datetime.UTC)\n"
        "''.join(junit.render(GateReport(suites=(), started=now, finished=now, error=UsageError('no'))))\n"
        "sys.exit('junit_xml' in sys.modules)\n"
    )
    root = junit.__file__.rpartition("ci_gate")[0]
    subprocess.run([sys.executable, "-c", program], cwd=root, check=True)


def test_size_of_the_file_and_of_slices_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = reports()["failed"]
    sizes = {choice: len("".join(render(gate, cases=choice)).encode()) for choice in JunitCases}
    for choice in JunitCases:
        monkeypatch.setattr(junit, "LIMIT", sizes[choice])
        assert "".join(render(gate)) == "".join(render(gate, cases=choice))
    monkeypatch.setattr(junit, "LIMIT", 1)
    assert fails("".join(render(gate)))


def test_a_file_that_has_to_be_measured_first_can_be_given_up_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "LIMIT", 1)
    assert next(render(reports()["failed"])) == ""


def test_a_file_that_is_written_in_many_slices_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "".join(render(reports()["several"]))
    for cases_at_once in (1, 2, 7):
        monkeypatch.setattr(junit, "_SLICE", cases_at_once)
        assert "".join(render(reports()["several"])) == whole


def test_lost_failure_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("junit_xml.TestCase.add_failure_info", lambda *_: None)
    with pytest.raises(RuntimeError, match=r"junit\.xml does not say what was decided"):
        "".join(render(reports()["failed"]))


utterances = st.builds(
    case, any_text, any_text | st.lists(any_text, max_size=2).map(tuple),
    st.none() | st.lists(any_text, max_size=2).map(tuple), result_type=st.none() | st.sampled_from(ResultType),
)  # fmt: skip


@unhurried
@given(any_text, st.lists(utterances, max_size=6), any_text, st.booleans(), st.sampled_from(JunitCases))
def test_any_text_makes_a_readable_file_that_fails_with_the_gate(
    text: str, cases: list[object], label: str, advisory: bool, choice: JunitCases
) -> None:
    listed = numbered(cases)  # type: ignore[arg-type]
    suite = conclude(subject(label, run_id=text, advisory=advisory), assessed(listed, thresholds(min_f1="0.5")))
    error = PlatformError(text, hint=text)
    for gate in (report(suite), report(suite, suite), report(suite, Unjudged(subject(text), error), error=error)):
        shown = "".join(render(gate, cases=choice))
        assert_readable(shown)
        assert fails(shown) == (gate.exit_code is not ExitCode.PASSED)


def test_names_are_stable_between_runs() -> None:
    def names(wrong: int) -> list[str | None]:
        gate = report(suite_of(bank_cases(wrong=wrong), {"min_f1": "1"}, subject(run_id=f"tr-{wrong}")))
        return [one.get("name") for one in suites(gate)[0].iter("testcase")][:2]

    assert names(0) == names(5)
