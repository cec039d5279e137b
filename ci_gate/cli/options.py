"""Makes click options from the table of settings, so that flag, variable, key and help cannot drift apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from ci_gate.config.options import Option, Shape, options_of

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")


def settings_options(command: str) -> Callable[[Command], Command]:
    """Give a command its options; values stay text, since one reader serves flag, variable and file alike."""

    def decorate(function: Command) -> Command:
        for option in reversed(options_of(command)):
            function = _click_option(option)(function)
        return function

    return decorate


def _click_option(option: Option) -> Callable[[Command], Command]:
    # That nothing is set unless somebody sets it goes without saying.
    default = "" if option.default in ("", "none", "off") else f"; default: {option.default}"
    help_text = f"{option.help}  [{option.variable}{default}]"
    if option.shape is Shape.SWITCH:
        return click.option(option.flag, option.name, is_flag=True, default=None, help=help_text)
    many = option.shape is Shape.LIST
    return click.option(option.flag, option.name, metavar=option.metavar, multiple=many, help=help_text)
