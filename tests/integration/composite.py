"""Executes the steps of a composite action as GitHub's runner does: environment, files, outputs and cancellation."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tests.integration.checkout import surroundings
from tests.integration.processes import comes_true, processes_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

LONGEST = 120.0
"""How long a step may take before the driver ends it, in seconds."""

_BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_KNOWN_KEYS = {"id", "name", "shell", "env", "run"}
_PATIENCE, _GRACE = 7.5, 2.5  # seconds from SIGINT to SIGTERM, and from SIGTERM to killing the whole process tree


@dataclass(frozen=True, slots=True)
class Ended:
    """The result of an action that has ended, as the runner sees it."""

    exit_code: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    survivors: tuple[int, ...]
    """The processes of the action that were still running when it ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job: its workspace, its temporary folder and the variables that all of its steps share."""

    action: Path
    workspace: Path
    temporary: Path
    variables: Mapping[str, str]

    def use(self, inputs: Mapping[str, str] | None = None, **variables: str) -> Ended:
        """Run the action to its end."""
        with self.begun(inputs, **variables) as running:
            return running.wait()

    @contextmanager
    def begun(self, inputs: Mapping[str, str] | None = None, **variables: str) -> Iterator[Running]:
        """Start the action, yield the running step, and end all of its processes on exit."""
        running = self._begin(inputs, variables)
        try:
            yield running
        finally:
            running.end()

    def _begin(self, inputs: Mapping[str, str] | None, variables: Mapping[str, str]) -> Running:
        """Start the only step of the action; ``variables`` are those of ``env:`` next to ``uses:``."""
        metadata = yaml.safe_load((self.action / "action.yml").read_text(encoding="utf-8"))
        (step,) = metadata["runs"]["steps"]
        assert set(step) <= _KNOWN_KEYS, "the driver knows no other keys of a step"
        unknown = set(inputs or {}) - set(metadata["inputs"])
        assert not unknown, f"the runner would warn of unexpected inputs: {unknown}"
        defaults = {name: str(one.get("default", "")) for name, one in metadata["inputs"].items()}
        given = defaults | dict(inputs or {})
        context = {f"inputs.{name}": value for name, value in given.items()}
        files = Files(self.temporary / "_runner_file_commands" / uuid.uuid4().hex)
        files.folder.mkdir(parents=True)
        script = self.temporary / f"{uuid.uuid4().hex}.sh"
        script.write_text(step["run"], encoding="utf-8")
        environment = (
            surroundings(GITHUB_ACTIONS="true", CI="true", RUNNER_OS="Linux")
            | {"GITHUB_ACTION_PATH": str(self.action), "GITHUB_WORKSPACE": str(self.workspace)}
            | {"RUNNER_TEMP": str(self.temporary), "GITHUB_OUTPUT": str(files.outputs)}
            | {"GITHUB_STEP_SUMMARY": str(files.summary)}
            | dict(self.variables)
            | dict(variables)
            | {name: _evaluated(str(value), context) for name, value in step["env"].items()}
        )
        with files.log.open("wb") as log:
            process = subprocess.Popen(
                [*_BASH, str(script)],
                env=environment,
                cwd=self.workspace,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_listen,
            )
        return Running(process, files, step["id"], metadata["outputs"])


@dataclass(frozen=True, slots=True)
class Files:
    """The files through which the runner and a step exchange values."""

    folder: Path

    @property
    def outputs(self) -> Path:
        return self.folder / "outputs"

    @property
    def summary(self) -> Path:
        return self.folder / "summary"

    @property
    def log(self) -> Path:
        return self.folder / "log"


@dataclass(frozen=True, slots=True)
class Running:
    """A step that has been started."""

    process: subprocess.Popen[bytes]
    files: Files
    id: str
    declared: Mapping[str, Mapping[str, Any]]

    @property
    def log(self) -> str:
        """Return the output so far."""
        return self.files.log.read_text(encoding="utf-8", errors="surrogateescape")

    def until_it_says(self, words: str) -> None:
        """Wait until the log contains ``words``."""
        self.until(lambda: words in self.log)

    def until(self, comes_true: Callable[[], bool]) -> None:
        """Wait until ``comes_true`` returns true."""
        deadline = time.monotonic() + LONGEST
        while not comes_true():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.01)

    def cancel(self) -> Ended:
        """Cancel the step: SIGINT to the entry process alone, then SIGTERM, then kill the whole process tree."""
        self.process.send_signal(signal.SIGINT)
        if not self._ends_within(_PATIENCE):
            self.process.send_signal(signal.SIGTERM)
            self._ends_within(_GRACE)
        return self._ended()

    def wait(self) -> Ended:
        """Wait until the step ends."""
        assert self._ends_within(LONGEST), self._ended().log
        return self._ended()

    def end(self) -> tuple[int, ...]:
        """Kill the remaining processes of the step and return their ids."""
        survivors = self.processes()
        for survivor in survivors:
            with suppress(ProcessLookupError):
                os.kill(survivor, signal.SIGKILL)
        self.process.wait()
        # The system takes a moment to remove a process that is not a child of this one.
        comes_true(lambda: not self.processes(), within=_GRACE)
        return survivors

    def processes(self) -> tuple[int, ...]:
        """Return the ids of the processes whose environment contains the name of this step's own folder."""
        return tuple(process.id for process in processes_with(str(self.files.folder)))

    def _ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _ended(self) -> Ended:
        """Read the step's results and end the processes that outlived it."""
        survivors = self.end()
        code = self.process.wait()
        written = read_outputs(_text(self.files.outputs))
        context = {f"steps.{self.id}.outputs.{name}": value for name, value in written.items()}
        # The runner evaluates outputs even if the step failed; an output that was not written is empty.
        outputs = {name: _evaluated(one["value"], context, missing="") for name, one in self.declared.items()}
        # The exit code of a process that a signal ended is 128 plus the signal's number.
        return Ended(code if code >= 0 else 128 - code, self.log, outputs, _text(self.files.summary), survivors)


def _listen() -> None:
    """Restore the default handling of signals: a shell's background processes and their children ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def read_outputs(text: str) -> dict[str, str]:
    """Parse both forms of output: ``name=value``, and ``name<<WORD`` followed by lines up to ``WORD``."""
    values = {}
    lines = iter(text.split("\n")[:-1])
    for line in lines:
        name, form, value = re.split("(=|<<)", line, maxsplit=1)
        if form == "<<":
            word, found = value, []
            for following in lines:
                if following == word:
                    break
                found.append(following)
            value = "\n".join(found)
        values[name] = value
    return values


def _evaluated(text: str, context: Mapping[str, str], *, missing: str | None = None) -> str:
    """Replace each expression by its value in ``context``; anything but a name of the context is unsupported."""

    def value(match: re.Match[str]) -> str:
        found = context.get(match[1], missing)
        assert found is not None, f"the driver does not know {match[0]}"
        return found

    return _EXPRESSION.sub(value, text)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
