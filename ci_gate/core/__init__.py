"""What the gate decides with: pure functions and values, without I/O, clock or environment."""
