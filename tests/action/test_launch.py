"""The start of the action: mask, read, install, and become the gate; every error is reported."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from ci_gate.action import launch as module
from ci_gate.action.launch import launch
from ci_gate.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ci_gate.action.packages import Packages

    Capture = pytest.CaptureFixture[str]
    Patch = pytest.MonkeyPatch


@dataclass(slots=True)
class Stage:
    """An installation that may be complete, and a gate that only records its start."""

    is_complete: bool = True
    python: Path = Path("venv/bin/python")
    making: Callable[[], None] = lambda: None
    becoming: Callable[[], int] = lambda: 0
    asked: list[tuple[Path, str, bool]] = field(default_factory=list)
    became: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)
    fetching: list[Packages] = field(default_factory=list)

    def installation_of(self, root: Path, temporary: str, *, with_crypto: bool) -> Stage:
        self.asked.append((root, temporary, with_crypto))
        return self

    def make(self, packages: Packages) -> None:
        self.fetching.append(packages)
        self.making()

    def replace_process(self, command: list[str], environment: Mapping[str, str]) -> int:
        self.became.append((command, dict(environment)))
        return self.becoming()


ROOT = Path("the action")


@pytest.fixture
def stage(monkeypatch: Patch, tmp_path: Path) -> Stage:
    """Return a complete installation, as in the second step of a job."""
    staged = Stage()
    monkeypatch.setattr(module, "installation_of", staged.installation_of)
    monkeypatch.setattr(module, "replace_process", staged.replace_process)
    monkeypatch.setenv("RUNNER_TEMP", "temp")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    return staged


def outputs() -> dict[str, str]:
    """Return the outputs; the last line of a name counts."""
    lines = Path("outputs").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_gate_gets_settings_and_secrets_but_no_inputs(stage: Stage, monkeypatch: Patch) -> None:
    monkeypatch.setenv("INPUT_SUITE", "Smoke\nFull; $(regression)")
    monkeypatch.setenv("CI_GATE_JWT", "an-invented-token")
    assert launch(ROOT) == 0
    ((command, environment),) = stage.became
    assert command == [str(stage.python), "-I", "-X", "utf8", "-m", "ci_gate", "run"]
    assert environment["CI_GATE_SUITE"] == "Smoke\nFull; $(regression)"
    assert environment["CI_GATE_JWT"] == "an-invented-token"
    assert not any(name.startswith("INPUT_") for name in environment)
    assert stage.asked == [(ROOT, "temp", False)]


def test_run_id_makes_the_gate_attach(stage: Stage, monkeypatch: Patch) -> None:
    monkeypatch.setenv("INPUT_RUN_ID", "-tr-1")
    launch(ROOT)
    assert stage.became[0][0][-3:] == ["gate", "--", "-tr-1"]


@pytest.mark.parametrize(("key", "with_crypto"), [(" \n", False), ("key.pem", True)])
def test_private_key_needs_cryptography(stage: Stage, key: str, with_crypto: bool, monkeypatch: Patch) -> None:
    monkeypatch.setenv("CI_GATE_PRIVATE_KEY", key)
    launch(ROOT)
    assert stage.asked[0][2] is with_crypto


def test_second_use_prints_only_masks(stage: Stage, monkeypatch: Patch, capfd: Capture) -> None:
    monkeypatch.setenv("CI_GATE_CLIENT_SECRET", "an-invented-secret")
    launch(ROOT)
    assert capfd.readouterr() == ("::add-mask::an-invented-secret\n", "")
    assert stage.fetching == []


def test_masks_are_printed_first(stage: Stage, monkeypatch: Patch, capfd: Capture) -> None:
    stage.is_complete = False
    monkeypatch.setenv("CI_GATE_CLIENT_SECRET", "an-invented-secret")
    launch(ROOT)
    first, second, third = capfd.readouterr().out.splitlines()
    assert first == "::add-mask::an-invented-secret"
    assert second == "installing ci-gate"
    assert third.startswith("installed ci-gate in ")
    assert len(stage.fetching) == 1


def test_secret_that_is_not_utf8_is_masked_byte_by_byte(
    stage: Stage, monkeypatch: Patch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("CI_GATE_CLIENT_SECRET", os.fsdecode(b"invented-\xff-secret"))
    launch(ROOT)
    assert capfdbinary.readouterr().out == b"::add-mask::invented-\xff-secret\n"


def fails_to_install() -> None:
    raise InternalError("ci-gate could not be installed: pip ended with 1", hint="can this runner reach an index?")


def has_a_bug() -> None:
    raise KeyError("name")


def may_not_run() -> int:
    raise PermissionError(13, "Permission denied", "venv/bin/python")


@pytest.mark.parametrize(("scene", "message"), [
    ({"is_complete": False, "making": fails_to_install}, "ci-gate could not be installed: pip ended with 1"),
    ({"is_complete": False, "making": has_a_bug}, "a bug in ci-gate: KeyError"),
    ({"becoming": may_not_run}, "ci-gate could not be started: [Errno 13] Permission denied: 'venv/bin/python'"),
], ids=["pip", "bug", "noexec"])  # fmt: skip
def test_error_before_the_gate_starts_ends_in_70_with_all_reports(
    stage: Stage, scene: dict[str, object], message: str, monkeypatch: Patch, capsys: Capture
) -> None:
    monkeypatch.setenv("INPUT_REPORT_DIR", "the 'reports'")
    for name, value in scene.items():
        setattr(stage, name, value)
    assert launch(ROOT) == 70
    err = capsys.readouterr().err
    assert f"error: {message}" in err
    assert "::error title=ci-gate::" in err
    report = json.loads(Path("the 'reports'/report.json").read_bytes())
    assert (report["verdict"], report["exit_code"]) == ("unjudged", 70)
    (error,) = ET.parse("the 'reports'/junit.xml").iter("error")
    assert message in error.get("message", "")
    assert message.split(":")[0] in Path("summary").read_text(encoding="utf-8")
    assert outputs()["verdict"] == "unjudged"
    assert outputs()["exit-code"] == "70"
    assert outputs()["junit-path"] == "the 'reports'/junit.xml"


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_signal_before_the_gate_starts_is_reported(stage: Stage, signum: signal.Signals, code: int) -> None:
    stage.is_complete = False
    stage.making = lambda: signal.raise_signal(signum)
    assert launch(ROOT) == code
    assert stage.became == []
    report = json.loads(Path("ci-gate-report/report.json").read_bytes())
    assert (report["verdict"], report["exit_code"]) == ("unjudged", code)
    assert outputs()["exit-code"] == str(code)


def test_handlers_of_signals_are_restored_for_the_gate(stage: Stage) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    listening: list[object] = []

    def become() -> int:
        listening.extend(signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM))
        return 0

    stage.becoming = become
    launch(ROOT)
    assert listening == before


def test_second_use_imports_nothing_for_an_installation(stage: Stage, monkeypatch: Patch) -> None:
    for name in ("ci_gate.action.packages", "subprocess", "venv", "ci_gate.gate.session"):
        monkeypatch.setitem(sys.modules, name, None)
    assert launch(ROOT) == 0
