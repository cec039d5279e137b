"""The lock files: the dependencies of pyproject.toml, one version each with hashes, and nothing about their origin."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ci_gate.action.installation import CRYPTO_LOCK, LOCK

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {name: (ROOT / "ci_gate" / "action" / name).read_text(encoding="utf-8") for name in (LOCK, CRYPTO_LOCK)}
REMEDY = "make lock"


def pinned(lock: str) -> dict[str, Requirement]:
    lines = re.findall(r"^(\S.*?) \\$", LOCKS[lock], re.MULTILINE)
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked_within_its_range(lock: str) -> None:
    for wanted in (Requirement(text) for text in PROJECT["dependencies"]):
        (version,) = pinned(lock)[canonicalize_name(wanted.name)].specifier
        assert wanted.specifier.contains(version.version), (wanted, REMEDY)


def test_packages_that_sign_with_a_private_key_have_a_lock_of_their_own() -> None:
    (crypto,) = map(Requirement, PROJECT["optional-dependencies"]["crypto"])
    locked = pinned(CRYPTO_LOCK)
    (version,) = locked[crypto.name].specifier
    assert crypto.specifier.contains(version.version), REMEDY
    assert "cryptography" in locked
    assert "cryptography" not in pinned(LOCK)


def test_both_lock_files_agree() -> None:
    plain, crypto = pinned(LOCK), pinned(CRYPTO_LOCK)
    assert {name: str(crypto[name]) for name in plain} == {name: str(one) for name, one in plain.items()}, REMEDY


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_one_version_with_hashes(lock: str) -> None:
    blocks = re.split(r"^(?=\w)", "\n".join(line for line in LOCKS[lock].splitlines() if "#" not in line), flags=re.M)
    requirements = [block for block in blocks if block.strip()]
    assert len(requirements) == len(pinned(lock)) > 0
    for block in requirements:
        assert re.match(r"[\w-]+==[\d.]+( ; [^\\]+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n*)+$", block)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_file_names_no_index_and_no_machine(lock: str) -> None:
    assert "//" not in LOCKS[lock]
    assert "--index" not in LOCKS[lock]
    assert "--find-links" not in LOCKS[lock]
