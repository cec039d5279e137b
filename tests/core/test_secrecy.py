"""A text is shown without what may open something, and otherwise as it is."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.secrecy import forgotten, told_secret, without_secrets

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
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_secrets(text) == text
    assert told_secret(text) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"it is {TOKEN}, sorry", "it is (a token), sorry"),
        (f"it is {KEY}, sorry", "it is (a key), sorry"),
        (f"torn: {KEY[:40]}", "torn: (a key)"),
        ("'https://h/f.csv?s=1&e=2' is late", "'https://h/f.csv' is late"),
        ("(https://h/f.csv#s).", "(https://h/f.csv)."),
        ("https://h/a,https://h/b?s=1", "https://h/a,https://h/b"),
        ("at 'https://me:pa?ss/w@h/f'.", "at 'https://(a link with credentials)'."),
        ("b'/f.csv?s=1'", "b'/f.csv'"),
        ("https://h/f?s=1&next=https://h/g", "https://h/f"),
        ("/f.csv?s=1?e=2", "/f.csv"),
    ],
    ids=[
        "token",
        "key",
        "torn key",
        "query",
        "fragment",
        "two links",
        "password",
        "relative link",
        "link in a query",
        "two marks of a query",
    ],
)
def test_what_has_the_look_of_a_secret_is_not_shown(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_the_longer_of_two_known_secrets_goes_first() -> None:
    for longer in ("longer", "a-long-one"):
        assert without_secrets(f"{longer} and long", ("long", longer)) == "(a secret) and (a secret)"


@pytest.mark.parametrize(
    ("text", "what"), [(f"tr-{TOKEN}", "a token"), (f" {KEY}", "a key"), (KEY[:30], "a key"), ("eyJust-a-name", None)]
)
def test_a_secret_beyond_doubt_is_named(text: str, what: str | None) -> None:
    assert told_secret(text) == what


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
def test_a_known_secret_is_forgotten_in_every_format(form: str, secret: str) -> None:
    text = f"<1> {FORMATS[form](secret)} <2> {FORMATS[form](secret)} <3>"
    left = forgotten(secret, text, "§")
    assert left.count("§") == 2
    assert left.startswith("<1> ")
    assert left.endswith(" <3>")
    assert len(left) <= len("<1> '\"'§'\"' <2> '\"'§'\"' <3>") + 12


@pytest.mark.parametrize("escaped", ["secret%2D1", "%73ecret-1", "secret-%31"])
def test_a_known_secret_may_be_all_there_is_and_come_any_number_of_times(escaped: str) -> None:
    assert forgotten("secret-1", escaped, "§") == "§"
    assert forgotten("secret-1", f"{escaped}, {escaped}, {escaped}, {escaped}", "§") == "§, §, §, §"


def test_escapes_around_a_secret_are_left_as_they_are() -> None:
    text = "a%20b \\u0041 &lt;c&gt; %73ecret&#45;1 &amp; \\/"
    assert forgotten("secret", text, "§") == "a%20b \\u0041 &lt;c&gt; §&#45;1 &amp; \\/"
