"""Comments that speak to monitorlint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.suppression import parse_suppression
from monitorlint.model.facts import Suppression

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

_SIGN = b"monitorlint:"


def read_suppressions(tree: Tree, source: bytes) -> list[Suppression]:
    """Every suppression comment of the file, in source order. Strings that look like one do not count."""
    rows: list[Suppression] = []
    lines = source.split(b"\n")
    at = source.find(_SIGN)
    done = -1
    following: dict[int, int] = {}
    while at >= 0:
        node = tree.root_node.descendant_for_byte_range(at, at + len(_SIGN))
        at = source.find(_SIGN, at + len(_SIGN))
        if node is None or node.type not in {"comment", "html_comment"} or node.start_byte == done:
            continue
        done = node.start_byte
        parsed = parse_suppression(source[node.start_byte : node.end_byte].decode("utf-8", "replace"))
        if parsed is None:
            continue
        row, column = node.start_point
        end_row, end_column = node.end_point
        alone = not lines[row][:column].strip(b" \t{") and not lines[end_row][end_column:].strip(b" \t\r}")
        target = _next_code_row(lines, end_row, tree, following) if alone else row
        rows.append(Suppression(row, column, list(parsed.codes), parsed.reason, parsed.whole_file, alone, target))
    return rows


def _next_code_row(lines: list[bytes], row: int, tree: Tree, known: dict[int, int]) -> int:
    """The row of the code below a comment; that of the comment where none follows.

    :param known: Answers for rows without code, -1 for none: comments may stand below each other.
    """
    passed = [row]
    found = -1
    for number in range(row + 1, len(lines)):
        if number in known:
            found = known[number]
            break
        text = lines[number]
        if text.strip():
            column = len(text) - len(text.lstrip())
            node: Node | None = tree.root_node.descendant_for_point_range((number, column), (number, column))
            if node is None or node.type != "comment":
                found = number
                break
        passed.append(number)
    known.update(dict.fromkeys(passed, found))
    return found if found >= 0 else row
