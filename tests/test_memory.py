"""What the installed command takes of a machine's memory, whatever the platform sends."""

from __future__ import annotations

import pytest

from tests.tools.benchmarks.invented import SHAPES
from tests.tools.benchmarks.memory import TARGET, peaks
from tests.tools.benchmarks.peaks import YARDSTICK


@pytest.mark.subprocess
@pytest.mark.slow
def test_neither_the_largest_legal_file_nor_an_endless_body_takes_more_than_is_promised() -> None:
    found = peaks()
    packages = found.pop(YARDSTICK)
    assert len(found) > len(SHAPES)
    assert {name: peak for name, peak in found.items() if not packages / 2 < peak < TARGET} == {}
