"""The program: loads the command that is asked for, and turns every ending into an exit code."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ci_gate import __version__
from ci_gate.commands import COMMAND_BY_NAME, COMMANDS, judging_command_in
from ci_gate.errors import ExitCode, UsageError, bug_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.errors import GateError
    from ci_gate.runtime import Runtime
    from ci_gate.signals import Signals


class LazyGroup(click.Group):
    """Lists the commands from their table, and imports one only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMAND_BY_NAME)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load one command; a shell's completion shows its short help, too."""
        if cmd_name not in COMMAND_BY_NAME:
            return None
        command: click.Command = import_module(f"ci_gate.cli.{cmd_name}").command
        command.short_help = COMMAND_BY_NAME[cmd_name].help
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands, for which click would load all of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.help) for command in COMMANDS])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="ci-gate", message="%(prog)s %(version)s")
@click.pass_context
def app(ctx: click.Context) -> None:
    """A release gate for Kore.ai batch test suites.

    Starts a run or attaches to one, waits for its end, compares the results with thresholds, writes JUnit XML and other
    reports, and ends with an exit code: 0 passed, 1 failed, anything else: no verdict.

    New here? Try `ci-gate demo`: it needs nothing.
    """
    # Only a command needs the machine that it runs on; --version and --help start faster without.
    ctx.obj = ctx.obj()


def main(arguments: list[str], runtime: Runtime | None = None, *, signals: Signals | None = None) -> int:
    """Run the program, and return its exit code: 1 only if a gate was judged and failed."""

    def machine() -> Runtime:
        from ci_gate.runtime import real_runtime

        return runtime or real_runtime(signals)

    try:
        return _run(arguments, machine)
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except SystemExit as leaving:
        # click leaves like this after a shell's completion, and with 1 when standard output is closed while it prints.
        return ExitCode.UNREPORTED if leaving.code else 0
    except BlockingIOError:
        # Standard output is full and does not wait: what click prints, a page of help, has not arrived.
        return ExitCode.UNREPORTED
    except BaseException as bug:
        from ci_gate.output.console import Console

        error = bug_report(bug)
        Console(verbose="--verbose" in arguments).error(error)
        with suppress(Exception):  # an installation may be broken there, too
            _leave_reports(error, judging_command_in(arguments), arguments, machine())
        return error.code


def _run(arguments: list[str], runtime: Callable[[], Runtime]) -> int:
    try:
        code = app.main(arguments, prog_name="ci-gate", standalone_mode=False, obj=runtime)
    except click.UsageError as error:
        refusal = _without_secrets(error, runtime())
        with suppress(AttributeError, OSError, ValueError):  # a standard error that is closed, or not there
            refusal.show()
        named = error.ctx.info_name if error.ctx and error.ctx.parent else None
        # If a flag before the command was not understood, click never came to the command.
        command = judging_command_in([named] if named else arguments)
        _leave_reports(UsageError(refusal.message), command, arguments, runtime())
        return ExitCode.USAGE
    return int(code or 0)


def _without_secrets(error: click.UsageError, runtime: Runtime) -> click.UsageError:
    """Return what click says without a secret that was typed where no argument is wanted, or behind a mistyped flag."""
    from ci_gate.config.credentials import secrets_of
    from ci_gate.redaction import redacted

    return click.UsageError(redacted(error.format_message(), secrets_of(runtime.environment)), ctx=error.ctx)


def _leave_reports(error: GateError, command: str | None, arguments: list[str], runtime: Runtime) -> None:
    """Leave no earlier green report standing if a judging command never began."""
    if command:
        from ci_gate.gate.session import report_unreadable_arguments

        report_unreadable_arguments(command, arguments, runtime, error)
