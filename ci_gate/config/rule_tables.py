"""The tables of rules in the settings file: floors of intents, must-pass utterances, forbidden confusions, waivers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from ci_gate.bounded_files import read_bounded
from ci_gate.config.parsers import nearest, read_switch, read_whole
from ci_gate.config.raw_value import RawValue
from ci_gate.core.floors import FLOORS, MIN_SUPPORT, Floors, IntentFloors
from ci_gate.core.model import listed
from ci_gate.core.names import NO_INTENT, key_of, normalised, same_name
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.thresholds import read_threshold
from ci_gate.core.waivers import Waiver
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    _Key = tuple[str, ...]

TABLE_KEYS = ("intents", "must_pass", "forbidden", "waivers")
"""The keys that hold rules, at the top of the file or in an entry of a suite."""

_FLOOR_KEYS = (*FLOORS, "min_support", "point")
_INTENTS_KEYS = (*_FLOOR_KEYS, "max_regressions")
_INTENTS_HINT = 'write [intents] with min_recall = 0.8 below it, or [intents."Transfer money"] for one of them'
_UTTERANCES_HINT = 'write must_pass = ["where is my card"], or the path of a file with an utterance a line'
_FORBIDDEN_HINT = 'write [[forbidden]] with expected = "Cancel card" and matched = "Order card" below it'
_WAIVERS_HINT = 'write [[waivers]] with utterance = "…" or intent = "…", and reason, owner and expires below it'
_ESCAPED = re.compile(r"^\\(?=\\*#)")
"""The backslash before a sign that would make a line of a file of utterances a comment."""
_CONFUSION_HINT = 'write confusion = { expected = "Cancel card", matched = "Order card" }'


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTables:
    """The rules in one place of the settings file; ``general`` and ``named`` are the floors of intents."""

    general: Mapping[str, RawValue] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, RawValue]] = field(default_factory=dict)
    must_pass: tuple[str, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    waivers: tuple[Waiver, ...] = ()


def take_rules(document: dict[str, object], where: str, *, secrets: Collection[str], folder: Path) -> RuleTables:
    """Remove the rules from a table of the settings file, which lies in ``folder``, and return them.

    Raise ``UsageError`` if one makes no sense; before any is repeated in a message, if one holds a secret.
    """
    taken = {key: document.pop(key) for key in TABLE_KEYS if key in document}
    for key, value in taken.items():
        RawValue(tuple(_texts_in(value)), f"{where}: {key}").refuse_secrets(secrets)
    general, named = _floors(taken.get("intents", {}), f"{where}: intents")
    return RuleTables(
        general=general,
        named=named,
        must_pass=_must_pass(taken.get("must_pass", []), f"{where}: must_pass", secrets=secrets, folder=folder),
        forbidden=tuple(
            _confusion(entry, f"{where}: [[forbidden]] {number}", _FORBIDDEN_HINT)
            for number, entry in enumerate(_tables(taken, "forbidden", where, _FORBIDDEN_HINT), 1)
        ),
        waivers=tuple(
            _waiver(entry, f"{where}: [[waivers]] {number}")
            for number, entry in enumerate(_tables(taken, "waivers", where, _WAIVERS_HINT), 1)
        ),
    )


def rules_in(common: RuleTables, own: RuleTables) -> Rules:
    """Return the rules of a suite that stand in tables: those common to all suites, and its ``own``."""
    named = Rules(
        intents=IntentFloors(named=dict.fromkeys(common.named, Floors())),
        must_pass=common.must_pass,
        forbidden=common.forbidden,
    )
    return Rules(
        intents=_intent_floors(common, own),
        must_pass=tuple(dict.fromkeys((*common.must_pass, *own.must_pass))),
        forbidden=_each_once((*common.forbidden, *own.forbidden)),
        waivers=(*own.waivers, *(replace(waiver, is_common=True) for waiver in common.waivers)),
        common_names=frozenset(named.names),
    )


def _each_once(pairs: Iterable[Forbidden]) -> tuple[Forbidden, ...]:
    """Return the pairs without those that only spell an earlier one otherwise."""
    first: dict[tuple[_Key, _Key], Forbidden] = {}
    for pair in pairs:
        first.setdefault((key_of(pair.expected), key_of(pair.matched)), pair)
    return tuple(first.values())


def _intent_floors(common: RuleTables, own: RuleTables) -> IntentFloors:
    """Return the floors of a suite: its own beat those that are common, and those of a named intent beat all others."""
    general = {**common.general, **own.general}
    names: dict[_Key, str] = {}
    for name in (*own.named, *common.named):
        names.setdefault(key_of(name), name)
    of_all, of_suite = ({key_of(name): given for name, given in tables.named.items()} for tables in (common, own))
    named = {name: _settled({**general, **of_all.get(key, {}), **of_suite.get(key, {})}) for key, name in names.items()}
    return IntentFloors(general=_settled(general), named=named)


def _settled(given: Mapping[str, RawValue]) -> Floors:
    bounds = {key: given[key].read(partial(read_threshold, key)) for key in FLOORS if key in given}
    return Floors(
        bounds={key: threshold.bound for key, threshold in bounds.items() if threshold is not None},
        min_support=given["min_support"].read(partial(read_whole, least=1)) if "min_support" in given else MIN_SUPPORT,
        point="point" in given and given["point"].read(read_switch),
    )


def _floors(value: object, where: str) -> tuple[dict[str, RawValue], dict[str, dict[str, RawValue]]]:
    """Return the settings for all intents, and the tables of single ones, which may be called anything, by name."""
    table = read_table(value, where, _INTENTS_HINT)
    named = {name: entry for name, entry in table.items() if isinstance(entry, dict)}
    times = Counter(map(key_of, named))
    if twice := [name for name in named if times[key_of(name)] > 1]:
        raise UsageError(f"{where}: {listed(twice)} are the same intent", hint="keep one of these tables")
    general = _known({key: entry for key, entry in table.items() if key not in named}, where, _INTENTS_KEYS)
    return general, {name: _known(entry, f"{where}.'{name}'", _FLOOR_KEYS) for name, entry in named.items()}


def _known(table: Mapping[str, object], where: str, keys: tuple[str, ...]) -> dict[str, RawValue]:
    found = {}
    for key, value in table.items():
        if key not in keys:
            misplaced = f"{key} holds for all intents together: write it below [intents]"
            hint = misplaced if key in _INTENTS_KEYS else nearest(key, keys)
            raise UsageError(f"{where}: unknown key '{key}'", hint=hint)
        if isinstance(value, bool) is not (key == "point") or not isinstance(value, bool | int | str):
            wanted = "true or false" if key == "point" else "a number"
            raise UsageError(f"{where}: {key}: {wanted} is wanted here", hint=_INTENTS_HINT)
        found[key] = RawValue((str(value).lower() if isinstance(value, bool) else str(value),), f"{where}: {key}")
    return found


def _must_pass(value: object, where: str, *, secrets: Collection[str], folder: Path) -> tuple[str, ...]:
    """Read the utterances, or the file that holds them."""
    if isinstance(value, str):
        value = _lines_of(RawValue((value,), where, folder).path(), where, secrets)
    if not isinstance(value, list):
        raise UsageError(f"{where}: a list of utterances is wanted here", hint=_UTTERANCES_HINT)
    texts = (_text(entry, f"{where}: utterance {number}", _UTTERANCES_HINT) for number, entry in enumerate(value, 1))
    return tuple(dict.fromkeys(map(normalised, texts)))


def _lines_of(path: Path, where: str, secrets: Collection[str]) -> list[str]:
    """Read the lines of a file that hold anything; what must pass is repeated in reports, so no secret may.

    A line that begins with ``#`` is a comment. An utterance that begins so is written with a backslash before it, and
    one that begins with a backslash and ``#`` with one more.
    """
    try:
        text = read_bounded(path).decode("utf-8-sig")
    except OSError as problem:
        raise UsageError(f"{where}: cannot read '{path}': {problem.strerror}", hint=_UTTERANCES_HINT) from None
    except UnicodeDecodeError:
        raise UsageError(f"{where}: '{path}' is not UTF-8 text", hint="save it again as UTF-8") from None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    RawValue(tuple(lines), f"{where}: '{path}'").refuse_secrets(secrets)
    utterances = [_ESCAPED.sub("", line) for line in lines if not line.startswith("#")]
    if not utterances:
        raise UsageError(f"{where}: '{path}' holds no utterance", hint=_UTTERANCES_HINT)
    return utterances


def _tables(taken: Mapping[str, object], key: str, where: str, hint: str) -> list[object]:
    value = taken.get(key, [])
    if not isinstance(value, list):
        raise UsageError(f"{where}: {key} must be a list of tables", hint=hint)
    return value


def _confusion(entry: object, where: str, hint: str) -> Forbidden:
    table = _fields(entry, where, ("expected", "matched"), hint)
    expected, matched = (_intent(table.get(key), f"{where}: {key}", hint) for key in ("expected", "matched"))
    if same_name(expected, matched):
        raise UsageError(f"{where}: expected and matched are the same", hint=hint)
    return Forbidden(expected, matched)


def _waiver(entry: object, where: str) -> Waiver:
    waivable = ("utterance", "intent", "confusion")
    table = _fields(entry, where, (*waivable, "reason", "owner", "expires"), _WAIVERS_HINT)
    named = [key for key in waivable if key in table]
    if len(named) != 1:
        what = "says nothing of what it waives" if not named else f"waives several things: {', '.join(named)}"
        raise UsageError(f"{where} {what}", hint=_WAIVERS_HINT)
    waiver = Waiver(
        reason=_text(table.get("reason"), f"{where}: reason", _WAIVERS_HINT),
        owner=_text(table.get("owner"), f"{where}: owner", _WAIVERS_HINT),
        expires=_day(table.get("expires"), f"{where}: expires"),
    )
    if "utterance" in table:
        text = _text(table["utterance"], f"{where}: utterance", _WAIVERS_HINT)
        return replace(waiver, utterance=normalised(text))
    if "intent" in table:
        return replace(waiver, expected=_intent(table["intent"], f"{where}: intent", _WAIVERS_HINT))
    confusion = _confusion(table["confusion"], f"{where}: confusion", _CONFUSION_HINT)
    return replace(waiver, expected=confusion.expected, matched=confusion.matched)


def _fields(entry: object, where: str, keys: tuple[str, ...], hint: str) -> dict[str, object]:
    table = read_table(entry, where, hint)
    for key in table:
        if key not in keys:
            raise UsageError(f"{where}: unknown key '{key}'", hint=nearest(key, keys))
    return table


def read_table(value: object, where: str, hint: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise UsageError(f"{where} must be a table", hint=hint)
    return value


def _text(value: object, where: str, hint: str) -> str:
    if not isinstance(value, str) or not value.strip():
        missing = "is missing" if value is None else "must be a text that is not empty"
        raise UsageError(f"{where} {missing}", hint=hint)
    return value.strip()


def _intent(value: object, where: str, hint: str) -> str:
    """Read the name of an intent; the platform's own word for none stands for none."""
    name = _text(value, where, hint)
    return NO_INTENT if name.casefold() == "none" else name


def _day(value: object, where: str) -> date:
    hint = "write the last day on which it holds: expires = 2027-01-31"
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            raise UsageError(f"{where}: '{value}' is not a day", hint=hint) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise UsageError(f"{where} {'is missing' if value is None else 'must be a day'}", hint=hint)
    return value


def _texts_in(value: object) -> Iterable[str]:
    """Find all texts in a value of the settings file, those of keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts_in(part)
