"""Builds click's commands and options from the tables, so that flags, variables, keys and help stay consistent."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING

import click

from ci_gate.config.options import Option, Shape, options_of

if TYPE_CHECKING:
    from ci_gate.config.sources import FlagValue
    from ci_gate.runtime import Runtime


def judging_command(
    name: str, help_text: str | None, *, plan: str, argument: str | None = None, needs_argument: bool = True
) -> click.Command:
    """Return a judging command.

    ``argument`` is the name of its positional argument in the help, or ``None`` if it takes none. Unless
    ``needs_argument`` is set, ``plan`` decides whether the argument may be missing. ``plan`` has the form
    ``module:function``; the module is imported when the command runs, so that a failing import is reported like any
    other ending.
    """

    def run(runtime: Runtime, /, argument: str | None = None, **flags: FlagValue) -> int:
        from ci_gate.gate.session import run_command

        return run_command(
            name,
            runtime,
            plan=lambda invocation: resolve_name(plan)(invocation),
            flags=flags,
            argument=argument or "",
        )

    arguments = [click.Argument(["argument"], metavar=argument, required=needs_argument)] if argument else []
    params = [*arguments, *settings_options(name)]
    return click.Command(name, help=help_text, params=params, callback=click.pass_obj(run))


def settings_options(command: str) -> list[click.Parameter]:
    """Return the options of a command. Their values stay text: flags, variables and the file share one parser."""
    return [_click_option(option) for option in options_of(command)]


def _click_option(option: Option) -> click.Option:
    # A default that sets nothing is not worth showing.
    default = "" if option.default in ("", "none", "off") else f"default: {option.default}"
    known = "; ".join(filter(None, (option.variable, default)))
    help_text = f"{option.help}  [{known}]" if known else option.help
    names = [option.flag, option.name]
    if option.shape is Shape.SWITCH:
        return click.Option(names, is_flag=True, default=None, help=help_text)
    return click.Option(names, metavar=option.metavar, multiple=option.shape is Shape.LIST, help=help_text)
