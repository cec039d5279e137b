"""Faults of a run in progress: it vanishes, stalls, goes back, or ends with an ambiguous status."""

from __future__ import annotations

from tests.tools.faults.good_run import RUN_ID
from tests.tools.faults.judging import COMMAND
from tests.tools.faults.model import FAILS, PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import ABSENT, completed, file, running, says

_ATTACH = f"attach again with: ci-gate gate {RUN_ID}"
_LATER = 4  # s, enough for two looks at what does not change


_VANISHED = (
    Fault("the run vanishes in the middle, once", Script(status=(running(), says(404), ...)), PASSES),
    Fault(
        "the run is not known at first",
        Script(status=(says(400, "Test Result not found."), says(404), ...)),
        FAILS,
        STRICT,
    ),
    Fault(
        "the run vanishes in the middle, for ever",
        Script(status=(running(), says(404))),
        ends(3, "the platform answered 404", mend=_ATTACH),
        timeout=20,
    ),
    Fault(
        "the run is forgotten in the middle, in words",
        Script(status=(running(), says(400, "Test Result not found."))),
        ends(3, "Test Result not found.", mend=_ATTACH),
        timeout=20,
    ),
)

_PROGRESS = (
    Fault(
        "the run never starts",
        Script(status=(running(ran=0, word="queued"),)),
        ends(4, "the platform's last status: queued", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault(
        "the run is stuck at 0 %",
        Script(status=(running(ran=0),)),
        ends(4, "the platform's last status: running at 0%", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault(
        "the run is stuck at 99 %",
        Script(status=(running({"percentage": 99, "utterance_ran": ABSENT}),)),
        ends(4, "the platform's last status: running at 99%", mend=_ATTACH),
    ),
    Fault(
        "the run goes backwards",
        Script(status=(running(ran=30), running(ran=10), running(ran=0), completed())),
        FAILS,
        STRICT,
    ),
    Fault("the run is at 100 % for long", Script(status=(*[running(ran=40)] * 3, completed())), PASSES),
    Fault("the run is beyond 100 %", Script(status=(running(ran=55), running({"percentage": 1e300}), ...)), PASSES),
    Fault(
        "the progress is nonsense",
        Script(status=(running(dict.fromkeys(("percentage", "utterance_ran", "totalUtterances"), "half")), ...)),
        PASSES,
    ),
    Fault(
        "utterances are lost on the way",
        Script(
            status=(
                running({"totalUtterances": 400, "utterance_count": 400, "result.utterance_count": 400}),
                completed(),
            )
        ),
        ends(
            5,
            "the run had 400 utterances while it went on, and 40 at its end",
            "less than half of the suite, which is too little for a verdict",
            mend="run the suite again",
        ),
    ),
    Fault(
        "a few utterances are lost on the way",
        Script(status=(running({"totalUtterances": 41, "utterance_count": 41, "result.utterance_count": 41}), ...)),
        ends(
            5,
            "the run had 41 utterances while it went on, and 40 at its end",
            mend="--tolerate partial",
        ),
    ),
    Fault(
        "a few utterances are lost on the way, which is tolerated",
        Script(status=(running({"totalUtterances": 41, "utterance_count": 41, "result.utterance_count": 41}), ...)),
        PASSES,
        Start(environment={"CI_GATE_TOLERATE": "partial"}),
    ),
    Fault(
        "so many utterances are lost on the way that they could turn the verdict, which is tolerated",
        Script(status=(running({"totalUtterances": 45, "utterance_count": 45, "result.utterance_count": 45}), ...)),
        ends(5, "f1 >= 0.90: no data", "5 utterances were not evaluated", mend="switch the threshold off"),
        Start(environment={"CI_GATE_TOLERATE": "partial"}),
    ),
)

_WORDS = (
    Fault("an unknown word, and then completed", Script(status=(running(word="weird"), ...)), PASSES),
    Fault(
        "an unknown word for ever, beside a whole result",
        Script(status=(completed(word="finished"),)),
        ends(4, "the platform's last status: finished", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault(
        "a word that is a command, and then completed",
        Script(status=(running(word=f"\x1b[31m\n::stop-commands::{COMMAND}\n##[error]{COMMAND}"), ...)),
        PASSES,
    ),
    Fault(
        "a word that is a command, for ever",
        Script(status=(running(word=f"::stop-commands::{COMMAND}\r\n\x9b31m"),)),
        ends(4, "the platform's last status: ", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault("completed in capitals", Script(status=(running(word="RUNNING"), completed(word=" COMPLETED "))), PASSES),
    Fault(
        "no status word at all",
        Script(status=(completed({"status": ABSENT, "result.status": ABSENT}),)),
        ends(4, "no status word", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault(
        "status words that are no words",
        Script(status=(completed({"status": 200, "result.status": True}),)),
        ends(4, "the platform's last status", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault("one status word is null", Script(status=(completed({"status": None}),)), PASSES),
    Fault(
        "one status word is an object that says failed",
        Script(status=(completed({"status": {"value": "failed"}}),)),
        ends(4, "the platform's last status", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault(
        "completed above, failed within",
        Script(status=(completed({"result.status": "failed"}),)),
        ends(4, "completed / failed", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault(
        "failed above, completed within",
        Script(status=(completed({"status": "failed"}),)),
        ends(4, "failed / completed", mend=_ATTACH),
        timeout=_LATER,
    ),
    Fault(
        "completed above, running within, and then completed",
        Script(status=(completed({"result.status": "running"}), completed())),
        FAILS,
        STRICT,
    ),
    Fault(
        "the status is told twice, failed and then completed",
        Script(status=(completed(edit=lambda body: body.replace(b'"status"', b'"status": "failed", "status"')),)),
        ends(4, "the platform's last status", mend=_ATTACH),
        timeout=_LATER,
    ),
)

_ENDS = tuple(
    Fault(
        f"the run ends as {word}",
        Script(status=(running(), completed(word=word))),
        ends(3, f"ended on the platform as '{word}', without results", mend="run the suite again"),
    )
    for word in ("failed", "cancelled", "canceled", "CANCELLED", "stopped", "aborted", "terminated", "killed")
)

_TAKEN_BACK = (
    Fault(
        "completed, running again, and completed",
        Script(status=(completed(), running(ran=30), completed()), file=(says(404), ...)),
        PASSES,
    ),
    Fault(
        "completed without its file, and then failed",
        Script(status=(completed({"result.fileUrl": ABSENT}), completed(word="failed"))),
        ends(3, "ended on the platform as 'failed'", mend="run the suite again"),
    ),
    Fault(
        "completed, running again, and then for ever",
        Script(status=(completed(), running(ran=30)), file=(says(404),)),
        ends(4, "the platform's last status: running at 75%", mend=_ATTACH),
    ),
)

_OTHERS = (
    Fault(
        "the reply is about another run",
        Script(status=(completed({"_id": "tx-1", "result._id": "tx-1"}),)),
        Ending(code=0, cause=("PASSED", f"run '{RUN_ID}' was asked for, but the status reply is about 'tx-1'")),
    ),
    Fault("the reply names two suites", Script(status=(completed({"result.testSuiteId": "ts-other"}),)), PASSES),
    Fault(
        "the run is of another version than was set",
        Script(),
        ends(5, "'published', but the run's is 'inDevelopment'", mend="run the suite again"),
        Start(environment={"CI_GATE_BOT_VERSION": "published"}),
    ),
    Fault(
        "the run is of another version than was set, and that is tolerated as if it were partial",
        Script(),
        ends(5, "'published', but the run's is 'inDevelopment'", mend="run the suite again"),
        Start(environment={"CI_GATE_BOT_VERSION": "published", "CI_GATE_TOLERATE": "partial\ncount-mismatch\nno-file"}),
    ),
    Fault(
        "the run is of another language than was set",
        Script(),
        ends(5, "'de', but the run's is 'en'", mend="run the suite again"),
        Start(environment={"CI_GATE_LANGUAGE": "de"}),
    ),
    Fault(
        "the version and the language that were set, in capitals",
        Script(status=(completed({"result.runType": "INDEVELOPMENT", "result.botLanguage": "EN"}),)),
        PASSES,
        Start(environment={"CI_GATE_BOT_VERSION": "inDevelopment", "CI_GATE_LANGUAGE": "en"}),
    ),
    Fault(
        "the reply is of one version, its file of another",
        Script(file=(file(lambda raw: raw.replace(b"inDevelopment", b"published")),)),
        ends(
            5,
            "the bot version that was asked for is 'inDevelopment', but the run's is 'published' by the results file",
            mend="--tolerate wrong-run",
        ),
    ),
)

FAULTS = (*_VANISHED, *_PROGRESS, *_WORDS, *_ENDS, *_TAKEN_BACK, *_OTHERS)
