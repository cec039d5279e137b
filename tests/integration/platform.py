"""The user's values for a pipeline: the platform's address, a bot and its suite, and the secrets."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_gate.simulator import Simulator
    from tests.integration.checkout import Checkout


def own_values(simulator: Simulator, checkout: Checkout) -> dict[str, str]:
    """Return the user's values for the package, the host, the bot and the suite in an example."""
    bank = simulator.bots[0]
    return {
        "GATE_PACKAGE": checkout.package,
        "CI_GATE_HOST": simulator.url,
        "CI_GATE_BOT_ID": bank.id,
        "CI_GATE_SUITE": bank.suites[1],
    }


def secrets_of(simulator: Simulator) -> dict[str, str]:
    """Return the credentials that a user stores in the CI system."""
    return {"CI_GATE_CLIENT_ID": simulator.client_id, "CI_GATE_CLIENT_SECRET": simulator.client_secret}


def nowhere() -> str:
    """Return an address of this machine on which no server listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
