"""Exception handlers: their first statement sends what they caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Source
    from monitorlint.languages.python.rewrite.wraps import Names
    from monitorlint.model.remedy import Remedy

_KINDS = frozenset({"except_clause", "except_group_clause"})


def send(source: Source, names: Names, remedy: Remedy) -> Rewritten | Refused:
    """The edits that put a call before all other statements of a handler, or why there are none.

    More events are sent than before, which is its purpose: every such edit is unsafe.

    :param remedy: Of kind ``capture``: ``region`` is the handler's keyword, ``target`` what is called, ``keyword`` the
        name of the exception; without one the call takes none, and sends what is being handled.
    """
    start = remedy.region.start
    node = source.tree.root_node.descendant_for_byte_range(start, start + 1)
    while node is not None and node.type not in _KINDS and node.start_byte == start:
        node = node.parent
    plain = f"{remedy.target}({remedy.keyword})"
    suite = _suite(node) if node is not None and node.type in _KINDS else None
    if node is None or suite is None or node.has_error:
        return Refused("no handler begins here", plain)
    first = suite.named_children[0]
    if first.start_point.row == node.start_point.row:
        return Refused("the handler stands on one line", plain)
    if source.slice(source.line_start(first.start_byte), first.start_byte).strip():
        return Refused("something else stands before the first statement on its line", plain)
    local = names.local(remedy.target, first.start_byte)
    added = f"{local}({remedy.keyword})"
    if len(suite.named_children) == 1 and first.type == "pass_statement":
        edit = Edit(first.start_byte, first.end_byte, added)
    else:
        edit = Edit(
            first.start_byte, first.start_byte, f"{added}{source.newline}{source.indentation(first.start_byte)}"
        )
    return Rewritten((edit,), Applicability.UNSAFE, f"Send it with {added}", (local,))


def _suite(node: Node) -> Node | None:
    """The statements of a handler."""
    suite = next((child for child in reversed(node.named_children) if child.type == "block"), None)
    return suite if suite is not None and suite.named_children else None
