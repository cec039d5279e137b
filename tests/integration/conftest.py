"""What the tests of all three CI systems share: a checkout to install from, a platform, and the table at the end."""

from __future__ import annotations

import pytest

from tests.integration.board import Board
from tests.integration.checkout import Checkout, working_tree

_BOARD = pytest.StashKey[Board]()


def pytest_configure(config: pytest.Config) -> None:
    """Put up the board."""
    config.stash[_BOARD] = Board()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what every CI system made of every situation."""
    if config.stash[_BOARD].rows:
        terminalreporter.section("what the CI systems made of it")
        terminalreporter.write(config.stash[_BOARD].text())


@pytest.fixture(scope="session")
def board(pytestconfig: pytest.Config) -> Board:
    """Where the outcomes are written down that the run shows at its end."""
    return pytestconfig.stash[_BOARD]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The working tree as one commit of a repository of its own, as a user's pipeline would fetch it."""
    return working_tree(tmp_path_factory.mktemp("source") / "ci-gate")
