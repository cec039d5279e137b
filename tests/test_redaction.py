"""Redaction removes what looks like a secret from a text, and nothing else."""

from __future__ import annotations

import html
import json
import string
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.redaction import kind_of_secret, redact, redacted

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl"
KEY = "-----BEGIN PRIVATE KEY-----\nbm90aGluZw==\n-----END PRIVATE KEY-----"

SHOWN = {
    "plain": "is --host right? (proxies?) 50% of a/b?c#d, see README.md#settings",
    "plain link": "see https://files.example:8080/a/b.csv, or http://[::1]/.",
    "address": "mail to somebody@example.org",
}


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_other_text_is_not_changed(text: str) -> None:
    assert redacted(text) == text
    assert kind_of_secret(text) is None


REDACTED = {
    "token": (f"it is {TOKEN}, sorry", "it is (a token), sorry"),
    "key": (f"it is {KEY}, sorry", "it is (a key), sorry"),
    "shortest token": ("it is eyJ-1.2_3-4, sorry", "it is (a token), sorry"),
    "no token, for its letters": ("it is eyJ12345é67, sorry", "it is eyJ12345é67, sorry"),
    "no token, for its length": ("it is eyJ1234567, sorry", "it is eyJ1234567, sorry"),
    "token that ends where its letters do": ("it is eyJ12345678é", "it is (a token)é"),
    "torn key": (f"torn: {KEY[:40]}", "torn: (a key)"),
    "torn key with a line end": (f"torn: {KEY[:40]}\n", "torn: (a key)"),
    "key of a numbered kind": (
        "it is -----BEGIN PKCS8 KEY-----\nx\n-----END PKCS8 KEY-----, sorry",
        "it is (a key), sorry",
    ),
    "empty key": ("it is -----BEGIN KEY----------END KEY-----, sorry", "it is (a key), sorry"),
    "query": ("'https://h/f.csv?s=1&e=2' is late", "'https://h/f.csv' is late"),
    "fragment": ("(https://h/f.csv#s).", "(https://h/f.csv)."),
    "two links": ("https://h/a,https://h/b?s=1", "https://h/a,https://h/b"),
    "password": ("at 'https://me:pa?ss/w@h/f'.", "at 'https://(a link with credentials)'."),
    "relative link": ("b'/f.csv?s=1'", "b'/f.csv'"),
    "link in a query": ("https://h/f?s=1&next=https://h/g", "https://h/f"),
    "two marks of a query": ("/f.csv?s=1?e=2", "/f.csv"),
    "link that was taken for a path": ("'https:/h/f.csv?s=1'", "'https:/h/f.csv'"),
    "password in one that was": ("https:/me:pass@h/f", "https:/(a link with credentials)"),
    "drive of a machine": ("a:/b?c#d, C:/me@home/f?g", "a:/b?c#d, C:/me@home/f?g"),
    "no scheme": ("'://h/f?s'", "'://h/f'"),
}


def test_what_looks_like_a_secret_is_redacted() -> None:
    found = {name: (text, redacted(text)) for name, (text, _) in REDACTED.items()}
    assert found == REDACTED


def test_a_punctuation_mark_after_a_link_is_not_redacted() -> None:
    for mark in "'\"),.;:]}":
        assert redacted(f"see https://h/f?s=1{mark} and on") == f"see https://h/f{mark} and on"


def test_the_longer_of_two_known_secrets_is_redacted_first() -> None:
    for longer in ("longer", "a-long-one"):
        assert redacted(f"{longer} and long", ("long", longer)) == "(a secret) and (a secret)"


KINDS = {
    f"tr-{TOKEN}": "a token",
    "eyJ1234-678.1-2.": "a token",
    f" {KEY}": "a key",
    KEY[:30]: "a key",
    "eyJust-a-name": None,
    "eyJ1234567.12.": None,
    "eyJ12345678 12.": None,
    "eyJ12345678é.12.": None,
    "eyJ12345678.1é2.": None,
    "eyJ12345678.12": None,
    "eyJ12345678..": None,
}


def test_a_certain_secret_is_recognised_with_its_kind() -> None:
    assert {text: kind_of_secret(text) for text in KINDS} == KINDS


FORMATS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "URL": lambda text: quote(text, safe=""),
    "JSON": json.dumps,
    "JSON with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON with all escaped": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "repr of repr": lambda text: repr(repr(text)),
    "HTML": html.escape,
    "HTML by numbers": lambda text: "".join(f"&#{ord(char)};" for char in text),
}


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="&\\%"), min_size=8))
@pytest.mark.parametrize("form", FORMATS)
def test_a_known_secret_is_redacted_in_every_format(form: str, secret: str) -> None:
    text = f"<1> {FORMATS[form](secret)} <2> {FORMATS[form](secret)} <3>"
    left = redact(secret, text, "§")
    assert left.count("§") == 2
    assert left.startswith("<1> ")
    assert left.endswith(" <3>")
    assert len(left) <= len("<1> '\"'§'\"' <2> '\"'§'\"' <3>") + 12


@pytest.mark.parametrize("escaped", ["secret%2D1", "%73ecret-1", "secret-%31"])
def test_a_known_secret_is_redacted_alone_and_repeated(escaped: str) -> None:
    assert redact("secret-1", escaped, "§") == "§"
    assert redact("secret-1", f"{escaped}, {escaped}, {escaped}, {escaped}", "§") == "§, §, §, §"


def test_a_known_secret_is_redacted_with_any_punctuation_mark_behind_a_backslash() -> None:
    left = {char: redact(f"to{char}ken", f"to\\{char}ken", "§") for char in string.punctuation}
    assert left == dict.fromkeys(string.punctuation, "§")


ESCAPED = [
    ("a-secret", "a\\x2Dsecret"),
    ("a-secret", "a\\\\x2dsecret"),
    ("a-secret", "a\\\\u002dsecret"),
    ("a-secret", "a&#x002d;secret"),
    ("a-secret", "a&#0045;secret"),
    ("1-secret", "&#x31;-secret"),
    ("a&secret", "a&AMP;secret"),
    ("a&secret", "a&amp;secret"),
    ("a'secret", "a&apos;secret"),
]


def test_a_known_secret_is_redacted_with_every_escape_in_it() -> None:
    left = {escaped: redact(secret, f"{escaped}, {escaped}", "§") for secret, escaped in ESCAPED}
    assert left == {escaped: "§, §" for _, escaped in ESCAPED}


def test_escapes_around_a_secret_are_not_changed() -> None:
    text = "a%20b \\u0041 &lt;c&gt; %73ecret&#45;1 &amp; \\/"
    assert redact("secret", text, "§") == "a%20b \\u0041 &lt;c&gt; §&#45;1 &amp; \\/"
