"""Text for all who write: numbers in decimals, and lines that no terminal or log executes."""
