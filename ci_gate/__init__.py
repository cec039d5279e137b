"""A release gate for Kore.ai batch test suites."""

__version__ = "0.1.0"
