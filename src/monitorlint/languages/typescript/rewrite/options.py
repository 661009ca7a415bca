"""One more property of an object literal, or one more argument of a call, in the layout of what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.finding import Edit

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Source


def key_of(source: Source, member: Node) -> str:
    """The name of a property of an object literal; ``""`` for what is computed."""
    if member.type in {"shorthand_property_identifier", "spread_element"}:
        return source.text_of(member) if member.type == "shorthand_property_identifier" else ""
    key = member.child_by_field_name("key") or member.child_by_field_name("name")
    if key is None or key.type == "computed_property_name":
        return ""
    return source.text_of(key).strip("'\"")


def members_of(node: Node) -> list[Node]:
    """The properties of an object literal, or the arguments of a call."""
    return [child for child in node.named_children if child.type != "comment"]


def added(source: Source, around: Node, addition: str) -> tuple[Edit, ...]:
    """The edits that put one more member behind those of an object literal or of a list of arguments."""
    given = members_of(around)
    closing = around.end_byte - 1
    padding = " " if around.type == "object" else ""
    if not given:
        at = around.start_byte + 1
        return (Edit(at, at, f"{padding}{addition}{padding if source.text[at:closing].strip(b' ') == b'' else ''}"),)
    last = given[-1]
    comma = last.next_sibling
    while comma is not None and comma.type == "comment":
        comma = comma.next_sibling
    comma = comma if comma is not None and comma.type == "," else None
    behind = comma.end_byte if comma is not None else last.end_byte
    indentation = source.indentation(last.start_byte)
    line = source.line_start(closing)
    if source.is_first_on_line(last.start_byte) and behind <= line and not source.text[line:closing].strip():
        at = source.line_end(behind)
        new = f"{source.newline}{indentation}{addition}{',' if comma is not None else ''}"
        if comma is not None:
            return (Edit(at, at, new),)
        return (Edit(behind, behind, "," + new),) if at == behind else (Edit(behind, behind, ","), Edit(at, at, new))
    return (Edit(behind, behind, f" {addition}," if comma is not None else f", {addition}"),)
