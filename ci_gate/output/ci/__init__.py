"""One module per CI system: how to recognise it, and what it shows of a gate beyond the report files."""
