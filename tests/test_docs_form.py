"""The form of the pages for users: short where it must be, each fact in one place, and every link alive."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import cmarkgfm
import pytest

from tests.tools.docs.pages import DOCS, PAGES, README, ROOT, anchors_in, links_in, name_of, prose_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_LINES, MOST_WORDS = 180, 1500
FEWEST_WORDS = 8
"""Shorter sentences, such as an invitation to read on, may stand on two pages."""

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def test_the_readme_is_a_front_page() -> None:
    text = text_of(README)
    assert len(text.splitlines()) <= MOST_LINES
    assert len(text.split()) <= MOST_WORDS


def test_every_page_is_one_step_from_the_readme() -> None:
    targets = {target.partition("#")[0] for target in links_in(text_of(README))}
    assert [name_of(page) for page in DOCS if name_of(page) not in targets] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != README], ids=name_of)
def test_a_page_opens_with_whom_it_is_for(page: Path) -> None:
    assert re.match(r"# [^\n]+\n\nFor those who ", text_of(page))


def sentences_of(text: str) -> Iterator[str]:
    """Yield the sentences of a page without markup and case; a cell of a table holds sentences of its own."""
    text = re.sub(r"\]\([^)]*\)", "]", prose_of(text))
    text = re.sub(r"^(\|.*)$", lambda row: row[1].replace(" | ", "\n\n"), text, flags=re.MULTILINE)
    text = re.sub(r"^ *([-*]|\d+\.|#+|\|) ", "\n\n", text, flags=re.MULTILINE)
    for paragraph in re.split(r"\n\s*\n", text):
        for sentence in re.split(r"(?<=[.!?:;])\s", " ".join(paragraph.split())):
            yield re.sub(r"[^\w\s.-]", "", sentence).strip(" .-").casefold()


def test_no_sentence_stands_on_two_pages() -> None:
    pages: dict[str, set[str]] = defaultdict(set)
    for page in PAGES:
        for sentence in sentences_of(text_of(page)):
            if len(sentence.split()) >= FEWEST_WORDS:
                pages[sentence].add(name_of(page))
    assert len(pages) > 300
    assert {sentence: sorted(found) for sentence, found in pages.items() if len(found) > 1} == {}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "SECURITY.md"], ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in links_in(text_of(page)):
        path, _, anchor = link.partition("#")
        if path.startswith("https:"):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_in(text_of(target))):
            dead.append(link)
    assert dead == []


@every_page
def test_a_page_has_one_title_and_no_line_that_runs_on(page: Path) -> None:
    lines = prose_of(text_of(page)).splitlines()
    assert len([line for line in lines if line.startswith("# ")]) == 1
    assert [line for line in lines if len(line) > 125 and not line.startswith("|")] == []


@every_page
def test_every_table_of_a_page_is_rendered_as_one(page: Path) -> None:
    text = text_of(page)
    html = cmarkgfm.github_flavored_markdown_to_html(text)
    assert html.count("<table>") == len(re.findall(r"^\|(?:---\|)+$", text, re.MULTILINE))
    assert "<!-- " not in "".join(re.findall(r"<table>.*?</table>", html, re.DOTALL))
