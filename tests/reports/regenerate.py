"""The golden files: what they are made of, and how they are written anew.

After a change of the reports that is meant, run ``python -m tests.reports.regenerate`` and read the difference.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ci_gate import __version__
from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions
from tests.reports.builders import reports

FOLDER = Path(__file__).parent / "golden"
ENDINGS = (
    "passed", "failed", "no_data", "timeout", "several", "regressed", "sharing", "voided", "unsettled",
    "half_measured",
)  # fmt: skip
OPTIONS = RenderOptions(
    paths={"junit_path": "reports/junit.xml", "report_path": "reports/report.json"},
    links={
        "test report": "https://gitlab.example/p/1/test_report",
        "summary.md": "https://gitlab.example/j/2/summary.md",
    },
)


def rendered() -> dict[str, str]:
    """Render every golden ending in every format, by the path of its file; the version is that of no release."""
    files: dict[str, str] = {}
    for ending in ENDINGS:
        for one in FORMATS:
            content = "".join(one.render(reports()[ending], OPTIONS))
            name = one.name if one.is_file else f"{one.name}.txt"
            files[f"{ending}/{name}"] = content.replace(f'"version": "{__version__}"', '"version": "0.0.0"')
    return files


def golden() -> dict[str, str]:
    """Read the golden files as they are, by path."""
    files = (path for path in FOLDER.rglob("*") if path.is_file())
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes().decode() for path in files}


def write() -> None:
    """Write all golden files anew, and remove those that nothing stands for any more."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, content in rendered().items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_bytes(content.encode())


if __name__ == "__main__":
    write()
