"""The gate's virtual environment in the runner's temporary folder: made once per job, reused by later steps."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ci_gate.action.packages import Packages

MARKER = "complete"
PACKAGE = "ci_gate"
LOCK, CRYPTO_LOCK = "requirements.lock", "requirements-crypto.lock"
_PYTHON = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")


@dataclass(frozen=True, slots=True)
class Installation:
    """A virtual environment with the gate in ``folder``, whose name contains a hash of the interpreter and the code.

    ``code`` maps file names to contents; ``lock`` is the name of the lock file among them.
    """

    folder: Path
    code: Mapping[str, bytes]
    lock: str

    @property
    def python(self) -> Path:
        """The path of the interpreter; started with ``-I``, it imports no package from outside this environment."""
        return self.folder.joinpath(*_PYTHON)

    @property
    def is_complete(self) -> bool:
        """Whether an earlier step of the job finished making the environment, and it still exists."""
        return (self.folder / MARKER).is_file() and self.python.exists()

    def make(self, packages: Packages) -> None:
        """Make the environment. Raise ``InternalError`` if that fails, ``Interrupted`` if the step is cancelled."""
        try:
            self._make(packages)
        except ImportError as problem:
            hint = "on Debian and Ubuntu: apt install python3-venv; or put actions/setup-python before this step"
            raise InternalError(f"'{sys.executable}' comes without a part of Python: {problem}", hint=hint) from problem
        except (OSError, ValueError) as problem:
            hint = "the folder that RUNNER_TEMP names must be writable, and have 50 MB to spare"
            raise InternalError(f"ci-gate could not be installed: {problem}", hint=hint) from problem

    def _make(self, packages: Packages) -> None:
        import shutil
        import sysconfig
        import venv

        # An earlier attempt may have left an incomplete environment.
        with suppress(FileNotFoundError):
            shutil.rmtree(self.folder)
        venv.EnvBuilder(symlinks=os.name != "nt").create(self.folder)
        target = Path(sysconfig.get_path("purelib", "venv", {"base": str(self.folder)}))
        packages.fetch(self._written(target, self.lock), python=self.python, target=target)
        for name in self.code:
            self._written(target, name)
        (self.folder / MARKER).touch()

    def _written(self, target: Path, name: str) -> Path:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.code[name])
        return path


def installation_of(root: Path, temporary: str, *, with_crypto: bool) -> Installation:
    """Return the installation of the checkout ``root`` below the folder ``temporary``, without making it.

    ``with_crypto`` adds the packages for signing with a private key. Raise ``InternalError`` if ``temporary`` is not a
    folder.
    """
    if not os.path.isdir(temporary):  # noqa: PTH112 - Path("") would be the workspace
        state = f"'{temporary}', which is no folder" if temporary else "not set"
        hint = "runners set it; elsewhere let it name a folder outside of the workspace"
        raise InternalError(f"ci-gate could not be installed: RUNNER_TEMP is {state}", hint=hint)
    code = dict(_code_of(root))
    lock = f"{PACKAGE}/action/{CRYPTO_LOCK if with_crypto else LOCK}"
    mark = hashlib.sha256(repr((sys.version, sys.executable, lock)).encode())
    for name in sorted(code):
        mark.update(b"%s %d " % (name.encode(), len(code[name])))
        mark.update(code[name])
    return Installation(Path(temporary).absolute() / f"ci-gate-{mark.hexdigest()[:16]}", code, lock)


def _code_of(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file of the package.

    The files are copied, not built: a build would download tools and write beside the sources.
    """
    for path in (root / PACKAGE).rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(root).as_posix(), path.read_bytes()
