"""A fetch and the reading of its body, where the two are the end of their block: measured as one.

The body of a response arrives after ``fetch`` is done. ``const response = await fetch(…); return response.json();`` is
put into one closure where this is certain to change nothing: no other statement, no other way out, no later use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.chains import awaited_operand
from monitorlint.languages.typescript.rewrite.place import FUNCTIONS, is_async, is_generator
from monitorlint.languages.typescript.rewrite.promises import BODY_READERS, gives_response
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Place, Source
    from monitorlint.model.remedy import Remedy

_CASTS = frozenset({"as_expression", "satisfies_expression", "parenthesized_expression", "non_null_expression"})


class Flow(NamedTuple):
    """The statements that go into one closure."""

    statements: tuple[Node, ...]


def flow_of(place: Place, remedy: Remedy) -> Flow | None:
    """The statements from the one that fetches to the one that returns the body, if that is all that they do."""
    source, statement = place.source, place.statement
    response = _declared(source, statement, place)
    block, function = statement.parent, place.evaluated_in
    if response is None or not gives_response(remedy.target) or block is None or block.type != "statement_block":
        return None
    if function is None or not is_async(function) or is_generator(function):
        return None
    rest = [n for n in block.named_children if n.start_byte >= statement.start_byte and n.type != "comment"]
    names = [response]
    has_read = False
    for node in rest[1:-1]:
        name = _name_of_read(source, node, response)
        if name is None:
            return None
        names.append(name)
        has_read = True
    if len(rest) < 2 or not _returns(source, rest[-1], names, is_caught=_is_caught(place)):
        return None
    if not has_read and response not in source.words(rest[-1]):
        return None
    start, end = rest[0].start_byte, rest[-1].end_byte
    elsewhere = {
        n
        for n in names
        for node in source.occurrences(n, function.start_byte, function.end_byte)
        if node.type.endswith("identifier") and not start <= node.start_byte < end
    }
    return None if elsewhere else Flow(tuple(rest))


def _declared(source: Source, statement: Node, place: Place) -> str | None:
    """The constant that holds the response, if the statement declares it and does no more."""
    declarator = _only_declarator(statement)
    operand = awaited_operand(place.node)
    value = declarator.child_by_field_name("value") if declarator is not None else None
    if declarator is None or value is None or operand != place.node:
        return None
    return _plain_name(source, declarator) if value.type == "await_expression" else None


def _only_declarator(statement: Node) -> Node | None:
    if statement.type != "lexical_declaration":
        return None
    found = [n for n in statement.named_children if n.type == "variable_declarator"]
    return found[0] if len(found) == 1 else None


def _plain_name(source: Source, declarator: Node) -> str | None:
    name = declarator.child_by_field_name("name")
    return source.text_of(name) if name is not None and name.type == "identifier" else None


def _name_of_read(source: Source, statement: Node, response: str) -> str | None:
    """``data`` of ``const data = await response.json()``."""
    declarator = _only_declarator(statement)
    value = declarator.child_by_field_name("value") if declarator is not None else None
    if declarator is None or value is None:
        return None
    value = _without_casts(value)
    if value.type != "await_expression" or not _is_read(source, _without_casts(value.named_children[-1]), response):
        return None
    return _plain_name(source, declarator)


def _returns(source: Source, statement: Node, names: list[str], *, is_caught: bool) -> bool:
    """The statement returns the body, or a name that holds it."""
    if statement.type != "return_statement" or not statement.named_children:
        return False
    value = _without_casts(statement.named_children[0])
    if value.type == "identifier":
        return source.text_of(value) in names
    if value.type == "await_expression":
        return _is_read(source, _without_casts(value.named_children[-1]), names[0])
    # A body that is returned unread fails outside of the `try`, and would fail inside.
    return not is_caught and _is_read(source, value, names[0])


def _is_read(source: Source, node: Node, response: str) -> bool:
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if node.type != "call_expression" or function is None or arguments is None or arguments.named_children:
        return False
    owner, _, method = source.text_of(function).rpartition(".")
    return owner == response and method in BODY_READERS


def _without_casts(node: Node) -> Node:
    while node.type in _CASTS:
        node = node.named_children[0]
    return node


def _is_caught(place: Place) -> bool:
    for node in place.ancestors:
        if node.type in FUNCTIONS:
            return False
        if node.type == "try_statement":
            return True
    return False
