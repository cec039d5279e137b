"""The tests that tell a change from noise: one verdict, one score, one of many intents."""
