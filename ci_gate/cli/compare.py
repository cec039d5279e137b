"""Run a suite on the published version of the bot, then on the one in development, and judge the second
against the first: is what you are about to publish worse than what is live?

SUITE is the name of the suite on the platform, or its label in the settings file. --base and --head take
other pairs: a bot version, or the id of a run that exists already (tr-...). Without any threshold the suite
fails where F1 fell by more than 0.01, and hardly by chance. All thresholds and rules hold for the second run
alone; the first needs no more than sound evidence.
"""

from ci_gate.cli.options import judging_command

command = judging_command("compare", __doc__, plan="ci_gate.gate.compare_runs:plan_compare", argument="SUITE")
