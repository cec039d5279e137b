"""Whether evidence belongs to the requested run: ids, versions, languages, times and suite name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.evidence import identity
from ci_gate.core.evidence.identity import LEEWAY, primary_subtag, unconfirmed
from ci_gate.core.evidence.weigh import facts_of, weigh
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.model import Reported
from tests.core.builders import cases, results, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ci_gate.core.evidence.facts import Contradiction, Facts

    Pair = Callable[[Facts], Iterator[Contradiction]]

SOUND = Reported(counts=whole(tp=40))
NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z
RUNS = (identity.RUN.asked_and_reported, identity.RUN.asked_and_again, identity.RUN.reported_twice)
BOTS = (identity.BOT.asked_and_reported, identity.BOT.asked_and_again, identity.BOT.reported_twice)
VERSIONS = (identity.VERSION.asked_and_reported, identity.VERSION.asked_and_again, identity.VERSION.reported_twice)
LANGUAGES = (identity.LANGUAGE.asked_and_reported, identity.LANGUAGE.asked_and_again, identity.LANGUAGE.reported_twice)
BLOCKS, WARNS, SILENT = "blocks", "warns", "silent"


def facts(
    reply: Reported | None = None, top_block: Reported | None = None, expectation: Expectation | None = None
) -> Facts:
    """Build the facts about a run of forty passing utterances."""
    file = None if top_block is None else results(cases(tp=40), top_block)
    return facts_of(reply, file, expectation or Expectation())


def heard(pairs: tuple[Pair, ...], found: Facts) -> list[str]:
    """Return the effect of each pair."""
    said = []
    for pair in pairs:
        contradictions = [*pair(found)]
        assert len(contradictions) < 2
        kinds = {each.warning for each in contradictions}
        assert kinds <= {None, FindingKind.UNCONFIRMED}
        said.append(SILENT if not kinds else BLOCKS if kinds == {None} else WARNS)
    return said


def messages(pairs: tuple[Pair, ...], found: Facts) -> list[str]:
    return [each.message for pair in pairs for each in pair(found)]


WORDS = {
    "all the same": (("a", "a", "a"), (SILENT, SILENT, SILENT)),
    "no request": ((None, "a", "a"), (SILENT, SILENT, SILENT)),
    "no statement": (("a", None, None), (SILENT, SILENT, SILENT)),
    "only the reply tells": (("a", "b", None), (BLOCKS, SILENT, SILENT)),
    "only the file tells": (("a", None, "b"), (SILENT, BLOCKS, SILENT)),
    "reply and file agree on another": (("a", "b", "b"), (BLOCKS, SILENT, SILENT)),
    "only the reply is of another": (("a", "b", "a"), (BLOCKS, SILENT, SILENT)),
    "only the file is of another": (("a", "a", "b"), (SILENT, BLOCKS, SILENT)),
    "reply and file differ, and no request": ((None, "a", "b"), (SILENT, SILENT, BLOCKS)),
    "an unknown word was asked for": (("?", "a", "a"), (WARNS, SILENT, SILENT)),
    "an unknown word was asked for, and reply and file differ": (("?", "a", "b"), (WARNS, WARNS, BLOCKS)),
    "the reply has an unknown word": (("a", "?", "a"), (WARNS, SILENT, SILENT)),
    "the file has an unknown word": (("a", "a", "?"), (SILENT, WARNS, SILENT)),
    "reply and file have the same unknown word": (("a", "?", "?"), (WARNS, SILENT, SILENT)),
    "an unknown word does not excuse a known one": (("a", "?", "b"), (WARNS, BLOCKS, SILENT)),
    "all have the same unknown word": (("?", "?", "?"), (SILENT, SILENT, SILENT)),
    "two have the same unknown word": (("?", "?", "a"), (SILENT, WARNS, SILENT)),
    "no request, and one unknown word": ((None, "?", "a"), (SILENT, SILENT, WARNS)),
}
"""The requested word, the reported one and the repeated one, and the effect of each pair."""


class Trio(NamedTuple):
    """A fact that is requested, reported and reported again, with known words and the unknown one ``?``."""

    pairs: tuple[Pair, ...]
    words: dict[str, str]
    field: str
    is_in_file: bool = False

    def facts(self, *told: str | None) -> Facts:
        """Build the facts for a requested, a reported and a repeated word."""
        asked, reply, again = ({self.field: self.words[word] if word else None} for word in told)
        elsewhere: dict[str, Any] = again if self.is_in_file else {}
        inner: dict[str, Any] = {} if self.is_in_file else {f"inner_{name}": word for name, word in again.items()}
        outer: dict[str, Any] = {**reply}
        expectation: dict[str, Any] = {**asked}
        return facts(replace(SOUND, **outer, **inner), Reported(**elsewhere), Expectation(**expectation))


TRIOS = {
    "runs": Trio(RUNS, {"a": "tr-1", "b": "tr-2", "c": "tr-3", "?": "5ff7"}, "run_id"),
    "bots": Trio(BOTS, {"a": "st-1", "b": "st-2", "c": "st-3", "?": "5ff7"}, "bot_id"),
    "versions": Trio(
        VERSIONS, {"a": "inDevelopment", "b": "published", "?": "staging"}, "bot_version", is_in_file=True
    ),
    "languages": Trio(LANGUAGES, {"a": "en", "b": "de", "c": "fr", "?": "klingon"}, "language", is_in_file=True),
}
any_trio = pytest.mark.parametrize("trio", TRIOS.values(), ids=TRIOS)


@any_trio
@pytest.mark.parametrize(("words", "pairs"), WORDS.values(), ids=WORDS)
def test_three_statements_are_compared(words: tuple[str | None, ...], pairs: tuple[str, ...], trio: Trio) -> None:
    assert heard(trio.pairs, trio.facts(*words)) == list(pairs)


@any_trio
@given(data=st.data())
def test_every_contradiction_of_known_words_is_found_once(trio: Trio, data: st.DataObject) -> None:
    words = [data.draw(st.none() | st.sampled_from([*trio.words])) for _ in range(3)]
    found = heard(trio.pairs, trio.facts(*words))
    told = {word for word in words if word}
    assert (BLOCKS in found) is (len(told - {"?"}) > 1)
    assert (found == [SILENT] * 3) is (len(told) < 2)
    if len(told) == 2:  # the odd one of three is told of once
        assert found.count(SILENT) == 2


@any_trio
def test_three_different_statements_are_each_compared_with_the_request(trio: Trio) -> None:
    if "c" in trio.words:
        assert heard(trio.pairs, trio.facts("a", "b", "c")) == [BLOCKS, BLOCKS, SILENT]


@pytest.mark.parametrize("trio", [TRIOS["runs"], TRIOS["bots"]], ids=["runs", "bots"])
def test_ids_and_their_prefixes_have_no_case(trio: Trio) -> None:
    loud = trio._replace(words={name: word.upper() for name, word in trio.words.items()} | {"quiet": trio.words["a"]})
    assert heard(loud.pairs, loud.facts("quiet", "a", "a")) == [SILENT, SILENT, SILENT]
    assert heard(loud.pairs, loud.facts("quiet", "b", None)) == [BLOCKS, SILENT, SILENT]


def test_a_contradiction_of_ids_names_both_and_their_places() -> None:
    reply = replace(SOUND, run_id="tr-2", inner_run_id="tr-3", bot_id="st-2", inner_bot_id="st-3")
    asked = Expectation(run_id="tr-1", bot_id="st-1")
    assert messages((*RUNS, *BOTS), facts(reply, expectation=asked)) == [
        "run 'tr-1' was asked for, but the status reply is about 'tr-2'",
        "run 'tr-1' was asked for, but the result in the status reply is about 'tr-3'",
        "bot 'st-1' was asked for, but the status reply is about 'st-2'",
        "bot 'st-1' was asked for, but the result in the status reply is about 'st-3'",
    ]
    assert messages((*RUNS, *BOTS), facts(reply)) == [
        "the status reply is about run 'tr-2', but the result in it about 'tr-3'",
        "the status reply is about bot 'st-2', but the result in it about 'st-3'",
    ]


def test_text_of_the_platform_is_not_formatted() -> None:
    found = facts(replace(SOUND, run_id="tr-{0}{x}%s"), expectation=Expectation(run_id="tr-{}"))
    assert messages(RUNS, found) == ["run 'tr-{}' was asked for, but the status reply is about 'tr-{0}{x}%s'"]


@pytest.mark.parametrize(("one", "other", "becomes"), [
    ("inDevelopment", "indevelopment", SILENT), ("inDevelopment", "configured", SILENT),
    ("inDevelopment", "Configured ", SILENT),   ("published", "PUBLISHED", SILENT),
    ("inDevelopment", "published", BLOCKS),     ("configured", "published", BLOCKS),
    ("published", "staging", WARNS),            ("published", "v2", WARNS),
    ("in development", "inDevelopment", WARNS), ("staging", "STAGING", SILENT),
])  # fmt: skip
def test_only_documented_words_for_a_version_are_known(one: str, other: str, becomes: str) -> None:
    for asked, told in ((one, other), (other, one)):
        found = facts(replace(SOUND, bot_version=told), expectation=Expectation(bot_version=asked))
        assert heard(VERSIONS[:1], found) == [becomes]


@pytest.mark.parametrize(("one", "other", "becomes"), [
    ("en", "EN", SILENT),            ("en", "en-GB", SILENT), ("en-US", "en_GB", SILENT),
    ("zh-Hans-CN", "zh_tw", SILENT), ("en", "de", BLOCKS),    ("en-GB", "de-DE", BLOCKS),
    ("en", "english", WARNS),        ("en", "eng", WARNS),    ("fil", "FIL", SILENT),
    ("fil", "tl", WARNS),            ("en", "1", WARNS),
])  # fmt: skip
def test_languages_are_compared_by_their_primary_subtag(one: str, other: str, becomes: str) -> None:
    for asked, told in ((one, other), (other, one)):
        found = facts(replace(SOUND, language=told), expectation=Expectation(language=asked))
        assert heard(LANGUAGES[:1], found) == [becomes]


@pytest.mark.parametrize(("language", "subtag"), [
    ("en", "en"),           (" De-at ", "de"), ("pt_BR", "pt"), ("en-", "en"),
    ("eng", None),          ("e", None),       ("", None),      ("english", None),
    ("\u0435\u043d", None), ("e1", None),
])  # fmt: skip
def test_primary_subtag_is_a_code_of_two_letters(language: str, subtag: str | None) -> None:
    assert primary_subtag(language) == subtag


def test_a_contradiction_of_words_names_its_sources() -> None:
    reply = replace(SOUND, bot_version="published", language="de")
    file = Reported(bot_version="inDevelopment", language="fr")
    assert messages((*VERSIONS, *LANGUAGES), facts(reply, file)) == [
        "the run's bot version is 'published' by the status reply, 'inDevelopment' by the results file",
        "the run's language is 'de' by the status reply, 'fr' by the results file",
    ]
    asked = Expectation(bot_version="inDevelopment", language="en")
    assert messages((*VERSIONS, *LANGUAGES), facts(reply, file, asked)) == [
        "the bot version that was asked for is 'inDevelopment', but the run's is 'published' by the status reply",
        "the language that was asked for is 'en', but the run's is 'de' by the status reply",
        "the language that was asked for is 'en', but the run's is 'fr' by the results file",
    ]


@pytest.mark.parametrize("told", [None, "inDevelopment"])
@pytest.mark.parametrize("filed", [None, "inDevelopment"])
def test_any_statement_about_the_version_confirms_it(told: str | None, filed: str | None) -> None:
    asked = Expectation(bot_version="published", language="de")
    found = facts(replace(SOUND, bot_version=told), Reported(bot_version=filed), asked)
    version = "nothing confirms the bot version 'published': the platform does not say which one it ran"
    language = "nothing confirms the language 'de': the platform does not say which one it ran"
    assert [*unconfirmed(found)] == ([language] if told or filed else [version, language])


def test_without_a_request_nothing_needs_confirmation() -> None:
    assert [*unconfirmed(facts(SOUND))] == []


MOMENTS = (identity.ended_before_it_began, identity.started_too_early, identity.ended_before_its_start)


@pytest.mark.parametrize(("started", "ended", "pairs"), [
    (NOON, NOON + 60, (SILENT, SILENT, SILENT)),
    (NOON - LEEWAY, NOON - LEEWAY, (SILENT, SILENT, SILENT)),
    (None, NOON - LEEWAY, (SILENT, SILENT, SILENT)),
    (None, NOON - LEEWAY - 1, (BLOCKS, SILENT, SILENT)),
    (NOON - LEEWAY - 1, NOON, (SILENT, BLOCKS, SILENT)),
    (NOON - LEEWAY - 1, None, (SILENT, BLOCKS, SILENT)),
    (NOON - LEEWAY - 2, NOON - LEEWAY - 1, (BLOCKS, SILENT, SILENT)),
    (NOON, NOON - LEEWAY - 1, (BLOCKS, SILENT, SILENT)),
    (NOON + 60, NOON, (SILENT, SILENT, BLOCKS)),
    (NOON + 60, NOON + 60, (SILENT, SILENT, SILENT)),
    (None, None, (SILENT, SILENT, SILENT)),
])  # fmt: skip
def test_our_run_is_no_older_than_its_start(started: float | None, ended: float | None, pairs: tuple[str, ...]) -> None:
    reply = replace(SOUND, started=started, ended=ended)
    assert heard(MOMENTS, facts(reply, expectation=Expectation(started=NOON))) == list(pairs)


@pytest.mark.parametrize(
    ("started", "ended", "becomes"),
    [(NOON - 9e9, NOON - 8e9, SILENT), (NOON, NOON - 1, BLOCKS), (None, NOON - 9e9, SILENT)],
)
def test_an_attached_run_only_must_not_end_early(started: float | None, ended: float | None, becomes: str) -> None:
    found = facts(replace(SOUND, started=started, ended=ended))
    assert heard(MOMENTS, found) == [SILENT, SILENT, becomes]


def test_times_are_written_as_calendar_dates() -> None:
    asked = Expectation(started=NOON)
    early = replace(SOUND, started=NOON - 7200, ended=NOON - 3600)
    late = replace(SOUND, started=NOON - 7200, ended=NOON - 9)
    backwards = replace(SOUND, started=NOON, ended=NOON - 9)
    began = "before this command started it at 2026-01-01T12:00:00+00:00"
    start = "before its start at 2026-01-01T12:00:00+00:00"
    told = [*messages(MOMENTS, facts(early, expectation=asked)), *messages(MOMENTS, facts(late, expectation=asked))]
    assert told + messages(MOMENTS, facts(backwards)) == [
        f"the status reply says that the run ended at 2026-01-01T11:00:00+00:00, {began}",
        f"the status reply says that the run started at 2026-01-01T10:00:00+00:00, {began}",
        f"the status reply says that the run ended at 2026-01-01T11:59:51+00:00, {start}",
    ]


@pytest.mark.parametrize(("asked", "told", "becomes"), [
    ("Smoke", "smoke", SILENT),          ("Smoke test", " Smoke  TEST", SILENT),
    ("Caf\u00e9", "Cafe\u0301", SILENT), ("Smoke", "Smoke 2", BLOCKS),
    ("Smoke", None, SILENT),             (None, "Smoke", SILENT),
])  # fmt: skip
def test_the_suite_is_compared_with_the_report_name(asked: str | None, told: str | None, becomes: str) -> None:
    found = facts(SOUND, Reported(suite=told), Expectation(suite=asked))
    assert heard((identity.suite_and_report,), found) == [becomes]


def test_a_file_of_another_name_only_warns() -> None:
    file = results(cases(tp=40), Reported(suite="Other"))
    found = weigh(SOUND, file, expectation=Expectation(suite="Smoke"))
    assert [(each.kind, each.blocks) for each in found.findings] == [(FindingKind.OTHER_SUITE, False)]


@pytest.mark.parametrize("pair", [*RUNS, *BOTS, *VERSIONS, *LANGUAGES, *MOMENTS, identity.suite_and_report])
def test_a_fact_of_one_source_contradicts_nothing(pair: Pair) -> None:
    everything = Reported(
        run_id="tr-2",
        inner_run_id="tr-2",
        bot_id="st-2",
        inner_bot_id="st-2",
        suite="Other",
        bot_version="published",
        language="de",
        started=NOON - 9e9,
        ended=NOON - 8e9,
        counts=whole(tp=40),
    )
    asked = Expectation(
        run_id="tr-1", suite="Smoke", bot_id="st-1", bot_version="inDevelopment", language="en", started=NOON
    )
    for reply, top_block, expectation in (
        (everything, Reported(), Expectation()),
        (SOUND, everything, Expectation()),
        (SOUND, Reported(), asked),
        (None, Reported(), asked),
        (None, everything, Expectation()),
        (SOUND, None, asked),
        (everything, None, Expectation()),
    ):
        assert [*pair(facts(reply, top_block, expectation))] == []
