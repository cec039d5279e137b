"""Faults of waivers, forbidden pairs and must-pass utterances: excused failures, and names that match nothing."""

from __future__ import annotations

from tests.tools.faults.good_run import MEASURED, results_file
from tests.tools.faults.model import PASSES, Ending, Fault, Script, Start, ends

_TP, _TN, _FP, _FN = MEASURED
_USUAL = results_file()
_TWO = 2
"""One fewer than there are in the good run: it passes only if one of them is waived."""

_TOO_MANY = Ending(code=1, cause=("FAILED", "mismatches 3"))
_CONFUSED = Ending(code=1, cause=("FAILED", "'Block card' was taken for 'Change address' 1 time"))
_FORBIDDEN = '[[forbidden]]\nexpected = "Block card"\nmatched = "Change address"\n'
_NO_CHEQUE_BOOK = '[[forbidden]]\nexpected = "Order cheque book"\nmatched = "None"\n'

_UTTERANCE = 'utterance = "invented utterance number 38"'
_INTENT = 'intent = "Block card"'


def _pair(matched: str) -> str:
    return f'confusion = {{ expected = "Block card", matched = "{matched}" }}'


def _waived(*subjects: str, until: str = "2999-12-31") -> str:
    """Return settings with a waiver of each subject."""
    answerable = f'reason = "known"\nowner = "NLU team"\nexpires = {until}\n'
    return "".join(f"[[waivers]]\n{subject}\n{answerable}" for subject in subjects)


def _checked(name: str, settings: str, must: Ending, raw: bytes = _USUAL, *, failed: int = 0, limit: int = 3) -> Fault:
    """Judge ``raw`` with ``settings``, which allow ``limit`` mismatches and ``failed`` unevaluated utterances."""
    files: dict[str, str | bytes] = {"ci-gate.toml": settings, "r.csv": raw}
    environment = {"CI_GATE_MAX_MISMATCHES": str(limit), "CI_GATE_MAX_FAILED_UTTERANCES": str(failed)}
    arguments = ("check", "r.csv", "--report-dir", "ci-gate-report")
    return Fault(name, Script(), must, Start(arguments=arguments, files=files, environment=environment))


_SEVERAL_MATCHED = _USUAL.replace(b'38","Block card","Change address"', b'38","Block card","Change address|Pay bill"')

_CONFUSIONS = (
    _checked("no waiver of a mismatch too many", "", _TOO_MANY, limit=_TWO),
    _checked("a waiver of the confusion", _waived(_pair("Change address")), PASSES, limit=_TWO),
    _checked(
        "a waiver of one of two wrong intents",
        _waived(_pair("Change address")),
        _TOO_MANY,
        _SEVERAL_MATCHED,
        limit=_TWO,
    ),
    _checked(
        "a waiver of each of two wrong intents",
        _waived(_pair("Change address"), _pair("Pay bill")),
        PASSES,
        _SEVERAL_MATCHED,
        limit=_TWO,
    ),
)

_EXCUSES = (
    _checked("a waiver of the intent of a forbidden pair", _FORBIDDEN + _waived(_INTENT), _CONFUSED),
    _checked("a waiver of a forbidden pair itself", _FORBIDDEN + _waived(_pair("Change address")), PASSES),
    _checked("a waiver of the utterance of a forbidden pair", _FORBIDDEN + _waived(_UTTERANCE), PASSES),
)

_PAST = _waived(_UTTERANCE, until="2020-01-31")
_OF_NOTHING = Ending(code=0, cause=("PASSED", "covers nothing; it can be removed"))
_MISSPELT = ("the waiver of intent 'Blok card' covers nothing: did you mean 'Block card'?",)
_ONCE = "the waiver of intent 'Block a card' covers nothing in any suite"

_IDLE = (
    _checked("an expired waiver of a mismatch", _PAST, _TOO_MANY, limit=_TWO),
    _checked("a waiver that covers nothing", _waived('intent = "Show balance"'), _OF_NOTHING),
    _checked(
        "a misspelt waiver of a mismatch too many",
        _waived('intent = "Blok card"'),
        Ending(code=1, cause=("FAILED", "mismatches 3", *_MISSPELT)),
        limit=_TWO,
    ),
    Fault(
        "a waiver for all suites that covers nothing in two",
        Script(),
        Ending(code=0, cause=("PASSED",), once=(_ONCE, "covers nothing")),
        Start(
            files={
                "ci-gate.toml": '[[suites]]\nname = "Smoke"\n[[suites]]\nname = "Smoke"\nlabel = "again"\n'
                + _waived('intent = "Block a card"')
            },
            environment={"CI_GATE_SUITE": None},
        ),
    ),
)

_ACCEPTED = results_file((_TP, _TN + 1, _FP, _FN - 1)).replace(
    b'38","None","None"', b'38","Order cheque book|None","None"'
)

_NAMES = (
    _checked(
        "no intent where it is forbidden",
        _NO_CHEQUE_BOOK,
        Ending(code=1, cause=("FAILED", "'Order cheque book' was taken for", "1 time")),
    ),
    _checked(
        "no intent where it is forbidden, and accepted",
        _NO_CHEQUE_BOOK,
        Ending(code=0, cause=("PASSED",), measured=(_TP, _TN + 1, _FP, _FN - 1)),
        _ACCEPTED,
        limit=_TWO,
    ),
    _checked(
        "a misspelt utterance that must pass",
        'must_pass = ["invented uterance number 12"]\n',
        ends(
            2,
            "NOT JUDGED  no suite has the must-pass utterance 'invented uterance number 12'",
            "NOT JUDGED  Smoke: no suite has the must-pass utterance 'invented uterance number 12', so the rules judge",
            mend="did you mean 'invented utterance number 12'?",
        ),
    ),
    *(
        _checked(f"a misspelt match of a forbidden pair{what}", before + _FORBIDDEN.replace("address", "adress"), must)
        for what, before, must in (
            ("", "", ends(5, "did you mean 'Change address'?", mend='tolerate = ["unknown-name"]')),
            (", tolerated", 'tolerate = ["unknown-name"]\n', PASSES),
        )
    ),
)

_ONE_LOST = (_TP - 1, _TN, _FP, _FN)
_FIRST = 'utterance = "invented utterance number 1"'


def _unevaluated(name: str, settings: str, must: Ending) -> Fault:
    """Return a fault with the first utterance, which expects 'Show balance', unevaluated; the user allows that."""
    return _checked(name, settings, must, _blank(), failed=1, limit=4)


def _blank() -> bytes:
    """Return the file without a result for the first utterance, with the scores of the others."""
    rows = _USUAL[_USUAL.index(b'"Utterance",') :].replace(b'"TP"', b'""', 1)
    top = results_file(_ONE_LOST)
    return top[: top.index(b'"Utterance",')] + rows


_UNKNOWN = ends(5, "<= 0: no data", mend="switch the threshold off")
_STILL_PASSES = Ending(code=0, cause=("PASSED",), measured=_ONE_LOST)
_NO_BILL = '[[forbidden]]\nexpected = "Show balance"\nmatched = "Pay bill"\n'
_FIRST_PASSES = 'must_pass = ["invented utterance number 1"]\n'

_NOT_EVALUATED = (
    _unevaluated(
        "a waiver of an utterance that must pass, not evaluated", _FIRST_PASSES + _waived(_FIRST), _STILL_PASSES
    ),
    _unevaluated(
        "a waiver of a confusion of an utterance that must pass, not evaluated",
        _FIRST_PASSES + _waived('confusion = { expected = "Show balance", matched = "Pay bill" }'),
        _UNKNOWN,
    ),
    _unevaluated(
        "a waiver of the utterance of a forbidden pair, not evaluated", _NO_BILL + _waived(_FIRST), _STILL_PASSES
    ),
    _unevaluated(
        "a waiver of the intent of a forbidden pair, not evaluated",
        _NO_BILL + _waived('intent = "Show balance"'),
        _UNKNOWN,
    ),
)

FAULTS = (*_CONFUSIONS, *_EXCUSES, *_IDLE, *_NAMES, *_NOT_EVALUATED)
