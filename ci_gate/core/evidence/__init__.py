"""What is known of one run, how its sources contradict each other, and what was not evaluated."""
