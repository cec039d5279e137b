"""What ci-gate costs, measured against something known in the same run: ``python -m tests.tools.benchmarks``."""
