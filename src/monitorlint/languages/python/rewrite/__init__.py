"""From remedies to edits in Python source."""
