"""Regenerates the tables of the documentation pages: ``python -m tests.tools.docs``, or ``make docs``."""

from __future__ import annotations

import sys

from tests.tools.docs.pages import PAGES, filled, name_of, text_of
from tests.tools.docs.tables import TABLES


def main() -> None:
    """Rewrite every page whose tables differ from those of the program, and print its name."""
    for page in PAGES:
        text = text_of(page)
        made = filled(text, TABLES)
        if made != text:
            page.write_text(made, encoding="utf-8")
            sys.stdout.write(f"{name_of(page)}\n")


if __name__ == "__main__":
    main()
