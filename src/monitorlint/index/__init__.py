"""What the facts of all files say together: names resolved across files, callers, and who monitors a site."""
