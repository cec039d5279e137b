"""The documentation pages for users, and the markers between which a generated table is inserted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
DOCS = tuple(sorted((ROOT / "docs").glob("*.md")))
EXAMPLES = tuple(sorted((ROOT / "examples").glob("*/README.md")))
PAGES = (README, *DOCS, *EXAMPLES)

_PLACE = re.compile(r"(<!-- made by make docs: ([\w -]+) -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)


def name_of(page: Path) -> str:
    """Return the path of a page relative to the root of the repository."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def tables_in(text: str) -> list[str]:
    """Return the names of the tables for which a page has markers."""
    return [name for _, name, _, _ in _PLACE.findall(text)]


def filled(text: str, tables: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with every table regenerated. Raise ``KeyError`` if a marker refers to an unknown table."""
    return _PLACE.sub(lambda place: f"{place[1]}{tables[place[2]]()}{place[4]}", text)


def prose_of(text: str) -> str:
    """Return a page without its blocks of code and its comments."""
    text = re.sub(r"^ *(```|~~~).*?^ *\1\n?", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


def anchors_in(text: str) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub and GitLab form them."""
    headings = re.findall(r"^#+ (.+)$", prose_of(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links_in(text: str) -> list[str]:
    """Return the targets of all links of a page, those of its link definitions included."""
    prose = prose_of(text)
    return re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r"^\[[^\]]+\]: (\S+)$", prose, re.MULTILINE)
