"""From characters of a text to the places that findings show."""

from __future__ import annotations

from bisect import bisect_right

from monitorlint.model.finding import Region


class Places:
    """The places of one text. Rows end at line feeds alone, as in the other front ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._is_ascii = text.isascii()
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)
        self._bytes: list[int] = []

    def region(self, start: int, end: int) -> Region:
        """The region of the characters ``start:end``."""
        row, end_row = self.row(start), self.row(end)
        return Region(
            row,
            start - self._starts[row - 1] + 1,
            end_row,
            end - self._starts[end_row - 1] + 1,
            self._offset(start, row),
            self._offset(end, end_row),
        )

    def row(self, at: int) -> int:
        """The 1-based row of a character."""
        return bisect_right(self._starts, at)

    def _offset(self, at: int, row: int) -> int:
        """The byte that a character begins at."""
        if self._is_ascii:
            return at
        if not self._bytes:
            total = 0
            for start, stop in zip(self._starts, [*self._starts[1:], len(self.text)], strict=True):
                self._bytes.append(total)
                total += len(self.text[start:stop].encode("utf-8", "surrogatepass"))
        start = self._starts[row - 1]
        return self._bytes[row - 1] + len(self.text[start:at].encode("utf-8", "surrogatepass"))
