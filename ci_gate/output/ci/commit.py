"""Which commit is built: by ``CI_GATE_COMMIT``, by the variable of the CI system, else by git."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from ci_gate.config.options import COMMIT, PREFIX
from ci_gate.output.ci.detect import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping

_OTHER_SYSTEMS = (
    ("TF_BUILD", "BUILD_SOURCEVERSION"),  # Azure Pipelines
    ("CIRCLECI", "CIRCLE_SHA1"),
    ("BITBUCKET_BUILD_NUMBER", "BITBUCKET_COMMIT"),
    ("TRAVIS", "TRAVIS_COMMIT"),
    ("TEAMCITY_VERSION", "BUILD_VCS_NUMBER"),
    ("BUILDKITE", "BUILDKITE_COMMIT"),
)
"""For each CI system that gets nothing but reports a variable that only its jobs have, and the one of the commit."""

_NAME = re.compile(r"[0-9a-f]{7,64}|(?:r|cs?:?)?\d+", re.IGNORECASE)
"""A hash, or a number of another system; what moves, like ``HEAD``, ``main`` or ``v1``, is neither."""

_PATIENCE = 2.0
"""Seconds that git gets to answer, so that an interruption meanwhile is still obeyed in time."""


def commit_of(environment: Mapping[str, str]) -> str | None:
    """Return the commit that is built; ``None`` if nothing names it."""
    given = environment.get(COMMIT, "").strip()
    if given:
        return given if _NAME.fullmatch(given) else None
    # The variable of a system whose job this is not may be that of the image's own build.
    variables = [system.commit_variable for system in SYSTEMS if system.is_here(environment)]
    variables += [commit for job, commit in _OTHER_SYSTEMS if environment.get(job)]
    named = (environment.get(variable, "").strip() for variable in variables)
    return next(filter(_NAME.fullmatch, named), None) or _head(environment)


def _head(environment: Mapping[str, str]) -> str | None:
    """Return what git says is checked out in the working directory; ``None`` if it cannot tell."""
    import subprocess

    git = _git(environment.get("PATH", ""))
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing of the user's in the command
            [git, "rev-parse", "HEAD"],
            env={name: value for name, value in environment.items() if not name.startswith(PREFIX)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    head = done.stdout.decode("ascii", "replace").strip()
    return head if _NAME.fullmatch(head) else None


def _git(path: str) -> str | None:
    """Find git in the absolute folders of a search path: what a checkout calls git is not run."""
    folders = filter(os.path.isabs, path.split(os.pathsep))
    found = shutil.which("git", path=os.pathsep.join(folders))
    return found if found and os.path.isabs(found) else None  # noqa: PTH117 - Windows looks in the working directory too
