"""The choice of suites: those that the file lists, those asked for, and the suite of a given run or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.config.parsers import nearest, read_name
from ci_gate.config.sources import SuiteEntry
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from ci_gate.config.raw_value import RawValue
    from ci_gate.config.sources import Sources


def selected(sources: Sources) -> tuple[SuiteEntry, ...]:
    """Return the suites that are asked for by name or label, or all suites of the file.

    Raise ``UsageError`` if two suites of the file have the same label, or if the file lists suites and one that is
    asked for is not among them.
    """
    listed, asked = sources.file.suites, sources.get("suite")
    _refuse_shared_labels(sources.file.path, listed)
    if asked is None:
        return listed
    names = asked.read_all(read_name)
    if not listed:
        return tuple(SuiteEntry(name) for name in dict.fromkeys(names))
    known = [word for entry in listed for word in (entry.name, entry.label)]
    for name in names:
        if name not in known:
            raise UsageError(f"{asked.origin}: {sources.file.path} lists no suite '{name}'", hint=nearest(name, known))
    return tuple(entry for entry in listed if entry.name in names or entry.label in names)


def suite_of_run(sources: Sources) -> tuple[SuiteEntry, ...]:
    """Return the one suite of an existing run, or no suite if none is given.

    Raise ``UsageError`` if the settings leave several suites to choose from.
    """
    entries, asked = selected(sources), sources.get("suite")
    if asked and len(asked.texts) == 1:
        entries = _narrowed(entries, asked.read(read_name))
    if len(entries) > 1:
        raise UsageError("a run belongs to one suite, but several are given", hint=_choice(entries, asked))
    return entries


def suite_of_file(sources: Sources, reported: str | None, file: str) -> SuiteEntry:
    """Return the suite of a results file.

    ``reported`` is the name of the suite inside the file, ``file`` the file's own name without its extension. Raise
    ``UsageError`` if suites are given, but none of them or more than one fits the file.
    """
    entries, asked = selected(sources), sources.get("suite")
    if not entries:
        return SuiteEntry(reported or file)
    if asked and len(asked.texts) == 1:
        fitting = _narrowed(entries, asked.read(read_name))
    else:
        fitting = tuple(
            entry for entry in entries if reported == entry.name or (not reported and _goes_by(entry, file))
        )
    fitting = _narrowed(fitting, file)
    if len(fitting) > 1:
        raise UsageError("several suites fit the results file", hint=_choice(fitting, asked))
    if not fitting:
        where = asked.origin if asked else sources.file.path
        what = f"is of suite '{reported}'" if reported else f"does not name its suite, and its file name is '{file}'"
        known = [word for entry in entries for word in (entry.name, entry.label)]
        hint = f"choose one with --suite; {nearest(reported or file, known)}"
        raise UsageError(f"the results file {what}, which matches no suite of {where}", hint=hint)
    return fitting[0]


def _refuse_shared_labels(path: str, entries: tuple[SuiteEntry, ...]) -> None:
    """Raise ``UsageError`` if two suites have the same label, since reports could not tell them apart."""
    labels = [entry.label for entry in entries]
    for label in labels:
        if labels.count(label) > 1:
            hint = 'give one of them label = "…" of its own'
            raise UsageError(f"{path}: two suites are labelled '{label}'", hint=hint)


def _narrowed(entries: tuple[SuiteEntry, ...], word: str) -> tuple[SuiteEntry, ...]:
    """Return the suite labelled ``word`` if there is exactly one, else all ``entries``."""
    meant = tuple(entry for entry in entries if _is_label(word, entry))
    return meant if len(meant) == 1 else entries


def _is_label(word: str, entry: SuiteEntry) -> bool:
    """Return whether ``word`` is the label of a suite, or that label as it appears in file names."""
    return word in (entry.label, file_stem(entry.label))


def _goes_by(entry: SuiteEntry, word: str) -> bool:
    return word == entry.name or _is_label(word, entry)


def _choice(entries: tuple[SuiteEntry, ...], asked: RawValue | None) -> str:
    where = asked.origin if asked else "--suite"
    return f"choose one with {where}: {', '.join(entry.label for entry in entries)}"
