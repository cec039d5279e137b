"""Jenkins, which reads the report files and needs no other output."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ci_gate.output.ci.system import CISystem

if TYPE_CHECKING:
    from collections.abc import Mapping


class Jenkins(CISystem):
    """Jenkins, whose Git plugin sets the variable of the commit."""

    commit_variable: ClassVar[str] = "GIT_COMMIT"
    __slots__ = ()

    @classmethod
    def is_here(cls, environment: Mapping[str, str]) -> bool:
        return bool(environment.get("JENKINS_URL"))
