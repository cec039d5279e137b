"""The evidence of one run: what is known of the run, contradictions between its sources, and what is missing."""
