"""Git repositories of one commit, for pipelines that fetch and install from git."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent.parent
NODE = ROOT / ".venv" / "node" / "node_modules"
"""The folder of the installed npm packages."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A git repository with one commit."""

    path: Path
    commit: str

    @property
    def package(self) -> str:
        """Return the requirement with which pip installs this commit."""
        return f"git+{self.path.as_uri()}@{self.commit}"


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, isolated from the user's own configuration, and return its output."""
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        env=surroundings(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_SYSTEM=os.devnull),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def working_tree(folder: Path) -> Checkout:
    """Copy every file of the working tree that git does not ignore, committed or not, and commit the copy."""
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return _committed(folder)


def repository(folder: Path, files: Mapping[str, str]) -> Checkout:
    """Write ``files`` into a new repository and commit them."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return _committed(folder)


def _committed(folder: Path) -> Checkout:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")
    return Checkout(folder, git(folder, "rev-parse", "HEAD"))


def surroundings(**variables: str) -> dict[str, str]:
    """Return the environment variables of a CI machine and ``variables``, without any others of the caller's."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "JAVA_HOME")
    # The machine's configuration also decides how packages are downloaded.
    mirrors = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "npm_config_"))}
    return {name: os.environ[name] for name in kept if name in os.environ} | mirrors | variables
