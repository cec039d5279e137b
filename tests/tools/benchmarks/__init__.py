"""The cost of ci-gate, relative to a reference measured in the same run: ``python -m tests.tools.benchmarks``."""
