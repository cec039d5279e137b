"""One module per CI system: how it is recognised, and what it shows of a gate beyond the report files."""
