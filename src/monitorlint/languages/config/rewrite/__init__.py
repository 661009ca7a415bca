"""Edits of the files around the code that leave every other byte as it is."""
