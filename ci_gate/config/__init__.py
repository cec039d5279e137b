"""Settings: which exist, where they may come from, and what they mean once they are read."""
