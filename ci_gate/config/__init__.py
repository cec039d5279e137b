"""The settings: the table of options, the sources of their values, and what each command makes of them."""
