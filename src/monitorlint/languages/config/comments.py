"""Suppression comments in files whose comments run from ``#`` to the end of the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.suppression import parse_suppression
from monitorlint.model.facts import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "monitorlint:"


def line_comments(text: str) -> Iterator[Suppression]:
    """The suppressions of a text, top to bottom. One on a line of its own speaks of the next line that is not blank."""
    if _MARK not in text:
        return
    lines = text.split("\n")
    for row, line in enumerate(lines):
        column = _comment(line)
        parsed = parse_suppression(line[column:].rstrip("\r")) if column >= 0 and _MARK in line else None
        if parsed is None:
            continue
        own = not line[:column].strip()
        target = row
        if own:
            target = next((n for n in range(row + 1, len(lines)) if _says_something(lines[n])), row)
        yield Suppression(row, column, list(parsed.codes), parsed.reason, parsed.whole_file, own, target)


def _comment(line: str) -> int:
    """Where the comment with our mark begins: the last sign before it that opens one."""
    at = line.find("#")
    while at >= 0:
        if (at == 0 or line[at - 1].isspace()) and line[at:].lstrip("# \t").startswith(_MARK):
            return at
        at = line.find("#", at + 1)
    return -1


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
