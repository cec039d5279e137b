"""A gate that is killed at any change in the report folder leaves the placeholder or a complete report."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING

import pytest

from tests.interruption.stages import FOLDER, RUNS, leave_yesterdays_green, started, stopped_at
from tests.tools.faults import good_run
from tests.tools.faults.model import Script
from tests.tools.faults.replies import completed

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]

DONE = Script(status=(completed(),))
MOST = 100
PLACEHOLDER = 3
"""The number of changes until the placeholder exists: the folder, the temporary file, and its new name."""


def contents() -> dict[str, str]:
    """Return the reports in the folder without their numbers: times differ from run to run."""
    whole = (path for path in FOLDER.iterdir() if not path.name.startswith(".") and path != RUNS)
    return {path.name: re.sub(r"sha256:[0-9a-f]+|\d+", "0", path.read_text(encoding="utf-8")) for path in sorted(whole)}


def killed_at_every_touch() -> Iterator[tuple[int, list[bytes]]]:
    """Attach to a run and kill the command one change later each time, until it comes to its end.

    Yield the number of the change and the requests to the platform. Each command starts with the reports of an
    earlier run and the files that the previous one left.
    """
    for touch in range(1, MOST):
        leave_yesterdays_green()
        with started(DONE, "gate", good_run.RUN_ID, program=stopped_at("touch", str(touch))) as command:
            code, output = command.end()
            assert code in (0, -signal.SIGKILL), output
            yield touch, command.platform.requests
        if code == 0:
            return
    raise AssertionError(f"the command was killed {MOST} times")


def test_no_report_is_ever_incomplete_or_of_an_earlier_run() -> None:
    with started(DONE, "gate", good_run.RUN_ID) as command:
        assert command.end()[0] == 0
    complete = contents()
    shown: list[str] = []
    half_written = 0
    for touch, requests in killed_at_every_touch():
        found = contents()
        shown.append(found["junit.xml"])
        half_written += any(FOLDER.glob(".*"))
        if touch > PLACEHOLDER:
            assert shown[-1] in (complete["junit.xml"], shown[PLACEHOLDER])
        if requests:
            reports = {name: text for name, text in found.items() if name != "junit.xml"}
            assert reports == {name: complete[name] for name in reports}
        if RUNS.is_file():
            assert json.loads(RUNS.read_bytes())["schema_version"] == 2
    assert "the gate has not finished" in shown[PLACEHOLDER]
    assert contents() == complete
    assert len(set(shown)) == 3  # the earlier report, the placeholder, and the report of this run
    assert half_written
    assert list(FOLDER.glob(".*")) == []
