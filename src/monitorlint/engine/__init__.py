"""One run: from paths to findings."""
