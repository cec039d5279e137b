"""Machines on which something is wrong: each function changes the process, and then the command begins in it.

Started as ``python -I machines.py NAME ARGUMENTS...``, so that the command finds only what is installed.
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
    """Let no look-up of a name ever come back."""

    def wait(*_arguments: object, **_settings: object) -> NoReturn:
        while True:
            threading.Event().wait()

    socket.getaddrinfo = wait


def resolver_that_knows_no_name() -> None:
    """Know not one name, and say so."""
    socket.getaddrinfo = _unknown


def resolver_that_fails_twice() -> None:
    """Fail to find the first two names, and find the others."""
    find, failures = socket.getaddrinfo, iter(range(2))

    def look_up(*arguments: Any, **settings: Any) -> Any:
        return find(*arguments, **settings) if next(failures, None) is None else _unknown()

    socket.getaddrinfo = look_up


def dead_addresses_first() -> None:
    """Know two more addresses of this machine, which swallow all time that they are given."""
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
    """Have no right beyond those of the owner of a file, whoever that is: root could write everywhere."""
    version, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None).capset(version, none):
        raise OSError("the rights of the process cannot be given up")


def full_disk() -> None:
    """Let not a byte be written to any file."""
    _files_of_at_most(0)


def disk_that_fills_up() -> None:
    """Have room for the placeholder, and for no report."""
    _files_of_at_most(600)


def _files_of_at_most(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def closed_output() -> None:
    """Have no standard output."""
    _begin_without(1)


def output_that_nobody_reads() -> None:
    """Write the standard output into a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.dup2(writing, 1)
    os.close(writing)
    os.close(reading)


def output_on_a_full_disk() -> None:
    """Write the standard output to where there is no room."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


def full_output() -> None:
    """Write the standard output into a full pipe that does not wait for its reader, who reads nothing."""
    _reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(4096))
    except BlockingIOError:
        os.dup2(writing, 1)


def folder_of_another_gate() -> None:
    """Let another gate write in the folder of the reports: a lock is one of an open file, not of a process."""
    Path("ci-gate-report").mkdir()
    fcntl.flock(os.open("ci-gate-report", os.O_RDONLY), fcntl.LOCK_EX)


def no_locks() -> None:
    """Have a file system that locks nothing, as some of the network do."""

    def refuse(_file: Any, _operation: int) -> NoReturn:
        raise OSError(errno.ENOLCK, "No locks available")

    fcntl.flock = refuse


def closed_streams() -> None:
    """Have no standard stream at all."""
    _begin_without(0, 1, 2)


def _begin_without(*streams: int) -> NoReturn:
    """Let the command begin as a shell starts it that has closed these."""
    for number in streams:
        os.close(number)
    os.execv(sys.executable, [sys.executable, "-I", "-m", "ci_gate", *sys.argv[2:]])


def few_files() -> None:
    """Let only a few files be open at a time."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def no_sockets() -> None:
    """Have as many files open as the system allows when a request needs a socket."""
    socket.socket.__init__ = _too_many  # type: ignore[method-assign]


def _too_many(*_arguments: object, **_settings: object) -> NoReturn:
    raise OSError(errno.EMFILE, "Too many open files")


def no_threads() -> None:
    """Let no thread be started."""

    def refuse(_thread: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    threading.Thread.start = refuse  # type: ignore[method-assign, assignment]


def threads_now_and_then() -> None:
    """Let two of three requests have no thread."""
    start, refusals = threading.Thread.start, cycle((False, True, True))

    def start_perhaps(thread: threading.Thread) -> None:
        if thread.name == "request" and next(refusals):
            raise RuntimeError("can't start new thread")
        start(thread)

    threading.Thread.start = start_perhaps  # type: ignore[method-assign, assignment]


def jumping_clock() -> None:
    """Set the calendar an hour ahead and back again with every look at it; what counts seconds goes on."""
    true, jumps = time.time, cycle((0.0, 3600.0, -3600.0))
    time.time = lambda: true() + next(jumps)


def clock_of_1970() -> None:
    """Have a calendar whose battery was empty."""
    time.time = time.monotonic


def gone_directory() -> None:
    """Work in a folder that somebody has removed."""
    gone = Path(mkdtemp())
    os.chdir(gone)
    gone.rmdir()


def narrow_mask() -> None:
    """Make files that nobody may read."""
    os.umask(0o777)


def main() -> NoReturn:
    """Become the machine, and run the command on it."""
    # A disk that is full cuts off what Python keeps of a module too, and every later command would stumble over that.
    sys.dont_write_bytecode = True
    _, name, *arguments = sys.argv
    globals()[name]()
    from ci_gate.__main__ import main as run_command

    sys.argv = ["ci-gate", *arguments]
    run_command()


if __name__ == "__main__":
    main()
