"""Reads the platform's list of suites, to name the one that was probably meant."""

from __future__ import annotations

import json
from difflib import get_close_matches

from ci_gate.core.plain import one_line


def nearest_suite(name: str, body: bytes) -> str:
    """Give the end of a hint: the listed suite whose name is nearest, else a few that exist.

    The list is an object keyed by suite, with a ``name`` where the suite is not a prebuilt one.
    """
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    entries = reply.values() if isinstance(reply, dict) else ()
    given = (one_line(e["name"])[:100] for e in entries if isinstance(e, dict) and isinstance(e.get("name"), str))
    names = [listed for listed in given if listed]
    if name in names:
        return "; the bot lists a suite of that very name: does it belong to another language or version?"
    folded = {listed.casefold(): listed for listed in names}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    if close:
        return f"; did you mean '{folded[close[0]]}'?"
    return f"; the bot has {', '.join(repr(listed) for listed in names[:5])}" if names else ""
