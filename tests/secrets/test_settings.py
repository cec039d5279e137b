"""A secret in a setting where it does not belong is refused, and appears in no output."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from ci_gate.errors import ExitCode
from tests.kore.scripted_server import ScriptedServer, answers, http
from tests.secrets.canaries import body_of, odd, private_key, signature, token, told_by
from tests.secrets.echo import usual

if TYPE_CHECKING:
    from tests.secrets.scene import Scene

SECRET, TOKEN, KEY = odd(), token(), private_key()
LINK = f"https://files.example/f.csv?e=1&s={(SIGNATURE := signature())}"
SECRETS = {"secret": SECRET, "token": told_by(TOKEN), "key": body_of(KEY), "signature": SIGNATURE}
NOWHERE = "http://127.0.0.1:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Flags, variables and a settings file with a secret in them, and the exit code."""

    flags: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    file: str = ""
    code: int = ExitCode.USAGE


PAIR = {"CI_GATE_CLIENT_ID": "cs-of-nobody", "CI_GATE_CLIENT_SECRET": SECRET}
READY = {"CI_GATE_JWT": TOKEN}
KEYS = {"CI_GATE_CLIENT_ID": "cs-of-nobody", "CI_GATE_JWT_ALGORITHM": "RS256"}
WITH_PASSWORD = f"https://user:{SECRET.replace('/', '-')}@platform.example"

VALUED = (
    *("--host", "--bot-id", "--suite", "--bot-version", "--engine", "--language", "--timeout", "--min-f1"),
    *("--max-failed-utterances", "--tolerate", "--utterances", "--junit-cases", "--max-file-size", "--max-file-rows"),
    *("--max-age", "--jwt-algorithm", "--results-host", "--ca-file", "--config"),
)
HOSTS = ("--host", "--results-host")
PLACES = {
    "pair that nobody answers": Place(variables=PAIR, code=ExitCode.PLATFORM),
    "token that nobody answers": Place(variables=READY, code=ExitCode.PLATFORM),
    "token that has expired": Place(variables={"CI_GATE_JWT": token(expires_in=-9.0)}, code=ExitCode.PLATFORM),
    "token cut short": Place(variables={"CI_GATE_JWT": TOKEN[:-9]}, code=ExitCode.PLATFORM),
    "token of another form": Place(variables={"CI_GATE_JWT": SECRET}, code=ExitCode.PLATFORM),
    "both kinds": Place(variables=PAIR | READY),
    "secret alone": Place(variables={"CI_GATE_CLIENT_SECRET": SECRET}),
    "secret with a blank": Place(variables=PAIR | {"CI_GATE_CLIENT_SECRET": f"{SECRET} {SECRET}"}),
    "secret with a line break": Place(variables=PAIR | {"CI_GATE_CLIENT_SECRET": f"{SECRET}\n{SECRET}"}),
    "secret as the client id": Place(variables=PAIR | {"CI_GATE_CLIENT_ID": SECRET}, code=ExitCode.PLATFORM),
    "token behind a word": Place(variables={"CI_GATE_JWT": f"Bearer {TOKEN}"}),
    "key as text": Place(variables=KEYS | {"CI_GATE_PRIVATE_KEY": KEY}, code=ExitCode.PLATFORM),
    "key on one line": Place(
        variables=KEYS | {"CI_GATE_PRIVATE_KEY": KEY.replace("\n", "\\n")}, code=ExitCode.PLATFORM
    ),
    "key as a path": Place(variables=KEYS | {"CI_GATE_PRIVATE_KEY": "key.pem"}, code=ExitCode.PLATFORM),
    "key without its first line": Place(variables=KEYS | {"CI_GATE_PRIVATE_KEY": KEY.partition("\n")[2]}),
    "key without its last lines": Place(variables=KEYS | {"CI_GATE_PRIVATE_KEY": KEY[:-200]}),
    "key without line breaks": Place(variables=KEYS | {"CI_GATE_PRIVATE_KEY": body_of(KEY)}),
    "key for the wrong algorithm": Place(
        variables=KEYS | {"CI_GATE_PRIVATE_KEY": KEY, "CI_GATE_JWT_ALGORITHM": "HS256"}
    ),
    "secret where a key is wanted": Place(variables=KEYS | {"CI_GATE_PRIVATE_KEY": SECRET}),
    **{f"secret as {flag}": Place(flags=(flag, SECRET), variables=PAIR) for flag in VALUED},
    **{f"token as {flag}": Place(flags=(flag, TOKEN)) for flag in VALUED},
    **{f"key as {flag}": Place(flags=(flag, KEY)) for flag in VALUED},
    **{f"password in {flag}": Place(flags=(flag, WITH_PASSWORD), variables=PAIR) for flag in HOSTS},
    **{f"link as {flag}": Place(flags=(flag, LINK), variables=PAIR) for flag in (*HOSTS, "--ca-file")},
    "secret as --client-secret": Place(flags=("--client-secret", SECRET)),
    "secret as --client-secret=": Place(flags=(f"--client-secret={SECRET}",)),
    "token as --jwt": Place(flags=("--jwt", TOKEN)),
    "token as --jwt=": Place(flags=(f"--jwt={TOKEN}",)),
    "secret as a letter": Place(flags=("-s", SECRET)),
    "secret as an argument": Place(flags=(SECRET,), variables=PAIR),
    "token as an argument": Place(flags=(TOKEN,)),
    "key as an argument": Place(flags=(KEY,)),
    "link as an argument": Place(flags=(LINK,)),
    "secret as a variable of another name": Place(variables={"CI_GATE_SECRET": SECRET}),
    "token as a variable of another name": Place(variables={"CI_GATE_TOKEN": TOKEN}),
    "secret as another variable": Place(variables=PAIR | {"CI_GATE_TIMEOUT": SECRET}),
    "secret in the file": Place(variables=PAIR, file=f"client_secret = '''{SECRET}'''"),
    "token in the file": Place(file=f'jwt = "{TOKEN}"'),
    "key in the file": Place(file=f'private_key = """{KEY}"""'),
    "token as another key of the file": Place(variables=PAIR, file=f'timeout = "{TOKEN}"'),
    "token as a suite of the file": Place(variables=PAIR, file=f'[[suites]]\nname = "{TOKEN}"'),
    "token as a label of the file": Place(variables=PAIR, file=f'[[suites]]\nname = "Smoke"\nlabel = "{TOKEN}"'),
    "token as the name of a key": Place(file=f'"{TOKEN}" = 1'),
    "secret in a file without quotation marks": Place(file=f"client_secret = {SECRET}"),
    "token in a file without quotation marks": Place(file=f"jwt = {TOKEN}"),
    "token twice in a file": Place(file=f"[{TOKEN}]\n[{TOKEN}]"),
    "token with a torn quotation mark": Place(file=f'jwt = "{TOKEN}'),
    **{
        f"{name} as {what} of the file": Place(variables=PAIR, file=file.replace("{}", text))
        for name, text in (("link", LINK), ("password", WITH_PASSWORD))
        for what, file in {
            "a value": 'max_file_size = "{}"',
            "the name of a key": '"{}" = 1',
            "a torn key": '"{}" = 1 = 2',
            "a path": 'must_pass = "{}"',
            "a key of a rule": 'intents = { min_f1 = 0.5, "{}" = 1 }',
            "an intent with an unknown floor": 'intents."{}".floor = 1',
            "a day": 'waivers = [{ utterance = "hi", reason = "so", owner = "me", expires = "{}" }]',
            "a key of a waiver": 'waivers = [{ "{}" = 1 }]',
            "a confusion with itself": 'forbidden = [{ expected = "{}", matched = "{}", "{}" = 1 }]',
            "a suite that is known": 'suites = [{ name = "{}" }]',
            "a suite that is asked about": 'suites = [{ name = "{}", unknown = 1 }]',
            "a threshold": 'thresholds = { min_recall = "{}" }',
        }.items()
    },
}


@pytest.mark.parametrize(("command", "system"), [("run", "GitHub"), ("gate tr-1", "GitLab")], ids=["run", "gate"])
def test_a_secret_in_any_setting_appears_nowhere(command: str, system: str, scene: Scene) -> None:
    problems: dict[str, object] = {}
    for name, place in PLACES.items():
        scene.plant("ci-gate.toml", place.file)
        scene.plant("key.pem", KEY)
        environment = usual(NOWHERE) | {"CI_GATE_TIMEOUT": "1s"} | place.variables
        trace = scene.run(*command.split(), "--verbose", *place.flags, environment=environment, system=system)
        if trace.leaks(SECRETS) or trace.code != place.code:
            problems[name] = (trace.leaks(SECRETS), trace.code)
    assert problems == {}


@pytest.mark.parametrize("secret", [SECRET, TOKEN, f"x{KEY}"], ids=["secret", "token", "key"])
def test_a_secret_in_place_of_a_run_id_is_refused(secret: str, scene: Scene) -> None:
    trace = scene.run("gate", secret, "--verbose", environment=usual(NOWHERE) | PAIR)
    assert trace.leaks(SECRETS) == []
    assert trace.code == ExitCode.USAGE


PASSWORD = odd().replace("/", "-").replace("%", "-")

PROXIES: dict[str, tuple[str, bytes]] = {
    "refuses": ("http://user:{password}@{proxy}", http(407, b"<h1>{password}</h1>")),
    "passes on": ("http://user:{password}@{proxy}", http(401, b"{}")),
    "hangs up": ("http://user:{password}@{proxy}", b""),
    "has no scheme": ("user:{password}@{proxy}", http(401, b"{}")),
    "has a scheme that is none": ("nonsense://user:{password}@{proxy}", b""),
    "has a port that is none": ("http://user:{password}@127.0.0.1:{password}", b""),
    "is of another kind": ("socks5://user:{password}@{proxy}", b""),
}


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("kind", PROXIES)
def test_the_password_of_a_proxy_appears_nowhere(kind: str, variable: str, scene: Scene) -> None:
    url, reply = PROXIES[kind]
    encoded = PASSWORD.translate({ord(char): f"%{ord(char):02x}" for char in "\"<&'+=>$"})
    with ScriptedServer(answers(reply.replace(b"{password}", PASSWORD.encode()))) as server:
        value = url.format(password=encoded, proxy=f"127.0.0.1:{server.port}")
        scene.monkeypatch.setenv(variable, value)
        environment = usual("http://platform.example") | PAIR | {variable: value, "CI_GATE_TIMEOUT": "20s"}
        trace = scene.run("run", "--allow-http", "--verbose", environment=environment)
    assert trace.leaks(SECRETS | {"password": PASSWORD, "encoded password": encoded}) == []
    assert trace.code in (ExitCode.USAGE, ExitCode.PLATFORM, ExitCode.DENIED)
