"""What stands around a place in a text, told by how far its lines are indented, without a parser.

People, and formatters, indent what stands in a block. Where a text does otherwise, or a string holds such lines, what
is cut out by this does not parse, and the whole file is read instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LINES = pattern(rb"^[ \t]*(?=[^\s])", re.MULTILINE)
_CONTINUING = frozenset(b")]}{")


class Opener:
    """A line, and the lines behind it that are indented further."""

    __slots__ = ("continued", "end", "first", "indent", "start")

    def __init__(self, first: int, start: int, indent: int) -> None:
        self.first = first
        """Where the statement begins, in bytes: ``) -> int:`` belongs to the ``def f(`` above it."""
        self.start = start
        """Where the line's text begins."""
        self.indent = indent
        """Blanks in front of the text."""
        self.end = -1
        """Where the next line begins that is indented no further; -1: there is none."""
        self.continued = False
        """Whether that line begins with a bracket, as far indented as this one."""


def line_of(source: bytes, at: int) -> tuple[int, int]:
    """Begin and end of the line around a byte, its line feed included."""
    end = source.find(b"\n", at) + 1
    return source.rfind(b"\n", 0, at) + 1, end or len(source)


def openers_of(source: bytes, places: Sequence[int], comments: tuple[bytes, ...]) -> list[list[Opener]]:
    """The lines that open the blocks around each place, the outermost first, and the line of the place itself.

    One pass over the lines, however many places there are.

    :param places: Bytes, in their order.
    :param comments: What lines begin with whose indentation says nothing.
    """
    found: list[list[Opener]] = []
    around: list[Opener] = []
    for line in _LINES.finditer(source):
        start, text = line.span()
        while len(found) < len(places) and places[len(found)] < start:
            found.append(around.copy())
        if source.startswith(comments, text):
            continue
        indent = text - start
        continues = source[text] in _CONTINUING
        first = start
        while around and around[-1].indent >= indent:
            last = around.pop()
            last.end = start
            if last.indent == indent and continues:
                last.continued = True
                first = last.first
        around.append(Opener(first, text, indent))
    return found + [around.copy()] * (len(places) - len(found))


def cut(source: bytes, parts: Iterable[tuple[int, int]]) -> bytes:
    """Stretches of a text in their order, one below the other; those that touch or overlap are one.

    :param parts: Begin and end of each, in bytes.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return b"\n".join([source[start:end] for start, end in merged])
