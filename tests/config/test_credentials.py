"""Credentials from the environment: found, kept whole, never shown; a missing half of a pair is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.config.credentials import ALGORITHMS, read_credentials, secrets_of
from ci_gate.config.raw_value import RawValue
from ci_gate.config.settings import Credentials
from tests.config.builders import CANARY, refusal, write

if TYPE_CHECKING:
    from ci_gate.errors import UsageError

ID, SECRET, KEY, TOKEN = "CI_GATE_CLIENT_ID", "CI_GATE_CLIENT_SECRET", "CI_GATE_PRIVATE_KEY", "CI_GATE_JWT"
PEM = f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----"


def _algorithm(word: str) -> RawValue:
    return RawValue((word,), "--jwt-algorithm")


def _credentials(algorithm: str, **environment: str) -> Credentials:
    found, missing = read_credentials(_algorithm(algorithm), environment)
    assert missing == []
    assert found is not None
    return found


def _missing(algorithm: str | None = None, **environment: str) -> str:
    found, missing = read_credentials(_algorithm(algorithm) if algorithm else None, environment)
    assert found is None
    (line,) = missing
    assert CANARY not in line
    return line


def test_secret_signs_with_hs256_by_default() -> None:
    found, missing = read_credentials(None, {ID: " cs-1\n", SECRET: f"\t{CANARY}\r\n"})
    assert (found, missing) == (Credentials(client_id="cs-1", key=CANARY, algorithm="HS256"), [])


def test_algorithm_is_known_in_any_case() -> None:
    for word in ("HS512", "hs512", " Hs512 "):
        assert _credentials(word, **{ID: "cs-1", SECRET: CANARY}).algorithm == "HS512"
    error = refusal(lambda: read_credentials(_algorithm("none"), {ID: "cs-1", SECRET: CANARY}))
    assert error.message == "--jwt-algorithm: 'none' is not one of HS256, HS512, RS256, RS512"


def test_ready_token_needs_nothing_else() -> None:
    for word in ALGORITHMS:
        assert _credentials(word, **{TOKEN: f" {CANARY}\n"}) == Credentials(token=CANARY)
    assert _credentials("HS256", **{TOKEN: CANARY, ID: "", SECRET: " \n"}) == Credentials(token=CANARY)


def test_private_key_is_pem_text_with_line_breaks_in_either_form() -> None:
    for word in ("RS256", "RS512"):
        for key in (PEM, PEM.replace("\n", "\\n"), f"\n{PEM}\n"):
            expected = Credentials(client_id="cs-1", key=PEM, algorithm=word)
            assert _credentials(word, **{ID: "cs-1", KEY: key}) == expected


def test_secret_may_look_a_little_like_something_else() -> None:
    for text in ("/Zm9v/YmFy+w==", "$", "$9.50-a-month", '"half', "a$NAME", "50%", "%s", "a/b", "'"):
        assert _credentials("HS256", **{ID: "cs-1", SECRET: text}).key == text


@pytest.mark.parametrize("before", ["", "Bag Attributes\n  friendlyName: Zürich\n"])
def test_private_key_may_be_the_path_of_a_file(before: str) -> None:
    write(f"{before}{PEM}\n", "keys/gate.pem")
    assert _credentials("RS256", **{ID: "cs-1", KEY: " keys/gate.pem\n"}).key == before + PEM


@pytest.mark.parametrize("text", [CANARY, ".", f"{CANARY}\0", CANARY * 500])
def test_private_key_that_is_neither_text_nor_file_is_not_repeated(text: str) -> None:
    error = refusal(lambda: read_credentials(_algorithm("RS256"), {ID: "cs-1", KEY: text}))
    assert error.message == "CI_GATE_PRIVATE_KEY is neither PEM text nor the path of a file that can be read"
    assert error.hint == "give the key from -----BEGIN to its last line, or the path of its file"


@pytest.mark.parametrize("content", [b"", CANARY.encode(), b"\x30\x82\x04\xa4", PEM.encode("utf-16")])
def test_file_that_is_no_pem_key_is_refused(content: bytes) -> None:
    write(content, "gate.key")
    error = refusal(lambda: read_credentials(_algorithm("RS256"), {ID: "cs-1", KEY: "gate.key"}))
    assert error.message == "the file that CI_GATE_PRIVATE_KEY names is not a PEM key"
    assert "-----BEGIN" in error.hint


QUOTED = (f'"{CANARY}"', f" '{CANARY}'\n", f"“{CANARY}”")
PLACEHOLDERS = ("$BOT_SECRET", "${BOT_SECRET}", "$(BOT_SECRET)", "${{ secrets.BOT_SECRET }}", "%BOT_SECRET%")
PATHS = ("secrets.txt", "./secrets.txt", "~/kore.txt", "/run/secrets/kore", r"C:\kore\secret.txt", "file:///x")


@pytest.mark.parametrize("name", [ID, SECRET, KEY, TOKEN])
def test_value_that_cannot_be_a_secret_is_refused_by_the_name_of_its_variable(name: str) -> None:
    def error_of(text: str) -> UsageError:
        return refusal(lambda: read_credentials(None, {name: text}))

    for texts, what in ((QUOTED, "is in quotation marks"), (PLACEHOLDERS, "is the name of a variable")):
        for error in map(error_of, texts):
            assert error.message.startswith(f"{name} {what}")
            assert "BOT_SECRET" not in f"{error.message} {error.hint}"
    if name == KEY:
        return
    for error in map(error_of, (f"{CANARY}\nx", f"{CANARY}ü", f"Bearer {CANARY}", f"{CANARY}\x1b", f"•{CANARY}")):
        assert error.message == f"{name} contains characters that cannot occur in an id, secret or token"
        assert error.hint.startswith("copy it again: one line ")
    write(CANARY, "secrets.txt")
    for error in map(error_of, PATHS):
        assert error.message == f"{name} is the path of a file instead of its contents"
        assert error.hint == f'give the text itself: {name}="$(cat FILE)"; only CI_GATE_PRIVATE_KEY may be a path'


@pytest.mark.parametrize(("others", "named"), [
    ((ID,), ID), ((ID, SECRET), f"{ID}, {SECRET}"), ((KEY,), KEY), ((ID, KEY), f"{ID}, {KEY}"), ((SECRET,), SECRET),
])  # fmt: skip
def test_two_kinds_of_credentials_are_refused(others: tuple[str, ...], named: str) -> None:
    error = refusal(lambda: read_credentials(None, {TOKEN: CANARY, **dict.fromkeys(others, CANARY)}))
    assert error.message == f"two kinds of credentials are set: CI_GATE_JWT, and {named}"
    assert error.hint == "unset one kind, so that it is clear which is used"


_CI = "CI systems keep secrets from forks and unprotected branches"
_BY_SECRET = "  credentials: CI_GATE_CLIENT_ID with CI_GATE_CLIENT_SECRET, or CI_GATE_JWT, as environment variables"
_BY_KEY = "  credentials: CI_GATE_CLIENT_ID with CI_GATE_PRIVATE_KEY, or CI_GATE_JWT, as environment variables"
_WRONG_KIND = "RS512 signs with a private key, HS256 and HS512 with a secret"


@pytest.mark.parametrize(("algorithm", "environment", "line"), [
    (None, {}, f"{_BY_SECRET}; {_CI}"),
    (None, {ID: "cs-1"}, f"{_BY_SECRET}; so far there is {ID}; {_CI}"),
    (None, {ID: "cs-1", SECRET: "  "}, f"{_BY_SECRET}; so far there is {ID}; {_CI}"),
    (None, {SECRET: CANARY}, f"{_BY_SECRET}; so far there is {SECRET}; {_CI}"),
    (
        None,
        {ID: "cs-1", KEY: PEM},
        f"{_BY_SECRET}; so far there is {ID}, {KEY}; a private key needs --jwt-algorithm RS256 or RS512; {_CI}",
    ),
    ("RS256", {}, f"{_BY_KEY}; {_CI}"),
    ("RS512", {KEY: PEM}, f"{_BY_KEY}; so far there is {KEY}; {_CI}"),
    ("RS512", {ID: "cs-1", SECRET: CANARY}, f"{_BY_KEY}; so far there is {ID}, {SECRET}; {_WRONG_KIND}; {_CI}"),
])  # fmt: skip
def test_missing_credentials_are_listed_beside_the_others(
    algorithm: str | None, environment: dict[str, str], line: str
) -> None:
    assert _missing(algorithm, **environment) == line


def test_credentials_are_never_shown() -> None:
    Path("gate.pem").write_text(PEM)
    every = [
        _credentials("HS256", **{TOKEN: CANARY}),
        _credentials("HS256", **{ID: CANARY, SECRET: CANARY}),
        _credentials("RS256", **{ID: CANARY, KEY: PEM}),
        _credentials("RS256", **{ID: CANARY, KEY: "gate.pem"}),
    ]
    assert CANARY not in f"{every} {every[0]}"


@pytest.mark.parametrize(("environment", "secrets"), [
    ({ID: "cs-of-somebody", SECRET: f" {CANARY}\n"}, {CANARY}),
    ({"https_proxy": "http://somebody:p%40ssword@proxy.example:3128"}, {"p%40ssword", "p@ssword"}),
    ({"HTTP_PROXY": "somebody:password1@proxy.example"}, {"password1"}),
    ({"ALL_PROXY": "http://proxy.example:3128", "NO_PROXY": "a:long-enough@b"}, set()),
    ({SECRET: "short"}, set()),
], ids=["secret", "proxy", "proxy without a scheme", "no password", "too short"])  # fmt: skip
def test_all_secrets_of_an_environment_are_found(environment: dict[str, str], secrets: set[str]) -> None:
    assert secrets_of(environment) == secrets
