"""Where a verdict goes: the report folder, the terminal, and the CI system that the command runs in."""
