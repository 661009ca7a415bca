"""The Python front end, on tree-sitter: tolerant of errors, and independent of the running Python."""
