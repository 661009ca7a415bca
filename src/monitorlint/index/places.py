"""From bytes of a file to the columns that findings show."""

from __future__ import annotations


def column_of(text: bytes, offset: int) -> int:
    """The 1-based column, in code points, of a byte."""
    return len(text[:offset].rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
