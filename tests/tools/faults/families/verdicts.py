"""Faults of a verdict: unevaluated utterances, variants of names, rules without effect, and ambiguous data."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from tests.tools.faults.good_run import MEASURED, results_file
from tests.tools.faults.model import FAILS, PASSES, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import completed, counts, file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.tools.faults.replies import Edit

_TP, _TN, _FP, _FN = MEASURED
_TURN = "switch the threshold off"
_BASE = "base.csv"
_SETTINGS = "ci-gate.toml"
_STRICT = {"CI_GATE_MIN_F1": "0.99"}
_LENIENT = {"CI_GATE_MIN_F1": "0.5"}
_NOTHING_ELSE: dict[str, str | None] = {}


def _utterance(number: int) -> bytes:
    return b'"invented utterance number %d",' % number


def _rows(raw: bytes, numbers: Iterable[int], edit: Edit) -> bytes:
    """Return the file with ``edit`` applied to the rows of the utterances ``numbers``."""
    wanted = tuple(map(_utterance, numbers))
    lines = [edit(line) if line.startswith(wanted) else line for line in raw.splitlines(keepends=True)]
    return b"".join(lines)


def _blank(*numbers: int) -> bytes:
    """Return the good file without the results of these utterances, which the bot gets right."""
    return _rows(results_file(), numbers, lambda row: row.replace(b'"TP"', b'""'))


def _without(*numbers: int) -> bytes:
    return _rows(results_file(), numbers, lambda _row: b"")


def _missed(*numbers: int) -> bytes:
    """Return the good file with these utterances, which the bot gets right, matched to no intent."""

    def missed(row: bytes) -> bytes:
        utterance, expected, _matched, *others = row.split(b'","')
        return b'","'.join((utterance, expected, b"None", *others)).replace(b'"TP"', b'"FN"')

    return _scored(_rows(results_file(), numbers, missed), (_TP - len(numbers), _TN, _FP, _FN + len(numbers)))


def _scored(raw: bytes, measured: tuple[int, int, int, int]) -> bytes:
    """Return the file with a top block for the counts ``measured``."""
    columns = raw.index(b'"Utterance",')
    top = results_file(measured)
    return top[: top.index(b'"Utterance",')] + raw[columns:]


def _run(
    name: str,
    raw: bytes,
    must: Ending,
    *,
    measured: tuple[int, int, int, int] = MEASURED,
    failed: int = 0,
    base: bytes | None = None,
    settings: str = "",
    environment: Mapping[str, str | None] = _NOTHING_ELSE,
) -> Fault:
    """Return a fault whose results file is ``raw``, judged with ``settings`` and, if given, the baseline ``base``."""
    files: Mapping[str, str | bytes] = {_SETTINGS: settings, **({_BASE: base} if base else {})}
    return Fault(
        name,
        Script(status=(completed(counts(*measured, failed=failed)),), file=(file(lambda _usual: raw),)),
        must,
        Start(arguments=("run", *(("--baseline", _BASE) if base else ())), files=files, environment=environment),
    )


def _lost(
    name: str,
    raw: bytes,
    must: Ending,
    *,
    number: int = 3,
    base: bytes | None = None,
    settings: str = "",
    **environment: str,
) -> Fault:
    """Return a fault with ``number`` right utterances unevaluated, which the user allows."""
    measured = (_TP - number, _TN, _FP, _FN)
    allowed = {"CI_GATE_MAX_FAILED_UTTERANCES": str(number), "CI_GATE_MIN_F1": "0.5"}
    raw = _scored(raw, measured)
    return _run(
        name,
        raw,
        must,
        measured=measured,
        failed=number,
        base=base,
        settings=settings,
        environment=allowed | environment,
    )


def _ending(code: int, *cause: str, lost: int = 0) -> Ending:
    return Ending(code=code, cause=cause, measured=(_TP - lost, _TN, _FP, _FN))


_THREE = (1, 2, 3)
_TEN = (*range(1, 11),)
_BALANCE = (1, 6, 11, 16, 21, 26, 31)
"""All utterances that expect 'Show balance'; the good run gets them right."""

_FLOOR = '[intents."Show balance"]\nmin_recall = 0.8\n'
_MUST_PASS = 'must_pass = ["invented utterance number 1"]\n'
_FORBIDDEN = '[[forbidden]]\nexpected = "Show balance"\nmatched = "Pay bill"\n'
_COPY = _rows(results_file(), (6,), lambda row: row.replace(_utterance(6), _utterance(1)))

_UNKNOWN = (
    *(
        fault
        for how, gone in (("stand in the file", _blank), ("do not stand in the file", _without))
        for fault in (
            _lost(
                f"utterances that were not evaluated {how}, and may hide a drop",
                gone(*_TEN),
                ends(5, "f1 drop beyond chance <= 0.01: no data", "10 utterances", mend=_TURN),
                number=10,
                base=results_file(),
            ),
            _lost(
                f"utterances that were not evaluated {how}, and may be newly failing",
                gone(*_THREE),
                ends(5, "new failures <= 2: no data", "3 utterances that both runs have were not", mend=_TURN),
                base=results_file(),
                CI_GATE_MAX_NEW_FAILURES="2",
            ),
            _lost(
                f"utterances that were not evaluated {how}, and may all be newly failing",
                gone(*_THREE),
                _ending(0, "PASSED", lost=3),
                base=results_file(),
                CI_GATE_MAX_NEW_FAILURES="3",
            ),
            _lost(
                f"utterances that were not evaluated {how}, and may be mismatches",
                gone(*_THREE),
                ends(5, "mismatches <= 5: no data", "between 3 and 6", mend=_TURN),
                CI_GATE_MAX_MISMATCHES="5",
            ),
            _lost(
                f"utterances that were not evaluated {how}, whatever they are",
                gone(*_THREE),
                _ending(1, "FAILED", "mismatches 3 > 2", lost=3),
                CI_GATE_MAX_MISMATCHES="2",
            ),
            _lost(
                f"an intent of which most was not evaluated {how}",
                gone(*_BALANCE[:5]),
                ends(5, "recall of Show balance beyond chance >= 0.80: no data", mend=_TURN),
                number=5,
                settings=_FLOOR,
            ),
            _lost(
                f"an utterance that must pass was not evaluated {how}",
                gone(1),
                ends(5, "must-pass utterances that fail <= 0: no data", mend=_TURN),
                number=1,
                settings=_MUST_PASS,
            ),
            _lost(
                f"an utterance that may be a forbidden confusion was not evaluated {how}",
                gone(1),
                ends(5, "'Show balance' taken for 'Pay bill' <= 0: no data", mend=_TURN),
                number=1,
                settings=_FORBIDDEN,
            ),
        )
    ),
    _lost(
        "an utterance of another intent than is forbidden was not evaluated",
        _blank(2),
        _ending(0, "PASSED", lost=1),
        number=1,
        settings=_FORBIDDEN,
    ),
    _lost(
        "of two copies that must pass one was not evaluated",
        _COPY.replace(b'"TP"', b'""', 1),
        ends(5, "must-pass utterances that fail <= 0: no data", mend=_TURN),
        number=1,
        settings=_MUST_PASS,
    ),
    _lost(
        "entities of utterances that were not evaluated",
        _without(1),
        ends(5, "entity match >= 0.80: no data", mend=_TURN),
        number=1,
        CI_GATE_MIN_ENTITY_MATCH="0.80",
    ),
)

_UMLAUT = results_file().replace(b"Change address", "Adresse ändern".encode())
_DECOMPOSED = unicodedata.normalize("NFD", 'expected = "Block card"\nmatched = "Adresse ändern"\n')
_NO_NEW = {"CI_GATE_MAX_NEW_FAILURES": "0", "CI_GATE_MIN_F1": "0.5"}
_ONE_MISSED = (_TP - 1, _TN, _FP, _FN + 1)
_NEWLY = Ending(code=1, cause=("FAILED", "1 utterance that passed in the baseline fails"), measured=_ONE_MISSED)


def _spelt(name: str, now: tuple[str, str], then: tuple[str, str], *, matched: str = "pay bill") -> tuple[Fault, Fault]:
    """Return faults whose baseline spells an intent and its parent differently: that breaks and hides nothing."""

    def cells(told: tuple[str, str], matched: str) -> bytes:
        return '"{0}","{2}","{1}"'.format(*told, matched).encode()

    usual, missed = b'"Pay bill","Pay bill","None"', b'"Pay bill","None","None"'
    base = results_file().replace(usual, cells(then, matched))
    good = results_file().replace(usual, cells(now, matched))
    bad = _missed(2).replace(usual, cells(now, matched)).replace(missed, cells(now, "None"))
    worse = f"the baseline spells {name}, and it newly fails"
    return (
        _run(f"the baseline spells {name}", good, PASSES, base=base, environment=_NO_NEW),
        _run(worse, bad, _NEWLY, measured=_ONE_MISSED, base=base, environment=_NO_NEW),
    )


_NAMES = (
    *_spelt("an intent in capitals", ("Pay bill", "None"), ("PAY BILL", "None")),
    *_spelt("an intent with more blanks", ("Pay bill", "None"), (" Pay  bill ", "None")),
    *_spelt("a chain of parents otherwise", ("Pay bill", "Bank>>Bills"), ("Pay bill", "bank || bills")),
    *_spelt("alternatives in another order", ("Pay bill | Send it", "None"), ("Send it | Pay bill", "None")),
    *_spelt(
        "an intent in decomposed letters",
        ("Gebühr", "None"),
        (unicodedata.normalize("NFD", "Gebühr"), "None"),
        matched="gebühr",
    ),
    _run(
        "what is matched is in other letters than what is expected",
        results_file().replace(b',"Pay bill","None"', b',"pay  BILL","None"'),
        PASSES,
    ),
    _run(
        "a forbidden confusion in other letters",
        results_file(),
        _ending(1, "FAILED", "'Block card' was taken for 'Change address' 1 time"),
        settings='[[forbidden]]\nexpected = "block  card"\nmatched = "CHANGE ADDRESS"\n',
    ),
    _run(
        "a forbidden confusion in decomposed letters",
        _UMLAUT,
        _ending(1, "FAILED", "was taken for"),
        settings=f"[[forbidden]]\n{_DECOMPOSED}",
    ),
    _run(
        "a floor of an intent in other letters",
        _missed(*_BALANCE),
        Ending(code=1, cause=("FAILED", "recall of Show balance 0.0"), measured=(_TP - 7, _TN, _FP, _FN + 7)),
        measured=(_TP - 7, _TN, _FP, _FN + 7),
        settings='[intents."SHOW  balance"]\nmin_recall = 0.8\n',
        environment=_LENIENT,
    ),
    _run(
        "an utterance that must pass, with other blanks",
        results_file(),
        _ending(1, "FAILED", "1 of 1 must-pass utterances fails: 'invented utterance number 38'"),
        settings='must_pass = [" invented utterance  number 38"]\n',
    ),
)

_TINY = {"CI_GATE_ALPHA": "0.000001"}
_SMALL = (14, 1, 0, 0)
_SMALL_FILE = results_file(_SMALL, size=15)

_TEETH = (
    _run(
        "an intent lost all of its utterances",
        _missed(*_BALANCE),
        Ending(
            code=1,
            cause=("FAILED", "1 intent got worse beyond chance: 'Show balance'"),
            measured=(_TP - 7, _TN, _FP, _FN + 7),
        ),
        measured=(_TP - 7, _TN, _FP, _FN + 7),
        base=results_file(),
        settings="[intents]\nmax_regressions = 0\n",
        environment={**_LENIENT, "CI_GATE_MAX_F1_DROP": "off"},
    ),
    _run(
        "half of all that worked is lost",
        _missed(*range(1, 18)),
        Ending(code=1, cause=("FAILED", "f1 fell by"), measured=(_TP - 17, _TN, _FP, _FN + 17)),
        measured=(_TP - 17, _TN, _FP, _FN + 17),
        base=results_file(),
        environment={"CI_GATE_MIN_F1": "0.1"},
    ),
    _run(
        "a drop that no loss in this suite could prove, which was set for it",
        _SMALL_FILE,
        ends(5, "recall drop beyond chance <= 0.01: no data", mend=_TURN),
        measured=_SMALL,
        base=_SMALL_FILE,
        environment={**_TINY, "CI_GATE_MAX_RECALL_DROP": "0.01"},
    ),
    _run(
        "a drop that no loss in this suite could prove, which holds by default",
        _SMALL_FILE,
        Ending(
            code=0,
            cause=("PASSED", "f1 drop beyond chance <= 0.01 is left out, since nothing could fail it here"),
            measured=_SMALL,
        ),
        measured=_SMALL,
        base=_SMALL_FILE,
        environment=_TINY,
    ),
    _run(
        "a drop that no loss in this suite could prove, and nothing else is asked for",
        _SMALL_FILE,
        ends(5, "every rule was left out, since none could fail in this suite", mend="set a threshold for this suite"),
        measured=_SMALL,
        base=_SMALL_FILE,
        environment={**_TINY, "CI_GATE_MIN_F1": None},
    ),
    _run(
        "more mismatches are allowed than there are utterances",
        results_file(),
        ends(5, "mismatches <= 40: no data", "the suite has 40 utterances in all", mend=_TURN),
        environment={"CI_GATE_MAX_MISMATCHES": "40"},
    ),
    _run(
        "what must pass is all of another suite",
        results_file(),
        ends(2, "no suite has the must-pass utterance 'an utterance of another suite'", mend="did you mean"),
        settings='must_pass = ["an utterance of another suite"]\n',
        environment={"CI_GATE_MIN_F1": None},
    ),
    *(
        _run(
            f"{name}, and nothing else",
            results_file(),
            ends(2, cause, mend=mend),
            environment={"CI_GATE_MIN_F1": None, **environment},
        )
        for name, cause, mend, environment in (
            ("a threshold that nothing can fail", "can never fail", "write 'off'", {"CI_GATE_MIN_RECALL": "0"}),
            ("only a default typed out", "cannot fail", "--min-f1", {"CI_GATE_MIN_UTTERANCES": "1"}),
            ("nothing but defaults", "cannot fail", "--min-f1", {}),
        )
    ),
)


def _two_entities(raw: bytes) -> bytes:
    """Return the file with two entities for each of the first two utterances, in two rows each."""

    def twice(row: bytes) -> bytes:
        return b"".join(row.replace(b'"",""\r\n', b'"%s","True"\r\n' % name) for name in (b"Amount", b"Date"))

    head, columns, rows = raw.partition(b'"Entity Name"\r\n')
    rows = rows.replace(b',""\r\n', b',"",""\r\n')
    return head + columns.replace(b"\r\n", b',"Entity Result"\r\n') + _rows(rows, (1, 2), twice)


_TWO_WAYS = _two_entities(_without(3, 4))
"""As many rows as utterances: either each is an utterance, or two utterances have two rows and two are missing."""


def _checked(name: str, raw: bytes, must: Ending, **environment: str) -> Fault:
    start = Start(
        arguments=("check", "r.csv", "--report-dir", "ci-gate-report"), files={"r.csv": raw}, environment=environment
    )
    return Fault(name, Script(), must, start)


_READ_AS = ends(5, "the results file can be read as 38 or 40 utterances", mend="with a status reply")

_READINGS = (
    _checked("a file that can be read in two ways", _TWO_WAYS, _READ_AS),
    _checked("a file that can be read in two ways, of a bot that is bad in one", _TWO_WAYS, _READ_AS, **_STRICT),
    _run("a file that can be read in two ways, and the status reply fits one", _TWO_WAYS, PASSES),
    _run(
        "a file that can be read in two ways, and the status reply fits the one of a bad bot",
        _TWO_WAYS,
        FAILS,
        environment=_STRICT,
    ),
    _run(
        "a file that can be read in two ways, and the status reply fits none",
        _TWO_WAYS,
        ends(5, "the results file holds 38 of 40 utterances", mend="download it again"),
        measured=(_TP - 1, _TN, _FP, _FN + 1),
    ),
    _checked(
        "a file with more rows than utterances, which can be read in one way", _two_entities(results_file()), PASSES
    ),
)

FAULTS = (*_UNKNOWN, *_NAMES, *_TEETH, *_READINGS)
