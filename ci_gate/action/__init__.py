"""What the GitHub action does before the gate runs: hides secrets, reads inputs, installs; with Python alone."""
