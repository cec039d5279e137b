"""The command line: options in, reports and an exit code out. Only home of click."""
