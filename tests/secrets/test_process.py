"""The installed command as a process: only a real one prints warnings and the errors of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.kore.scripted_server import http
from tests.secrets.canaries import odd
from tests.secrets.echo import Heard, accepted, platform, usual
from tests.secrets.search import leaks, written_below

if TYPE_CHECKING:
    from pathlib import Path

    from tests.secrets.echo import Answer

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]

DEVELOPER = {"PYTHONDEVMODE": "1", "PYTHONWARNINGS": "always", "PYTHONASYNCIODEBUG": "1", "HTTPX_LOG_LEVEL": "trace"}
TALKATIVE = """
import logging
logging.basicConfig(level=logging.DEBUG, filename="everything.log")
for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection", "h11", "asyncio"):
    logging.getLogger(name).setLevel(logging.DEBUG)
"""
BROKEN = "import os\nraise ImportError('no module for you')\n"


def refused(heard: Heard) -> bytes:
    return http(401, f'{{"message": "not with {heard.token}"}}'.encode())


ENDINGS: dict[str, tuple[Answer, dict[str, str], int]] = {
    "passed": (accepted, {}, 0),
    "denied": (refused, {}, 6),
    "passed, with the loggers of all on": (accepted, {"sitecustomize.py": TALKATIVE}, 0),
    "broken installation": (accepted, {"httpx.py": BROKEN}, 70),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_process_leaks_a_secret(ending: str, tmp_path: Path) -> None:
    start, modules, code = ENDINGS[ending]
    for folder in ("work", "home", "temporary", "modules"):
        (tmp_path / folder).mkdir()
    for name, text in modules.items():
        (tmp_path / "modules" / name).write_text(text, encoding="utf-8")
    heard, secret = Heard(), odd()
    with platform(heard, start=start) as server:
        environment = usual(server.origin) | {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(tmp_path / "modules"), *sys.path[1:]]),
            "HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "temporary"),
            "SSLKEYLOGFILE": str(tmp_path / "home" / "keys.log"),
            "CI_GATE_CLIENT_ID": "cs-of-nobody",
            "CI_GATE_CLIENT_SECRET": secret,
            **DEVELOPER,
        }
        command = [sys.executable, "-m", "ci_gate", "run", "--verbose", "--timeout", "30s"]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path / "work", capture_output=True, timeout=60, check=False
        )
    assert done.returncode == code, done.stderr
    written = {"stdout": done.stdout, "stderr": done.stderr} | written_below(tmp_path)
    assert leaks(heard.secrets | {"secret": secret}, written) == []
