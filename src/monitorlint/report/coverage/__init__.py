"""Formats of the coverage ledger: one module each, ``render(result, options)``."""
