"""A plugin for pytest: single examples come before properties, which take longer to notice the same change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of hypothesis last, and keep all others in the order of their files."""
    items.sort(key=lambda item: (getattr(getattr(item, "obj", None), "is_hypothesis_test", False), item.nodeid))
