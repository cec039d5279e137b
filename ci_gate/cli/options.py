"""Makes click's commands and options from their tables, so that flag, variable, key and help cannot drift apart."""

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
    """Make a judging command, with its ``argument`` if it has one; the plan sees to one that is not always needed.

    ``plan`` is the module and the name of the function that plans it, imported when the command runs: an import that
    fails is then reported like any other ending.
    """

    def run(runtime: Runtime, /, argument: str | None = None, **flags: FlagValue) -> int:
        from ci_gate.gate.session import run_command

        return run_command(name, runtime, plan=lambda it: resolve_name(plan)(it), flags=flags, argument=argument or "")

    arguments = [click.Argument(["argument"], metavar=argument, required=needs_argument)] if argument else []
    params = [*arguments, *settings_options(name)]
    return click.Command(name, help=help_text, params=params, callback=click.pass_obj(run))


def settings_options(command: str) -> list[click.Parameter]:
    """Return the options of a command; values stay text, since one reader serves flag, variable and file alike."""
    return [_click_option(option) for option in options_of(command)]


def _click_option(option: Option) -> click.Option:
    # That nothing is set unless somebody sets it goes without saying.
    default = "" if option.default in ("", "none", "off") else f"default: {option.default}"
    known = "; ".join(filter(None, (option.variable, default)))
    help_text = f"{option.help}  [{known}]" if known else option.help
    names = [option.flag, option.name]
    if option.shape is Shape.SWITCH:
        return click.Option(names, is_flag=True, default=None, help=help_text)
    return click.Option(names, metavar=option.metavar, multiple=option.shape is Shape.LIST, help=help_text)
