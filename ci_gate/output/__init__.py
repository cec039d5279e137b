"""The destinations of a verdict: the report folder, the terminal, and the CI system that runs the command."""
