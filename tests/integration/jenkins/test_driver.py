"""The test double of Jenkins refuses what it does not support, and ends everything else as Jenkins documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.jenkins.builds import Job, Refused, Running, build

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

GREEN = """pipeline {
    agent any
    environment { WHO = 'file' }
    stages {
        stage('One') {
            steps { sh 'echo "it is $WHO"' }
        }
        stage('Two') {
            when { expression { currentBuild.currentResult == 'SUCCESS' } }
            steps { echo 'two' }
        }
    }
}
"""
JUNIT = """<testsuites><testsuite name="s">
<testcase classname="a" name="passed"/>
<testcase classname="a" name="skipped"><failure message="f"/><skipped/></testcase>
<testcase classname="a" name="failed"><failure message="second">t</failure><error message="first">e</error></testcase>
</testsuite></testsuites>"""


def described(folder: Path, text: str, **environment: str) -> Job:
    """Write a pipeline into a file and return its job."""
    jenkinsfile = folder / "Jenkinsfile"
    jenkinsfile.write_text(text, encoding="utf-8")
    credentials = {"c": {"username": "me", "password": "hush"}}
    return Job(
        workspace=folder / "workspace", environment=environment, credentials=credentials, jenkinsfile=jenkinsfile
    )


def test_a_plain_pipeline_runs_stage_after_stage_with_the_values_that_a_user_wrote(tmp_path: Path) -> None:
    done = build(described(tmp_path, GREEN, WHO="user"))

    assert (done.result, done.stages) == ("SUCCESS", {"One": "SUCCESS", "Two": "SUCCESS"})
    assert "it is user" in done.log
    assert (done.junit, done.archived, done.messages) == (None, (), ())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("agent any", "agent { docker 'x' }", "agent any only"),
        ("    agent any\n", "", "pipeline needs agent"),
        ("agent any", "agent any\n    triggers { cron('@daily') }", "directive triggers"),
        ("agent any", "agent any\n    options { retry(2) }", "directive retry"),
        ("= 'file'", '= "${1 + 1}"', "NAME = 'text' only"),
        ("steps { echo 'two' }", "steps { bat 'two' }", "bat"),
        ("steps { echo 'two' }", "steps { int x = 1 }", "other code needs script"),
        ("steps { echo 'two' }", "steps { sh(script: 'true', encoding: 'x') }", "parameter encoding of sh"),
        ("steps { echo 'two' }", "steps { echo 'two' }\n            post { fixed { echo 'x' } }", "condition fixed"),
        ("when { expression", "when { not", "when condition not"),
        ("echo 'two'", "echo 'two", "unexpected char"),
    ],
)
def test_what_it_does_not_know_is_refused(before: str, after: str, said: str, tmp_path: Path) -> None:
    assert before in GREEN
    with pytest.raises(Refused) as refused:
        build(described(tmp_path, GREEN.replace(before, after), WHO="user"))
    assert said.lower() in str(refused.value).lower()


def test_a_value_for_a_variable_that_no_environment_block_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="WHOM"):
        build(described(tmp_path, GREEN, WHOM="user"))


def test_results_only_get_worse_and_post_runs_in_the_order_of_jenkins(tmp_path: Path) -> None:
    pipeline = """pipeline {
    agent any
    stages {
        stage('Yellow') {
            steps { unstable('so so') }
            post {
                cleanup { echo 'post 4' }
                unsuccessful { echo 'post 3' }
                success { echo 'post of a green build' }
                unstable { echo 'post 2' }
                always {
                    error('the first step of a condition fails')
                    echo 'post of a step after that'
                }
                failure { echo 'post 1' }
            }
        }
        stage('After a failure') {
            steps { echo 'not reached' }
        }
    }
    post { always { script { unstable('no better') } } }
}
"""
    done = build(described(tmp_path, pipeline))

    assert (done.result, done.stages) == ("FAILURE", {"Yellow": "FAILURE", "After a failure": "SKIPPED"})
    assert [line for line in done.log.splitlines() if line.startswith("post")] == ["post 1", "post 3", "post 4"]
    assert "not reached" not in done.log


def test_a_report_is_read_as_the_plugin_reads_it_and_colours_the_build_unless_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "junit.xml").write_text(JUNIT, encoding="utf-8")
    step = "junit 'junit.xml'"
    silent = "junit testResults: 'junit.xml', skipMarkingBuildUnstable: true"
    done = build(described(tmp_path, GREEN.replace("sh 'echo \"it is $WHO\"'", step)))
    told = build(described(tmp_path, GREEN.replace("sh 'echo \"it is $WHO\"'", silent)))

    assert (done.result, done.stages["Two"], told.result) == ("UNSTABLE", "SKIPPED", "SUCCESS")
    assert done.junit is not None
    assert (done.junit["total"], done.junit["failed"], done.junit["skipped"]) == (3, 1, 1)
    assert [(case["kind"], case["message"], case["text"]) for case in done.junit["failures"]] == [
        ("error", "first", "e")
    ]


def test_a_missing_report_fails_the_build_unless_told_otherwise(tmp_path: Path) -> None:
    done = build(described(tmp_path, GREEN.replace("sh 'echo \"it is $WHO\"'", "junit 'junit.xml'")))
    assert (done.result, done.messages) == ("FAILURE", ("No test report files were found. Configuration error?",))


def test_variables_of_a_credential_end_with_their_block(tmp_path: Path) -> None:
    binding = "usernamePassword(credentialsId: 'c', usernameVariable: 'WHO', passwordVariable: 'WORD')"
    steps = f"""withCredentials([{binding}]) {{ sh 'echo "in: $WHO ${{WORD:-none}}"' }}
                sh 'echo "out: $WHO ${{WORD:-none}}"'"""
    done = build(described(tmp_path, GREEN.replace("sh 'echo \"it is $WHO\"'", steps)))

    assert [line for line in done.log.splitlines() if line.startswith(("in:", "out:"))] == [
        "in: me hush",
        "out: file none",
    ]


def test_an_aborted_step_is_told_to_end_and_the_build_is_neither_failed_nor_goes_on(tmp_path: Path) -> None:
    endless = 'trap "echo ended; exit 5" TERM; echo started; while :; do sleep 0.1; done'
    steps = f"""sh(returnStatus: true, script: '{endless}')
            }}
            post {{
                failure {{ echo 'post: failure' }}
                aborted {{ echo 'post: aborted' }}"""
    text = GREEN.replace("sh 'echo \"it is $WHO\"'", steps).replace("steps { sh(", "steps {\n                sh(")
    with Running(described(tmp_path, text)) as running:
        running.until("\nstarted")
        running.abort()
        done = running.finish()

    assert (done.result, done.stages) == ("ABORTED", {"One": "ABORTED", "Two": "SKIPPED"})
    assert "\nended" in done.log
    assert [line for line in done.log.splitlines() if line.startswith("post:")] == ["post: aborted"]
