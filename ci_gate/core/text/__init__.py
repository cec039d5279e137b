"""Text for all who write: numbers in decimals, lines that no terminal or log executes, secrets cut out."""
