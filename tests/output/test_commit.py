"""The commit that is built: named by a variable, else by git, and never guessed."""

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
def test_a_variable_that_holds_it_is_enough(variable: str) -> None:
    assert commit_of({variable: f" {HASH}\n", **SYSTEMS.get(variable, {})}) == HASH


@pytest.mark.parametrize("variable", SYSTEMS)
def test_the_variable_of_a_system_whose_job_this_is_not_says_nothing(variable: str) -> None:
    """An image may have been built with it."""
    assert commit_of({variable: HASH}) is None


@pytest.mark.parametrize("variable", SYSTEMS)
def test_the_system_whose_job_this_is_goes_before_what_an_image_was_built_with(variable: str) -> None:
    built_in = dict.fromkeys(SYSTEMS, OTHER)
    assert commit_of(built_in | {variable: HASH} | SYSTEMS[variable]) == HASH


@pytest.mark.parametrize("variable", SYSTEMS)
def test_what_the_user_says_goes_before_every_system(variable: str) -> None:
    assert commit_of({variable: OTHER, **SYSTEMS[variable], "CI_GATE_COMMIT": HASH}) == HASH


@pytest.mark.parametrize("revision", ["c0ffee1", "DECAF17", HASH, "4711", "r4711", "C4711", "cs:4711"])
def test_a_revision_of_another_kind_is_a_commit_too(revision: str) -> None:
    assert commit_of({"CI_GATE_COMMIT": revision}) == revision


@pytest.mark.parametrize(
    "name",
    ["HEAD", "main", "refs/heads/v1", "v1", "v 1", "v1\nv2", "release-2", "2.x", "HEAD~1", "$SHA1", "%SHA1%", "facade"],
)
def test_the_name_of_what_moves_is_no_commit(name: str) -> None:
    assert commit_of({"BUILDKITE": "true", "BUILDKITE_COMMIT": name}) is None
    assert commit_of({"CI_GATE_COMMIT": name, "GITHUB_ACTIONS": "true", "GITHUB_SHA": HASH}) is None


# What git says


def git(*arguments: str) -> str:
    """Run git as somebody whose own settings do not matter."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
    somebody = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(("git", *somebody, *arguments), env=alone, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.subprocess
def test_without_a_variable_git_is_asked_what_is_checked_out() -> None:
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
    """What is called git and behaves otherwise."""

    @staticmethod
    def leave(script: str, folder: str = "bin") -> dict[str, str]:
        """Leave a program that is called git, and return the variables by which it is found."""
        path = Path(folder).absolute() / "git"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return {"PATH": f"{path.parent}{os.pathsep}/usr/bin{os.pathsep}/bin"}

    def test_its_answer_is_the_commit_only_if_it_is_one_and_all_went_well(self) -> None:
        assert commit_of(self.leave(f"echo {HASH}")) == HASH
        for script in (f"echo {HASH}; exit 1", "echo HEAD", "printf '\\377'", ":", f"echo {HASH} {OTHER}"):
            assert commit_of(self.leave(script)) is None

    def test_it_gets_no_secret_no_input_and_is_not_heard(self, capfd: pytest.CaptureFixture[str]) -> None:
        environment = self.leave(f"cat; env > seen; echo words >&2; echo {HASH}")
        assert commit_of(environment | {"CI_GATE_CLIENT_SECRET": "canary", "HOME": "/h"}) == HASH
        seen = Path("seen").read_text(encoding="utf-8")
        assert "HOME=/h" in seen
        assert "CI_GATE_" not in seen
        assert capfd.readouterr() == ("", "")

    def test_it_has_a_moment_to_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commit, "_PATIENCE", 0.05)
        assert commit_of(self.leave(f"exec sleep 30; echo {HASH}")) is None

    def test_one_that_cannot_be_started_names_nothing(self) -> None:
        environment = self.leave("")
        Path("bin/git").write_bytes(b"\x7fELF of no machine")
        assert commit_of(environment) is None

    def test_what_the_checkout_calls_git_is_not_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.leave(f"touch ran; echo {HASH}", ".")
        assert commit_of({"PATH": f"{os.pathsep}.{os.pathsep}"}) is None
        monkeypatch.setattr("shutil.which", lambda name, path: f"./{name}" if path is not None else None)
        assert commit_of({"PATH": "/nowhere"}) is None
        assert not Path("ran").exists()
