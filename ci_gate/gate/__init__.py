"""What a command does, from its settings to its exit code: run, wait, judge, report. Knows nothing of click."""
