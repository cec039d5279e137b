"""Text with a meaning for a CI system, a browser or a terminal changes only the cell that contains it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from ci_gate.core.comparison.baseline import MissingBaseline, Origin
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.names import LONE_BAR
from ci_gate.core.report import Unjudged, conclude
from ci_gate.core.rules import MUST_PASS, Forbidden, Name, Rules
from ci_gate.core.text.safe import one_line
from ci_gate.core.waivers import Waiver
from ci_gate.errors import PlatformError
from ci_gate.output.ci.detect import SYSTEMS
from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions
from tests.reports.builders import (
    STARTED,
    assessed,
    bank_cases,
    before,
    case,
    judged,
    numbered,
    report,
    subject,
    thresholds,
)
from tests.sandbox import run_cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ci_gate.core.report import GateReport

EXAMPLES = Path(__file__).parent.parent / "examples"

HOSTILE = {
    "error command": "::error::x",
    "indented command": "   ::set-output name=verdict::passed",
    "mask command": "::add-mask::passed",
    "stop commands": "::stop-commands::t",
    "old command": "##[error]x ##vso[task.complete result=Failed]x",
    "teamcity": "##teamcity[buildStatus status='FAILURE']",
    "gitlab section": "\x1b[0Ksection_start:1:x\r\x1b[0Kx",
    "colours": "\x1b[31mred\x1b[2J\x9b1mx",
    "end of details": "</details></summary></code></td></table><h1>PASSED</h1>",
    "script": '<script>alert(1)</script><img src=x onerror="alert(1)">',
    "mention": "@everyone @octocat please see #1, !2, GH-3 and octo/repo#4",
    "table": "| a | b |\n|---|---|\n| c | d |",
    "link": "[x](https://evil.example) https://evil.example www.evil.example mail@evil.example",
    "markdown": "# x\n> y\n- [ ] **z** `q` ~~r~~ ![i](x) :smile: $e=mc^2$ \\",
    "fence": "```\nx\n```\n~~~",
    "outputs": "x\nverdict=passed\nf1<<EOF\n1\nEOF",
    "NUL": "a\x00b",
    "lone surrogates": "a\ud800b\udfffc",
    "noncharacters": "a\uffff\ufffeb",
    "line separators": "a\u2028b\u2029c\x85d\x0bd",
    "reordered": "a\u202edessap\u202c",
    "XML": "]]></failure><testcase/><![CDATA[ <!DOCTYPE x> &xxe; &#0;",
    "shell": "$(touch pwned) `id` ; ' \" \\ %0A %25",
    "empty": "",
    "long": "x" * 5000,
}
PLAIN = "PLAIN WORDS"


def with_utterance(hostile: str) -> GateReport:
    """Report a mismatched utterance with this text."""
    cases = [*bank_cases(wrong=5), case(hostile, "Show Balance", "Pay Bill")]
    return report(conclude(subject(), assessed(numbered(cases), thresholds(min_f1="0.95"))))


def with_intents(hostile: str) -> GateReport:
    """Report expected and matched intents of this name."""
    cases = [*bank_cases(wrong=5), case("a", (f"z{hostile}",), "Pay Bill"), case("b", "Pay Bill", (f"z{hostile}",))]
    return report(conclude(subject(), assessed(numbered(cases), thresholds(min_f1="0.95"))))


def with_label(hostile: str) -> GateReport:
    """Report suites of this name."""
    suite = conclude(subject(f"z{hostile}"), assessed(bank_cases(wrong=5), thresholds(min_f1="0.95")))
    return report(suite, replace(suite, subject=subject(f"y{hostile}", suite=f"x{hostile}")))


def with_words_of_the_platform(hostile: str) -> GateReport:
    """Report a run, a bot and an error with this text."""
    error = PlatformError(f"z{hostile}", hint=f"z{' '.join(hostile.splitlines())}")
    unjudged = Unjudged(subject(run_id=f"z{hostile}", bot_id=f"z{hostile}"), error)
    return report(unjudged, error=error)


def with_baseline(hostile: str) -> GateReport:
    """Report a baseline of this name, of a run and a version of this name."""
    known = before(bank_cases(wrong=1), name=f"z{hostile}", run_id=f"y{hostile}", bot_version=f"x{hostile}")
    rules = Rules(thresholds=tuple(thresholds(min_f1="0.95", max_f1_drop="0.01")))
    return report(judged(bank_cases(wrong=5), rules, known))


def with_another_bot(hostile: str) -> GateReport:
    """Report a baseline of another bot of this name, and a missing baseline of this name."""
    rules = Rules(thresholds=tuple(thresholds(min_f1="0.8", max_f1_drop="0.01")))
    other = before(bank_cases(), name=f"z{hostile}", origin=Origin(bot_id=f"z{hostile}"))
    return report(
        judged(bank_cases(wrong=1), rules, other, label="first"),
        judged(bank_cases(wrong=1), rules, MissingBaseline(f"z{hostile}"), label="second"),
    )


def with_change(hostile: str) -> GateReport:
    """Report utterances of this text that newly fail, were added, removed and relabelled."""
    now = [*bank_cases(wrong=5), case(f"z{hostile}", "Show Balance", "Pay Bill"), case(f"y{hostile}")]
    now.append(case(f"x{hostile}", f"w{hostile}"))
    then = [*bank_cases(wrong=1), case(f"z{hostile}"), case(f"v{hostile}"), case(f"x{hostile}", "Pay Bill")]
    rules = Rules(thresholds=tuple(thresholds(min_f1="0.5", max_new_failures="0")))
    return report(judged(numbered(now), rules, before(numbered(then))))


def with_waivers(hostile: str) -> GateReport:
    """Report used, unused and expired waivers with this reason, owner and subject."""
    used = Waiver(
        expected="Transfer Money", matched="Pay Bill", reason=f"z{hostile}", owner=f"z{hostile}", expires=STARTED.date()
    )
    unused = replace(used, expected="", matched="", utterance=f"z{hostile}")
    expired = replace(used, expected=f"z{hostile}", matched=f"z{hostile}", expires=STARTED.date() - timedelta(1))
    waivers = (used, unused, expired)
    rules = Rules(thresholds=tuple(thresholds(min_f1="0.95", max_mismatches="1")), waivers=waivers)
    return report(judged(bank_cases(wrong=5), rules, None))


def one_name(hostile: str) -> str:
    """Return a text as the name of one intent; a lone bar would separate two intents."""
    return LONE_BAR.sub("||", hostile)


def with_floors(hostile: str) -> GateReport:
    """Report intents of this name below their floors, and with too few utterances for a floor."""
    hostile = one_name(hostile)
    low = [case(f"low {row}", (f"z{hostile}",), "Pay Bill" if row % 2 else None) for row in range(12)]
    small = [case("small", (f"y{hostile}",)), case("rare", (f"x{hostile}",))]
    floors = Floors(bounds={"min_recall": Fraction(9, 10)})
    rules = Rules(
        thresholds=tuple(thresholds(min_f1="0.5")),
        intents=IntentFloors(general=floors, named={f"z{hostile}": floors, f"y{hostile}": floors}),
    )
    return report(judged(numbered([*bank_cases(), *low, *small]), rules, None))


def with_names_of_rules(hostile: str) -> GateReport:
    """Report must-pass utterances and forbidden confusions of this name, and an unknown name."""
    hostile = one_name(hostile)
    cases = [*bank_cases(), case(f"z{hostile}", (f"z{hostile}",), (f"y{hostile}",))]
    missing = f"v{hostile}"
    rules = Rules(
        thresholds=tuple(thresholds(min_f1="0.5")),
        must_pass=(f"z{hostile}", missing),
        forbidden=(Forbidden(f"z{hostile}", f"y{hostile}"), Forbidden(f"z{hostile}", f"w{hostile} and others")),
        common_names=frozenset({Name(MUST_PASS, missing)}),
        is_part=True,
    )
    return report(judged(numbered(cases), rules, None))


SPOTS = (
    with_utterance,
    with_intents,
    with_label,
    with_words_of_the_platform,
    with_baseline,
    with_another_bot,
    with_change,
    with_waivers,
    with_floors,
    with_names_of_rules,
)
OPTIONS = RenderOptions(paths={"junit_path": "r/junit.xml"}, links={"test report": "https://gitlab.example/1"})
BAD_COMMAND = re.compile(r"\s*::(?!error title=|warning title=)")
BAD_BRACKETS = re.compile(r"##\w*\[")
BAD_SIGNS = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")


def rendered(gate: GateReport) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every format, without and with colour."""
    for one in FORMATS:
        yield one.name, "".join(one.render(gate, OPTIONS))
        yield f"{one.name} in colour", "".join(one.render(gate, replace(OPTIONS, color=True)))


def harm(name: str, plain: str, shown: str) -> Iterator[tuple[str, str]]:
    """Yield the lines that changed without containing the text, and the lines with a meaning for a CI system."""
    before, after = plain.split("\n"), shown.split("\n")
    if name.startswith("gate.env"):  # what would need quoting has no line at all
        before, after = ([line for line in lines if "RUN_ID" not in line] for lines in (before, after))
    if len(before) != len(after):
        yield plain, shown
    touched = re.compile("PLAIN|plain-words")  # the second one is how it names a file
    for old, new in zip(before, after, strict=False):
        if not (old == new or touched.search(old) or _is_alignment(old, new)):
            yield old, new
        if BAD_COMMAND.match(new) or BAD_BRACKETS.search(new) or BAD_SIGNS.search(new):
            yield old, new
        if "\x1b" in new and name != "verdict in colour":
            yield old, new


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: spot.__name__)
def test_a_hostile_text_changes_only_the_cells_that_contain_it(spot: Callable[[str], GateReport]) -> None:
    plain = dict(rendered(spot(PLAIN)))
    for name, text in plain.items():
        assert not any(entry.startswith(("a ", "img", "script", "h1")) for entry in structure_of(name, text)), name
    harmed = {}
    for threat, hostile in HOSTILE.items():
        for name, text in rendered(spot(hostile)):
            lines = [*harm(name, plain[name], text)]
            if lines or structure_of(name, text) != structure_of(name, plain[name]):
                harmed[threat, name] = lines
    assert harmed == {}


@pytest.mark.parametrize("line", ["::error::x", "##[error]x", "a\x00b", "\x1b[31mx", "another"])
def test_the_search_for_harm_finds_it(line: str) -> None:
    assert [*harm("verdict", "one", line)]
    assert [*harm("verdict", "one", f"one\n{line}")]


def _is_alignment(before: str, after: str) -> bool:
    """Return whether two lines differ only in the width of a column."""
    return re.sub(r"\s+", " ", before) == re.sub(r"\s+", " ", after)


class Page(HTMLParser):
    """The tags of a page, as a browser would see them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.structure: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.structure.append(f"{tag} {attrs}")

    def handle_endtag(self, tag: str) -> None:
        self.structure.append(f"/{tag}")


def page_of(source: str) -> list[str]:
    """Render Markdown with GitHub's own library and all its extensions; return the tags."""
    extensions = ["table", "autolink", "strikethrough", "tagfilter", "tasklist"]
    return Page(cmarkgfm.markdown_to_html_with_extensions(source, Options.CMARK_OPT_UNSAFE, extensions)).structure


def test_the_parser_of_the_page_sees_a_link() -> None:
    assert page_of("x | www.evil.example") != page_of("x | y")


def shape_of(value: object) -> object:
    """Return the keys of a JSON document and the types of its values."""
    if isinstance(value, dict):
        return {key: shape_of(one) for key, one in value.items()}
    return [shape_of(one) for one in value] if isinstance(value, list) else type(value)


@lru_cache(maxsize=64)
def structure_of(name: str, text: str) -> list[str]:
    """Return the structure of a format: tags, elements with their attributes, or keys with types; else nothing."""
    match Path(name.removesuffix(" in colour")).suffix:
        case ".md":
            return page_of(text)
        case ".xml":
            return [f"<{element.tag} {list(element.attrib)}" for element in ET.fromstring(text.encode()).iter()]
        case ".json":
            return [str(shape_of(json.loads(text)))]
        case _:
            return []


def results_saying(words: str) -> Path:
    """Write a results file with a mismatched utterance of this text."""
    source = EXAMPLES / "results" / "failing" / "everyday-banking.csv"
    rows = list(csv.reader(io.StringIO(source.read_bytes().decode("utf-8-sig"), newline="")))
    first = next(number for number, row in enumerate(rows) if row[0] == "Utterance") + 1
    next(row for row in rows[first:] if row[5] == "FP")[0] = words
    target = Path("results.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return target


SPEAKING = {
    "GitHub": {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "outputs"},
    "GitLab": {"GITLAB_CI": "true"},
    "Jenkins": {"JENKINS_URL": "https://jenkins.example"},
}


def printed(words: str, system: dict[str, str]) -> tuple[str, str, str]:
    """Return standard output, standard error and outputs of a command whose results file has this text."""
    Path("outputs").unlink(missing_ok=True)
    flags = ("--config", str(EXAMPLES / "ci-gate.toml"), "--report-dir", "r")
    ending = run_cli("check", str(results_saying(words)), *flags, environment=system, folder="r")
    assert ending.code == 1, ending.err
    (first, *_) = ending.suite["mismatches"]
    assert one_line(first["utterance"]) == one_line(words)
    return ending.out, ending.err, Path("outputs").read_text(encoding="utf-8") if "GITHUB_OUTPUT" in system else ""


def test_every_known_ci_system_is_among_the_tested_ones() -> None:
    recognised = [[system for system in SYSTEMS if system.is_here(environment)] for environment in SPEAKING.values()]
    assert recognised == [[system] for system in SYSTEMS]


@pytest.mark.parametrize("system", SPEAKING.values(), ids=SPEAKING)
def test_a_command_prints_the_same_for_hostile_as_for_plain_words(system: dict[str, str]) -> None:
    plain = printed(PLAIN, system)
    threats = {name: text for name, text in HOSTILE.items() if name not in ("empty", "lone surrogates")}
    assert [name for name, text in threats.items() if printed(text, system) != plain] == []
