"""Remedies to edits: what is inserted, and where nothing may be."""
