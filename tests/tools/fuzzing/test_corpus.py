"""Every file of the fuzzing corpus is parsed as documented, without the fuzzer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools.fuzzing.targets import CORPUS, TARGETS

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_file_of_the_corpus_is_read_as_documented(file: Path) -> None:
    TARGETS[file.parent.name](file.read_bytes())


def test_every_target_has_a_corpus_of_small_files() -> None:
    assert {file.parent.name for file in FILES} == set(TARGETS)
    assert max(file.stat().st_size for file in FILES) <= 4096
