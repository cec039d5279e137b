"""Finds the commit that is built: in ``CI_GATE_COMMIT``, else in the variable of the CI system, else with git."""

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
"""For CI systems without a module of their own: a variable that only their jobs have, and the commit's variable."""

_NAME = re.compile(r"[0-9a-f]{7,64}|(?:r|cs?:?)?\d+", re.IGNORECASE)
"""A commit hash, or a revision number of another version control system, but no movable name such as ``main``."""

_PATIENCE = 2.0
"""Timeout for git in seconds, short enough to obey a signal in time."""


def commit_of(environment: Mapping[str, str]) -> str | None:
    """Return the commit that is built; ``None`` if it is unknown, or if ``CI_GATE_COMMIT`` is not a commit."""
    given = environment.get(COMMIT, "").strip()
    if given:
        return given if _NAME.fullmatch(given) else None
    # Ask only the system that runs this job: a variable of another may come from the build of the container image.
    variables = [system.commit_variable for system in SYSTEMS if system.is_here(environment)]
    variables += [commit for job, commit in _OTHER_SYSTEMS if environment.get(job)]
    named = (environment.get(variable, "").strip() for variable in variables)
    return next(filter(_NAME.fullmatch, named), None) or _head(environment)


def _head(environment: Mapping[str, str]) -> str | None:
    """Return the commit that is checked out in the working directory, or ``None`` if git cannot determine it."""
    import subprocess

    git = _git(environment.get("PATH", ""))
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no user input in the command
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
    """Return the path of git in the absolute folders of a search path; a program of the checkout must not be run."""
    folders = filter(os.path.isabs, path.split(os.pathsep))
    found = shutil.which("git", path=os.pathsep.join(folders))
    return found if found and os.path.isabs(found) else None  # noqa: PTH117 - Windows also searches the working directory
