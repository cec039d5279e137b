"""Links to a results file: signed, short-lived, and refused unless their query comes back byte for byte."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from urllib.parse import quote

from ci_gate.simulator.wire import Refusal

LIFETIME = 60  # seconds


class Links:
    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._key = secrets.token_bytes(32)

    def issue(self, path: str, *, download_name: str, now: float) -> str:
        nonce = str(1_000_000_000 + secrets.randbelow(9_000_000_000))
        return f"{self._origin}{path}?{self._query(path, str(int(now)), nonce, download_name)}"

    def check(self, path: str, query: str, *, download_name: str, now: float) -> None:
        """Build the query again from its own time and nonce, and compare it whole, without decoding anything."""
        fields = dict(field.partition("=")[::2] for field in query.split("&"))
        genuine = self._query(path, fields.get("e", ""), fields.get("n", ""), download_name)
        if not hmac.compare_digest(query.encode(), genuine.encode()):
            raise Refusal(403, "Signature does not match")
        if now - int(fields["e"]) > LIFETIME:
            raise Refusal(403, "Link has expired")

    def _query(self, path: str, issued: str, nonce: str, download_name: str) -> str:
        digest = hmac.digest(self._key, f"{path}\n{issued}\n{nonce}".encode(), "sha256")
        # As on the platform: base64 of a quoted base64 text, its padding written with a character that shells expand
        # and that many clients encode.
        signature = b64encode(b'"' + b64encode(digest) + b'"').decode().replace("=", "$")
        return f"e={issued}&n={nonce}&s={signature}&clientfilename={quote(download_name)}&batchtesting=true"
