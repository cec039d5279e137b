"""The work of each command, from its settings to its exit code: start, wait, judge, report. Independent of click."""
