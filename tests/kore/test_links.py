"""Links to results files: which are followed, and that their signatures survive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.kore.links import Link, allowed_link, redirected

HOST = "https://bots.example.com"
INNER = "http://localhost:8080"
QUERIES = (
    "?e=1&n=2&s=IkFB$$&clientfilename=a.csv&batchtesting=true", "?s=%7E%7e~", "?s='a'|\"b\"`{}^<>\\",
    "?s=a+b%20c%2f%2F/..//./:@!$&'()*,;=", "?a??b?", "?", "",
)  # fmt: skip

printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#"))


def allowed(text: str, *, host: str = HOST, results_host: str | None = None) -> str:
    link = allowed_link(text, host=host, results_host=results_host)
    return link.origin + link.target.decode("ascii")


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(("begin", "fetched"), [
    ("https://files.example.org/m/f-1.csv", "https://files.example.org/m/f-1.csv"),
    ("https://files.example.org:8443/f.csv", "https://files.example.org:8443/f.csv"),
    ("https://files.example.org", "https://files.example.org/"),
    ("HTTPS://Files.Example.ORG/F.csv", "https://files.example.org/F.csv"),
    ("https://someone:password@files.example.org/f.csv", "https://files.example.org/f.csv"),
    ("https://[2001:db8::1]:8443/f.csv", "https://[2001:db8::1]:8443/f.csv"),
    ("http://bots.example.com/m/f.csv", "https://bots.example.com/m/f.csv"),
    ("http://bots.example.com:8080/m/f.csv", "https://bots.example.com/m/f.csv"),
    ("https://bots.example.com:8443/m/f.csv", "https://bots.example.com:8443/m/f.csv"),
    ("//files.example.org/f.csv", "https://files.example.org/f.csv"),
    ("/api/getMediaStream/media/f.csv", "https://bots.example.com/api/getMediaStream/media/f.csv"),
    ("media/f.csv", "https://bots.example.com/media/f.csv"),
])  # fmt: skip
def test_link_over_https_is_kept_byte_for_byte(begin: str, fetched: str, query: str) -> None:
    assert allowed(begin + query) == fetched + query


@given(printable, printable)
def test_path_and_query_of_a_link_are_kept_byte_for_byte(path: str, query: str) -> None:
    link = allowed_link(f"https://files.example.org/{path}?{query}", host=HOST, results_host=None)
    assert link == Link("https://files.example.org", f"/{path}?{query}".encode())


@given(printable)
def test_query_of_a_relative_link_is_kept_byte_for_byte(query: str) -> None:
    assert allowed(f"/media/f.csv?{query}") == f"{HOST}/media/f.csv?{query}"


def test_fragment_and_blanks_are_no_part_of_a_link() -> None:
    for text in ("https://files.example.org/f.csv?s=1#part", "\n https://files.example.org/f.csv?s=1 "):
        assert allowed(text) == "https://files.example.org/f.csv?s=1"
    assert allowed("https://files.example.org#/other?s=1") == "https://files.example.org/"


def test_http_on_the_configured_host_becomes_https_unless_the_host_is_reached_by_http() -> None:
    for host in (HOST, f"{HOST}/kore", "https://BOTS.example.com:443"):
        assert allowed("http://bots.example.com/f.csv?s=1", host=host).startswith("https://")
    for link in ("http://localhost/f.csv?s=1", "http://localhost:9/f.csv?s=1"):
        assert allowed(link, host=INNER) == link
    assert allowed("/f.csv?s=1", host=INNER) == f"{INNER}/f.csv?s=1"


def test_http_elsewhere_needs_that_host_to_be_allowed() -> None:
    link = "http://files.example.org:8080/f.csv?s=SIGNATURE"
    with pytest.raises(ValueError, match=r"http by files\.example\.org, .* --results-host files\.example\.org$"):
        allowed(link)
    with pytest.raises(ValueError, match="--results-host"):
        allowed(link, results_host="example.org")
    assert allowed(link, results_host="files.example.org") == link


@pytest.mark.parametrize(("problem", "texts"), [
    ("does not start with https", ["ftp://files.example.org/f.csv?s=SIGNATURE"]),
    ("not a URL", [
        "file:///etc/passwd?s=SIGNATURE", "javascript:alert(1)?s=SIGNATURE", "https://?s=SIGNATURE",
        "https:///f.csv?s=SIGNATURE", "https://files.example.org:port/f.csv?s=SIGNATURE",
        "https://files.example.org:99999/f.csv?s=SIGNATURE", "https://[2001:db8::1/f.csv?s=SIGNATURE",
        "//[2001:db8::1/f.csv?s=SIGNATURE", "https://files example.org/f.csv?s=SIGNATURE",
        "https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example/f.csv?s=SIGNATURE",
    ]),
    ("characters that no URL has", [
        "https://files.example.org/f.csv?s=SIGNATURE\N{SNOWMAN}", "https://files.example.org/f.csv?s=SIGNATURE\ud800",
    ]),
    ("blanks or control characters", [
        "https://files.example.org/f.csv?s=SIGNATURE HTTP/1.1", "https://files.example.org/f.csv?s=SIGNATURE\x7f",
        "https://files.example.org/f.csv?s=SIGNATURE\r\nauth: x",
    ]),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_link_that_cannot_be_followed_is_refused_without_its_query(problem: str, texts: list[str]) -> None:
    for text in texts:
        with pytest.raises(ValueError, match=problem) as caught:
            allowed(text)
        assert "SIGNATURE" not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.text())
def test_any_text_is_a_link_over_http_or_a_problem(text: str) -> None:
    try:
        url = allowed(text)
    except ValueError:
        return
    assert url.startswith("https://")
    assert url.isascii()
    assert url.isprintable()


def test_link_is_shown_without_its_query() -> None:
    link = allowed_link("https://files.example.org/m/f.csv?s=SIGNATURE", host=HOST, results_host=None)
    assert link.shown == "https://files.example.org/m/f.csv"
    assert "SIGNATURE" not in repr(link)


def test_redirect_to_https_is_followed() -> None:
    for location, fetched in {
        "https://store.example.net/a?s=1$$&t=%7e": "https://store.example.net/a?s=1$$&t=%7e",
        "/b?s='|": "https://files.example.org/b?s='|",
        "b?s=1": "https://files.example.org/m/b?s=1",
        "?s=2": "https://files.example.org/m/f.csv?s=2",
        "//store.example.net/c?": "https://store.example.net/c?",
    }.items():
        link = redirected(Link("https://files.example.org", b"/m/f.csv?s=1"), location)
        assert link.origin + link.target.decode() == fetched


@pytest.mark.parametrize(("location", "problem"), [
    ("http://files.example.org/b?s=SIGNATURE", "does not start with https://"),
    ("http://bots.example.com/b", "does not start with https://"), ("", "without a target"),
    ("ftp://files.example.org/b", "does not start with https://"), (" ", "without a target"),
    ("https://files.example.org:port/", "not a URL"),
])  # fmt: skip
def test_redirect_to_anything_else_is_refused(location: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        redirected(Link("https://files.example.org", b"/m/f.csv?s=1"), location)
    assert "SIGNATURE" not in str(caught.value)
    with pytest.raises(ValueError, match="does not start with https://"):
        redirected(Link(INNER, b"/f.csv"), "/g.csv")
