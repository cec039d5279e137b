"""However a command ends, and whatever bug occurs, no file and no output contains a secret."""

from __future__ import annotations

import gc
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.errors import ExitCode
from ci_gate.gate import remote_runs as remote
from ci_gate.gate import session
from ci_gate.kore import auth, wire
from ci_gate.kore import platform as kore
from ci_gate.simulator import Scenario, Simulator
from tests.kore.scripted_server import http
from tests.sandbox import each_signal
from tests.secrets.canaries import body_of, odd, private_key, signature, token, told_by
from tests.secrets.echo import Heard, completed, platform, usual
from tests.secrets.scene import SURROUNDINGS
from tests.tools.faults import good_run

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable

    from tests.secrets.scene import Scene, Trace

TOKEN = re.compile(rb"eyJ[\w-]+\.[\w-]+")
SIGNATURE = re.compile(rb"[?&]s=|\$\$")


def shapes(trace: Trace) -> list[str]:
    """Return what looks like a token or a signed link of the simulator, whose own secrets are unknown here."""
    found = [(place, rule.search(content)) for place, content in trace.written.items() for rule in (TOKEN, SIGNATURE)]
    return [f"{match[0]!r} in {place}" for place, match in found if match]


def simulated(simulator: Simulator) -> dict[str, str]:
    """Return the variables of a run on the simulator."""
    bank = simulator.bots[0]
    return usual(simulator.url) | {
        "CI_GATE_BOT_ID": bank.id,
        "CI_GATE_SUITE": bank.suites[0],
        "CI_GATE_CLIENT_ID": simulator.client_id,
        "CI_GATE_CLIENT_SECRET": simulator.client_secret,
    }


def replay_all(scene: Scene) -> list[Trace]:
    """Run ``check`` on all results files below the working directory."""
    files = [(path, path.with_name(path.name.replace("results.csv", "status.json"))) for path in Path().rglob("*.csv")]
    flags = ("--min-f1", "0.9", "--verbose")
    return [scene.run("check", str(path), "--status", str(status), *flags, environment={}) for path, status in files]


@pytest.mark.parametrize("system", SURROUNDINGS)
@pytest.mark.parametrize("scenario", Scenario)
def test_no_scenario_leaks_a_secret(scenario: Scenario, system: str, scene: Scene) -> None:
    with Simulator(scenario=scenario, duration=60.0) as simulator:
        environment = simulated(simulator)
        trace = scene.run("run", "--verbose", "--timeout", "40s", environment=environment, system=system)
        for written in (trace, *replay_all(scene)):
            assert written.leaks({"secret": simulator.client_secret, "client id": simulator.client_id}) == []
            assert shapes(written) == []


# A request that an interruption leaves behind does not close its socket in order.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@each_signal
@pytest.mark.parametrize("step", ["start", "status", "file"])
def test_no_interruption_leaks_a_secret(step: str, signum: signal.Signals, code: int, scene: Scene) -> None:
    heard, secret, signals = Heard(), odd(), [signum]

    def interrupting(heard: Heard) -> bytes:
        if signals:  # a second one would end this process
            os.kill(os.getpid(), signals.pop())
        return http(500, f"{heard.token} {heard.link}".encode())

    with platform(heard, **{step: interrupting}) as server:
        credentials = {"CI_GATE_CLIENT_ID": "cs-of-nobody", "CI_GATE_CLIENT_SECRET": secret}
        trace = scene.run("run", "--verbose", environment=usual(server.origin) | credentials)
    gc.collect()  # here, and not in the middle of another test
    assert trace.code == code
    assert trace.leaks(heard.secrets | {"secret": secret}) == []


def fails_with(text: Callable[..., str]) -> Callable[..., object]:
    """Return a function that raises an exception which quotes its arguments."""

    def broken(*given: object, **named: object) -> object:
        try:
            raise KeyError(text(*given, **named))
        except KeyError as first:
            raise RuntimeError(text(*given, **named)) from first

    return broken


def all_of(*given: object, **named: object) -> str:
    return f"{given!r} {named!r}"


BUGS: dict[str, tuple[object, str, Callable[..., str]]] = {
    "while settings are read": (session, "gather", lambda flags, environment: str(dict(environment))),
    "while tokens are prepared": (remote, "_token", lambda credentials, _now: f"{credentials.key} {credentials.token}"),
    "while a key is used": (auth, "signer", all_of),
    "while a run is started": (kore.KorePlatform, "start", lambda it, suite: f"{it!r} {it.token()} {it.wire!r}"),
    "while a request is sent": (wire.HttpWire, "_exchange", lambda it, request, *_: f"{request} {request.headers}"),
    "while a reply is read": (kore, "read_status", lambda body: repr(body)),
    "while a link is judged": (kore, "allowed_link", lambda text, **hosts: f"{text} {hosts}"),
    "while a file is asked for": (kore.KorePlatform, "_download", lambda it, link: f"{link!r} {link.target!r}"),
    "while a file is read": (kore, "parse", lambda raw, **limits: f"{raw[:99]!r}"),
}


@pytest.mark.parametrize(
    ("bug", "ready"),
    [(bug, ready) for bug in BUGS for ready in (False, True) if not (ready and bug == "while a key is used")],
)
def test_no_bug_leaks_a_secret(bug: str, ready: bool, scene: Scene) -> None:
    owner, name, text = BUGS[bug]
    scene.monkeypatch.setattr(owner, name, fails_with(text))
    heard, secret, other = Heard(), odd(), odd()
    pair = {"CI_GATE_CLIENT_ID": "cs-of-nobody", "CI_GATE_CLIENT_SECRET": secret, "HTTPS_PROXY": f"http://u:{other}@p"}
    with platform(heard) as server:
        credentials = {"CI_GATE_JWT": secret} if ready else pair
        trace = scene.run("run", "--verbose", environment=usual(server.origin) | credentials)
    assert trace.code == ExitCode.INTERNAL
    assert b"Traceback" in trace.written["stderr"]
    assert trace.leaks(heard.secrets | {"secret": secret, "password": other}) == []


def test_the_signature_in_a_reply_that_was_saved_by_hand_is_not_kept(scene: Scene) -> None:
    heard = Heard(origin="https://files.example", tokens=[token()])

    def talkative(reply: dict[str, object]) -> None:
        reply.update({heard.link: [heard.token], "_id": heard.link})

    reply = completed(heard, talkative).partition(b"\r\n\r\n")[2].decode()
    scene.plant("saved.json", reply)
    scene.plant("results.csv", good_run.results_file().decode())
    for status in ("saved.json", "results.csv"):
        trace = scene.run("check", "results.csv", "--status", status, "--min-f1", "0.9", "--verbose", environment={})
        assert trace.leaks(heard.secrets) == []


def test_a_link_in_place_of_a_file_is_refused_without_its_signature(scene: Scene) -> None:
    link = f"https://files.example/f.csv?e=1&s={signature()}"
    secrets = {"signature": link.rpartition("=")[2]}
    Path("results.csv").write_bytes(good_run.results_file())
    for arguments in ((link,), ("results.csv", "--status", link), ("x" * 300 + link,)):
        trace = scene.run("check", *arguments, "--min-f1", "0.9", "--verbose", environment={})
        assert trace.leaks(secrets) == []
        assert trace.code == ExitCode.USAGE


REAL = {"CI_GATE_CLIENT_ID": "cs-of-nobody", "CI_GATE_CLIENT_SECRET": odd(), "CI_GATE_PRIVATE_KEY": private_key()}


@pytest.mark.parametrize(
    "line",
    [
        "demo --verbose",
        "demo --verbose --scenario denied",
        "check nowhere.csv --verbose",
        "simulator --port none",
        "run --no-such-flag --verbose",
        "--help",
        "run --help",
        "no-such-command",
    ],
)
def test_no_command_leaks_the_secrets_of_the_environment(line: str, scene: Scene) -> None:
    environment = REAL | {"CI_GATE_JWT": token(), "CI_GATE_HOST": f"https://platform.example/?s={signature()}"}
    trace = scene.run(*line.split(), environment=environment)
    secrets = {
        "secret": REAL["CI_GATE_CLIENT_SECRET"],
        "key": body_of(REAL["CI_GATE_PRIVATE_KEY"]),
        "token": told_by(environment["CI_GATE_JWT"]),
        "signature": environment["CI_GATE_HOST"].partition("=")[2],
    }
    assert trace.leaks(secrets) == []
    assert shapes(trace) == []


def test_the_link_in_the_saved_reply_has_lost_its_query(scene: Scene) -> None:
    heard = Heard()
    with platform(heard) as server:
        scene.run("run", environment=usual(server.origin) | {"CI_GATE_JWT": token()})
    (saved,) = Path("ci-gate-report").glob("*.status.json")
    assert json.loads(saved.read_bytes())["result"]["fileUrl"] == f"{server.origin}/media/results.csv"
