"""Fixtures for the tests of all three CI systems: a checkout to install from, and the table of outcomes."""

from __future__ import annotations

import pytest

from tests.integration.board import Board
from tests.integration.checkout import Checkout, working_tree

_BOARD = pytest.StashKey[Board]()


def pytest_configure(config: pytest.Config) -> None:
    """Create the board."""
    config.stash[_BOARD] = Board()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the outcome of every situation in every CI system."""
    if config.stash[_BOARD].rows:
        terminalreporter.section("what the CI systems made of it")
        terminalreporter.write(config.stash[_BOARD].text())


@pytest.fixture(scope="session")
def board(pytestconfig: pytest.Config) -> Board:
    """Return the board on which tests record outcomes; the terminal summary shows it."""
    return pytestconfig.stash[_BOARD]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a repository that holds the working tree as one commit, as a user's pipeline would fetch it."""
    return working_tree(tmp_path_factory.mktemp("source") / "ci-gate")
