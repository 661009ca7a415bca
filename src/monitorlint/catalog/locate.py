"""Where in a rules file something stands: ``tomllib`` keeps no line numbers, so the text is searched."""

from __future__ import annotations

import re
from pathlib import Path

from monitorlint.settings.values import UsageError


class RulesFile:
    """The text of one rules file, for messages."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()

    def error(self, message: str, *clues: str, line: int = 1) -> UsageError:
        """Build the one-line error for a place.

        The clues are plain texts, each looked for from the one before, starting at ``line``.
        """
        row = line - 1
        for clue in clues:
            hits = (at for at in range(row, len(self._lines)) if clue in self._lines[at])
            row = next(hits, row)
        return UsageError(f"{self.path}:{row + 1}: {message}")

    def key_line(self, key: str, line: int = 1) -> int:
        """Give the first line from ``line`` on that sets a key, or opens the table of that name."""
        pattern = re.compile(rf"""(?:^|[{{,\[.]|\s)["']?{re.escape(key)}["']?\s*[=.\]]""")
        rows = range(line - 1, len(self._lines))
        return next((row + 1 for row in rows if pattern.search(self._lines[row])), line)

    def table_line(self, header: str, number: int, line: int = 1) -> int:
        """Give the line of the ``number``-th (from 0) ``[[header]]`` from ``line`` on."""
        wanted = f"[[{header}]]"
        rows = [row + 1 for row in range(line - 1, len(self._lines)) if self._lines[row].strip().startswith(wanted)]
        return rows[number] if number < len(rows) else line
