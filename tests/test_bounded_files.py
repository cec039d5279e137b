"""A file is read completely or refused; pipes and devices are refused at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ci_gate.bounded_files import SMALL, FileTooLarge, open_regular, read_bounded, read_start


@pytest.mark.parametrize("limit", [1, 1000, SMALL])
def test_a_file_is_read_completely_up_to_the_limit(limit: int) -> None:
    Path("settings").write_bytes(b"x" * limit)
    assert read_bounded(Path("settings"), limit) == b"x" * limit
    assert read_bounded(Path("settings")) == b"x" * limit


@pytest.mark.parametrize(
    ("limit", "size"), [(SMALL, "1 MiB"), (16 * 2**20 - 1, "16 MiB"), (3 * 2**19, "1.5 MiB"), (800, "0.0007629 MiB")]
)
def test_a_file_above_the_limit_is_refused_with_the_limit(limit: int, size: str) -> None:
    Path("settings").write_bytes(b"x" * (limit + 1))
    with pytest.raises(FileTooLarge, match=f"larger than {size}") as refused:
        read_bounded(Path("settings"), limit)
    assert refused.value.strerror == f"larger than {size}"


def test_the_default_limit_is_one_mebibyte() -> None:
    Path("settings").write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(FileTooLarge, match="larger than 1 MiB"):
        read_bounded(Path("settings"))


def test_the_start_of_a_file_ends_with_the_file() -> None:
    Path("results").write_bytes(b"12345")
    assert [read_start(Path("results"), size) for size in (3, 5, 9)] == [b"123", b"12345", b"12345"]


def test_a_folder_and_a_missing_file_raise_the_errors_of_the_system() -> None:
    Path("folder").mkdir()
    for name, problem in (("folder", IsADirectoryError), ("nowhere", FileNotFoundError)):
        with pytest.raises(problem):
            read_bounded(Path(name))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only Unix has named pipes")
def test_a_pipe_is_refused_before_it_is_opened() -> None:
    os.mkfifo("pipe")
    for read in (open_regular, read_bounded, lambda path: read_start(path, 1)):
        with pytest.raises(OSError, match="not a regular file"):
            read(Path("pipe"))


def test_a_device_is_refused() -> None:
    with pytest.raises(OSError, match="not a regular file"):
        read_bounded(Path(os.devnull))


def test_a_link_leads_to_its_file() -> None:
    Path("settings").write_bytes(b"x")
    Path("link").symlink_to("settings")
    assert read_bounded(Path("link")) == b"x"
