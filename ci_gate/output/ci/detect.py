"""Detects the CI system that runs the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.output.ci.github import GitHub
from ci_gate.output.ci.gitlab import GitLab
from ci_gate.output.ci.jenkins import Jenkins
from ci_gate.output.ci.system import CISystem

if TYPE_CHECKING:
    from ci_gate.output.console import Console
    from ci_gate.runtime import Runtime

SYSTEMS: tuple[type[CISystem], ...] = (GitHub, GitLab, Jenkins)
"""Every CI system with a module of its own; the first that recognises the environment is used."""


def detect(runtime: Runtime, console: Console) -> CISystem:
    """Return the CI system of the environment, or a plain ``CISystem``, which does nothing."""
    candidates: tuple[type[CISystem], ...] = (*SYSTEMS, CISystem)
    kind = next(system for system in candidates if system.is_here(runtime.environment))
    return kind(runtime=runtime, console=console)
