"""Wait for a run that was started elsewhere, judge its results and write the reports.

RUN_ID is the id that the platform returned when the run was started (tr-...). It belongs to one suite: the one named
with --suite, or the only one in the settings file. Starts nothing.
"""

from ci_gate.cli.options import judging_command

command = judging_command("gate", __doc__, plan="ci_gate.gate.remote_runs:plan_gate", argument="RUN_ID")
