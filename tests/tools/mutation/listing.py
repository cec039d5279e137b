"""The list of mutations that no test can or need detect: its parser, and its comparison with the survivors."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.tools.mutation.workshop import Change

if TYPE_CHECKING:
    from collections.abc import Iterable

LIST = Path(__file__).with_name("survivors.toml")


def read_list(text: str) -> dict[Change, str]:
    """Return the listed changes with their reasons. Raise ``ValueError`` if one is listed twice or has no reason."""
    reasons: dict[Change, str] = {}
    for group in tomllib.loads(text).get("group", []):
        reason = group["reason"].strip()
        for entry in group["change"]:
            change = Change(file=entry["file"], place=entry["in"], was=entry["was"].strip(), now=entry["now"].strip())
            if change in reasons or not reason:
                raise ValueError(f"{change.file}, {change.place}: listed twice, or without a reason: {change.now}")
            reasons[change] = reason
    return reasons


def as_entry(change: Change) -> str:
    """Return a change in the format of the list."""
    return "\n".join(
        (
            "[[group.change]]",
            f"file = '{change.file}'",
            f"in = '{change.place}'",
            f"was = {_quoted(change.was)}",
            f"now = {_quoted(change.now)}",
        )
    )


def _quoted(text: str) -> str:
    marks = "'''" if "\n" in text or "'" in text else "'"
    return f"{marks}\n{text}\n{marks}" if "\n" in text else f"{marks}{text}{marks}"


def complaints(survivors: Iterable[Change], listed: Iterable[Change], *, whole: bool) -> list[str]:
    """Return a message for each change missing from the list and, after a whole run, each superfluous entry."""
    found, known = set(survivors), set(listed)
    unlisted = [
        f"no test notices this, and it is not listed:\n\n{as_entry(change)}\n" for change in sorted(found - known)
    ]
    gone = [f"listed, but noticed or gone:\n\n{as_entry(change)}\n" for change in sorted(known - found)]
    return [*unlisted, *(gone if whole else ())]
