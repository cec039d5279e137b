"""The fuzzing targets: each function accepts any bytes, and raises only if the code breaks its documentation."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.core.model import ResultsFile
from ci_gate.errors import PlatformError
from ci_gate.kore.results_csv import parse, report_name
from ci_gate.kore.status import read_status

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS = Path(__file__).parent / "corpus"


def results_file(data: bytes) -> None:
    """Parse the bytes as a results file, which never raises."""
    report_name(data)
    file = parse(data, max_rows=50)
    if isinstance(file, ResultsFile):
        assert file.row_by_row is None or len(file.utterances) < len(file.row_by_row)
        for cases in (file.utterances, file.row_by_row or ()):
            assert len(cases) <= 50
            assert all(0 <= case.matched_entities <= case.entities for case in cases)
    else:
        assert file.problem


def status_reply(data: bytes) -> None:
    """Parse the bytes as a status reply, which raises only ``PlatformError``."""
    with suppress(PlatformError):
        status = read_status(data)
        assert status.word
        assert status.document is not None
        assert isinstance(json.loads(status.document), dict)
        counts = status.reported.counts
        assert all(count is None or count >= 0 for count in (counts.tp, counts.tn, counts.fp, counts.fn))


TARGETS: dict[str, Callable[[bytes], None]] = {"results-file": results_file, "status-reply": status_reply}
"""The targets by the names of their folders in the corpus."""
