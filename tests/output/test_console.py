"""What reaches terminal or log: coloured where somebody looks, harmless everywhere, never at the cost of a run."""

from __future__ import annotations

import errno
import io
import sys
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate.errors import ExitCode, UsageError, bug_report
from ci_gate.output.console import Console, console_for
from tests.fakes import FakePlatform, completed, file_of
from tests.streams import BrokenPipe, FullPipe, Terminal, encoded_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scripted import Play


def console(environment: dict[str, str] | None = None, *, color: bool | None = None) -> Console:
    """The console of a command that was told nothing else."""
    return console_for(environment or {}, quiet=False, verbose=False, color=color)


@pytest.mark.parametrize(("quiet", "verbose", "lines"), [
    (False, False, ["note", "page", "warning: warn", "error: message", "  hint"]),
    (True, False, ["warning: warn", "error: message", "  hint"]),
    (False, True, ["note", "detail", "page", "warning: warn", "error: message", "  hint"]),
    (True, True, ["detail", "warning: warn", "error: message", "  hint"]),
], ids=["usual", "quiet", "verbose", "both"])  # fmt: skip
def test_quiet_takes_what_is_good_to_know_and_verbose_adds_detail(
    quiet: bool, verbose: bool, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    here = Console(quiet=quiet, verbose=verbose)
    here.note("note")
    here.detail("detail")
    here.page("page\n")
    here.warn("warn")
    here.error(UsageError("message", hint="hint"))
    assert capsys.readouterr().err.splitlines() == lines


def test_a_hint_keeps_its_margins(capsys: pytest.CaptureFixture[str]) -> None:
    Console().error(UsageError("nothing", hint="missing:\n  a host"))
    assert capsys.readouterr().err == "error: nothing\n  missing:\n    a host\n"


@pytest.mark.parametrize("verbose", [False, True], ids=["usual", "verbose"])
def test_only_the_curious_see_where_a_bug_is(verbose: bool, capsys: pytest.CaptureFixture[str]) -> None:
    Console(verbose=verbose).error(bug_report(ZeroDivisionError("a number")))
    err = capsys.readouterr().err
    assert "error: a bug in ci-gate: ZeroDivisionError\n" in err
    assert ("a number" in err) is verbose


@pytest.mark.parametrize(("text", "shown"), [
    ("::error::x", ": :error::x"), ("a ##[error]x", "a # #[error]x"), ("a\n::error::x", "a ::error::x"),
    ("\x1b[31mred\x07", "[31mred"),
], ids=["command", "bracket command", "line break", "escape"])  # fmt: skip
def test_no_text_becomes_a_command(text: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    here = Console(verbose=True)
    here.note(text)
    here.detail(text)
    here.draw(text)
    assert capsys.readouterr().err == f"{shown}\n{shown}\n\r\x1b[K{shown}"


class Log(io.StringIO):
    """A file."""


def closed_stream() -> io.StringIO:
    """A stream that was closed before."""
    stream = io.StringIO()
    stream.close()
    return stream


LOOKS: dict[str, tuple[type[io.StringIO], type[io.StringIO], dict[str, str], bool | None, bool, bool]] = {
    "terminal": (Terminal, Terminal, {}, None, True, True),
    "--no-color": (Terminal, Terminal, {}, False, False, True),
    "NO_COLOR": (Terminal, Terminal, {"NO_COLOR": "1"}, None, False, True),
    "NO_COLOR is empty": (Terminal, Terminal, {"NO_COLOR": ""}, None, True, True),
    "dumb": (Terminal, Terminal, {"TERM": "dumb"}, None, False, False),
    "runner": (Terminal, Terminal, {"CI": "true"}, None, False, False),
    "piped": (Log, Log, {}, None, False, False),
    "verdict piped": (Log, Terminal, {}, None, False, True),
    "progress piped": (Terminal, Log, {}, None, False, False),
}
"""Standard output, standard error, variables, what was said of colours; whether there are colours, and a bar."""


@pytest.mark.parametrize("look", LOOKS)
def test_there_are_colours_where_somebody_looks_and_nobody_objects(look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err, environment, said, color, is_terminal = LOOKS[look]
    monkeypatch.setattr(sys, "stdout", out())
    monkeypatch.setattr(sys, "stderr", err())
    here = console(environment, color=said)
    assert (here.color, here.is_terminal) == (color, is_terminal)


@pytest.mark.parametrize("said", [(), ("--no-color",)], ids=["usual", "--no-color"])
def test_the_verdict_is_coloured_where_it_is_looked_at(
    said: tuple[str, ...], play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", Terminal())
    play("run", *said)
    assert ("\x1b[1;32mPASSED\x1b[0m" in out.getvalue()) is (said == ())
    assert "PASSED" in out.getvalue()


CLOSED: dict[str, Callable[[], io.StringIO | None]] = {
    "broken pipe": BrokenPipe,
    "closed": closed_stream,
    "not there": lambda: None,
}


@pytest.mark.parametrize("kind", CLOSED)
def test_a_closed_standard_error_loses_words_and_nothing_else(
    kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", CLOSED[kind]())
    here = console()
    here.note("note")
    here.draw("bar")
    here.clear()
    assert here.verdict("PASSED\n") == ""
    assert capsys.readouterr().out == "PASSED\n"


@pytest.mark.parametrize("kind", CLOSED)
def test_a_closed_standard_output_is_told(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", CLOSED[kind]())
    assert console().verdict("PASSED\n") == "standard output is closed"


class FullDisk(io.StringIO):
    """There is no room left."""

    def write(self, _text: str) -> NoReturn:
        """Refuse."""
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("stream", "told"), [
    (FullPipe, "standard output is full, and does not wait for its reader"),
    (FullDisk, "standard output has no room left"),
], ids=["pipe", "disk"])  # fmt: skip
def test_a_full_standard_output_is_not_called_closed(
    stream: type[io.StringIO], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", stream())
    assert console().verdict("PASSED\n") == told


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_character_that_an_encoding_does_not_have_costs_no_verdict(
    encoding: str, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_quiet_leaves_the_verdict_alone(play: Play) -> None:
    ending = play("run", "--quiet")
    assert ending.err == ""
    assert "PASSED" in ending.out


def test_verbose_is_a_matter_of_standard_error(play: Play) -> None:
    assert play("run", "--verbose").out == play("run").out
