"""The commit that is built: from a variable or from git, and never guessed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ci_gate.output.ci import commit
from ci_gate.output.ci.commit import commit_of

HASH, OTHER = "0123456789abcdef0123456789abcdef01234567", "f" * 40
SYSTEMS = {
    "GITHUB_SHA": {"GITHUB_ACTIONS": "true"}, "CI_COMMIT_SHA": {"GITLAB_CI": "true"},
    "GIT_COMMIT": {"JENKINS_URL": "https://jenkins.example"}, "BUILD_SOURCEVERSION": {"TF_BUILD": "True"},
    "CIRCLE_SHA1": {"CIRCLECI": "true"}, "BITBUCKET_COMMIT": {"BITBUCKET_BUILD_NUMBER": "7"},
    "TRAVIS_COMMIT": {"TRAVIS": "true"}, "BUILD_VCS_NUMBER": {"TEAMCITY_VERSION": "2026.1"},
    "BUILDKITE_COMMIT": {"BUILDKITE": "true"},
}  # fmt: skip


@pytest.mark.parametrize("variable", [*SYSTEMS, "CI_GATE_COMMIT"])
def test_commit_is_read_from_the_variable_of_the_system(variable: str) -> None:
    assert commit_of({variable: f" {HASH}\n", **SYSTEMS.get(variable, {})}) == HASH


@pytest.mark.parametrize("variable", SYSTEMS)
def test_variable_counts_only_in_a_job_of_its_system_and_the_users_before_all(variable: str) -> None:
    # An image may have been built with the variables of another system.
    assert commit_of({variable: HASH}) is None
    assert commit_of(dict.fromkeys(SYSTEMS, OTHER) | {variable: HASH} | SYSTEMS[variable]) == HASH
    assert commit_of({variable: OTHER, **SYSTEMS[variable], "CI_GATE_COMMIT": HASH}) == HASH


def test_revision_of_another_kind_is_a_commit_and_the_name_of_a_branch_is_none() -> None:
    for revision in ("c0ffee1", "DECAF17", HASH, "4711", "r4711", "C4711", "cs:4711"):
        assert commit_of({"CI_GATE_COMMIT": revision}) == revision
    for name in (
        *("HEAD", "main", "refs/heads/v1", "v1", "v 1", "v1\nv2", "release-2", "2.x", "HEAD~1", "$SHA1", "%SHA1%"),
        "facade",
    ):
        assert commit_of({"BUILDKITE": "true", "BUILDKITE_COMMIT": name}) is None
        assert commit_of({"CI_GATE_COMMIT": name, "GITHUB_ACTIONS": "true", "GITHUB_SHA": HASH}) is None


def git(*arguments: str) -> str:
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
    somebody = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(("git", *somebody, *arguments), env=alone, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.subprocess
def test_git_is_asked_if_there_is_no_variable() -> None:
    git("init", "--quiet")
    assert commit_of({"PATH": os.environ["PATH"]}) is None
    git("commit", "--quiet", "--allow-empty", "--message", "first")
    assert commit_of({"PATH": os.environ["PATH"]}) == git("rev-parse", "HEAD")
    assert commit_of({"PATH": os.environ["PATH"], "GITHUB_SHA": OTHER}) == git("rev-parse", "HEAD")
    assert commit_of({"PATH": os.environ["PATH"], "GITHUB_ACTIONS": "true", "GITHUB_SHA": OTHER}) == OTHER
    assert commit_of({}) is None


@pytest.mark.subprocess
@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
class TestAnotherGit:
    @staticmethod
    def leave(script: str, folder: str = "bin") -> dict[str, str]:
        """Write a program called git, and return the environment that finds it."""
        path = Path(folder).absolute() / "git"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return {"PATH": f"{path.parent}{os.pathsep}/usr/bin{os.pathsep}/bin"}

    def test_answer_is_used_only_if_it_is_a_commit_and_the_program_succeeded(self) -> None:
        assert commit_of(self.leave(f"echo {HASH}")) == HASH
        for script in (f"echo {HASH}; exit 1", "echo HEAD", "printf '\\377'", ":", f"echo {HASH} {OTHER}"):
            assert commit_of(self.leave(script)) is None

    def test_program_gets_no_secret_and_its_errors_are_hidden(self, capfd: pytest.CaptureFixture[str]) -> None:
        environment = self.leave(f"cat; env > seen; echo words >&2; echo {HASH}")
        assert commit_of(environment | {"CI_GATE_CLIENT_SECRET": "canary", "HOME": "/h"}) == HASH
        seen = Path("seen").read_text(encoding="utf-8")
        assert "HOME=/h" in seen
        assert "CI_GATE_" not in seen
        assert capfd.readouterr() == ("", "")

    def test_slow_program_is_abandoned(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commit, "_PATIENCE", 0.05)
        assert commit_of(self.leave(f"exec sleep 30; echo {HASH}")) is None

    def test_program_that_cannot_be_started_is_ignored(self) -> None:
        environment = self.leave("")
        Path("bin/git").write_bytes(b"\x7fELF of no machine")
        assert commit_of(environment) is None

    def test_program_in_the_checkout_is_not_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.leave(f"touch ran; echo {HASH}", ".")
        assert commit_of({"PATH": f"{os.pathsep}.{os.pathsep}"}) is None
        monkeypatch.setattr("shutil.which", lambda name, path: f"./{name}" if path is not None else None)
        assert commit_of({"PATH": "/nowhere"}) is None
        assert not Path("ran").exists()
