"""The search finds a planted secret in every encoding, so that an empty result is meaningful."""

from __future__ import annotations

import html
import json
import textwrap
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import quoteattr

from tests.secrets.search import found_in, leaks, written_below

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "Qw9\"z<Lm2&Vb'n4%Rd+Ys/8Ju=Kx>7tP"
"""Each of its pieces changes in some encoding."""

ENCODINGS: dict[str, Callable[[str], str | bytes]] = {
    "plain": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded in lower case": lambda text: quote(text, safe="").lower(),
    "percent-encoded as of a form": quote_plus,
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "every character percent-encoded": lambda text: "".join(f"%{ord(char):02x}" for char in text),
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "every character as JSON may escape it": lambda text: "".join(f"\\u00{ord(char):02X}" for char in text),
    "HTML": html.escape,
    "an XML attribute": quoteattr,
    "HTML by numbers": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "repr": repr,
    "repr of bytes": lambda text: repr(text.encode()),
    "JSON of repr": lambda text: json.dumps(repr(text)),
    "base64": lambda text: b64encode(text.encode()),
    "base64 with a byte before it": lambda text: b64encode(b"x" + text.encode()),
    "base64 with two bytes before it": lambda text: b64encode(b"xy" + text.encode()),
    "base64 behind a letter": lambda text: b"x" + b64encode(text.encode()),
    "base64url": lambda text: urlsafe_b64encode(text.encode()).rstrip(b"="),
    "base64 in an URL": lambda text: quote(b64encode(text.encode())),
    "hex": lambda text: text.encode().hex(),
    "hex in capitals": lambda text: text.encode().hex().upper(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "several lines": lambda text: textwrap.fill(text, 6, break_on_hyphens=False),
    "several lines of JSON": lambda text: json.dumps(textwrap.fill(text, 6, break_on_hyphens=False)),
    "cut short": lambda text: text[:12] + "…",
    "its end": lambda text: text[-12:],
    "its middle": lambda text: text[9:21],
}


def test_a_planted_secret_is_found_in_every_encoding() -> None:
    missed = []
    for encoding, encode in ENCODINGS.items():
        encoded = encode(SECRET)
        content = encoded if isinstance(encoded, bytes) else encoded.encode()
        surrounded = content if encoding == "UTF-16" else b"before\n" * 9 + b"it is " + content + b" \nafter" * 9
        if list(found_in(surrounded, {"it": SECRET, "another": "5hG-fT0-vN3-cE6-bU1"})) != ["it"]:
            missed.append(encoding)
    assert missed == []


def test_nothing_is_found_in_text_without_a_secret() -> None:
    written = {"stdout": b"PASSED\n", "report.json": json.dumps({"hash": "9f" * 32}).encode()}
    assert leaks({"it": SECRET}, written) == []


def test_a_secret_is_found_in_the_name_and_in_the_content_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name, content in (("Qw9zLm2Vbn4Rd", ""), ("below/.hidden", SECRET), ("planted", SECRET)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    written = written_below(tmp_path, [tmp_path / "planted"])
    secrets = {"content": SECRET, "name": "qw9zlm2vbn4rd"}
    assert sorted(leaks(secrets, written)) == ["content in below/.hidden", "name in Qw9zLm2Vbn4Rd"]
