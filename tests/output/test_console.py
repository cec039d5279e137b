"""The console: colours for a terminal, escaped text everywhere, and streams that fail."""

from __future__ import annotations

import errno
import io
import sys
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import pytest

from ci_gate.errors import ExitCode, UsageError, bug_report
from ci_gate.output.console import Console, console_for
from tests.fakes import FakePlatform, completed, file_of
from tests.streams import BrokenPipe, FullPipe, Terminal, encoded_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scripted import Play

    Patch = pytest.MonkeyPatch
    Capture = pytest.CaptureFixture[str]


def console(environment: dict[str, str] | None = None, *, color: bool | None = None) -> Console:
    return console_for(environment or {}, quiet=False, verbose=False, color=color)


@pytest.mark.parametrize(("quiet", "verbose", "lines"), [
    (False, False, ["note", "page", "warning: warn", "error: message", "  hint"]),
    (True, False, ["warning: warn", "error: message", "  hint"]),
    (False, True, ["note", "detail", "page", "warning: warn", "error: message", "  hint"]),
    (True, True, ["detail", "warning: warn", "error: message", "  hint"]),
], ids=["usual", "quiet", "verbose", "both"])  # fmt: skip
def test_quiet_hides_notes_and_verbose_adds_details(
    quiet: bool, verbose: bool, lines: list[str], capsys: Capture
) -> None:
    here = Console(quiet=quiet, verbose=verbose)
    here.note("note")
    here.detail("detail")
    here.page("page\n")
    here.warn("warn")
    here.error(UsageError("message", hint="hint"))
    assert capsys.readouterr().err.splitlines() == lines


def test_hint_is_indented(capsys: Capture) -> None:
    Console().error(UsageError("nothing", hint="missing:\n  a host"))
    assert capsys.readouterr().err == "error: nothing\n  missing:\n    a host\n"


def test_only_verbose_shows_the_details_of_a_bug(capsys: Capture) -> None:
    for verbose in (False, True):
        Console(verbose=verbose).error(bug_report(ZeroDivisionError("a number")))
        err = capsys.readouterr().err
        assert "error: a bug in ci-gate: ZeroDivisionError\n" in err
        assert ("a number" in err) is verbose


def test_foreign_text_is_escaped(capsys: Capture) -> None:
    here = Console(verbose=True)
    for text, shown in {
        "::error::x": ": :error::x",
        "a ##[error]x": "a # #[error]x",
        "a\n::error::x": "a ::error::x",
        "\x1b[31mred\x07": "[31mred",
    }.items():
        here.note(text)
        here.detail(text)
        here.draw(text)
        assert capsys.readouterr().err == f"{shown}\n{shown}\n\r\x1b[K{shown}"
        here.clear()
        capsys.readouterr()


class Log(io.StringIO):
    """A file."""


def closed_stream() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


class Look(NamedTuple):
    """Where the streams lead, what was set, and whether there must be colours and a bar."""

    has_color: bool
    has_bar: bool
    out: type[io.StringIO] = Terminal
    err: type[io.StringIO] = Terminal
    environment: dict[str, str] = {}  # noqa: RUF012
    flag: bool | None = None


LOOKS = {
    "terminal": Look(True, True),
    "--no-color": Look(False, True, flag=False),
    "NO_COLOR": Look(False, True, environment={"NO_COLOR": "1"}),
    "NO_COLOR is empty": Look(True, True, environment={"NO_COLOR": ""}),
    "dumb": Look(False, False, environment={"TERM": "dumb"}),
    "runner": Look(False, False, environment={"CI": "true"}),
    "piped": Look(False, False, Log, Log),
    "verdict piped": Look(False, True, Log, Terminal),
    "progress piped": Look(False, False, Terminal, Log),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_colours_and_bar_are_for_a_person_at_a_terminal(look: Look, monkeypatch: Patch) -> None:
    monkeypatch.setattr(sys, "stdout", look.out())
    monkeypatch.setattr(sys, "stderr", look.err())
    here = console(look.environment, color=look.flag)
    assert (here.color, here.is_terminal) == (look.has_color, look.has_bar)


@pytest.mark.parametrize("flags", [(), ("--no-color",)], ids=["usual", "--no-color"])
def test_verdict_is_coloured_unless_switched_off(flags: tuple[str, ...], play: Play, monkeypatch: Patch) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", Terminal())
    play("run", *flags)
    assert ("\x1b[1;32mPASSED\x1b[0m" in out.getvalue()) is (flags == ())
    assert "PASSED" in out.getvalue()


CLOSED: dict[str, Callable[[], io.StringIO | None]] = {
    "broken pipe": BrokenPipe,
    "closed": closed_stream,
    "not there": lambda: None,
}


@pytest.mark.parametrize("kind", CLOSED)
def test_closed_standard_error_only_loses_messages(kind: str, capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.setattr(sys, "stderr", CLOSED[kind]())
    here = console()
    here.note("note")
    here.draw("bar")
    here.clear()
    assert here.verdict("PASSED\n") == ""
    assert capsys.readouterr().out == "PASSED\n"


@pytest.mark.parametrize("kind", CLOSED)
def test_closed_standard_output_is_reported(kind: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(sys, "stdout", CLOSED[kind]())
    assert console().verdict("PASSED\n") == "standard output is closed"


class FullDisk(io.StringIO):
    """A stream without room."""

    def write(self, _text: str) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_full_standard_output_is_not_called_closed(monkeypatch: Patch) -> None:
    for stream, problem in (
        (FullPipe, "standard output is full and non-blocking"),
        (FullDisk, "standard output has no room left"),
    ):
        monkeypatch.setattr(sys, "stdout", stream())
        assert console().verdict("PASSED\n") == problem


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_character_that_the_encoding_lacks_is_replaced(encoding: str, play: Play, monkeypatch: Patch) -> None:
    out, err = encoded_in(encoding), encoded_in(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    platform = FakePlatform(statuses=(completed(right=30, wrong=10),), files=(file_of(right=30, wrong=10),))
    ending = play("run", "--suite", "Überweisung → 帳", platform=platform)
    assert ending.code == ExitCode.FAILED
    for stream in (out, err):
        stream.seek(0)
    shown = "Überweisung ? ?" if encoding == "cp1252" else "?berweisung ? ?"
    assert f"FAILED  {shown}" in out.read()
    assert f"{shown}: run tr-1" in err.read()
    assert ending.report["suites"][0]["suite"] == "Überweisung → 帳"


def test_quiet_and_verbose_do_not_change_standard_output(play: Play) -> None:
    quiet = play("run", "--quiet")
    assert quiet.err == ""
    assert "PASSED" in quiet.out
    assert play("run", "--verbose").out == play("run").out
