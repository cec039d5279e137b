"""Judge a results file that is on disk, with the same rules and reports as a run.

It may have been downloaded from the platform's console, or be the one that an earlier run left in its report
folder. Needs no host, bot, secret or network. The saved status reply is weighed too: the one of --status, else
X.status.json beside X.csv or X.results.csv; without any the file's own top block plays its part.

With --baseline it is held against an earlier run too: a report.json, or another results file of the same suite.
It fails where F1 fell by more than --max-f1-drop, and hardly by chance.

With --replay in place of a file, every suite that a run left in its report folder is judged again, under the settings
and against the baseline that it was judged by, as of its day. It ends as the run did, if that ended in 0, 1 or 5.
"""

from ci_gate.cli.options import judging_command

command = judging_command(
    "check", __doc__, plan="ci_gate.gate.offline:plan_check", argument="RESULTS.csv", needs_argument=False
)
