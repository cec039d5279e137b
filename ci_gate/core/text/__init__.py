"""Text: decimal numbers, lines that are safe in terminals and logs, and suggestions for misspelt words."""
