"""The program: imports the requested command, and turns every ending into an exit code."""

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
    """Lists the commands from their table, and imports the module of a command only on request."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMAND_BY_NAME)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return a command with its short help for shell completion; return ``None`` if it is unknown."""
        if cmd_name not in COMMAND_BY_NAME:
            return None
        command: click.Command = import_module(f"ci_gate.cli.{cmd_name}").command
        command.short_help = COMMAND_BY_NAME[cmd_name].help
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands from their table; click's own method would import every command."""
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
    # The runtime is created only for a command: --version and --help start faster without it.
    ctx.obj = ctx.obj()


def main(arguments: list[str], runtime: Runtime | None = None, *, signals: Signals | None = None) -> int:
    """Run the program, and return its exit code, which is 1 only if the bot was judged and a check failed."""

    def machine() -> Runtime:
        from ci_gate.runtime import real_runtime

        return runtime or real_runtime(signals)

    try:
        return _run(arguments, machine)
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except SystemExit as leaving:
        # click exits like this after shell completion, and with 1 if standard output is closed while it prints.
        return ExitCode.UNREPORTED if leaving.code else 0
    except BlockingIOError:
        # A non-blocking standard output is full: click could not print all of its text, such as a help page.
        return ExitCode.UNREPORTED
    except BaseException as bug:
        from ci_gate.output.console import Console

        error = bug_report(bug)
        Console(verbose="--verbose" in arguments).error(error)
        with suppress(Exception):  # the modules for reports may be broken, too
            _leave_reports(error, judging_command_in(arguments), arguments, machine())
        return error.code


def _run(arguments: list[str], runtime: Callable[[], Runtime]) -> int:
    try:
        code = app.main(arguments, prog_name="ci-gate", standalone_mode=False, obj=runtime)
    except click.UsageError as error:
        refusal = _without_secrets(error, runtime())
        with suppress(AttributeError, OSError, ValueError):  # standard error may be closed or missing
            refusal.show()
        named = error.ctx.info_name if error.ctx and error.ctx.parent else None
        # If click rejects an option before the command, the error does not name the command.
        command = judging_command_in([named] if named else arguments)
        _leave_reports(UsageError(refusal.message), command, arguments, runtime())
        return ExitCode.USAGE
    return int(code or 0)


def _without_secrets(error: click.UsageError, runtime: Runtime) -> click.UsageError:
    """Return click's error without secrets: its text may quote the value of a mistyped flag, or an extra argument."""
    from ci_gate.config.credentials import secrets_of
    from ci_gate.redaction import redacted

    return click.UsageError(redacted(error.format_message(), secrets_of(runtime.environment)), ctx=error.ctx)


def _leave_reports(error: GateError, command: str | None, arguments: list[str], runtime: Runtime) -> None:
    """Replace the reports of an earlier run by reports of ``error`` if ``command`` is given."""
    if command:
        from ci_gate.gate.session import report_unreadable_arguments

        report_unreadable_arguments(command, arguments, runtime, error)
