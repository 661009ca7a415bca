"""What the grammar could not read of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_ELEMENTS = frozenset({"jsx_element", "jsx_attribute", "jsx_text", "jsx_self_closing_element", "jsx_opening_element"})


def errors_in(root: Node) -> Iterator[Node]:
    """The outermost nodes that are errors, or that the grammar has made up to go on."""
    todo = [root]
    while todo:
        node = todo.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            todo.extend(node.children)


def is_in_element(error: Node) -> bool:
    """The error lies in the text of an element, or of its attribute."""
    around = error.parent
    if around is not None and around.type == "string":
        around = around.parent
    return error.is_error and around is not None and around.type in _ELEMENTS
