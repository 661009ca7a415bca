"""What functions and classes are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.expressions import Expressions

_AROUND = frozenset("parenthesized_expression as_expression satisfies_expression non_null_expression".split())


def named_after(node: Node, expr: Expressions) -> tuple[str, bool]:
    """The name of a function or class, and whether it is a definition of its own and no callback.

    A function expression is named after what it is the value of: a variable, a field, a property of an object that is
    not handed to a call.
    """
    own = node.child_by_field_name("name")
    parent = node.parent
    if node.type in {"method_definition", "abstract_method_signature"}:
        return expr.key(own), parent is None or parent.type != "object" or not _is_handed_over(parent)
    if node.type.endswith("_declaration") and own is not None:
        return expr.key(own), True
    child = node
    while parent is not None and parent.type in _AROUND:
        child, parent = parent, parent.parent
    name = expr.key(own) if own is not None else ""
    kind = parent.type if parent is not None else ""
    if parent is None:
        return name, False
    if kind in {"variable_declarator", "public_field_definition"}:
        target = parent.child_by_field_name("name")
        return name or expr.key(target), True
    if kind == "assignment_expression" and parent.child_by_field_name("right") == child:
        left = expr.read(parent.child_by_field_name("left"))
        return name or (left.rpartition(".")[2] if isinstance(left, str) else ""), isinstance(left, str)
    if kind == "pair":
        held = parent.parent
        return (
            name or expr.key(parent.child_by_field_name("key")),
            held is not None and not _is_handed_over(held),
        )
    if kind == "export_statement":
        return name or "default", True
    return name, False


def stands_in_class(node: Node) -> bool:
    """Whether a function is a method or a field of a class, so that ``this`` is an instance of it."""
    parent = node.parent
    if node.type in {"method_definition", "abstract_method_signature"}:
        return parent is not None and parent.type == "class_body"
    return parent is not None and parent.type == "public_field_definition"


def _is_handed_over(node: Node) -> bool:
    """Whether an object literal is (part of) an argument of a call, or what a function returns."""
    parent = node.parent
    while parent is not None and parent.type in {*_AROUND, "pair", "object", "array", "spread_element"}:
        parent = parent.parent
    return parent is not None and parent.type in {"arguments", "return_statement", "arrow_function"}
