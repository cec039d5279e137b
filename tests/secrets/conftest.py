"""The fixture of the tests that search for secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.secrets.scene import Scene

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def scene(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, capfd, monkeypatch)
