"""The piece of source under a finding: line numbers, text and carets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitorlint.model.finding import Region
from monitorlint.report.style import printable

TAB = 4
"""Columns a tab fills, whatever its position: the carets only have to stand under the right text."""
LONGEST = 4
"""Source lines of a finding that are shown before the rest is left out."""
SMALLEST = 40
"""Columns of source that are shown even on a narrower terminal."""
LEAD = 0.25
"""Share of the window that a clipped line shows before the finding."""


@dataclass(frozen=True, slots=True)
class FrameLine:
    number: int | None
    """1-based row; None for carets and for what was left out."""
    text: str
    marks: bool = False
    """The line holds the carets."""


def frame(source: bytes, region: Region, width: int) -> Iterator[FrameLine]:
    """Show a region: the line before it, its first lines with carets under the first, and the line after a short one.

    Rows end at line feeds alone, as the front ends count them. Nothing is shown for a row the source does not have.
    """
    lines = source.split(b"\n")
    if not 1 <= region.row <= len(lines):
        return
    width = max(width, SMALLEST)
    first = _text(lines, region.row)
    window = _window(first, region.column - 1, width)
    if region.row > 1 and _text(lines, region.row - 1).strip():
        yield FrameLine(region.row - 1, _clip(_text(lines, region.row - 1), 0, width))
    yield FrameLine(region.row, _clip(first, window, width))
    yield FrameLine(None, _carets(first, region, window, width), marks=True)
    last = min(region.end_row, len(lines))
    for row in range(region.row + 1, min(last, region.row + LONGEST - 1) + 1):
        yield FrameLine(row, _clip(_text(lines, row), 0, width))
    if last > region.row + LONGEST - 1:
        yield FrameLine(None, "…")
    elif last < len(lines) and _text(lines, last + 1).strip():
        yield FrameLine(last + 1, _clip(_text(lines, last + 1), 0, width))


def _text(lines: list[bytes], row: int) -> str:
    text = lines[row - 1].decode("utf-8", errors="replace").removesuffix("\r")
    return text.removeprefix("\ufeff") if row == 1 else text


def _cells(text: str) -> int:
    """Terminal columns that a text fills."""
    tabs = text.count("\t")
    if text.isascii():
        return len(text) + tabs * (TAB - 1)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - most source is ASCII

    wide = sum(east_asian_width(char) in "WF" for char in text)
    return len(text) + tabs * (TAB - 1) + wide - sum(combining(char) != 0 for char in text)


def _window(text: str, column: int, width: int) -> int:
    """The first character of a long line that is shown, so that ``column`` is in view."""
    if _cells(text) <= width or _cells(text[:column]) < width * (1 - LEAD):
        return 0
    return max(0, column - int(width * LEAD))


def _clip(text: str, start: int, width: int) -> str:
    shown = "".join(" " * TAB if char == "\t" else printable(char) for char in text[start : start + width + 1])
    before, after = "…" if start else "", start + width + 1 < len(text)
    while _cells(before + shown) > width or (after and _cells(before + shown) >= width):
        shown, after = shown[:-1], True
    return before + shown + ("…" if after else "")


def _carets(text: str, region: Region, start: int, width: int) -> str:
    begin = min(max(region.column - 1, 0), len(text))
    end = region.end_column - 1 if region.end_row == region.row else len(text.rstrip())
    pad = _cells(text[start:begin]) + (1 if start else 0)
    length = max(1, _cells(text[begin : max(end, begin)]))
    return " " * pad + "^" * max(1, min(length, width - pad))
