"""How the text of each kind of setting is read, and what is said where it makes no sense."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.config.parsers import (
    is_loopback,
    nearest,
    read_alpha,
    read_base_url,
    read_code,
    read_count,
    read_duration,
    read_existing_file,
    read_host,
    read_name,
    read_path,
    read_port,
    read_size,
    read_switch,
    read_whole,
    read_word,
)
from tests.config.builders import CANARY, write

if TYPE_CHECKING:
    from collections.abc import Callable


def _objection(reader: Callable[[str], object], text: str) -> str:
    with pytest.raises(ValueError, match=r".") as refused:
        reader(text)
    return str(refused.value)


def _base_url(text: str, *, allow_http: bool = False) -> str:
    return read_base_url(text, allow_http=allow_http)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("platform.kore.ai", "https://platform.kore.ai"),
        ("  platform.kore.ai/ ", "https://platform.kore.ai"),
        ("https://platform.kore.ai///", "https://platform.kore.ai"),
        ("HTTPS://Platform.KORE.ai", "https://platform.kore.ai"),
        ("platform.kore.ai:8443", "https://platform.kore.ai:8443"),
        ("https://bots.example/Base/path/", "https://bots.example/Base/path"),
        ("bots.example:443/base", "https://bots.example:443/base"),
        ("bot_server", "https://bot_server"),
        ("bots.example.", "https://bots.example."),
        ("10.0.0.7:8443", "https://10.0.0.7:8443"),
        ("[2001:db8::7]:8443/x", "https://[2001:db8::7]:8443/x"),
        ("https://bots.example:", "https://bots.example"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://LOCALHOST", "http://localhost"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_host_is_a_name_or_a_base_url_and_https_unless_it_is_this_machine(text: str, url: str) -> None:
    assert _base_url(text) == url


@pytest.mark.parametrize("text", ["http://bots.example", "HTTP://bots.example", "http://[2001:db8::7]", "http://127.1"])
def test_unencrypted_host_needs_to_be_allowed(text: str) -> None:
    assert _objection(_base_url, text) == (
        f"'{text}' would send the token unencrypted; use https, or --allow-http if that is meant"
    )
    assert _base_url(text, allow_http=True) == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "https://",
        "https:///path",
        "https:/bots.example",
        "https:bots.example",
        "http:/bots.example",
        "ftp://bots.example",
        "ws://localhost",
        "bots example",
        "https://bots.example/a b",
        "bots\nexample",
        "https://bots.example/\0",
        "https://bots\\example",
        "bots..example",
        ".",
        "..",
        "a" * 64 + ".example",
        "%41.example",
        "bötstube.example",
        "https://[fe80::1%eth0]",
        "[:::1]",
    ],
)
def test_what_is_no_address_is_not_taken_for_one(text: str) -> None:
    said = _objection(_base_url, text)
    assert said.startswith(f"'{text.strip()}' is not a ")
    assert "https://" in said or "IPv6 address stands in brackets" in said


@pytest.mark.parametrize("text", ["bots.example:port", "bots.example:65536", "::1", "[::1", "httpx:bots.example"])
def test_address_that_cannot_be_taken_apart_comes_with_the_two_usual_reasons(text: str) -> None:
    assert _objection(_base_url, text) == (
        f"'{text}' is not a URL: a port is a number up to 65535, and an IPv6 address stands in brackets"
    )


@pytest.mark.parametrize(
    "text",
    [
        f"https://user:{CANARY}@bots.example",
        f"user:{CANARY}@bots.example",
        f"https://user:{CANARY}/half@bots.example",
        f"{CANARY}@bots.example",
        f"https://bots.example/?token={CANARY}",
        f"bots.example#{CANARY}",
    ],
)
def test_what_may_hold_a_secret_is_refused_without_being_repeated(text: str) -> None:
    said = _objection(_base_url, text)
    assert CANARY not in said
    assert said.startswith("the URL h")


def test_question_mark_alone_is_a_query_too() -> None:
    assert _objection(_base_url, "https://bots.example?") == (
        "the URL has a query or a fragment; give the base URL only, like https://platform.kore.ai"
    )


@given(st.text())
def test_no_text_makes_the_reader_of_hosts_stumble(text: str) -> None:
    try:
        url = _base_url(text)
    except ValueError as problem:
        assert str(problem)
    else:
        assert url.isascii()
        assert _base_url(url) == url


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("files.example", "files.example"),
        (" Files.Example ", "files.example"),
        ("file_server", "file_server"),
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:DB8::7]", "2001:db8::7"),
    ],
)
def test_results_host_is_a_bare_name(text: str, host: str) -> None:
    assert read_host(text) == host


@pytest.mark.parametrize("text", ["", "http://files.example", "files.example:9000", "files.example/x", "[::1]:9000"])
def test_more_than_a_bare_name_is_no_results_host(text: str) -> None:
    assert _objection(read_host, text) == f"'{text}' is not a bare host name; leave out https://, port and path"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("Localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("10.0.0.7", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_loopback_is_known_by_name_and_by_number(host: str, local: bool) -> None:
    assert is_loopback(host) is local


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("45m", 2700),
        ("1h30m", 5400),
        ("2h", 7200),
        ("1h1m1s", 3661),
        ("1h5s", 3605),
        ("90", 90),
        (" 90 ", 90),
        ("0h1s", 1),
        ("168h", 604800),
    ],
)
def test_time_is_hours_minutes_and_seconds_or_seconds_alone(text: str, seconds: int) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "0", "0s", "0h0m", "-5m", "1.5h", "30 m", "30min", "m", "1h30", "45m30", "1m1h", "5d", "٣m", "soon"]
)
def test_what_is_no_time_comes_with_examples(text: str) -> None:
    assert _objection(read_duration, text) == (
        f"'{text}' is not a time like 90s, 45m or 1h30m, nor a number of seconds above 0"
    )


@pytest.mark.parametrize("text", ["169h", "604801", "999999h"])
def test_nobody_waits_longer_than_a_week(text: str) -> None:
    assert _objection(read_duration, text) == f"'{text}' is longer than a week, which is the most"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16MiB", 16 * 2**20),
        ("16mib", 16 * 2**20),
        (" 2 KiB ", 2048),
        ("3kb", 3000),
        ("5MB", 5_000_000),
        ("1GiB", 2**30),
        ("1gb", 10**9),
        ("7b", 7),
        ("1024", 1024),
    ],
)
def test_size_is_a_number_with_a_unit_or_of_bytes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "0MiB", "-1", "1.5MiB", "16M", "MiB", "big"])
def test_what_is_no_size_comes_with_an_example(text: str) -> None:
    assert _objection(read_size, text) == f"'{text}' is not a size like 16MiB, nor a number of bytes above 0"


@pytest.mark.parametrize("text", ["2GiB", "1073741825", "999999999999gib"])
def test_size_has_to_fit_into_memory(text: str) -> None:
    assert _objection(read_size, text) == f"'{text}' is more than 1GiB, which is the most"


@pytest.mark.parametrize(("text", "count"), [("1", 1), (" 20000 ", 20000), ("007", 7), ("999999999", 999999999)])
def test_count_is_a_whole_number(text: str, count: int) -> None:
    assert read_count(text) == count


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "1e3", "٣", "1000000000", "many"])
def test_what_is_no_count_is_refused(text: str) -> None:
    assert _objection(read_count, text) == f"'{text}' is not a whole number above 0"


@pytest.mark.parametrize(("text", "port"), [("0", 0), (" 8080 ", 8080), ("65535", 65535)])
def test_port_is_a_number_and_zero_means_any(text: str, port: int) -> None:
    assert read_port(text) == port


@pytest.mark.parametrize("text", ["", "-1", "65536", "http", "٣", "080800"])
def test_what_is_no_port_is_refused(text: str) -> None:
    assert _objection(read_port, text) == f"'{text}' is not a port from 0 to 65535"


@pytest.mark.parametrize("text", ["true", "TRUE", "yes", "On", " 1 "])
def test_switch_is_on_in_the_usual_words(text: str) -> None:
    assert read_switch(text) is True


@pytest.mark.parametrize("text", ["false", "No", "off", "0"])
def test_switch_is_off_in_the_usual_words(text: str) -> None:
    assert read_switch(text) is False


@pytest.mark.parametrize("text", ["", "maybe", "2", "y"])
def test_other_words_do_not_switch_anything(text: str) -> None:
    assert _objection(read_switch, text) == f"'{text}' is not one of true, false, yes, no, on, off, 1, 0"


@pytest.mark.parametrize("text", ["inDevelopment", "indevelopment", "INDEVELOPMENT", " InDevelopment\n"])
def test_word_is_known_in_any_case_and_kept_in_its_own(text: str) -> None:
    assert read_word(text, ("inDevelopment", "published")) == "inDevelopment"


def test_unknown_word_comes_with_all_that_are_known() -> None:
    assert _objection(lambda text: read_word(text, ("show", "hash")), "hide") == "'hide' is not one of show, hash"


@pytest.mark.parametrize(
    "text", ["Smoke", "Full regression", "50% / half?", "Größe", "می‌خواهم", "👩‍💻 Smoke", "a\u00a0b", "..."]
)
def test_name_may_hold_what_people_write(text: str) -> None:
    assert read_name(f"  {text}\n") == text


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_name_is_not_empty(text: str) -> None:
    assert _objection(read_name, text) == "it is empty; give a name, or leave it out"


@pytest.mark.parametrize("text", [".", "..", " .. "])
def test_name_is_no_folder_of_a_url(text: str) -> None:
    assert _objection(read_name, text) == f"'{text.strip()}' cannot be a name: in a URL it stands for a folder"


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\x1b[31mb", "a\0b", "a\u2028b", "a\udcffb", "a\x7fb"])
def test_name_holds_no_control_characters_and_they_are_not_repeated(text: str) -> None:
    said = _objection(read_name, text)
    assert said == "the name holds a line break or another control character; write it on one line"


@pytest.mark.parametrize("text", ["en", "pt-BR", "zh_CN", " de "])
def test_language_is_a_code(text: str) -> None:
    assert read_code(text) == text.strip()


@pytest.mark.parametrize("text", ["", "dé", "e n", "en\nx: y", "e" * 36])
def test_what_no_header_can_carry_is_no_language(text: str) -> None:
    assert _objection(read_code, text) == f"'{text}' is not a language code like en, de or pt-BR"


def test_path_need_not_exist() -> None:
    assert read_path("out/reports") == Path("out/reports")


@pytest.mark.parametrize("text", ["", " ", "a\0b"])
def test_what_no_file_system_takes_is_no_path(text: str) -> None:
    assert _objection(read_path, text) == f"'{text}' is not a path"


def test_file_that_is_there_is_taken() -> None:
    write("certificate", "ca.pem")
    assert read_existing_file("ca.pem") == "ca.pem"


@pytest.mark.parametrize("text", ["ca.pem", "."])
def test_file_that_is_not_there_is_refused(text: str) -> None:
    assert _objection(read_existing_file, text) == f"there is no file '{text}'"


def test_text_of_a_file_in_place_of_its_path_is_recognised() -> None:
    said = _objection(read_existing_file, "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----")
    assert said == "the path of a file is wanted here, not its text; save it to a file first"


def test_path_that_the_system_refuses_is_refused_with_its_words() -> None:
    said = _objection(read_existing_file, "a" * 5000)
    assert said.startswith("'aaa")
    assert "cannot be read: " in said


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("smoke", ("Smoke", "Full"), "did you mean 'Smoke'?"),
        ("timout", ("host", "timeout"), "did you mean 'timeout'?"),
        ("min-f1", ("min_f1", "min_recall"), "did you mean 'min_f1'?"),
        ("xyz", ("Smoke", "Full", "Smoke"), "known are Smoke, Full"),
        ("xyz", ("Smoke", "Full", "SMOKE"), "known are SMOKE, Full"),
    ],
)
def test_nearest_known_word_is_named_or_else_all(word: str, known: tuple[str, ...], said: str) -> None:
    assert nearest(word, known) == said


def test_prefix_that_all_share_makes_no_word_likelier() -> None:
    known = ("CI_GATE_HOST", "CI_GATE_PORT")
    assert nearest("CI_GATE_HSOT", known, prefix="CI_GATE_") == "did you mean 'CI_GATE_HOST'?"
    assert nearest("CI_GATE_ZZZ", known, prefix="CI_GATE_") == "known are CI_GATE_HOST, CI_GATE_PORT"


@pytest.mark.parametrize(("text", "least", "number"), [("0", 0, 0), (" 12 ", 1, 12), ("007", 7, 7)])
def test_whole_number_is_at_least_so_much(text: str, least: int, number: int) -> None:
    assert read_whole(text, least=least) == number


@pytest.mark.parametrize("text", ["", "-1", "1.0", "٣", "1000000000", "off", "1"])
def test_what_is_no_whole_number_or_too_small_is_refused(text: str) -> None:
    assert _objection(partial(read_whole, least=2), text) == f"'{text}' is not a whole number of 2 or more"


@pytest.mark.parametrize(
    ("text", "alpha"),
    [
        ("0.05", Fraction(1, 20)),
        (" 5 % ", Fraction(1, 20)),
        (".001", Fraction(1, 1000)),
        ("49.9%", Fraction(499, 1000)),
    ],
)
def test_chance_is_a_share_or_a_percentage(text: str, alpha: Fraction) -> None:
    assert read_alpha(text) == alpha


@pytest.mark.parametrize("text", ["", "%", "0", "0%", "-0.1", "0.5", "50%", "5", "1e-3", "rarely", "off"])
def test_what_is_no_chance_comes_with_an_example(text: str) -> None:
    assert _objection(read_alpha, text) == f"'{text}' is not a chance between 0 and 0.5, like 0.05 or 5%"


@pytest.mark.parametrize("text", ["0.00000000000000001", "0.0000009", "0.00009%"])
def test_a_chance_that_no_number_shows_is_refused(text: str) -> None:
    assert _objection(read_alpha, text).startswith(f"'{text}' is a chance below 0.000001")


def test_the_least_chance_is_one() -> None:
    assert read_alpha("0.0001%") == Fraction(1, 1_000_000)
