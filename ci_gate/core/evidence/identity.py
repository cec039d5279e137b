"""Whether the evidence belongs to the requested run: its ids, version, language, times and suite."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from ci_gate.core.clock import moment_text
from ci_gate.core.evidence.facts import Contradiction
from ci_gate.core.findings import FindingKind
from ci_gate.core.names import same_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ci_gate.core.evidence.facts import Facts

    _Texts = tuple[str | None, str | None, str | None]

LEEWAY = 600.0
"""The difference between two clocks that is tolerated, in seconds."""

_VERSIONS = {"indevelopment": "inDevelopment", "configured": "inDevelopment", "published": "published"}
"""The documented words for the versions of a bot, by their lower-case form."""

_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE | re.ASCII)


def ended_before_it_began(facts: Facts) -> Iterator[Contradiction]:
    """Compare the end of the run with the moment when this command started it: the end cannot be earlier."""
    yield from _too_early("ended", facts.in_reply.ended, facts.expectation.started)


def started_too_early(facts: Facts) -> Iterator[Contradiction]:
    """Compare the start of the run with the moment when this command started it, unless the end is too early too."""
    if not [*ended_before_it_began(facts)]:
        yield from _too_early("started", facts.in_reply.started, facts.expectation.started)


def ended_before_its_start(facts: Facts) -> Iterator[Contradiction]:
    said = facts.in_reply
    if [*ended_before_it_began(facts)]:
        return
    if said.started is not None and said.ended is not None and said.ended < said.started:
        both = f"ended at {moment_text(said.ended)}, before its start at {moment_text(said.started)}"
        yield Contradiction(f"the status reply says that the run {both}")


def suite_and_report(facts: Facts) -> Iterator[Contradiction]:
    """Compare the requested suite with the report name in the results file."""
    asked, reported = facts.expectation.suite, facts.in_file.suite
    if asked and reported and not same_name(asked, reported):
        yield Contradiction(f"the results file calls itself '{reported}', not '{asked}': is it the right run?")


def unconfirmed(facts: Facts) -> Iterator[str]:
    """Yield a message for a requested bot version or language that no source confirms."""
    for what, asked, field in (
        ("bot version", facts.expectation.bot_version, "bot_version"),
        ("language", facts.expectation.language, "language"),
    ):
        if asked and not any(getattr(source, field) for source in (facts.reply, facts.file) if source):
            yield f"nothing confirms the {what} '{asked}': the platform does not say which one it ran"


def primary_subtag(language: str) -> str | None:
    """Return the part by which languages are compared, "en" of "en-GB"; ``None`` if ``language`` is not a code."""
    found = _LANGUAGE.fullmatch(language.strip())
    return found[1].casefold() if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trio:
    """One fact as it was asked for, as it was reported, and as it was reported again elsewhere; each pair is compared.

    ``texts`` returns the three values. ``known`` returns the form in which a value is compared, or ``None`` for a value
    that may mean the same as any other. ``words`` are the messages for a difference between request and first report,
    between request and second report, and between both reports. If only one of the three values differs, only one
    comparison yields a contradiction.
    """

    known: Callable[[str], str | None]
    words: tuple[str, str, str]
    texts: Callable[[Facts], _Texts]

    def asked_and_reported(self, facts: Facts) -> Iterator[Contradiction]:
        """Compare the first report with what was asked for."""
        asked, reported, _ = self.texts(facts)
        yield from self._compared(asked, reported, self.words[0])

    def asked_and_again(self, facts: Facts) -> Iterator[Contradiction]:
        """Compare the second report with what was asked for, unless it agrees with the first."""
        asked, reported, again = self.texts(facts)
        if not self._agree(reported, again):
            yield from self._compared(asked, again, self.words[1])

    def reported_twice(self, facts: Facts) -> Iterator[Contradiction]:
        """Compare both reports with each other, unless a comparison with what was asked for covers their difference."""
        asked, reported, again = self.texts(facts)
        is_known = asked is not None and self.known(asked) is not None
        if not (is_known or self._agree(asked, reported) or self._agree(asked, again)):
            yield from self._compared(reported, again, self.words[2])

    def _agree(self, one: str | None, other: str | None) -> bool:
        if one is None or other is None:
            return False
        return one.casefold() == other.casefold() or self.known(one) == self.known(other) is not None

    def _compared(self, one: str | None, other: str | None, words: str) -> Iterator[Contradiction]:
        if one and other and not self._agree(one, other):
            is_sure = None not in (self.known(one), self.known(other))
            yield Contradiction(words.format(one, other), None if is_sure else FindingKind.UNCONFIRMED)


def _words_about(what: str) -> tuple[str, str, str]:
    asked = f"{what} '{{}}' was asked for, but"
    return (
        f"{asked} the status reply is about '{{}}'",
        f"{asked} the result in the status reply is about '{{}}'",
        f"the status reply is about {what} '{{}}', but the result in it about '{{}}'",
    )


def _words_of_file(what: str) -> tuple[str, str, str]:
    asked = f"the {what} that was asked for is '{{}}', but the run's is '{{}}' by"
    return (
        f"{asked} the status reply",
        f"{asked} the results file",
        f"the run's {what} is '{{}}' by the status reply, '{{}}' by the results file",
    )


def _id(prefix: str, one: str) -> str | None:
    """Return the form in which ids are compared; ``None`` for an id without the documented ``prefix``."""
    return one.casefold() if one.casefold().startswith(prefix) else None


def _version(word: str) -> str | None:
    return _VERSIONS.get(word.strip().casefold())


def _too_early(what: str, reported: float | None, started: float | None) -> Iterator[Contradiction]:
    if reported is not None and started is not None and reported < started - LEEWAY:
        began = f"before this command started it at {moment_text(started)}"
        yield Contradiction(f"the status reply says that the run {what} at {moment_text(reported)}, {began}")


def _run_ids(facts: Facts) -> _Texts:
    return facts.expectation.run_id, facts.in_reply.run_id, facts.in_reply.inner_run_id


def _bot_ids(facts: Facts) -> _Texts:
    return facts.expectation.bot_id, facts.in_reply.bot_id, facts.in_reply.inner_bot_id


def _versions(facts: Facts) -> _Texts:
    return facts.expectation.bot_version, facts.in_reply.bot_version, facts.in_file.bot_version


def _languages(facts: Facts) -> _Texts:
    return facts.expectation.language, facts.in_reply.language, facts.in_file.language


RUN: Final = Trio(known=partial(_id, "tr-"), words=_words_about("run"), texts=_run_ids)
BOT: Final = Trio(known=partial(_id, "st-"), words=_words_about("bot"), texts=_bot_ids)
VERSION: Final = Trio(known=_version, words=_words_of_file("bot version"), texts=_versions)
LANGUAGE: Final = Trio(known=primary_subtag, words=_words_of_file("language"), texts=_languages)
