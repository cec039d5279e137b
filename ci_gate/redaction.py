"""Cuts secrets out of text: known ones, and whatever has the shape of one."""

from __future__ import annotations

import html
import re
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOKEN = re.compile(r"eyJ[\w.-]{8,}", re.ASCII)
"""A JSON Web Token (RFC 7519) or the start of one: ``eyJ`` is the beginning of ``{"`` in base64url."""

_WHOLE_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.", re.ASCII)
_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)
_ESCAPES = (
    re.compile(r"%(?P<hex>[0-9a-f]{2})", re.IGNORECASE),
    re.compile(r"\\+(?:u00|x)(?P<hex>[0-9a-f]{2})|\\+(?P<char>[!-/:-@\[-`{-~])", re.IGNORECASE),
    re.compile(r"&#x0*(?P<hex>[0-9a-f]{2});|&#0*[0-9]{2,3};|&(?:amp|lt|gt|quot|apos);", re.IGNORECASE),
)
"""The escapes of URLs, of JSON and tracebacks, and of XML and HTML; each kind is plain text in the other two."""

_WORD = re.compile(r"\S+")
_SCHEME = re.compile(r"://|\w\w:/(?!/)")  # the second form: ``Path`` merges two slashes
_CLOSING = "'\"),.;:?!]}"


def redacted(text: str, known: Iterable[str] = ()) -> str:
    """Return ``text`` with a mark in place of every secret, and without the queries and fragments of links.

    ``known`` lists secrets to replace in addition to all text that has the shape of a secret.
    """
    text = without_credentials(text, known)
    return _WORD.sub(_bare_link, text) if ":/" in text or "?" in text else text


def without_credentials(text: str, known: Iterable[str] = ()) -> str:
    """Return ``text`` with a mark in place of every known secret, token, private key, and link with credentials.

    The queries of links are kept: a name may look like a link with a query, and a printed command must be complete.
    """
    for secret in sorted(known, key=len, reverse=True):
        text = redact(secret, text, "(a secret)")
    text = _TOKEN.sub("(a token)", _KEY.sub("(a key)", text))
    return _WORD.sub(_without_password, text) if ":/" in text and "@" in text else text


def redact(secret: str, text: str, mark: str) -> str:
    """Replace ``secret`` in ``text`` by ``mark``, whether its characters are written literally or escaped.

    Time and memory are linear in the length of the text, which may be a page of any size.
    """
    text = text.replace(secret, mark)
    for escape in _ESCAPES:
        plain: list[str] = []
        origins = array("L")
        end = 0
        for match in escape.finditer(text):
            plain += (text[end : match.start()], _meant(match))
            origins.extend((*range(end, match.start()), match.start()))
            end = match.end()
        if plain:
            origins.extend(range(end, len(text) + 1))
            text = _cut("".join((*plain, text[end:])), origins, secret, text, mark)
    return text


def _meant(match: re.Match[str]) -> str:
    """Return the character that the matched escape stands for."""
    groups = match.groupdict()
    if groups["hex"]:
        return chr(int(groups["hex"], 16))
    return groups.get("char") or html.unescape(match[0])


def _cut(plain: str, origins: array[int], secret: str, text: str, mark: str) -> str:
    """Replace ``secret`` in ``text`` wherever it occurs in ``plain``, the text with its escapes decoded.

    ``origins`` maps each position in ``plain`` to a position in ``text``.
    """
    kept: list[str] = []
    done, at = 0, plain.find(secret)
    while at >= 0:
        kept += (text[done : origins[at]], mark)
        done = origins[at + len(secret)]
        at = plain.find(secret, at + len(secret))
    return "".join((*kept, text[done:]))


def kind_of_secret(text: str) -> str | None:
    """Return the kind of secret that a text certainly holds, "a token" or "a key", or ``None``."""
    if _WHOLE_TOKEN.search(text):
        return "a token"
    return "a key" if _KEY.search(text) else None


def _without_password(match: re.Match[str]) -> str:
    """Return a word, with a mark in place of everything after the scheme if it is a link that may hold a password."""
    word = match[0]
    mark = _SCHEME.search(word)
    if not mark or "@" not in word[mark.end() :]:
        return word
    return word[: mark.end()] + "(a link with credentials)" + _closing(word)


def _bare_link(match: re.Match[str]) -> str:
    """Return a word, cut before its query or fragment if it is a link: the query may be a signature."""
    word = match[0]
    bare = re.split(r"[?#]", word, maxsplit=1)[0]
    is_link = _SCHEME.search(bare) or ("/" in bare and "=" in word[len(bare) :].partition("?")[2])
    return bare + _closing(word) if is_link and bare != word else word


def _closing(word: str) -> str:
    """Return the closing quotation marks, brackets and punctuation at the end of a word."""
    return word[len(word.rstrip(_CLOSING)) :]
