"""The rule tables of the settings file: intent floors, must-pass utterances, forbidden confusions and waivers."""

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
from ci_gate.core.clock import read_day
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
"""The keys of the rule tables, at the top level of the file or in a ``[[suites]]`` entry."""

_FLOOR_KEYS = (*FLOORS, "min_support", "point")
_INTENTS_KEYS = (*_FLOOR_KEYS, "max_regressions")
_INTENTS_HINT = 'write [intents] with min_recall = 0.8 below it, or [intents."Transfer money"] for one of them'
_UTTERANCES_HINT = 'write must_pass = ["where is my card"], or the path of a file with an utterance a line'
_FORBIDDEN_HINT = 'write [[forbidden]] with expected = "Cancel card" and matched = "Order card" below it'
_WAIVERS_HINT = 'write [[waivers]] with utterance = "…" or intent = "…", and reason, owner and expires below it'
_ESCAPED = re.compile(r"^\\(?=\\*#)")
"""The backslash that escapes ``#`` at the start of a line of an utterances file; a bare ``#`` begins a comment."""
_CONFUSION_HINT = 'write confusion = { expected = "Cancel card", matched = "Order card" }'


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTables:
    """The rules from one place of the settings file: its top level, or one suite entry.

    ``general`` holds the keys of ``[intents]`` that apply to all intents, ``named`` the floors of single intents by
    name.
    """

    general: Mapping[str, RawValue] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, RawValue]] = field(default_factory=dict)
    must_pass: tuple[str, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    waivers: tuple[Waiver, ...] = ()


def take_rules(document: dict[str, object], where: str, *, secrets: Collection[str], folder: Path) -> RuleTables:
    """Remove the rule tables from ``document`` and return the rules in them.

    ``where`` names the place in error messages; ``folder`` holds the settings file and is the base of relative paths.
    Raise ``UsageError`` if a rule is invalid. A table that holds one of the ``secrets`` is refused before any message
    can quote it.
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
    """Return the rules of a suite, merged from the tables ``common`` to all suites and those of its ``own`` entry."""
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
    """Return the pairs without duplicates; pairs that differ only in spelling count as the same."""
    first: dict[tuple[_Key, _Key], Forbidden] = {}
    for pair in pairs:
        first.setdefault((key_of(pair.expected), key_of(pair.matched)), pair)
    return tuple(first.values())


def _intent_floors(common: RuleTables, own: RuleTables) -> IntentFloors:
    """Merge the intent floors of a suite.

    From lowest to highest precedence: common for all intents, the suite's own for all intents, common for a named
    intent, the suite's own for a named intent.
    """
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
    """Split ``[intents]`` into the keys for all intents and the tables of single intents, which may have any name."""
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
    """Return the utterances without duplicates; ``value`` is a list of them, or the path of a file."""
    if isinstance(value, str):
        value = _lines_of(RawValue((value,), where, folder).path(), where, secrets)
    if not isinstance(value, list):
        raise UsageError(f"{where}: a list of utterances is wanted here", hint=_UTTERANCES_HINT)
    texts = (_text(entry, f"{where}: utterance {number}", _UTTERANCES_HINT) for number, entry in enumerate(value, 1))
    return tuple(dict.fromkeys(map(normalised, texts)))


def _lines_of(path: Path, where: str, secrets: Collection[str]) -> list[str]:
    """Return the utterances of a file, one per line; skip blank lines and comments, which begin with ``#``.

    An utterance that itself begins with ``#``, or with backslashes followed by ``#``, is written with one more
    backslash in front. Raise ``UsageError`` if a line holds a secret, since reports quote must-pass utterances.
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
        what = "does not name what it waives" if not named else f"waives several things: {', '.join(named)}"
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
    """Parse the name of an intent; ``none``, the platform's word for no intent, becomes ``NO_INTENT``."""
    name = _text(value, where, hint)
    if not key_of(name):
        raise UsageError(f"{where} '{name}' names no intent", hint=hint)
    return NO_INTENT if name.casefold() == "none" else name


def _day(value: object, where: str) -> date:
    hint = "give the last day on which the waiver applies: expires = 2027-01-31"
    if isinstance(value, str):
        try:
            value = read_day(value.strip())
        except ValueError:
            raise UsageError(f"{where}: '{value}' is not a day", hint=hint) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise UsageError(f"{where} {'is missing' if value is None else 'must be a day'}", hint=hint)
    return value


def _texts_in(value: object) -> Iterable[str]:
    """Yield every string in a value of the settings file, including the keys of tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts_in(part)
