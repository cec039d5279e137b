"""The scene of the tests that look for secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.secrets.scene import Scene

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def scene(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Folders of the test's own."""
    return Scene(tmp_path, capfd, monkeypatch)
