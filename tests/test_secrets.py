"""Nothing that the gate writes, prints or raises holds the secret, a token, or the signature of a link."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.cli.app import main
from ci_gate.kore import platform as platform_module
from ci_gate.simulator import Scenario
from tests.cli.stage import Stage
from tests.fakes import FakeClock, world_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.model import Run

TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+")
SIGNATURE = re.compile(r"[?&]s=|\$\$")


@pytest.fixture(params=list(Scenario))
def stage(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    """Every scenario in turn."""
    with Stage(capsys, request.param) as staged:
        yield staged


def leaks(stage: Stage, texts: list[str]) -> list[str]:
    """List what must not be there and is."""
    secrets = [stage.simulator.client_secret, stage.simulator.client_id]
    found = [secret for text in texts for secret in secrets if secret in text]
    return found + [match[0] for text in texts for rule in (TOKEN, SIGNATURE) for match in rule.finditer(text)]


def written() -> list[str]:
    """Read every file below the working directory."""
    return [path.read_text(encoding="utf-8", errors="replace") for path in Path().rglob("*") if path.is_file()]


@pytest.mark.parametrize("system", ["GitHub", "GitLab"])
def test_no_scenario_lets_a_secret_out(stage: Stage, system: str) -> None:
    passed_on = Path("step-summary.md"), Path("outputs")
    if system == "GitHub":
        stage.environment |= {"GITHUB_STEP_SUMMARY": "step-summary.md", "GITHUB_OUTPUT": "outputs"}
    else:
        passed_on = Path("ci-gate-report/annotations.json"), Path("ci-gate-report/gate.env")
        stage.environment["GITLAB_CI"] = "true"
    ending = stage.run("--verbose", "--timeout", "40s")
    replays = []
    for results in sorted(ending.folder.glob("*.results.csv")):
        status = results.with_name(results.name.replace(".results.csv", ".status.json"))
        replay = stage.command("check", str(results), "--status", str(status), "--min-f1", "0.9", "--verbose")
        replays += [replay.out, replay.err]
    assert all(path.stat().st_size > 0 for path in passed_on)
    assert leaks(stage, [ending.out, ending.err, *replays, *written()]) == []


def test_a_bug_in_the_middle_lets_no_secret_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The traceback is shown with --verbose, with everything that it may quote."""

    def broken(self: object, run: Run) -> None:
        raise RuntimeError(f"{self!r} {run!r}")

    monkeypatch.setattr(platform_module.KorePlatform, "status", broken)
    with Stage(capsys) as stage:
        ending = stage.run("--verbose")
        assert ending.code == 70
        assert "Traceback" in ending.err
        assert leaks(stage, [ending.out, ending.err, *written()]) == []


@pytest.mark.parametrize("bad", ["with\nnewline", "nicht-ästhetisch", "bell\x07"])
def test_a_secret_that_cannot_be_one_is_refused_without_being_shown(
    bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("CI_GATE_CLIENT_SECRET", "CI_GATE_JWT"):
        shutil.rmtree("ci-gate-report", ignore_errors=True)
        environment = {"CI_GATE_HOST": "localhost", name: bad}
        if name == "CI_GATE_CLIENT_SECRET":
            environment["CI_GATE_CLIENT_ID"] = "cs-1"
        code = main(["run", "--suite", "s", "--bot-id", "st-1", "--min-f1", "0.9"], world_of(FakeClock(), environment))
        captured = capsys.readouterr()
        assert code == 2
        assert name in captured.err
        assert all(bad not in text and bad[:6] not in text for text in (captured.out, captured.err, *written()))
