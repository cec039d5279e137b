"""Two runs of one suite side by side: whether they are comparable, and what changed between them."""
