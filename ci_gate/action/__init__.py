"""The GitHub action before the gate runs: masks secrets, reads inputs and installs, with the standard library alone."""
