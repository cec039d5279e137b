"""What was given for one setting: its text, and where that was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ci_gate.errors import UsageError
from ci_gate.redaction import kind_of_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

SECRETS_HINT = "secrets come from the environment only: CI_GATE_CLIENT_ID with CI_GATE_CLIENT_SECRET, or CI_GATE_JWT"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RawValue:
    """The text of a setting (one, or several if it is a list) and where it was written, for messages."""

    texts: tuple[str, ...]
    origin: str

    def read(self, reader: Callable[[str], Value]) -> Value:
        """Read the value. Raise ``UsageError`` that says where it was written if it makes no sense."""
        return self.read_all(reader)[0]

    def read_all(self, reader: Callable[[str], Value]) -> tuple[Value, ...]:
        try:
            return tuple(reader(text) for text in self.texts)
        except ValueError as problem:
            raise UsageError(f"{self.origin}: {problem}") from None

    def refuse_secrets(self, known: Collection[str]) -> None:
        """Raise ``UsageError`` if a secret was written: what is a setting is shown in reports and sent in URLs."""
        for text in self.texts:
            what = "a secret of the environment" if any(secret in text for secret in known) else kind_of_secret(text)
            if what:
                raise UsageError(f"{self.origin} holds {what}, and is no place for it", hint=SECRETS_HINT)
