"""Edits of one text: which can be made together, what they make of it, and where a place is afterwards."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitorlint.model.finding import Edit


class Taken:
    """The stretches of a text that edits of other fixes have taken."""

    def __init__(self) -> None:
        self._stretches: list[tuple[int, int]] = []

    def take(self, edits: Sequence[Edit]) -> bool:
        """Whether the edits meet none that were taken before; if so, they are taken.

        Two edits meet when they share a byte, or begin at the same place: their order would be a guess.
        """
        if any(self._is_met(edit) for edit in edits):
            return False
        for edit in edits:
            insort(self._stretches, (edit.start, edit.end))
        return True

    def _is_met(self, edit: Edit) -> bool:
        at = bisect_left(self._stretches, (edit.start, 0))
        following = self._stretches[at] if at < len(self._stretches) else None
        previous = self._stretches[at - 1] if at else None
        if following is not None and (following[0] == edit.start or following[0] < edit.end):
            return True
        return previous is not None and previous[1] > edit.start


class Change:
    """What some edits make of a text."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        """Take edits that do not overlap; of those at one place the first stays first."""
        self.edits = sorted(edits, key=lambda edit: (edit.start, edit.end))
        self._ends = [edit.end for edit in self.edits]
        grown = (len(edit.content.encode()) - (edit.end - edit.start) for edit in self.edits)
        self._growth = [0, *accumulate(grown)]
        self._new_ends = [end + growth for end, growth in zip(self._ends, self._growth[1:], strict=True)]

    def applied(self, text: bytes) -> bytes:
        """The text after the edits."""
        parts: list[bytes] = []
        at = 0
        for edit in self.edits:
            parts += (text[at : edit.start], edit.content.encode())
            at = edit.end
        parts.append(text[at:])
        return b"".join(parts)

    def forward(self, offset: int) -> int:
        """Where the byte at ``offset`` is afterwards; what is inserted right there stands before it."""
        return offset + self._growth[bisect_right(self._ends, offset)]

    def back(self, offset: int) -> int:
        """Where the byte now at ``offset`` was; the place of the edit for one that an edit brought."""
        number = bisect_right(self._new_ends, offset)
        before = offset - self._growth[number]
        return min(before, self.edits[number].start) if number < len(self.edits) else before
