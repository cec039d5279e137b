"""A link to a results file works for a minute, for anyone, and only byte for byte."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.caller import NOON

if TYPE_CHECKING:
    from tests.simulator.caller import Caller

FOREIGN = (403, "Signature does not match", 403)


@pytest.fixture
def link(caller: Caller) -> str:
    url: str = caller.completed()["result"]["fileUrl"]
    return url


def test_link_has_the_documented_form(link: str) -> None:
    fields = parse_qs(urlsplit(link).query, strict_parsing=True)
    assert list(fields) == ["e", "n", "s", "clientfilename", "batchtesting"]
    assert fields["e"] == [str(int(NOON) + 6)]
    assert len(fields["n"][0]) == 10
    assert fields["clientfilename"] == ["Banking regression-01-07-25.csv"]
    assert fields["batchtesting"] == ["true"]
    (signature,) = parse_qs(urlsplit(link).query)["s"]
    assert signature.endswith("$$")
    quoted = base64.b64decode(signature.replace("$", "="), validate=True)
    assert (quoted[:1], quoted[-1:]) == (b'"', b'"')
    assert len(base64.b64decode(quoted[1:-1], validate=True)) == 32


def test_a_link_needs_no_token(caller: Caller, link: str) -> None:
    response = caller.fetch(link)
    assert (response.status, response.content_type) == (200, "text/csv; charset=utf-8")


@pytest.mark.parametrize(("sent", "instead"), [
    ("$$", "%24%24"), ("$$", "=="), ("$$", ""), ("%20", "+"), ("%20", "%2520"), ("e=1751", "e=1752"), ("n=", "n=1"),
    ("&batchtesting=true", ""), ("&batchtesting", "&extra=1&batchtesting"),
])  # fmt: skip
def test_a_link_that_was_touched_is_refused(caller: Caller, link: str, sent: str, instead: str) -> None:
    assert sent in link
    assert caller.fetch(link.replace(sent, instead)).error == FOREIGN


def test_file_without_a_valid_query_is_refused(caller: Caller, link: str) -> None:
    for query in ("", "?", "?e=&n=&s=", "?e=soon&n=1&s=2", "?%C3"):
        assert caller.bare("GET", urlsplit(link).path + query).error == FOREIGN


def test_a_link_expires_after_a_minute(caller: Caller, link: str) -> None:
    caller.clock.advance(60)
    assert caller.fetch(link).status == 200
    caller.clock.advance(1)
    assert caller.fetch(link).error == (403, "Link has expired", 403)


def test_every_status_has_a_new_link(caller: Caller) -> None:
    first = caller.completed()
    caller.clock.advance(61)
    second = caller.status(first["_id"])
    assert first["result"]["fileUrl"] != second["result"]["fileUrl"]
    assert caller.fetch(second["result"]["fileUrl"]).status == 200


def test_signature_opens_no_other_file_and_only_reading_is_possible(caller: Caller, link: str) -> None:
    other = caller.completed("Banking smoke")["result"]["fileUrl"]
    assert caller.fetch(f"{urlsplit(other).path}?{urlsplit(link).query}").error == FOREIGN
    assert caller.fetch(link.replace("/f-", "/f-0")).error == (404, "Not Found", 404)
    assert caller.bare("POST", link.removeprefix(caller.simulator.url)).status == 404
