"""The page of a file server that refuses a link is kept without the signature that it quotes."""

from __future__ import annotations

import html
from urllib.parse import quote

import pytest

from ci_gate.kore.links import allowed_link
from tests.secrets.search import found_in

SIGNATURE = "Zk3/fQ9+bT0vN3cE6b=="
QUERIES = {
    "plain": f"e=1&s={SIGNATURE}",
    "percent-encoded": f"e=1&s={quote(SIGNATURE, safe='')}",
    "alone": quote(SIGNATURE, safe=""),
    "alone and plain": SIGNATURE,
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_quoted_signature_is_removed_from_a_page(query: str) -> None:
    link = allowed_link(f"https://files.example/f.csv?{QUERIES[query]}", host="https://x.example", results_host=None)
    page = f"<Error>{SIGNATURE} {quote(SIGNATURE)} {html.escape(QUERIES[query])}</Error>".encode()
    kept = link.without_signature(page)
    assert list(found_in(kept, {"signature": SIGNATURE})) == []
    assert kept.startswith(b"<Error>(a secret) ")


def test_a_page_without_a_signature_is_not_changed() -> None:
    link = allowed_link(f"https://files.example/f.csv?e=1&s={SIGNATURE}", host="https://x.example", results_host=None)
    assert link.without_signature(b"\xff e=1 %20") == b"\xff e=1 %20"
