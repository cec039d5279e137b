"""The program: its commands, loaded when they are needed, and the one place where an ending becomes a number."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ci_gate import __version__
from ci_gate.errors import ExitCode, bug_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.runtime import Runtime
    from ci_gate.signals import Signals

COMMANDS = ("run", "gate", "compare", "check", "simulator", "demo")
JUDGING = ("run", "gate", "compare", "check")


class LazyGroup(click.Group):
    """Imports a command when it is asked for: most of the start-up time is that of modules nobody needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"ci_gate.cli.{cmd_name}").command
        return command


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
    """Run the program and give its exit code. Nothing but a judged and failed gate ever gives 1."""
    try:
        return _run(arguments, lambda: runtime or _real_runtime(signals))
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except SystemExit as leaving:
        # click leaves like this after a shell's completion, and with 1 when standard output is closed while it prints.
        return ExitCode.UNREPORTED if leaving.code else 0
    except BaseException as bug:
        from ci_gate.output.console import Console

        Console(verbose="--verbose" in arguments).error(bug_report(bug))
        return ExitCode.INTERNAL


def _run(arguments: list[str], runtime: Callable[[], Runtime]) -> int:
    try:
        code = app.main(arguments, prog_name="ci-gate", standalone_mode=False, obj=runtime)
    except click.UsageError as error:
        with suppress(AttributeError, OSError, ValueError):  # a standard error that is closed, or not there
            _without_secrets(error, runtime()).show()
        _refuse(error, arguments, runtime())
        return ExitCode.USAGE
    return int(code or 0)


def _without_secrets(error: click.UsageError, runtime: Runtime) -> click.UsageError:
    """Word what click says without a secret that was typed where no argument is wanted, or behind a mistyped flag."""
    from ci_gate.config.credentials import secrets_of
    from ci_gate.redaction import redacted

    return click.UsageError(redacted(error.format_message(), secrets_of(runtime.environment)), ctx=error.ctx)


def _real_runtime(signals: Signals | None) -> Runtime:
    from ci_gate.runtime import real_runtime

    return real_runtime(signals)


def _refuse(error: click.UsageError, arguments: list[str], runtime: Runtime) -> None:
    """A command line that cannot be read must not leave an earlier green report standing."""
    named = error.ctx.info_name if error.ctx and error.ctx.parent else None
    # Where a flag before the command was not understood, click never came to the command.
    command = named or next((word for word in arguments if word in COMMANDS), None)
    if command in JUDGING:
        from ci_gate.errors import UsageError
        from ci_gate.gate.session import report_unreadable_arguments

        report_unreadable_arguments(
            str(command), arguments, runtime, UsageError(_without_secrets(error, runtime).message)
        )
