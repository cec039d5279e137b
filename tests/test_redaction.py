"""A text is shown without what may open something, and otherwise as it is."""

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
def test_other_text_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text
    assert kind_of_secret(text) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"it is {TOKEN}, sorry", "it is (a token), sorry"),
        (f"it is {KEY}, sorry", "it is (a key), sorry"),
        ("it is eyJ-1.2_3-4, sorry", "it is (a token), sorry"),
        ("it is eyJ12345é67, sorry", "it is eyJ12345é67, sorry"),
        ("it is eyJ1234567, sorry", "it is eyJ1234567, sorry"),
        ("it is eyJ12345678é", "it is (a token)é"),
        (f"torn: {KEY[:40]}", "torn: (a key)"),
        (f"torn: {KEY[:40]}\n", "torn: (a key)"),
        ("it is -----BEGIN PKCS8 KEY-----\nx\n-----END PKCS8 KEY-----, sorry", "it is (a key), sorry"),
        ("it is -----BEGIN KEY----------END KEY-----, sorry", "it is (a key), sorry"),
        ("'https://h/f.csv?s=1&e=2' is late", "'https://h/f.csv' is late"),
        ("(https://h/f.csv#s).", "(https://h/f.csv)."),
        ("https://h/a,https://h/b?s=1", "https://h/a,https://h/b"),
        ("at 'https://me:pa?ss/w@h/f'.", "at 'https://(a link with credentials)'."),
        ("b'/f.csv?s=1'", "b'/f.csv'"),
        ("https://h/f?s=1&next=https://h/g", "https://h/f"),
        ("/f.csv?s=1?e=2", "/f.csv"),
        ("'https:/h/f.csv?s=1'", "'https:/h/f.csv'"),
        ("https:/me:pass@h/f", "https:/(a link with credentials)"),
        ("a:/b?c#d, C:/me@home/f?g", "a:/b?c#d, C:/me@home/f?g"),
        ("'://h/f?s'", "'://h/f'"),
    ],
    ids=[
        "token",
        "key",
        "shortest token",
        "no token, for its letters",
        "no token, for its length",
        "token that ends where its letters do",
        "torn key",
        "torn key with a line end",
        "key of a numbered kind",
        "empty key",
        "query",
        "fragment",
        "two links",
        "password",
        "relative link",
        "link in a query",
        "two marks of a query",
        "link that was taken for a path",
        "password in one that was",
        "drive of a machine",
        "no scheme",
    ],
)
def test_what_has_the_look_of_a_secret_is_not_shown(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize("mark", "'\"),.;:]}")
def test_what_closes_a_sentence_or_a_quotation_is_no_part_of_a_link(mark: str) -> None:
    assert redacted(f"see https://h/f?s=1{mark} and on") == f"see https://h/f{mark} and on"


def test_the_longer_of_two_known_secrets_goes_first() -> None:
    for longer in ("longer", "a-long-one"):
        assert redacted(f"{longer} and long", ("long", longer)) == "(a secret) and (a secret)"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"tr-{TOKEN}", "a token"),
        ("eyJ1234-678.1-2.", "a token"),
        (f" {KEY}", "a key"),
        (KEY[:30], "a key"),
        ("eyJust-a-name", None),
        ("eyJ1234567.12.", None),
        ("eyJ12345678 12.", None),
        ("eyJ12345678é.12.", None),
        ("eyJ12345678.1é2.", None),
        ("eyJ12345678.12", None),
        ("eyJ12345678..", None),
    ],
)
def test_a_secret_beyond_doubt_is_named(text: str, what: str | None) -> None:
    assert kind_of_secret(text) == what


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
    left = redact(secret, text, "§")
    assert left.count("§") == 2
    assert left.startswith("<1> ")
    assert left.endswith(" <3>")
    assert len(left) <= len("<1> '\"'§'\"' <2> '\"'§'\"' <3>") + 12


@pytest.mark.parametrize("escaped", ["secret%2D1", "%73ecret-1", "secret-%31"])
def test_a_known_secret_may_be_all_there_is_and_come_any_number_of_times(escaped: str) -> None:
    assert redact("secret-1", escaped, "§") == "§"
    assert redact("secret-1", f"{escaped}, {escaped}, {escaped}, {escaped}", "§") == "§, §, §, §"


@pytest.mark.parametrize("char", string.punctuation)
def test_any_character_but_a_letter_may_be_escaped_by_a_backslash(char: str) -> None:
    assert redact(f"to{char}ken", f"to\\{char}ken", "§") == "§"


@pytest.mark.parametrize(
    ("secret", "escaped"),
    [
        ("a-secret", "a\\x2Dsecret"),
        ("a-secret", "a\\\\x2dsecret"),
        ("a-secret", "a\\\\u002dsecret"),
        ("a-secret", "a&#x002d;secret"),
        ("a-secret", "a&#0045;secret"),
        ("1-secret", "&#x31;-secret"),
        ("a&secret", "a&AMP;secret"),
        ("a&secret", "a&amp;secret"),
        ("a'secret", "a&apos;secret"),
    ],
)
def test_a_known_secret_is_forgotten_with_every_escape_in_it(secret: str, escaped: str) -> None:
    assert redact(secret, f"{escaped}, {escaped}", "§") == "§, §"


def test_escapes_around_a_secret_are_left_as_they_are() -> None:
    text = "a%20b \\u0041 &lt;c&gt; %73ecret&#45;1 &amp; \\/"
    assert redact("secret", text, "§") == "a%20b \\u0041 &lt;c&gt; §&#45;1 &amp; \\/"
