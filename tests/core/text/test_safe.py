"""Foreign text made harmless for a terminal, a log and a file name."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ci_gate.core.text.safe import counted, file_stem, log_safe, one_line, short_hash, shown

if TYPE_CHECKING:
    from collections.abc import Callable

any_text = st.text(st.characters())  # lone surrogates included
labels = st.text(st.characters(), min_size=1)


@pytest.mark.parametrize(("text", "line"), [
    ("", ""),
    ("plain", "plain"),
    ("  two   blanks ", "two blanks"),
    ("a\nb\r\nc\td", "a b c d"),
    ("red \x1b[31malert\x1b[0m", "red [31malert [0m"),
    ("bell\x07 nul\x00", "bell nul"),
    ("next\x85line, line\u2028separator, paragraph\u2029separator", "next line, line separator, paragraph separator"),
    ("lone \ud800 surrogate", "lone surrogate"),
    ("exe.\u202egnp.sh", "exe.gnp.sh"),
    ("\u2066isolated\u2069 \u200fmarks\u200e", "isolated marks"),
    ("größer · 東京 🚲", "größer · 東京 🚲"),
])  # fmt: skip
def test_text_is_folded_into_one_plain_line(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(("text", "most", "quoted"), [
    ("a\nb", None, "a b"),                            ("a  bc", 3, "a b"),
    ("see https://h/f?s=1", None, "see https://h/f"), ("https://user:password@h/f", 15, "https://(a link"),
    ("eyJhbGciOiJIUzI1NiJ9", 4, "(a t"),
])  # fmt: skip
def test_what_is_quoted_is_cut_off_only_when_its_secrets_are_out(text: str, most: int | None, quoted: str) -> None:
    assert shown(text, most) == quoted


@given(any_text)
def test_folded_text_has_nothing_that_moves_the_cursor_or_breaks_the_line(text: str) -> None:
    line = one_line(text)
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert one_line(line) == line


@pytest.mark.parametrize(
    "mark", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ids=unicodedata.name
)
def test_no_mark_that_reorders_text_is_left(mark: str) -> None:
    assert one_line(f"a{mark}b") == "ab"


@pytest.mark.parametrize(("text", "safe"), [
    ("nothing special", "nothing special"),
    ("::error::broken", ": :error::broken"),
    ("  \t::set-output name=x::y", "  \t: :set-output name=x::y"),
    ("::::", ": :::"),
    ("in ::the:: middle", "in ::the:: middle"),
    ("any ##[command]where", "any # #[command]where"),
    ("##[group]and ##vso[task.x]", "# #[group]and # #vso[task.x]"),
    ("::x ##[y]", ": :x # #[y]"),
    ("## see [x]", "## see [x]"),
    ("", ""),
])  # fmt: skip
def test_line_is_not_read_as_a_command(text: str, safe: str) -> None:
    assert log_safe(text) == safe


@given(st.text(alphabet=":#[] \tab\u00a0"))
def test_no_line_is_a_command_afterwards_and_twice_is_the_same_as_once(text: str) -> None:
    safe = log_safe(text)
    assert "##[" not in safe
    assert not safe.lstrip().startswith("::")
    assert log_safe(safe) == safe


@pytest.mark.parametrize("label", [
    "smoke", "full-regression", "a--b", "v1.2_en", "7", "1089", "a" * 60, "abcdefghijklmnopqrstuvwxyz",
    "console", "auxiliary", "com10", "my.con", "com", "nul-1",  # no devices, though they look like some
])  # fmt: skip
def test_a_safe_label_names_its_own_files(label: str) -> None:
    assert file_stem(label) == label


@pytest.mark.parametrize(("label", "start"), [
    ("Smoke", "smoke-"),                 ("Full regression", "full-regression-"),
    ("../../etc/passwd", "etc-passwd-"), ("a/b\\c:d", "a-b-c-d-"),
    ("a && b", "a-b-"),                  (".hidden", "hidden-"),
    ("Über uns", "ber-uns-"),            ("a" * 61, "a" * 60 + "-"),
])  # fmt: skip
def test_any_other_label_names_them_readably_with_eight_hex_digits(label: str, start: str) -> None:
    stem = file_stem(label)
    assert stem.startswith(start)
    assert re.fullmatch("[0-9a-f]{8}", stem.removeprefix(start))


DEVICES = ("con", "prn", "aux", "nul", "com1", "com9", "lpt1", "com0", "conin", "conout")


@pytest.mark.parametrize("ending", ["", ".", ".txt", "..x", ".a.b"])
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("case", [str.lower, str.upper], ids=["lower", "upper"])
def test_no_file_has_the_name_of_a_device_of_windows(device: str, ending: str, case: Callable[[str], str]) -> None:
    stem = file_stem(case(f"{device}{ending}"))
    assert re.fullmatch(rf"{device}-[a-z.-]*[0-9a-f]{{8}}", stem)
    assert stem.partition(".")[0] not in DEVICES


@pytest.mark.parametrize("label", ["..", "東京", "---", "\ud800", ""])
def test_label_without_a_safe_character_is_named_by_its_hash_alone(label: str) -> None:
    assert re.fullmatch("[0-9a-f]{8}", file_stem(label))


def test_stem_is_the_same_in_every_version() -> None:
    assert file_stem("Smoke") == "smoke-29b52bfc"


@given(labels)
@example("CON/../nul")
@example("-rf")
def test_stem_is_a_safe_file_name(label: str) -> None:
    stem = file_stem(label)
    assert re.fullmatch("[a-z0-9][a-z0-9._-]*", stem)
    assert len(stem) <= 69


@given(labels, labels)
def test_different_labels_name_different_files(one: str, other: str) -> None:
    assume(one != other)
    assert file_stem(one) != file_stem(other)


@given(st.text("abcXYZ-. ", min_size=1))
def test_labels_that_differ_in_case_alone_name_different_files_on_every_file_system(label: str) -> None:
    assume(label.swapcase() != label)
    assert file_stem(label).lower() != file_stem(label.swapcase()).lower()


def test_hash_that_stands_for_a_text_is_the_same_in_every_version() -> None:
    assert short_hash("my bike is gone") == "#806a9817506c"


@given(any_text, any_text)
@example("lone \ud800 surrogate", "lone \ud801 surrogate")
def test_hash_tells_texts_apart_and_is_short(one: str, other: str) -> None:
    assert re.fullmatch("#[0-9a-f]{12}", short_hash(one))
    assert (short_hash(one) == short_hash(other)) is (one == other)


@pytest.mark.parametrize(
    ("number", "noun", "told"),
    [(0, "suite", "0 suites"), (1, "suite", "1 suite"), (2, "mismatch", "2 mismatches"), (1, "mismatch", "1 mismatch")],
)
def test_things_are_counted_in_one_and_in_many(number: int, noun: str, told: str) -> None:
    assert counted(number, noun) == told
