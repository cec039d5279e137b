"""The example workflows with the literal values of a user: the only module that changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.simulator import Simulator

FOLDER = ROOT / "examples" / "github"
HOST = "https://platform.kore.ai"
BANKING, AIRLINE = "st-00000000-0000-0000-0000-000000000000", "st-00000000-0000-0000-0000-000000000001"


def example(name: str, changes: Mapping[str, str]) -> str:
    """Return an example with ``changes`` applied; fail if a value to change is absent from the example."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{name} has no {old}"
        text = text.replace(old, new)
    return text


def at(simulator: Simulator, name: str, changes: Mapping[str, str] | None = None) -> str:
    """Return an example that uses the simulator, with one of its bots and suites."""
    banking, airline = (bot.id for bot in simulator.bots)
    known = {
        HOST: simulator.url,
        BANKING: banking,
        AIRLINE: airline,
        "Full regression": "Banking regression",
        "Smoke": "Banking smoke",
    }
    text = (FOLDER / name).read_text(encoding="utf-8")
    return example(name, {old: new for old, new in known.items() if old in text} | dict(changes or {}))
