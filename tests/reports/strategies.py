"""What a platform or a user may send, for properties: any Unicode at all, and what is known to do harm."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

unhurried = settings(deadline=None)
"""For properties of whole reports: how long an example takes says more about the machine than about the report."""

HARMFUL = (
    "::error file=x::y", "  ::add-mask::1", "##[error]x", "<script>alert(1)</script>", "a | b", "`code`", "@everyone",
    "see #12 and !13", "[a](https://a.example) www.a.example <https://b.example>", "one\ntwo\r\n\n# three",
    "\x1b[31mred\x1b[0m", "\ud83d lone", "\ufffe\uffff\x00\x85\u2028", "\u202eesrever", "smoke.yaml", "a/b.yml",
    "yaml", "x", "x (2)", "]]>", "&amp;&#60;", "", " ", "gate", "run judged", "f1 >= 0.95", "y" * 250,
)  # fmt: skip

any_text = st.one_of(
    st.sampled_from(HARMFUL),
    st.text(st.characters(exclude_categories=()), max_size=30),
    st.lists(st.sampled_from(HARMFUL), max_size=3).map("".join),
)
