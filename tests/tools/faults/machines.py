"""Faulty machines: each function changes the process, in which the command then starts.

Started as ``python -I machines.py NAME ARGUMENTS...``, so that the command finds only installed packages.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import resource
import socket
import sys
import threading
import time
from itertools import cycle
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NoReturn


def dead_resolver() -> None:
    """Block every name look-up forever."""

    def wait(*_arguments: object, **_settings: object) -> NoReturn:
        while True:
            threading.Event().wait()

    socket.getaddrinfo = wait


def resolver_that_knows_no_name() -> None:
    """Fail every name look-up."""
    socket.getaddrinfo = _unknown


def resolver_that_fails_twice() -> None:
    """Fail the first two name look-ups only."""
    find, failures = socket.getaddrinfo, iter(range(2))

    def look_up(*arguments: Any, **settings: Any) -> Any:
        return find(*arguments, **settings) if next(failures, None) is None else _unknown()

    socket.getaddrinfo = look_up


def dead_addresses_first() -> None:
    """Resolve ``localhost`` to two more addresses first, on which every connection times out."""
    find, connect, dead = socket.getaddrinfo, socket.create_connection, ("192.0.2.1", "192.0.2.2")

    def look_up(host: str, *arguments: Any, **settings: Any) -> Any:
        found = find(host, *arguments, **settings)
        more = [(*found[0][:4], (address, found[0][4][1])) for address in dead] if host == "localhost" else []
        return [*more, *found]

    def connect_slowly(place: Any, timeout: float, *arguments: Any, **settings: Any) -> Any:
        if place[0] in dead:
            time.sleep(timeout)
            raise TimeoutError
        return connect(place, timeout, *arguments, **settings)

    socket.getaddrinfo = look_up  # type: ignore[assignment]
    socket.create_connection = connect_slowly  # type: ignore[assignment]


def _unknown(*_arguments: object, **_settings: object) -> NoReturn:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def without_rights() -> None:
    """Drop all capabilities: as root, the process could write everywhere."""
    version, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None).capset(version, none):
        raise OSError("the rights of the process cannot be given up")


def full_disk() -> None:
    """Fail every write to a file."""
    _files_of_at_most(0)


def disk_that_fills_up() -> None:
    """Leave room for the placeholder, but not for a report."""
    _files_of_at_most(600)


def _files_of_at_most(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def closed_output() -> None:
    """Close standard output."""
    _begin_without(1)


def output_that_nobody_reads() -> None:
    """Connect standard output to a pipe without a reader."""
    reading, writing = os.pipe()
    os.dup2(writing, 1)
    os.close(writing)
    os.close(reading)


def output_on_a_full_disk() -> None:
    """Connect standard output to a full disk."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


def full_output() -> None:
    """Connect standard output to a full, non-blocking pipe whose reader reads nothing."""
    _reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(4096))
    except BlockingIOError:
        os.dup2(writing, 1)


def folder_of_another_gate() -> None:
    """Lock the report folder as another gate does: a lock belongs to an open file, not to a process."""
    Path("ci-gate-report").mkdir()
    fcntl.flock(os.open("ci-gate-report", os.O_RDONLY), fcntl.LOCK_EX)


def no_locks() -> None:
    """Fail every file lock, as some network file systems do."""

    def refuse(_file: Any, _operation: int) -> NoReturn:
        raise OSError(errno.ENOLCK, "No locks available")

    fcntl.flock = refuse


def closed_streams() -> None:
    """Close all standard streams."""
    _begin_without(0, 1, 2)


def _begin_without(*streams: int) -> NoReturn:
    """Start the command with ``streams`` closed, as a shell can."""
    for number in streams:
        os.close(number)
    os.execv(sys.executable, [sys.executable, "-I", "-m", "ci_gate", *sys.argv[2:]])


def few_files() -> None:
    """Limit the number of open files."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def no_sockets() -> None:
    """Fail to create a socket because too many files are open."""
    socket.socket.__init__ = _too_many  # type: ignore[method-assign]


def _too_many(*_arguments: object, **_settings: object) -> NoReturn:
    raise OSError(errno.EMFILE, "Too many open files")


def no_threads() -> None:
    """Fail to start any thread."""

    def refuse(_thread: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    threading.Thread.start = refuse  # type: ignore[method-assign, assignment]


def threads_now_and_then() -> None:
    """Fail to start the threads of two in three requests."""
    start, refusals = threading.Thread.start, cycle((False, True, True))

    def start_perhaps(thread: threading.Thread) -> None:
        if thread.name == "request" and next(refusals):
            raise RuntimeError("can't start new thread")
        start(thread)

    threading.Thread.start = start_perhaps  # type: ignore[method-assign, assignment]


def jumping_clock() -> None:
    """Move the calendar clock an hour ahead and back at alternate readings; the monotonic clock is unaffected."""
    true, jumps = time.time, cycle((0.0, 3600.0, -3600.0))
    time.time = lambda: true() + next(jumps)


def clock_of_1970() -> None:
    """Set the calendar clock to 1970, as after an empty battery."""
    time.time = time.monotonic


def gone_directory() -> None:
    """Run in a working directory that has been removed."""
    gone = Path(mkdtemp())
    os.chdir(gone)
    gone.rmdir()


def narrow_mask() -> None:
    """Set a umask that makes new files unreadable."""
    os.umask(0o777)


def main() -> NoReturn:
    """Turn this process into the machine, and run the command in it."""
    # A full disk also truncates the byte code that Python caches, which would break every later command.
    sys.dont_write_bytecode = True
    _, name, *arguments = sys.argv
    globals()[name]()
    from ci_gate.__main__ import main as run_command

    sys.argv = ["ci-gate", *arguments]
    run_command()


if __name__ == "__main__":
    main()
