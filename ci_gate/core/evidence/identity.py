"""Whether the evidence is of the run that was meant: its ids, version, language, moments and suite."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ci_gate.core.evidence.facts import Contradiction, Facts
from ci_gate.core.findings import FindingKind
from ci_gate.core.model import Reported
from ci_gate.core.names import same_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEEWAY = 600.0
"""Seconds by which two clocks may differ."""

_VERSIONS = {"indevelopment": "inDevelopment", "configured": "inDevelopment", "published": "published"}
"""The documented words for the versions of a bot, by themselves without case."""

_SILENT = Reported()
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE | re.ASCII)


def run_asked_and_reported(facts: Facts) -> Iterator[Contradiction]:
    """Hold the run that was asked for against the reply's own id."""
    yield from _runs(facts).asked_and_reported()


def run_asked_and_inner(facts: Facts) -> Iterator[Contradiction]:
    """Hold the run that was asked for against the id of the result in the reply."""
    yield from _runs(facts).asked_and_again()


def run_reported_twice(facts: Facts) -> Iterator[Contradiction]:
    """Hold both ids of a reply against each other."""
    yield from _runs(facts).reported_twice()


def bot_asked_and_reported(facts: Facts) -> Iterator[Contradiction]:
    """Hold the bot that was asked for against that of the reply."""
    yield from _bots(facts).asked_and_reported()


def bot_asked_and_inner(facts: Facts) -> Iterator[Contradiction]:
    """Hold the bot that was asked for against that of the result in the reply."""
    yield from _bots(facts).asked_and_again()


def bot_reported_twice(facts: Facts) -> Iterator[Contradiction]:
    """Hold both bots of a reply against each other."""
    yield from _bots(facts).reported_twice()


def version_asked_and_reported(facts: Facts) -> Iterator[Contradiction]:
    """Hold the version that was asked for or sent against that of the reply."""
    yield from _versions(facts).asked_and_reported()


def version_asked_and_in_file(facts: Facts) -> Iterator[Contradiction]:
    """Hold the version that was asked for or sent against that of the results file."""
    yield from _versions(facts).asked_and_again()


def version_reported_twice(facts: Facts) -> Iterator[Contradiction]:
    """Hold the version of the reply against that of the file."""
    yield from _versions(facts).reported_twice()


def language_asked_and_reported(facts: Facts) -> Iterator[Contradiction]:
    """Hold the language that was asked for or sent against that of the reply."""
    yield from _languages(facts).asked_and_reported()


def language_asked_and_in_file(facts: Facts) -> Iterator[Contradiction]:
    """Hold the language that was asked for or sent against that of the results file."""
    yield from _languages(facts).asked_and_again()


def language_reported_twice(facts: Facts) -> Iterator[Contradiction]:
    """Hold the language of the reply against that of the file."""
    yield from _languages(facts).reported_twice()


def ended_before_it_began(facts: Facts) -> Iterator[Contradiction]:
    """Hold the end of a run of ours against the moment when it was started: it cannot have ended before."""
    yield from _too_early("ended", _statements(facts.reply).ended, facts.expectation.started)


def started_too_early(facts: Facts) -> Iterator[Contradiction]:
    """Hold the start of a run of ours against the moment when it was started."""
    if not [*ended_before_it_began(facts)]:
        yield from _too_early("started", _statements(facts.reply).started, facts.expectation.started)


def ended_before_its_start(facts: Facts) -> Iterator[Contradiction]:
    """Hold start and end of a run against each other."""
    said = _statements(facts.reply)
    if [*ended_before_it_began(facts)]:
        return
    if said.started is not None and said.ended is not None and said.ended < said.started:
        both = f"ended at {_moment(said.ended)}, before its start at {_moment(said.started)}"
        yield Contradiction(f"the status reply says that the run {both}")


def suite_and_report(facts: Facts) -> Iterator[Contradiction]:
    """Hold the suite that was asked for against what the results file calls itself."""
    asked, reported = facts.expectation.suite, _statements(facts.file).suite
    if asked and reported and not same_name(asked, reported):
        yield Contradiction(f"the results file calls itself '{reported}', not '{asked}': is it the right run?")


def unconfirmed(facts: Facts) -> Iterator[str]:
    """Say what was asked for or sent, and nothing shows that it was done."""
    for what, asked, field in (
        ("bot version", facts.expectation.bot_version, "bot_version"),
        ("language", facts.expectation.language, "language"),
    ):
        if asked and not any(getattr(source, field) for source in (facts.reply, facts.file) if source):
            yield f"nothing confirms the {what} '{asked}': the platform does not say which one it ran"


def primary_subtag(language: str) -> str | None:
    """Give what languages are compared by, the "en" of "en-GB"; ``None`` for a word that is no such code."""
    found = _LANGUAGE.fullmatch(language.strip())
    return found[1].casefold() if found else None


def _statements(source: Reported | None) -> Reported:
    """Give what a source tells; one that is not there tells nothing."""
    return source or _SILENT


class _Trio(NamedTuple):
    """One fact as it was asked for, told, and told again elsewhere.

    ``known`` gives what it is compared by, ``None`` for what may mean the same as anything; ``words`` say that asked
    and told, asked and told again, or both that were told differ. Of three that do not fit the odd one is told of once.
    """

    known: Callable[[str], str | None]
    words: tuple[str, str, str]
    asked: str | None
    reported: str | None
    again: str | None

    def asked_and_reported(self) -> Iterator[Contradiction]:
        """Hold what was told against what was asked for."""
        yield from self._held(self.asked, self.reported, self.words[0])

    def asked_and_again(self) -> Iterator[Contradiction]:
        """Hold what was told elsewhere against what was asked for, unless it is only the same as was told."""
        if not self._agree(self.reported, self.again):
            yield from self._held(self.asked, self.again, self.words[1])

    def reported_twice(self) -> Iterator[Contradiction]:
        """Hold what was told against each other, unless each could be held against what was asked for."""
        is_known = self.asked is not None and self.known(self.asked) is not None
        if not (is_known or self._agree(self.asked, self.reported) or self._agree(self.asked, self.again)):
            yield from self._held(self.reported, self.again, self.words[2])

    def _agree(self, one: str | None, other: str | None) -> bool:
        if one is None or other is None:
            return False
        return one.casefold() == other.casefold() or self.known(one) == self.known(other) is not None

    def _held(self, one: str | None, other: str | None, words: str) -> Iterator[Contradiction]:
        if one and other and not self._agree(one, other):
            is_sure = None not in (self.known(one), self.known(other))
            yield Contradiction(words.format(one, other), None if is_sure else FindingKind.UNCONFIRMED)


def _runs(facts: Facts) -> _Trio:
    reply = _statements(facts.reply)
    ids = facts.expectation.run_id, reply.run_id, reply.inner_run_id
    return _Trio(partial(_id, "tr-"), _words_about("run"), *ids)


def _bots(facts: Facts) -> _Trio:
    reply = _statements(facts.reply)
    ids = facts.expectation.bot_id, reply.bot_id, reply.inner_bot_id
    return _Trio(partial(_id, "st-"), _words_about("bot"), *ids)


def _versions(facts: Facts) -> _Trio:
    sources = facts.expectation, _statements(facts.reply), _statements(facts.file)
    return _Trio(_version, _words_of_file("bot version"), *(source.bot_version for source in sources))


def _languages(facts: Facts) -> _Trio:
    sources = facts.expectation, _statements(facts.reply), _statements(facts.file)
    return _Trio(primary_subtag, _words_of_file("language"), *(source.language for source in sources))


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
    """Give what ids are compared by; one without the documented prefix may be another form of the same."""
    return one.casefold() if one.casefold().startswith(prefix) else None


def _version(word: str) -> str | None:
    return _VERSIONS.get(word.strip().casefold())


def _too_early(what: str, reported: float | None, started: float | None) -> Iterator[Contradiction]:
    if reported is not None and started is not None and reported < started - LEEWAY:
        began = f"before this command started it at {_moment(started)}"
        yield Contradiction(f"the status reply says that the run {what} at {_moment(reported)}, {began}")


def _moment(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, tz=UTC).isoformat(timespec="seconds")
