"""What the grammar could not read of a file: it is behind the language, so that the file may be well for all that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Place

_ELEMENTS = frozenset({"jsx_element", "jsx_attribute", "jsx_text", "jsx_self_closing_element", "jsx_opening_element"})

UNREAD: Final = "the grammar does not read all of the function"


def errors_in(root: Node) -> Iterator[Node]:
    """The outermost nodes that are errors, or that the grammar has made up to go on."""
    todo = [root]
    while todo:
        node = todo.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            todo.extend(node.children)


def is_unread(place: Place) -> bool:
    """Whether the grammar stumbles over the function (at module level: the statement) that a place stands in."""
    if any(node.is_error for node in place.ancestors):
        return True
    around = place.function if place.function is not None else place.statement
    return around.has_error and any(not _is_in_element(error) for error in errors_in(around))


def _is_in_element(error: Node) -> bool:
    """The error lies in the text of an element or of its attribute (`Search & find`): around it nothing is in doubt."""
    around = error.parent
    if around is not None and around.type == "string":
        around = around.parent
    return error.is_error and around is not None and around.type in _ELEMENTS
