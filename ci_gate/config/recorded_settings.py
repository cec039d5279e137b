"""Parses the settings that a report records, so that its suites can be judged again by the same settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_gate.config.parsers import read_alpha, read_count, read_name, read_size, read_whole, read_word
from ci_gate.config.settings import Limits, SuiteSettings
from ci_gate.config.settings_document import DEFAULT
from ci_gate.core.clock import read_day
from ci_gate.core.findings import FindingKind
from ci_gate.core.floors import FLOORS, Floors, IntentFloors
from ci_gate.core.rules import INTENT, LOWER, MUST_PASS, POINT, RULES, Forbidden, Name, Rules
from ci_gate.core.text.decimals import read_decimal
from ci_gate.core.text.nearest import read_member
from ci_gate.core.thresholds import THRESHOLDS, Threshold, read_threshold
from ci_gate.core.waivers import Waiver

if TYPE_CHECKING:
    from fractions import Fraction
    from typing import TypeAlias

    Table: TypeAlias = Mapping[object, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSuite:
    """The recorded settings of one suite, without the path of its baseline.

    ``baseline_content`` is the hash of the baseline, ``missing`` if the baseline did not exist, and ``None`` if no
    baseline was named. ``baseline_file`` is the file in the report folder that holds the baseline, if there is one.
    """

    settings: SuiteSettings
    baseline_content: str | None
    baseline_file: str | None


def read_suites(document: object) -> tuple[RecordedSuite, ...]:
    """Parse the recorded suites. Raise ``ValueError`` if one is invalid or has no rule that can fail."""
    suites = _table(_table(document, "settings").get("suites"), "suites")
    return tuple(_suite(_word(label), _table(entry, "suites")) for label, entry in suites.items())


def read_limits(document: object) -> Limits:
    """Parse the limits of a results file. Raise ``ValueError`` if one is missing or malformed."""
    common = _values(_table(_table(document, "settings").get("common"), "common"))
    size, rows = (_number_text(common, key) for key in ("max_file_size", "max_file_rows"))
    return Limits(max_file_size=read_size(size), max_file_rows=read_count(rows))


def _suite(label: str, entry: Table) -> RecordedSuite:
    values, thresholds = _values(entry), _table(entry.get("thresholds"), "thresholds")
    rules = _rules(values, _values(thresholds))
    if not rules.can_fail:
        raise ValueError(f"no rule of suite '{label}' can fail")
    settings = SuiteSettings(
        name=read_name(_word(values.get("name"))),
        label=read_name(label),
        rules=rules,
        bot_id=_text(values.get("bot_id")),
        bot_version=_text(values.get("bot_version")),
        engine=_text(values.get("engine")),
        language=_text(values.get("language")),
        advisory=_flag(values, "advisory"),
        allow_missing_baseline=_flag(values, "allow_missing_baseline"),
        origins={**_origins(entry), **_origins(thresholds)},
    )
    return RecordedSuite(
        settings=settings,
        baseline_content=_text(values.get("baseline_content")),
        baseline_file=_text(values.get("baseline_file")),
    )


def _rules(values: Table, thresholds: Table) -> Rules:
    pressing = frozenset(_words(values, "set_for_this_suite"))
    if not pressing <= {*RULES}:
        raise ValueError("set_for_this_suite names no rule")
    return Rules(
        thresholds=tuple(_threshold(_word(key), _word(bound)) for key, bound in thresholds.items()),
        tolerate=frozenset(read_member(FindingKind, word) for word in _words(values, "tolerate")),
        alpha=read_alpha(_word(values.get("alpha"))),
        share=_number(values, "tests_that_share_alpha", least=1),
        lower_bound=read_word(_word(values.get("bound")), (POINT, LOWER)) == LOWER,
        strict_drop=_flag(values, "strict_drop"),
        intents=IntentFloors(
            general=_floors(values.get("intents")),
            named={_word(name): _floors(own) for name, own in _table(values.get("named_intents"), "intents").items()},
        ),
        max_regressions=None if values.get("max_regressions") is None else _number(values, "max_regressions"),
        must_pass=_words(values, "must_pass"),
        forbidden=tuple(
            Forbidden(_word(pair.get("expected")), _word(pair.get("matched"))) for pair in _tables(values, "forbidden")
        ),
        waivers=_waivers(values),
        demands_all=_flag(values, "all_must_be_evaluated"),
        pressing=pressing,
        common_names=frozenset(map(_name, _list(values, "names_for_all_suites"))),
        is_part=_flag(values, "is_part"),
    )


def _threshold(key: str, bound: str) -> Threshold:
    threshold = read_threshold(key, bound) if key in THRESHOLDS else None
    if threshold is None:
        raise ValueError(f"{key} = {bound} is no threshold")
    return threshold


def _floors(value: object) -> Floors:
    table = _table(value, "intents")
    bounds = {key: _bound(_word(table[key])) for key in FLOORS if key in table}
    return Floors(bounds=bounds, min_support=_number(table, "min_support", least=1), point=_flag(table, "point"))


def _bound(text: str) -> Fraction:
    bound = read_decimal(text)
    if bound is None:
        raise ValueError(f"'{text}' is no floor")
    return bound


def _waivers(values: Table) -> tuple[Waiver, ...]:
    common = _list(values, "waivers_for_all_suites")
    return tuple(_waiver(table, is_common=at in common) for at, table in enumerate(_tables(values, "waivers")))


def _waiver(table: Table, *, is_common: bool) -> Waiver:
    """Parse a waiver for one utterance, for one confusion, or for all mismatches of an expected intent."""
    confusion = _table(table.get("confusion", {"expected": table.get("intent", ""), "matched": ""}), "confusion")
    return Waiver(
        utterance=_word(table.get("utterance", "")),
        expected=_word(confusion.get("expected")),
        matched=_word(confusion.get("matched")),
        reason=_word(table.get("reason")),
        owner=_word(table.get("owner")),
        expires=read_day(_word(table.get("expires"))),
        is_common=is_common,
    )


def _name(value: object) -> Name:
    match value:
        case [str(what), str(text)] if what in (INTENT, MUST_PASS):
            return Name(what, text)
        case _:
            raise ValueError("names_for_all_suites contains a value that is not a name")


def _values(table: Table) -> Table:
    """Return the settings in ``table`` without their origins."""
    return {key: entry["value"] for key, entry in table.items() if isinstance(entry, Mapping) and "value" in entry}


def _origins(table: Table) -> dict[str, str]:
    return {
        _word(key): _word(entry["origin"])
        for key, entry in table.items()
        if isinstance(entry, Mapping) and entry.get("origin", DEFAULT) != DEFAULT
    }


def _table(value: object, what: str) -> Table:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is no table")
    return value


def _tables(values: Table, key: str) -> tuple[Table, ...]:
    return tuple(_table(entry, key) for entry in _list(values, key))


def _list(values: Table, key: str) -> list[object]:
    value = values.get(key)
    if not isinstance(value, list):
        raise ValueError(f"{key} is no list")
    return value


def _words(values: Table, key: str) -> tuple[str, ...]:
    return tuple(map(_word, _list(values, key)))


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"there is {value!r:.40} in place of a text")
    return value


def _text(value: object) -> str | None:
    return None if value is None else _word(value)


def _number(values: Table, key: str, *, least: int = 0) -> int:
    return read_whole(_number_text(values, key), least=least)


def _number_text(values: Table, key: str) -> str:
    if key not in values:
        raise ValueError(f"{key} is missing")
    return str(values[key])


def _flag(values: Table, key: str) -> bool:
    value = values.get(key)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is neither true nor false")
    return value
