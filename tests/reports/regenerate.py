"""The golden files: what they are made of, and how they are written anew.

After a change of the reports that is meant, run ``python -m tests.reports.regenerate`` and read the difference.
"""

from __future__ import annotations

from pathlib import Path

from ci_gate import __version__
from ci_gate.output.ci import github, gitlab
from ci_gate.reports import json_, junit, markdown, text
from tests.reports.builders import reports

FOLDER = Path(__file__).parent / "golden"
ENDINGS = (
    "passed",
    "failed",
    "no_data",
    "timeout",
    "several",
    "regressed",
    "sharing",
    "voided",
    "unsettled",
    "half_measured",
)
PATHS = {"junit_path": "reports/junit.xml", "report_path": "reports/report.json"}
LINKS = {"test report": "https://gitlab.example/p/1/test_report", "summary.md": "https://gitlab.example/j/2/summary.md"}


def rendered() -> dict[str, str]:
    """Render every golden ending in every format, by file name; the version is that of no release."""
    files: dict[str, str] = {}
    for name in ENDINGS:
        report = reports()[name]
        document = "".join(json_.render(report)).replace(f'"version": "{__version__}"', '"version": "0.0.0"')
        files |= {
            f"{name}.txt": "".join(text.render(report)),
            f"{name}.md": "".join(markdown.render(report)),
            f"{name}.json": document,
            f"{name}.xml": "".join(junit.render(report)),
            f"{name}.annotations": "".join(github.annotation_commands(report)),
            f"{name}.outputs": "".join(github.outputs(report, PATHS)),
            f"{name}.metrics": "".join(gitlab.metrics(report)),
            f"{name}.links": "".join(gitlab.job_links(report, LINKS)),
            f"{name}.env": "".join(gitlab.dotenv(report)),
        }
    return files


def write() -> None:
    """Write all golden files anew, and remove those that nothing stands for any more."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for name, content in rendered().items():
        (FOLDER / name).write_bytes(content.encode())


if __name__ == "__main__":
    write()
