"""The settings file as TOML: which one is read, and what stands in it. Only home of tomllib."""

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
    """A settings file as far as it is TOML: what messages call it, and the folder from which its paths are taken."""

    where: str
    folder: Path
    document: dict[str, object]


def find_file(config: RawValue | None) -> FoundFile | None:
    """Return the settings file; ``None`` if there is none."""
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
    """Read our table of a file that belongs to many tools; ``None`` if it has none."""
    tools = _load(path).get("tool")
    if not isinstance(tools, dict) or "ci-gate" not in tools:
        return None
    where = f"{path} [tool.ci-gate]"
    return FoundFile(
        where, path.parent, read_table(tools["ci-gate"], where, "write [tool.ci-gate] and the keys below it")
    )


def hidden_settings(config: RawValue | None) -> Iterator[str]:
    """Yield a note if a settings file that is there hides the settings in another one."""
    # What is wrong with a file that is not read is no matter of this command.
    with suppress(UsageError):
        if config is None and Path(FILE).exists() and Path(PYPROJECT).is_file() and _our_table(Path(PYPROJECT)):
            yield f"{FILE} is read, so [tool.ci-gate] in {PYPROJECT} is not: keep one of them"


def _load(path: Path) -> dict[str, object]:
    """Parse a TOML file; its decimals stay text, so that 0.9 is the same number wherever it is written."""
    try:
        text = read_bounded(path).decode("utf-8-sig")
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"), parse_float=str)
    except OSError as problem:
        raise UsageError(f"cannot read {path}: {problem.strerror}", hint="name another file with --config") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text", hint="save it again as UTF-8") from None
    except (ValueError, RecursionError) as problem:
        # Not only TOMLDecodeError: numbers of thousands of digits and endless nesting end in errors of other kinds.
        hint = 'mend it there; texts stand in quotation marks, like host = "platform.kore.ai"'
        # The names that it quotes may be a token that was cut at its dots; line and column say enough.
        fault = _QUOTED_NAMES.sub("", str(problem))
        raise UsageError(f"{path} is not valid TOML: {fault}", hint=hint) from None
