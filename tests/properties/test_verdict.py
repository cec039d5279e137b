"""Whatever a platform and its file say, the gate gives a verdict or a clean ``unjudged`` and never passes on nothing.

``reasons_against_a_pass`` states what forbids a pass once more, from the raw bytes and without the code under test.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from hypothesis import example, given, target
from hypothesis import strategies as st

from ci_gate.core.assess import assess
from ci_gate.core.findings import TOLERABLE, Expectation, FindingKind
from ci_gate.core.model import RunState
from ci_gate.core.report import GateReport, Judged, Source, Subject
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import DEFAULTS, read_threshold
from ci_gate.core.verdict import Verdict
from ci_gate.errors import ExitCode, GateError
from ci_gate.kore.results_csv import parse
from ci_gate.kore.status import read_status
from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions
from tests.properties.evidence import ORIGIN, files, is_count, replies
from tests.tools.faults import good_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.report import SuiteReport

F1, ACCURACY = Fraction("0.9"), Fraction("0.85")
GOOD = json.dumps(good_run.completed(ORIGIN, word="completed")).encode()
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = Expectation(
    run_id=good_run.RUN_ID,
    suite=good_run.SUITE,
    bot_id=good_run.BOT_ID,
    bot_version="inDevelopment",
    language="en",
    started=(MOMENT - timedelta(minutes=5)).timestamp(),
)


def judged(body: bytes, raw: bytes, tolerate: frozenset[FindingKind] = frozenset()) -> SuiteReport | None:
    """Judge a completed run, or return ``None`` if the reply is not one."""
    try:
        status = read_status(body)
    except GateError:
        return None
    if status.state is not RunState.COMPLETED:
        return None
    thresholds = (read_threshold("min_f1", "0.9"), read_threshold("min_accuracy", "0.85"), *DEFAULTS.values())
    return assess(
        Subject(label="any", suite="any", source=Source.RUN, run_id=good_run.RUN_ID),
        status=status,
        results=parse(raw),
        rules=Rules(thresholds=tuple(threshold for threshold in thresholds if threshold), tolerate=tolerate),
        expectation=ASKED,
        today=MOMENT.date(),
        hash_utterances=False,
    ).report


def reasons_against_a_pass(body: bytes, raw: bytes, tolerate: frozenset[FindingKind]) -> Iterator[str]:
    """Yield every reason why these bytes must not pass."""
    reply = json.loads(body)
    result = _object(reply.get("result"))
    words = [word for word in (reply.get("status"), result.get("status")) if word is not None]
    if not words or any(str(word).strip().casefold() != "completed" for word in words):
        yield "no status word says completed, or one says something else"
    partial = (reply.get("isPartialFailure"), result.get("isPartialFailure"))
    if FindingKind.PARTIAL not in tolerate and any(
        told not in (None, False, 0, "", "0", "false", "False", "no") for told in partial
    ):
        yield "the run was partial"
    rows = _rows(raw)
    yield from _of_another_run(reply, result, tolerate)
    # A tolerated unreadable file counts as none, and it is not known here which files are unreadable.
    does_without = FindingKind.NO_FILE in tolerate
    if not (rows or does_without):
        yield "there is no file"
    counts = _object(result.get("results"))
    told = {name: counts.get(name) for name in ("TP", "TN", "FP", "FN")}
    if FindingKind.COUNT_MISMATCH not in tolerate:
        if any(value is not None and not is_count(value) for value in told.values()):
            yield "a count is no count"
        yield from _contradictions(told, {} if does_without else rows)
        yield from _halves(told, counts)
    yield from _too_low(told, rows, counts.get("failedUtteranceCount"))


def _object(told: object) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _rows(raw: bytes) -> dict[str, int]:
    """Count the result types of a file, or return nothing if it is no results file."""
    try:
        records = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (ValueError, csv.Error):
        return {}
    header = next((record for record in records if record and record[0].strip() == "Utterance"), None)
    if header is None or "ResultType" not in header:
        return {}
    at = header.index("ResultType")
    found = [record[at].strip().upper() for record in records[records.index(header) + 1 :] if len(record) > at]
    return {name: found.count(name) for name in ("TP", "TN", "FP", "FN")}


def _contradictions(told: dict[str, Any], rows: dict[str, int]) -> Iterator[str]:
    for name, value in told.items():
        if rows and is_count(value) and rows[name] < float(value):
            yield f"the file holds {rows[name]} {name}, and the reply says {value}"


def _of_another_run(reply: dict[str, Any], result: dict[str, Any], tolerate: frozenset[FindingKind]) -> Iterator[str]:
    """Compare the identity of the reply with the requested one, in the documented words."""
    ids = {(FindingKind.OTHER_ID, "_id"): good_run.RUN_ID, (FindingKind.OTHER_BOT, "streamId"): good_run.BOT_ID}
    for (kind, name), asked in ids.items():
        told = [fields.get(name) for fields in (reply, result)]
        ours = [one for one in told if isinstance(one, str) and one.startswith(asked[:3])]
        if kind not in tolerate and any(one != asked for one in ours):
            yield f"the reply's {name} is another"
    if FindingKind.WRONG_RUN in tolerate:
        return
    if result.get("runType") == "published" or result.get("botLanguage") == "de":
        yield "another version or language ran"
    if str(result.get("endTime")).startswith("2020"):
        yield "the run ended before it was started"
    if str(result.get("startTime")).startswith("2090") and str(result.get("endTime")).startswith("2026"):
        yield "the run ended before it began"


def _halves(told: dict[str, Any], counts: dict[str, Any]) -> Iterator[str]:
    """Compare success and failure with the sum of their parts."""
    parts = {"success": ("TP", "TN"), "failure": ("FP", "FN")}
    failed = counts.get("failedUtteranceCount")
    for half, names in parts.items():
        numbers = [counts.get(half), *(told[name] for name in names)]
        if all(is_count(number) for number in numbers) and failed == 0:
            whole, *rest = (int(float(number)) for number in numbers if number is not None)
            if whole != sum(rest):
                yield f"{half} is not the sum of its parts"


def _too_low(told: dict[str, Any], rows: dict[str, int], failed: object) -> Iterator[str]:
    """Compare the counts of the reply, or of the file, with the thresholds."""
    believed = {name: int(float(value)) for name, value in told.items() if is_count(value)}
    is_whole = len(believed) == len(told)
    if rows and not is_whole:
        believed, is_whole = rows, True
    if sum(believed.values()) == 0:
        yield "nothing was evaluated"
        return
    if not is_whole:
        return  # then the platform's own rounded scores are judged
    if is_count(failed) and float(str(failed)) > 0:
        yield "utterances were not evaluated"
    tp, tn, fp, fn = (believed[name] for name in ("TP", "TN", "FP", "FN"))
    if not (tp + fp + fn) or Fraction(2 * tp, 2 * tp + fp + fn) < F1:
        yield "F1 is too low, or there is none"
    if Fraction(tp + tn, tp + tn + fp + fn) < ACCURACY:
        yield "accuracy is too low, even of those that were evaluated"


@given(body=replies, raw=files, tolerate=st.frozensets(st.sampled_from(TOLERABLE), max_size=1))
@example(body=GOOD, raw=good_run.results_file(), tolerate=frozenset())
def test_what_passes_was_measured(body: bytes, raw: bytes, tolerate: frozenset[FindingKind]) -> None:
    report = judged(body, raw, tolerate)
    if isinstance(report, Judged) and report.verdict is Verdict.PASSED:
        assert list(reasons_against_a_pass(body, raw, tolerate)) == []


def test_the_good_run_passes_and_nothing_speaks_against_it() -> None:
    report = judged(GOOD, good_run.results_file())
    assert isinstance(report, Judged)
    assert report.verdict is Verdict.PASSED
    assert list(reasons_against_a_pass(GOOD, good_run.results_file(), frozenset())) == []


@given(body=replies, raw=files)
@example(body=GOOD, raw=good_run.results_file())
def test_every_outcome_can_be_told_in_every_format_and_each_tells_the_same(body: bytes, raw: bytes) -> None:
    report = judged(body, raw)
    if report is None:
        return
    gate = GateReport(suites=(report,), started=MOMENT, finished=MOMENT)
    files = {one.name: "".join(one.render(gate, RenderOptions())) for one in FORMATS}
    told = json.loads(files["report.json"])
    assert (told["exit_code"], told["verdict"]) == (gate.exit_code, gate.verdict)
    assert gate.exit_code in (ExitCode.PASSED, ExitCode.FAILED, ExitCode.INCONCLUSIVE)
    page = ET.fromstring(files["junit.xml"].encode())
    assert bool([*page.iter("failure"), *page.iter("error")]) is (gate.exit_code is not ExitCode.PASSED)
    assert f"exit code {gate.exit_code}" in files["verdict"]
    target(len(files["report.json"]))
