"""Exception handlers: their first statement sends what they caught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.typescript.rewrite.lines import is_blank_or_comment, step_for
from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Source
    from monitorlint.languages.typescript.rewrite.wraps import Locals
    from monitorlint.model.remedy import Remedy

_NAME: Final = "error"
_NAMES: Final = frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"})


def send(source: Source, names: Locals, remedy: Remedy) -> Rewritten | Refused:
    """The edits that put a call before all other statements of a ``catch`` block, or why there are none.

    More events are sent than before, which is its purpose: every such edit is unsafe.

    :param remedy: Of kind ``capture``: ``region`` is the keyword, ``target`` what is called, ``keyword`` the name of
        the exception; a handler without one gets one.
    """
    start = remedy.region.start
    plain = f"{remedy.target.rpartition('.')[2]}({remedy.keyword or _NAME})"
    node = source.tree.root_node.descendant_for_byte_range(start, start + 1)
    node = node.parent if node is not None and node.type == "catch" else None
    body = node.child_by_field_name("body") if node is not None and node.type == "catch_clause" else None
    if node is None:
        return Refused("the handler is handed to a promise", plain)
    if body is None or node.has_error:
        return Refused("no handler begins here", plain)
    edits: list[Edit] = []
    if not remedy.keyword:
        named = source.occurrences(_NAME, body.start_byte, body.end_byte)
        if node.child_by_field_name("parameter") is not None or any(use.type in _NAMES for use in named):
            return Refused("what it catches has no name", plain)
        edits.append(Edit(start + len("catch"), start + len("catch"), f" ({_NAME})"))
    local = names.local(remedy.target, body.start_byte + 1)
    added = f"{local}({remedy.keyword or _NAME}){source.semicolon}"
    edits.append(_first(source, body, added))
    return Rewritten(tuple(edits), Applicability.UNSAFE, f"Send it with {added.rstrip(';')}", (local,))


def _first(source: Source, body: Node, added: str) -> Edit:
    """One more statement before all others of a block."""
    opening = body.start_byte + 1
    first = next(iter(body.named_children), None)
    outer = source.indentation(body.start_byte)
    inner = outer + step_for(source, outer)
    if body.start_point.row == body.end_point.row and first is None:
        return Edit(opening, body.end_byte - 1, f"{source.newline}{inner}{added}{source.newline}{outer}")
    at = source.line_end(opening)
    is_alone = first is None or first.start_point.row > body.start_point.row or first.type == "comment"
    if not is_alone or not is_blank_or_comment(source.text[opening:at]):
        space = "" if source.text[opening : opening + 1].isspace() else " "
        return Edit(opening, opening, f" {added.rstrip(';')};{space}")
    if first is not None and source.is_first_on_line(first.start_byte):
        inner = source.indentation(first.start_byte)
    return Edit(at, at, f"{source.newline}{inner}{added}")
