"""What was given for one setting: its text, and where that was written."""

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
    """The text of a setting (one, or several if it is a list) and where it was written, for messages.

    ``folder`` is that of the settings file in which it was written: a path in it is taken from there.
    """

    texts: tuple[str, ...]
    origin: str
    folder: Path = Path()

    def read(self, reader: Callable[[str], Value]) -> Value:
        """Read the value. Raise ``UsageError`` that says where it was written if it makes no sense."""
        return self.read_all(reader)[0]

    def read_all(self, reader: Callable[[str], Value]) -> tuple[Value, ...]:
        try:
            return tuple(reader(text) for text in self.texts)
        except ValueError as problem:
            raise UsageError(f"{self.origin}: {problem}") from None

    def path(self) -> Path:
        """Read a path.

        Raise ``UsageError`` if there is something below the working directory alone: paths in a settings file were once
        taken from there, and a baseline must not get lost in silence.
        """
        path = self.folder / self.read(read_path)
        if self.is_left_behind:
            raise UsageError(
                f"{self.origin}: there is no '{path}', but there is '{self.read(read_path)}' in the working directory",
                hint="a path in a settings file is taken from the file's own folder: move one of the two, or write the "
                f"path as it is seen from '{self.folder}'",
            )
        return path

    @property
    def is_left_behind(self) -> bool:
        """Whether what a path of a settings file names exists below the working directory alone."""
        written = self.read(read_path)
        # What is too long for a path does not exist, and is no error either.
        return os.path.exists(written) and not os.path.exists(self.folder / written)  # noqa: PTH110

    def refuse_secrets(self, known: Collection[str]) -> None:
        """Raise ``UsageError`` if a secret was written: what is a setting is shown in reports and sent in URLs."""
        for text in self.texts:
            what = "a secret of the environment" if any(secret in text for secret in known) else kind_of_secret(text)
            if what:
                raise UsageError(f"{self.origin} holds {what}, and is no place for it", hint=SECRETS_HINT)
