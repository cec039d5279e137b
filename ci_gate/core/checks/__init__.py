"""The rules that judge a run, one family of rules per module; each yields checks."""
