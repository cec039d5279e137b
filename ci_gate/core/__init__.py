"""The decisions of the gate: pure functions and values, without I/O, clock or environment."""
