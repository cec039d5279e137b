"""Faults of resuming a run: it is too old, of another commit or settings, already judged, or gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.tools.faults.good_run import BOT_ID, RUN_ID, SUITE
from tests.tools.faults.model import FAILS, PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import ABSENT, accepts, completed, counts, file, running, says

if TYPE_CHECKING:
    from tests.tools.faults.model import Behaviours

_RESUME = ("run", "--resume")
_RECORD = "ci-gate-report/run.json"
_YESTERDAY = {
    "ci-gate-report/junit.xml": "<testsuites><testsuite><testcase name='yesterday'/></testsuite></testsuites>"
}
_ONLY_ONCE: Behaviours = (accepts(), says(400, "a second run was started"))
_LEFT_OPEN: Behaviours = (running(), says(401, "Invalid SDK credentials"))
"""An ending that is not the run's own: after the credentials have been corrected, the command resumes the run."""

_COMMIT = {"CI_GATE_COMMIT": "1" * 40}
_EARLIER = Start(environment=_COMMIT)


def _resumes(**environment: str | None) -> Start:
    return Start(arguments=_RESUME, environment={**_COMMIT, **environment}, earlier=_EARLIER)


def _record(**changes: Any) -> str:
    entry = {
        "label": SUITE,
        "suite": SUITE,
        "bot_id": BOT_ID,
        "bot_version": "inDevelopment",
        "commit": None,
        "settings": "sha256:0",
        "run_id": RUN_ID,
        "since": "2026-01-01T00:00:00+00:00",
        "verdict": None,
        "mark": None,
    }
    return json.dumps({"schema_version": 2, "runs": [entry | changes]})


def _broken(name: str, content: str, problem: str) -> Fault:
    return Fault(
        f"resume: the record of runs {name}",
        Script(),
        ends(2, "run.json' cannot be read", problem, mend="to start new runs, leave --resume out"),
        Start(arguments=_RESUME, environment=_COMMIT, files={**_YESTERDAY, _RECORD: content}),
    )


def _ended(moment: str, name: str, ending: Ending) -> Fault:
    return Fault(
        name,
        Script(status=(completed(dict.fromkeys(("result.startTime", "result.endTime"), moment or ABSENT)),)),
        ending,
        Start(arguments=("gate", RUN_ID, "--max-age", "1h")),
    )


def _in(**parts: float) -> str:
    return (datetime.now(UTC) + timedelta(**parts)).isoformat(timespec="milliseconds")


_OLD = (
    _ended(
        "2020-01-01T00:00:00.000Z",
        "the run is older than allowed",
        ends(5, "--max-age allows 60", mend="start a new run with: ci-gate run"),
    ),
    _ended(
        "",
        "the run does not say when it ended",
        ends(5, "the age of the run is unknown", mend="start a new run with: ci-gate run"),
    ),
    _ended(
        _in(days=700),
        "the run ended two years from now",
        ends(5, "the run ended", mend="start a new run with: ci-gate run"),
    ),
    _ended(_in(minutes=-30), "the run is just young enough", PASSES),
    _ended(_in(minutes=2), "the run ended two minutes from now", PASSES),
)

_RESUMED = (
    Fault(
        "resume: an open run",
        Script(start=_ONLY_ONCE, status=(*_LEFT_OPEN, ...)),
        Ending(code=0, cause=("PASSED", f"resuming run {RUN_ID}")),
        _resumes(),
    ),
    Fault(
        "resume: an open run that vanished",
        Script(start=_ONLY_ONCE, status=(*_LEFT_OPEN, says(404))),
        ends(3, "the platform answered 404", mend="are --host and the bot id right?"),
        _resumes(),
    ),
    Fault(
        "resume: an open run that has failed meanwhile",
        Script(start=_ONLY_ONCE, status=(*_LEFT_OPEN, completed(word="failed"))),
        ends(3, f"run {RUN_ID} ended on the platform as 'failed'", mend="run the suite again"),
        _resumes(),
    ),
    Fault(
        "resume: an open run that is too old meanwhile",
        Script(start=_ONLY_ONCE, status=(*_LEFT_OPEN, completed(ahead=-7200))),
        ends(5, "--max-age allows 60", mend="start a new run with: ci-gate run"),
        _resumes(CI_GATE_MAX_AGE="1h"),
    ),
    Fault(
        "resume: an open run of another commit",
        Script(start=_ONLY_ONCE, status=_LEFT_OPEN),
        ends(2, f"the commit was '{'1' * 40}' and is '{'2' * 40}'", mend="to start new runs, leave --resume out"),
        _resumes(CI_GATE_COMMIT="2" * 40),
    ),
    Fault(
        "resume: an open run of other thresholds",
        Script(start=_ONLY_ONCE, status=_LEFT_OPEN),
        ends(2, "the settings have changed", mend=f"to judge it under the present settings: ci-gate gate {RUN_ID}"),
        _resumes(CI_GATE_MIN_F1="0.5"),
    ),
    Fault(
        "resume: an open run of a suite that is not asked for any more",
        Script(start=_ONLY_ONCE, status=_LEFT_OPEN),
        ends(2, "the suite labelled 'Smoke' is no longer selected", mend="to start new runs, leave --resume out"),
        _resumes(CI_GATE_SUITE="Other"),
    ),
    Fault(
        "resume: a run that was judged, of a bot that is worse now",
        Script(
            status=(completed(), completed(counts(29, 2, 8, 1))),
            file=(file(), file(measured=(29, 2, 8, 1))),
        ),
        Ending(code=1, cause=("FAILED", "0.8657 < 0.9", "nothing to resume; starting a run"), measured=(29, 2, 8, 1)),
        _resumes(),
    ),
    Fault(
        "resume: a run that was judged, of another commit",
        Script(),
        Ending(code=1, cause=(*FAILS.cause, "nothing to resume; starting a run")),
        Start(
            arguments=_RESUME,
            environment={**STRICT.environment, **_COMMIT},
            files={_RECORD: _record(verdict="passed", commit="2" * 40)},
        ),
    ),
    Fault("resume: nothing to go on with", Script(), PASSES, Start(arguments=_RESUME, environment=_COMMIT)),
    Fault(
        "resume: a commit that nothing names",
        Script(start=_ONLY_ONCE, status=_LEFT_OPEN),
        ends(2, "--resume needs the commit that is built", mend="set CI_GATE_COMMIT to it"),
        _resumes(CI_GATE_COMMIT="", BUILDKITE="true", BUILDKITE_COMMIT="HEAD"),
    ),
    Fault(
        "resume: an open run that was recorded under another secret",
        Script(start=_ONLY_ONCE, status=_LEFT_OPEN),
        ends(2, "run.json' is invalid", mend="to start new runs, leave --resume out"),
        _resumes(CI_GATE_CLIENT_SECRET="another-secret-that-opens-nothing"),
    ),
    Fault(
        "resume: a record that came with the checkout",
        Script(),
        ends(2, "it has no mark", mend="to start new runs, leave --resume out"),
        Start(arguments=_RESUME, environment=_COMMIT, files={_RECORD: _record(commit="1" * 40)}),
    ),
    _broken("is torn", _record()[:60], "line 1"),
    _broken(
        "is of another version",
        '{"schema_version": 3, "runs": []}',
        "its schema version is not supported by this version of ci-gate",
    ),
    _broken(
        "is of an earlier version",
        '{"schema_version": 1, "runs": []}',
        "it was written by an earlier version of ci-gate",
    ),
    _broken("names a folder as the run", _record(run_id=".."), "it stands for a folder"),
    _broken("is larger than any record", _record(commit="1" * 2**21), "larger than 1 MiB"),
)

FAULTS = (*_OLD, *_RESUMED)
