"""The readers of settings: what each kind of text means, and the message when it makes no sense."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.config import parsers
from tests.config.builders import CANARY, write

if TYPE_CHECKING:
    from collections.abc import Callable


def _objection(reader: Callable[[str], object], text: str) -> str:
    with pytest.raises(ValueError, match=r".") as refused:
        reader(text)
    return str(refused.value)


def base_url(text: str) -> str:
    return parsers.read_base_url(text, allow_http=False)


def known_version(text: str) -> str:
    return parsers.read_word(text, ("inDevelopment", "published"))


least_two = partial(parsers.read_whole, least=2)

READ: dict[str, tuple[Callable[[str], object], dict[str, object]]] = {
    "a host is a name or a base URL, with https unless it is this machine": (base_url, {
        "platform.kore.ai": "https://platform.kore.ai",
        "  platform.kore.ai/ ": "https://platform.kore.ai",
        "https://platform.kore.ai///": "https://platform.kore.ai",
        "HTTPS://Platform.KORE.ai": "https://platform.kore.ai",
        "platform.kore.ai:8443": "https://platform.kore.ai:8443",
        "https://bots.example/Base/path/": "https://bots.example/Base/path",
        "bots.example:443/base": "https://bots.example:443/base",
        "bot_server": "https://bot_server",
        "bots.example.": "https://bots.example.",
        "10.0.0.7:8443": "https://10.0.0.7:8443",
        "[2001:db8::7]:8443/x": "https://[2001:db8::7]:8443/x",
        "https://bots.example:": "https://bots.example",
        "http://localhost:8080/": "http://localhost:8080",
        "http://LOCALHOST": "http://localhost",
        "http://127.0.0.1:8080": "http://127.0.0.1:8080",
        "http://127.9.9.9": "http://127.9.9.9",
        "http://[::1]:8080": "http://[::1]:8080",
    }),
    "a results host is a bare name": (parsers.read_host, {
        "files.example": "files.example", " Files.Example ": "files.example", "file_server": "file_server",
        "10.0.0.7": "10.0.0.7", "2001:db8::7": "2001:db8::7", "[2001:DB8::7]": "2001:db8::7",
    }),
    "loopback is known by name and by number": (parsers.is_loopback, {
        **dict.fromkeys(("localhost", "Localhost", "127.0.0.1", "::1"), True),
        **dict.fromkeys(("10.0.0.7", "localhost.example", ""), False),
    }),
    "a time is hours, minutes and seconds, or seconds alone": (parsers.read_duration, {
        "90s": 90, "45m": 2700, "1h30m": 5400, "2h": 7200, "1h1m1s": 3661, "1h5s": 3605,
        "90": 90, " 90 ": 90, "0h1s": 1, "168h": 604800,
    }),
    "a size is a number with a unit, or of bytes": (parsers.read_size, {
        "16MiB": 16 * 2**20, "16mib": 16 * 2**20, " 2 KiB ": 2048, "3kb": 3000, "5MB": 5_000_000,
        "1GiB": 2**30, "1gb": 10**9, "7b": 7, "1024": 1024,
    }),
    "a count is a whole number": (parsers.read_count, {"1": 1, " 20000 ": 20000, "007": 7, "999999999": 999999999}),
    "a whole number may be 0": (partial(parsers.read_whole, least=0), {"0": 0}),
    "a whole number is at least the smallest one": (partial(parsers.read_whole, least=7), {" 12 ": 12, "007": 7}),
    "a port is a number, and 0 means any": (parsers.read_port, {"0": 0, " 8080 ": 8080, "65535": 65535}),
    "a switch is turned by the usual words": (parsers.read_switch, {
        **dict.fromkeys(("true", "TRUE", "yes", "On", " 1 "), True),
        **dict.fromkeys(("false", "No", "off", "0"), False),
    }),
    "a word is known in any case": (known_version, dict.fromkeys(
        ("inDevelopment", "indevelopment", "INDEVELOPMENT", " InDevelopment\n"), "inDevelopment"
    )),
    "a name may hold what people write": (parsers.read_name, {f"  {text}\n": text for text in (
        "Smoke", "Full regression", "50% / half?", "Größe", "می‌خواهم", "👩‍💻 Smoke", "a\u00a0b", "..."
    )}),
    "a language is a code": (parsers.read_code, {"en": "en", "pt-BR": "pt-BR", "zh_CN": "zh_CN", " de ": "de"}),
    "a path need not exist": (parsers.read_path, {"out/reports": Path("out/reports")}),
    "an alpha is a share or a percentage": (parsers.read_alpha, {
        "0.05": Fraction(1, 20), " 5 % ": Fraction(1, 20), ".001": Fraction(1, 1000), "49.9%": Fraction(499, 1000),
        "0.0001%": Fraction(1, 1_000_000),
    }),
}  # fmt: skip
"""What each reader makes of a text."""

ENCRYPT = "'{}' would send the token unencrypted; use https, or --allow-http if that is meant"
APART = "'{}' is not a URL: a port is a number up to 65535, and an IPv6 address must be in brackets"
QUERY = "the URL has a query or a fragment; give the base URL only, like https://platform.kore.ai"
CONTROL = "the name holds a line break or another control character; write it on one line"

REFUSED: tuple[tuple[Callable[[str], object], str, tuple[str, ...]], ...] = (
    (base_url, ENCRYPT, ("http://bots.example", "HTTP://bots.example", "http://[2001:db8::7]", "http://127.1")),
    (base_url, APART, ("bots.example:port", "bots.example:65536", "::1", "[::1", "httpx:bots.example")),
    (base_url, QUERY, ("https://bots.example?",)),
    (parsers.read_host, "'{}' is not a bare host name; leave out https://, port and path", (
        "", "http://files.example", "files.example:9000", "files.example/x", "[::1]:9000",
    )),
    (parsers.read_duration, "'{}' is not a time like 90s, 45m or 1h30m, nor a number of seconds above 0", (
        "", "0", "0s", "0h0m", "-5m", "1.5h", "30 m", "30min", "m", "1h30", "45m30", "1m1h", "5d", "٣m", "soon",
    )),
    (parsers.read_duration, "'{}' is longer than the maximum of one week", ("169h", "604801", "999999h")),
    (parsers.read_size, "'{}' is not a size like 16MiB, nor a number of bytes above 0", (
        "", "0", "0MiB", "-1", "1.5MiB", "16M", "MiB", "big",
    )),
    (parsers.read_size, "'{}' is more than 1GiB, which is the most", ("2GiB", "1073741825", "999999999999gib")),
    (parsers.read_count, "'{}' is not a whole number above 0", ("", "0", "-1", "1.0", "1e3", "٣", "9" * 10, "many")),
    (least_two, "'{}' is not a whole number of 2 or more", ("", "-1", "1.0", "٣", "1000000000", "off", "1")),
    (parsers.read_port, "'{}' is not a port from 0 to 65535", ("", "-1", "65536", "http", "٣", "080800")),
    (parsers.read_switch, "'{}' is not one of true, false, yes, no, on, off, 1, 0", ("", "maybe", "2", "y")),
    (known_version, "'{}' is not one of inDevelopment, published", ("draft",)),
    (parsers.read_name, "the value is empty; give a name, or leave the setting out", ("", "  ", "\n")),
    (parsers.read_name, "'{}' cannot be a name: in a URL it stands for a folder", (".", "..")),
    (parsers.read_name, "'..' cannot be a name: in a URL it stands for a folder", (" .. ",)),
    (parsers.read_name, CONTROL, ("a\nb", "a\tb", "a\x1b[31mb", "a\0b", "a\u2028b", "a\udcffb", "a\x7fb")),
    (parsers.read_code, "'{}' is not a language code like en, de or pt-BR", ("", "dé", "e n", "en\nx: y", "e" * 36)),
    (parsers.read_path, "'{}' is not a path", ("", " ", "a\0b")),
    (parsers.read_existing_file, "there is no file '{}'", ("ca.pem", ".")),
    (parsers.read_existing_file, "expected the path of a file, not its contents; save the text to a file first", (
        "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
    )),
    (parsers.read_alpha, "'{}' is not a chance between 0 and 0.5, like 0.05 or 5%", (
        "", "%", "0", "0%", "-0.1", "0.5", "50%", "5", "1e-3", "rarely", "off",
    )),
)  # fmt: skip
"""What each reader says of texts that make no sense to it; ``{}`` stands for the text."""


@pytest.mark.parametrize(("reader", "values"), READ.values(), ids=READ)
def test_text_is_read(reader: Callable[[str], object], values: dict[str, object]) -> None:
    assert {text: reader(text) for text in values} == values


@pytest.mark.parametrize(("reader", "message", "texts"), REFUSED, ids=[message for _, message, _ in REFUSED])
def test_senseless_text_is_refused(reader: Callable[[str], object], message: str, texts: tuple[str, ...]) -> None:
    assert {text: _objection(reader, text) for text in texts} == {text: message.format(text) for text in texts}


def test_unencrypted_host_can_be_allowed() -> None:
    for text in ("http://bots.example", "HTTP://bots.example", "http://[2001:db8::7]", "http://127.1"):
        assert parsers.read_base_url(text, allow_http=True) == text.lower()


def test_text_that_is_no_address_is_not_taken_for_one() -> None:
    for text in (
        *("", "   ", "https://", "https:///path", "https:/bots.example", "https:bots.example", "http:/bots.example"),
        *("ftp://bots.example", "ws://localhost", "bots example", "https://bots.example/a b", "bots\nexample"),
        *("https://bots.example/\0", "https://bots\\example", "bots..example", ".", "..", "a" * 64 + ".example"),
        *("%41.example", "bötstube.example", "https://[fe80::1%eth0]", "[:::1]"),
    ):
        message = _objection(base_url, text)
        assert message.startswith(f"'{text.strip()}' is not a ")
        assert "https://" in message or "IPv6 address must be in brackets" in message


def test_url_that_may_hold_a_secret_is_refused_without_being_repeated() -> None:
    for text in (
        *(f"https://user:{CANARY}@bots.example", f"user:{CANARY}@bots.example", f"{CANARY}@bots.example"),
        *(f"https://user:{CANARY}/half@bots.example", f"https://bots.example/?token={CANARY}"),
        f"bots.example#{CANARY}",
    ):
        message = _objection(base_url, text)
        assert CANARY not in message
        assert message.startswith("the URL ")


@given(st.text())
def test_any_text_is_a_host_or_refused(text: str) -> None:
    try:
        url = base_url(text)
    except ValueError as problem:
        assert str(problem)
    else:
        assert url.isascii()
        assert base_url(url) == url


def test_file_that_is_there_is_taken() -> None:
    write("certificate", "ca.pem")
    assert parsers.read_existing_file("ca.pem") == "ca.pem"


def test_path_that_the_system_refuses_is_refused_with_its_words() -> None:
    message = _objection(parsers.read_existing_file, "a" * 5000)
    assert message.startswith("'aaa")
    assert "cannot be read: " in message


def test_alpha_that_no_number_shows_is_refused() -> None:
    for text in ("0.00000000000000001", "0.0000009", "0.00009%"):
        assert _objection(parsers.read_alpha, text).startswith(f"'{text}' is a chance below 0.000001")


@pytest.mark.parametrize(("word", "known", "hint"), [
    ("smoke", ("Smoke", "Full"), "did you mean 'Smoke'?"),
    ("timout", ("host", "timeout"), "did you mean 'timeout'?"),
    ("min-f1", ("min_f1", "min_recall"), "did you mean 'min_f1'?"),
    ("xyz", ("Smoke", "Full", "Smoke"), "known are Smoke, Full"),
    ("xyz", ("Smoke", "Full", "SMOKE"), "known are SMOKE, Full"),
])  # fmt: skip
def test_nearest_known_word_is_named_or_else_all(word: str, known: tuple[str, ...], hint: str) -> None:
    assert parsers.nearest(word, known) == hint


def test_prefix_that_all_share_makes_no_word_likelier() -> None:
    known = ("CI_GATE_HOST", "CI_GATE_PORT")
    assert parsers.nearest("CI_GATE_HSOT", known, prefix="CI_GATE_") == "did you mean 'CI_GATE_HOST'?"
    assert parsers.nearest("CI_GATE_ZZZ", known, prefix="CI_GATE_") == "known are CI_GATE_HOST, CI_GATE_PORT"
