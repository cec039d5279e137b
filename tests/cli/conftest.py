"""What the tests of the command line share."""

from __future__ import annotations

import pytest

from tests.cli.scripted import Play


@pytest.fixture
def play(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Play:
    """Run commands against a platform that follows a script."""
    return Play(capsys, monkeypatch)
