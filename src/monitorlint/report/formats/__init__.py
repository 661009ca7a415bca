"""Formats of findings: one module each, ``render(result, options)``."""
