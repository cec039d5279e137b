"""No report and no message repeats a secret in the content or the name of a judged file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.secrets.canaries import odd, private_key, signature, token, told_by

if TYPE_CHECKING:
    from tests.secrets.scene import Scene, Trace

TOKEN, KEY, SIGNATURE, PASSWORD = token(), private_key(), signature(), odd().replace("/", "-").replace("?", "-")
SECRETS = {"token": told_by(TOKEN), "signature": SIGNATURE, "password": PASSWORD, "key": KEY.splitlines()[1]}
SHAPES = {
    "token": TOKEN,
    "key": KEY.replace("\n", " "),
    "link": f"https://files.example/f.csv?e=1&s={SIGNATURE}",
    "password": f"https://user:{PASSWORD}@files.example/f.csv",
}

COLUMNS = "Utterance,ExpectedIntent,MatchedIntent,ResultType,EntityName,ExpectedEntityValue,EntityResult"
ROWS = "\r\n".join(f"pay {number},Pay,Pay,TP,,," for number in range(40))
USUAL = ("--min-f1", "0.9", "--utterances", "hash", "--verbose")


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def results(*above: str, columns: str = COLUMNS, rows: str = ROWS) -> str:
    return "\r\n".join(('"Utterance count:","40"', *above, columns, rows)) + "\r\n"


def judged(scene: Scene, *more: str, content: str = "", name: str = "results.csv") -> Trace:
    """Judge a file with this content, of which no copy is kept."""
    scene.plant(name, content or results())
    return scene.run("check", name, *USUAL, *more, environment={})


KEYS = ("Report name:", "Bot name:", "Run type:", "Bot language:", "Total entities count:", "F1 score:", "Recall:")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_top_block_of_a_results_file_leaks_nothing(shape: str, scene: Scene) -> None:
    for key in KEYS:
        above = [f"{cell(key)},{cell(SHAPES[shape])}", f'"{key}","another"']
        assert judged(scene, content=results(*above)).leaks(SECRETS) == [], key
        Path("ci-gate-check/report.json").unlink()


@pytest.mark.parametrize("shape", SHAPES)
def test_an_invalid_results_file_leaks_nothing(shape: str, scene: Scene) -> None:
    text = cell(SHAPES[shape])
    for content in (
        SHAPES[shape],
        results(columns=f"{COLUMNS},{text}", rows=ROWS),
        results(columns=COLUMNS.replace("MatchedIntent", text)),
        results(rows=f"pay,Pay,Pay,TP,account,1,{text}"),
        results(rows=f"pay,Pay,Pay,{text},,,"),
        results(rows=f",,,,,,\r\n,{text},,,,,"),
        results(rows=f"pay,Pay,Pay,TP,,,,{text}"),
        results(rows=f'pay,Pay,Pay,TP,,,"{SHAPES[shape]}'),
    ):
        assert judged(scene, content=content).leaks(SECRETS) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_the_name_of_a_file_leaks_nothing(shape: str, scene: Scene) -> None:
    name = SHAPES[shape] if "://" in SHAPES[shape] else SHAPES[shape].replace("/", "")[:200] + ".csv"
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    assert judged(scene).code == 0
    assert judged(scene, name=name).leaks(SECRETS) == []
    for arguments in (
        (f"{name}?",),
        ("results.csv", "--status", name),
        ("results.csv", "--status", f"{name}?"),
        ("results.csv", "--baseline", name),
        ("results.csv", "--baseline", f"{name}?"),
        ("results.csv", "--baseline", f"{name}?", "--allow-missing-baseline"),
        (name, "--max-file-size", "1"),
    ):
        assert scene.run("check", *arguments, *USUAL, environment={}).leaks(SECRETS) == [], arguments


@pytest.mark.parametrize("shape", SHAPES)
def test_a_saved_status_reply_leaks_nothing(shape: str, scene: Scene) -> None:
    text = SHAPES[shape]
    replies: list[Any] = [
        {"status": text},
        {"status": "failed", "result": {"status": text}},
        {"status": "completed", "_id": text, "streamId": text, "result": {"runType": text, "_id": "tr-1"}},
        {"status": "completed", text: text, "result": {"results": text, "f1_score": text, text: [text]}},
        {"status": "completed", "utterance_count": text, "result": {"results": {"TP": text}, "startTime": text}},
        text,
    ]
    for reply in replies:
        scene.plant("status.json", json.dumps(reply))
        assert judged(scene, "--status", "status.json").leaks(SECRETS) == []


SUITE_FIELDS = "suite label report_name bot_id bot_name run_id bot_version language engine"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tolerates", [True, False], ids=["tolerated", "refused"])
def test_a_baseline_leaks_nothing(shape: str, scene: Scene, *, tolerates: bool) -> None:
    text = SHAPES[shape]
    scene.run("check", leave(scene), *USUAL[:2], environment={})
    report = Path("ci-gate-check/report.json").read_text(encoding="utf-8")
    for path in Path("ci-gate-check").iterdir():
        path.unlink()
    more = ("--tolerate", "other-bot") if tolerates else ()
    for field in (*SUITE_FIELDS.split(), "finished", "schema_version", "suites", text):
        document = json.loads(report)
        (document["suites"][0] if field in SUITE_FIELDS.split() else document)[field] = text
        scene.plant("baseline.json", json.dumps(document))
        trace = scene.run("check", leave(scene), *USUAL, "--baseline", "baseline.json", *more, environment={})
        assert trace.leaks(SECRETS) == [], field


def leave(scene: Scene) -> str:
    scene.plant("results.csv", results('"Report name:","Smoke"', '"Bot name:","Bank"', '"Bot language:","en"'))
    return "results.csv"
