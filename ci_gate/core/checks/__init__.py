"""The rules held against a run, one family of rules per module; each returns checks."""
