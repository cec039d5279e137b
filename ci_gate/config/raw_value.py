"""The raw text of one setting, and the place where it was written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ci_gate.config.parsers import read_path
from ci_gate.errors import UsageError
from ci_gate.redaction import kind_of_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

SECRETS_HINT = "secrets come from the environment only: CI_GATE_CLIENT_ID with CI_GATE_CLIENT_SECRET, or CI_GATE_JWT"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RawValue:
    """The text of one setting (several texts for a list), and ``origin``, the place where it was written.

    ``folder`` is the base of a relative path: the folder of the settings file, else the working directory.
    """

    texts: tuple[str, ...]
    origin: str
    folder: Path = Path()

    def read(self, reader: Callable[[str], Value]) -> Value:
        """Return the value as parsed by ``reader``. Raise ``UsageError``, with the origin, if ``reader`` refuses it."""
        return self.read_all(reader)[0]

    def read_all(self, reader: Callable[[str], Value]) -> tuple[Value, ...]:
        try:
            return tuple(reader(text) for text in self.texts)
        except ValueError as problem:
            raise UsageError(f"{self.origin}: {problem}") from None

    def path(self) -> Path:
        """Return the value as a path, relative to ``folder``.

        Raise ``UsageError`` if the path exists only relative to the working directory, which earlier versions used
        as the base: otherwise a baseline would silently go missing.
        """
        path = self.folder / self.read(read_path)
        if self.is_left_behind:
            raise UsageError(
                f"{self.origin}: there is no '{path}', but there is '{self.read(read_path)}' in the working directory",
                hint="a path in a settings file is relative to the file's folder: move one of the two, or write the "
                f"path relative to '{self.folder}'",
            )
        return path

    @property
    def is_left_behind(self) -> bool:
        """Whether the path exists relative to the working directory, but not relative to ``folder``."""
        written = self.read(read_path)
        # Path.exists may raise if the path is too long; os.path.exists returns False.
        return os.path.exists(written) and not os.path.exists(self.folder / written)  # noqa: PTH110

    def refuse_secrets(self, known: Collection[str]) -> None:
        """Raise ``UsageError`` if the text holds a secret: settings appear in reports and URLs."""
        for text in self.texts:
            what = "a secret of the environment" if any(secret in text for secret in known) else kind_of_secret(text)
            if what:
                raise UsageError(f"{self.origin} holds {what}, which does not belong there", hint=SECRETS_HINT)
