"""The command line: click commands and their options. The only package that imports click."""
