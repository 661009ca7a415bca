"""Comments that speak to monitorlint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.suppression import parse_suppression
from monitorlint.model.facts import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Tree


def read_suppressions(tree: Tree, source: bytes) -> list[Suppression]:
    """Every suppression comment of the file, in source order. Strings that look like one do not count."""
    rows: list[Suppression] = []
    lines = source.split(b"\n")
    for node in _comments(tree.root_node):
        parsed = parse_suppression(source[node.start_byte : node.end_byte].decode("utf-8", "replace"))
        if parsed is None:
            continue
        row, column = node.start_point
        own_line = not lines[row][:column].strip()
        target = _next_code_row(lines, row) if own_line else row
        rows.append(Suppression(row, column, list(parsed.codes), parsed.reason, parsed.whole_file, own_line, target))
    return rows


def _next_code_row(lines: list[bytes], row: int) -> int:
    for number in range(row + 1, len(lines)):
        line = lines[number].strip()
        if line and not line.startswith(b"#"):
            return number
    return row


def _comments(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "comment":
            yield node
        stack.extend(reversed(node.children))
