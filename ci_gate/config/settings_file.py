"""The settings file as a TOML document: which file is used, and how it is parsed. Only home of tomllib."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.bounded_files import read_bounded
from ci_gate.config.rule_tables import read_table
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.config.raw_value import RawValue

FILE = "ci-gate.toml"
PYPROJECT = "pyproject.toml"

_QUOTED_NAMES = re.compile(r""" \(['"].*['"],?\)""")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A parsed settings file. ``where`` names it in messages; ``folder`` is the base of the relative paths in it."""

    where: str
    folder: Path
    document: dict[str, object]


def find_file(config: RawValue | None) -> FoundFile | None:
    """Return the file that ``config`` names, else ``ci-gate.toml``, else ``[tool.ci-gate]`` in ``pyproject.toml``.

    Return ``None`` if there is none of these. Raise ``UsageError`` if a file cannot be read or is not TOML, or if
    ``config`` names a ``pyproject.toml`` without that table.
    """
    if config is not None:
        path = config.path()
        if path.name != PYPROJECT:
            return FoundFile(str(path), path.parent, _load(path))
        found = _our_table(path)
        if found is None:
            raise UsageError(f"{path} has no table [tool.ci-gate]", hint="add it, or name another file with --config")
        return found
    if Path(FILE).exists():
        return FoundFile(FILE, Path(), _load(Path(FILE)))
    return _our_table(Path(PYPROJECT)) if Path(PYPROJECT).is_file() else None


def _our_table(path: Path) -> FoundFile | None:
    """Return the table ``[tool.ci-gate]`` of a ``pyproject.toml``; ``None`` if there is no such table."""
    tools = _load(path).get("tool")
    if not isinstance(tools, dict) or "ci-gate" not in tools:
        return None
    where = f"{path} [tool.ci-gate]"
    return FoundFile(
        where, path.parent, read_table(tools["ci-gate"], where, "write [tool.ci-gate] and the keys below it")
    )


def hidden_settings(config: RawValue | None) -> Iterator[str]:
    """Yield a note if ``ci-gate.toml`` hides a table ``[tool.ci-gate]`` in ``pyproject.toml``."""
    # An error in a file that is not used must not stop the command.
    with suppress(UsageError):
        if config is None and Path(FILE).exists() and Path(PYPROJECT).is_file() and _our_table(Path(PYPROJECT)):
            yield f"{FILE} is read, so [tool.ci-gate] in {PYPROJECT} is not: keep one of them"


def _load(path: Path) -> dict[str, object]:
    """Parse a TOML file. Decimals stay text, so that 0.9 means exactly the same as in a flag or a variable."""
    try:
        text = read_bounded(path).decode("utf-8-sig")
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"), parse_float=str)
    except OSError as problem:
        raise UsageError(f"cannot read {path}: {problem.strerror}", hint="name another file with --config") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text", hint="save it again as UTF-8") from None
    except (ValueError, RecursionError) as problem:
        # Besides TOMLDecodeError: huge integers raise a bare ValueError, and deep nesting raises RecursionError.
        hint = 'fix it at that place; strings need quotation marks, like host = "platform.kore.ai"'
        # The parser quotes key names, which may be parts of a token split at its dots; line and column suffice.
        fault = _QUOTED_NAMES.sub("", str(problem))
        raise UsageError(f"{path} is not valid TOML: {fault}", hint=hint) from None
