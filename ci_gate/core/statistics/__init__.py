"""Exact tests that tell a change from noise: for verdicts, for one score, and for each of many intents."""
