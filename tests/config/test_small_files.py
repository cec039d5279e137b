"""Files that people write by hand are read whole; what never ends, or never begins, is refused at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ci_gate.config.small_files import LIMIT, read_small

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are the business of Unix")


def test_a_file_is_read_whole_up_to_the_limit() -> None:
    Path("settings").write_bytes(b"x" * LIMIT)
    assert len(read_small(Path("settings"))) == LIMIT


def test_a_file_that_is_far_too_large_is_refused() -> None:
    Path("settings").write_bytes(b"x" * (LIMIT + 1))
    with pytest.raises(OSError, match="larger than 1 MiB"):
        read_small(Path("settings"))


def test_a_folder_and_a_file_that_is_not_there_are_what_the_system_says() -> None:
    Path("folder").mkdir()
    for name, problem in (("folder", IsADirectoryError), ("nowhere", FileNotFoundError)):
        with pytest.raises(problem):
            read_small(Path(name))


@needs_pipes
def test_a_pipe_is_refused_before_it_is_opened() -> None:
    os.mkfifo("pipe")
    with pytest.raises(OSError, match="not a regular file"):
        read_small(Path("pipe"))
