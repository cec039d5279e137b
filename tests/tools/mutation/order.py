"""A pytest plugin that runs single examples before properties, which take longer to detect the same change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the tests of hypothesis to the end, and keep the order of all others."""
    items.sort(key=lambda item: (getattr(getattr(item, "obj", None), "is_hypothesis_test", False), item.nodeid))
