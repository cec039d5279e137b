"""Two runs of one suite side by side: whether they can be compared, and what changed between them."""
