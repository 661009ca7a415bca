"""Where in the tree blocks begin and end, and which call stands in a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_BODIES = {
    "def": "body",
    "class": "body",
    "if": "consequence",
    "loop": "body",
    "try": "body",
    "except": "body",
    "finally": "body",
}
OPENERS = frozenset({*_BODIES, "else", "case"})
"""Kinds of captured nodes that open a block."""
_LOOKED_THROUGH = frozenset(
    "parenthesized_expression as_expression satisfies_expression non_null_expression await_expression".split()
)


def body_place(kind: str, node: Node) -> tuple[int, int] | None:
    """Where the block that a node opens begins and ends; None where it opens none."""
    if kind == "else":
        children = node.named_children
        return (children[-1].start_byte, children[-1].end_byte) if children else None
    if kind == "case":
        first = node.child_by_field_name("body")
        return (first.start_byte, node.end_byte) if first is not None else None
    body = node.child_by_field_name(_BODIES[kind])
    return (body.start_byte, body.end_byte) if body is not None else None


def operand(node: Node) -> Node | None:
    """The call that is awaited, or that is a whole statement; None where it is something else."""
    children = node.named_children
    inner = children[0] if children else None
    if node.type == "expression_statement" and inner is not None and inner.type == "unary_expression":
        operator = inner.child_by_field_name("operator")
        inner = inner.child_by_field_name("argument") if operator is not None and operator.type == "void" else None
    while inner is not None and inner.type in _LOOKED_THROUGH:
        if inner.type == "await_expression":
            return None
        inner = inner.named_children[0] if inner.named_children else None
    return inner if inner is not None and inner.type in {"call_expression", "new_expression"} else None


def is_alone(node: Node) -> bool:
    """Whether nothing is made of what a call gives: it is a statement, or the last part of ``wanted && call()``."""
    parent = node.parent
    while parent is not None and parent.type in {"binary_expression", "ternary_expression", *_LOOKED_THROUGH}:
        parent = parent.parent
    return parent is not None and parent.type == "expression_statement"


def raises_what_it_caught(node: Node) -> bool:
    """Whether a ``throw`` statement throws what the handler around it is handed."""
    thrown = next(iter(node.named_children), None)
    handler = node.parent
    while handler is not None and handler.type != "catch_clause":
        handler = handler.parent
    caught = handler.child_by_field_name("parameter") if handler is not None else None
    return thrown is not None and caught is not None and thrown.type == "identifier" and thrown.text == caught.text


def first_word(node: Node) -> int:
    """Where a function's ``async`` stands, behind its decorators and comments; its own beginning where it has none."""
    for child in node.children:
        if child.type == "async":
            return child.start_byte
        if child.type in {"function", "(", "formal_parameters", "identifier", "statement_block"}:
            break
    return node.start_byte


def handler_of_rejection(arguments: Node, source: bytes) -> Node | None:
    """Where what handles a promise's rejection stands: all that ``catch`` is handed, or what ``then`` has for it.

    :param arguments: Those of a call of either.
    """
    if not source.endswith(b".then", 0, arguments.start_byte):
        return arguments
    given = [child for child in arguments.named_children if child.type != "comment"]
    return given[1] if len(given) > 1 else None
