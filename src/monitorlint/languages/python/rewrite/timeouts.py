"""Missing timeouts: one more argument, from the configured limit.

A limit changes what happens when a server is slow, which is its purpose: every such edit is unsafe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Place, Source
    from monitorlint.model.remedy import Remedy

_EXTRAS = frozenset({"comment", "line_continuation"})
_UNPACKED = frozenset({"list_splat", "dictionary_splat"})


def set_timeout(place: Place, remedy: Remedy) -> Rewritten | Refused:
    """The edits that limit a call, or why there are none.

    :param place: The call.
    :param remedy: Of kind ``timeout``.
    """
    arguments = place.node.child_by_field_name("arguments")
    function = place.node.child_by_field_name("function")
    if arguments is None or function is None or place.node.has_error:
        return Refused("the call does not parse", "")
    seconds = remedy.seconds
    assert seconds is not None, "only a configured limit makes a remedy"
    if not remedy.keyword:
        return _without_keyword(place, remedy, seconds)
    source = place.source
    given = _arguments(arguments)
    value = round(seconds * 1000) if remedy.milliseconds else seconds
    addition = f"{remedy.keyword}={_number(value)}"
    if any(a.type in _UNPACKED for a in given):
        reason = f"an unpacked argument may hold {remedy.keyword} already"
    elif any(source.text_of(name) == remedy.keyword for a in given if (name := a.child_by_field_name("name"))):
        reason = f"the call sets {remedy.keyword} itself"
    else:
        edits = _added(source, arguments, given, addition)
        return Rewritten(edits, Applicability.UNSAFE, f"Add {addition}")
    return Refused(reason, f"{source.text_of(function)}(..., {addition})")


def set_option(place: Place, remedy: Remedy) -> Rewritten | Refused:
    """The edits that give a call one more keyword argument, or why there are none.

    :param remedy: Of kind ``option``.
    """
    arguments = place.node.child_by_field_name("arguments")
    if arguments is None or place.node.has_error:
        return Refused("the call does not parse", "")
    given = _arguments(arguments)
    addition = f"{remedy.keyword}={remedy.value}"
    if any(argument.type in _UNPACKED for argument in given):
        return Refused(f"an unpacked argument may hold {remedy.keyword} already", addition)
    return Rewritten(_added(place.source, arguments, given, addition), Applicability.UNSAFE, f"Add {addition}")


def _without_keyword(place: Place, remedy: Remedy, seconds: float) -> Refused:
    """The call has no argument that could be added: its client may, and whoever awaits it can."""
    start = place.statement.start_byte
    statement = place.source.slice(start, place.source.line_end(start))
    if remedy.is_async:
        snippet = f"async with asyncio.timeout({_number(seconds)}):\n    {statement}"
        return Refused("the call has no argument for a limit that could be added; limit what awaits it", snippet)
    reason = "the call has no argument for a limit that could be added; limit its client"
    return Refused(reason, f"client = ...  # with its limit of {_number(seconds)} seconds\n{statement}")


def _added(source: Source, arguments: Node, given: list[Node], addition: str) -> tuple[Edit, ...]:
    """The edits that put one more keyword behind the arguments, in their layout."""
    if arguments.type == "generator_expression":
        # `f(x for x in y)`: beside another argument the generator needs brackets of its own.
        start, end = arguments.start_byte, arguments.end_byte
        return Edit(start, start, "("), Edit(end, end, f", {addition})")
    if not given:
        at = arguments.start_byte + 1
        return (Edit(at, at, addition),)
    last, closing = given[-1], source.line_start(arguments.end_byte - 1)
    comma = _comma_after(last)
    behind = comma.end_byte if comma is not None else last.end_byte
    indentation = source.indentation(last.start_byte)
    has_own_line = source.line_start(last.start_byte) + len(indentation) == last.start_byte
    if has_own_line and behind <= closing and not source.text[closing : arguments.end_byte - 1].strip():
        at = source.next_line(behind)
        line = f"{indentation}{addition}{',' if comma is not None else ''}{source.newline}"
        return (Edit(at, at, line),) if comma is not None else (Edit(behind, behind, ","), Edit(at, at, line))
    return (Edit(behind, behind, f" {addition}," if comma is not None else f", {addition}"),)


def _arguments(node: Node) -> list[Node]:
    if node.type == "generator_expression":
        return [node]
    return [child for child in node.named_children if child.type not in _EXTRAS]


def _comma_after(node: Node) -> Node | None:
    after = node.next_sibling
    while after is not None and after.type in _EXTRAS:
        after = after.next_sibling
    return after if after is not None and after.type == "," else None


def _number(value: float) -> str:
    """The shortest literal."""
    return str(int(value)) if value == int(value) else repr(value)
