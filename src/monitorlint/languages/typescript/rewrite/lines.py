"""Lines and indentation of what is moved into a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Source

_REST = pattern(rb"[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)?\r?")


def step_for(source: Source, indentation: str) -> str:
    """One step of indentation that goes with the white space before it."""
    step = source.indent
    if indentation and ("\t" in indentation) != ("\t" in step):
        return "\t" if "\t" in indentation else "  "
    return step


def inner_lines(source: Source, start: int, end: int) -> Iterator[int]:
    """Where the further lines of a stretch begin, those within a template or JSX text and empty ones left out."""
    fixed = list(_fixed(source, start, end))
    at = source.next_line(start)
    while at < end:
        inside = any(first < at < last for first, last in fixed)
        if not inside and source.text[at : source.line_end(at)].strip():
            yield at
        at = source.next_line(at)


def is_blank_or_comment(text: bytes) -> bool:
    """Nothing but white space and one comment."""
    return _REST.fullmatch(text) is not None


def _fixed(source: Source, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of several lines in which white space means something."""
    node: Node | None = source.tree.root_node.descendant_for_byte_range(start, end)
    todo = [node] if node is not None else []
    while todo:
        current = todo.pop()
        if current.start_point.row == current.end_point.row or current.end_byte <= start or current.start_byte >= end:
            continue
        if current.type in {"template_string", "string", "jsx_text"}:
            yield current.start_byte, current.end_byte
        else:
            todo.extend(current.children)
