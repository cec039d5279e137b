"""Start a run of each suite on the platform, wait for its end, judge the results and write the reports.

Settings may also stand in ci-gate.toml or in the environment. Credentials come from the environment only:
CI_GATE_CLIENT_ID with CI_GATE_CLIENT_SECRET, or a ready token in CI_GATE_JWT.

With --baseline each suite is held against an earlier run too: it fails where F1 fell by more than --max-f1-drop,
and hardly by chance. To compare two versions of the bot instead, see ci-gate compare.
"""

from ci_gate.cli.options import judging_command

command = judging_command("run", __doc__, plan="ci_gate.gate.remote_runs:plan_run")
