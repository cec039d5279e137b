"""The former names of ``tests.sandbox``, for tests that still pass ``capsys``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.sandbox import Ending, Sandbox, run_cli

if TYPE_CHECKING:
    import pytest

__all__ = ["Ending", "Stage", "command"]


def command(_capsys: pytest.CaptureFixture[str], *arguments: str, **more: Any) -> Ending:
    """Run one command with a clock and an environment of its own."""
    return run_cli(*arguments, **more)


@dataclass(slots=True, init=False)
class Stage(Sandbox):
    """A sandbox."""

    def __init__(self, _capsys: pytest.CaptureFixture[str], *arguments: Any, **more: Any) -> None:
        Sandbox.__init__(self, *arguments, **more)
