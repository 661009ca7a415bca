"""What a type annotation says of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.expressions import Expressions
    from monitorlint.model.expr import Expr

_SAME = frozenset(
    "Promise PromiseLike Awaited Readonly Partial Required NonNullable DeepReadonly Ref ShallowRef MutableRefObject "
    "RefObject Signal Omit Pick Mutable InjectedDependency Lazy".split()
)
"""Their value, or what is awaited of it, is one of their first argument."""
_ELEMENTS = frozenset({"Array", "ReadonlyArray", "Set", "ReadonlySet", "Iterable", "AsyncIterable", "AsyncGenerator"})
_MAPPINGS = frozenset({"Record", "Map", "ReadonlyMap", "WeakMap"})
_TRANSPARENT = frozenset({"parenthesized_type", "readonly_type", "type_annotation", "optional_type"})
_MAX_DEPTH = 12


def value_of_type(node: Node | None, expr: Expressions, depth: int = 0) -> Expr:
    """The value that something of the type at ``node`` holds; None where the type tells nothing."""
    if node is None or depth > _MAX_DEPTH:
        return None
    kind = node.type
    if kind in _TRANSPARENT:
        return value_of_type(next(iter(node.named_children), None), expr, depth + 1)
    if kind in {"type_identifier", "nested_type_identifier"}:
        return ("of", expr.name(expr.text(node)))
    if kind == "generic_type":
        return _generic(node, expr, depth)
    if kind in {"union_type", "intersection_type"}:
        return _any([value_of_type(c, expr, depth + 1) for c in node.named_children])
    if kind == "array_type":
        return ("seq", (value_of_type(next(iter(node.named_children), None), expr, depth + 1),))
    if kind == "object_type":
        members = tuple(_members(node, expr, depth + 1).items())
        return ("map", members) if members else None
    if kind == "type_query":
        return expr.read(next(iter(node.named_children), None))
    return None


def _generic(node: Node, expr: Expressions, depth: int) -> Expr:
    name = node.child_by_field_name("name")
    arguments = node.child_by_field_name("type_arguments")
    if name is None:
        return None
    text = expr.name(expr.text(name))
    last = text.rpartition(".")[2]
    given = arguments.named_children if arguments is not None else []
    if last in _SAME:
        return value_of_type(given[0], expr, depth + 1) if given else None
    if last in _ELEMENTS:
        return ("seq", (value_of_type(given[0], expr, depth + 1),)) if given else None
    if last in _MAPPINGS:
        return ("map", (("", value_of_type(given[-1], expr, depth + 1)),)) if given else None
    if last == "InstanceType" and given and given[0].type == "type_query":
        named = expr.read(next(iter(given[0].named_children), None))
        return ("of", named) if isinstance(named, str) else None
    return ("of", text)


def named_type(node: Node, expr: Expressions) -> Expr:
    """The name of a type, without its arguments."""
    if node.type == "generic_type":
        node = node.child_by_field_name("name") or node
    return expr.name(expr.text(node)) if node.type in {"type_identifier", "nested_type_identifier"} else None


def _any(several: list[Expr]) -> Expr:
    known = [value for value in several if value is not None]
    if len(known) <= 1:
        return known[0] if known else None
    return ("any", tuple(known))


def interface_members(node: Node, expr: Expressions) -> tuple[dict[str, Expr], list[Expr]]:
    """What an interface says of its properties, and the types that it extends."""
    body = node.child_by_field_name("body")
    extended = (c.named_children for c in node.named_children if c.type == "extends_type_clause")
    bases: list[Expr] = [named for parts in extended for part in parts if (named := named_type(part, expr)) is not None]
    return _members(body, expr, 0) if body is not None else {}, bases


def named_value(node: Node | None, expr: Expressions) -> Expr:
    """What something of a type that has been given a name holds: an object of which nothing is known, at least."""
    return (value_of_type(node, expr) or ("map", ())) if node is not None else None


def property_type(annotation: Expr, key: str) -> Expr:
    """What a type says of one of its properties."""
    if not isinstance(annotation, tuple) or not key:
        return None
    if annotation[0] == "map":
        return next((value for name, value in annotation[1] if name == key), None)
    return ("attr", annotation, key) if annotation[0] == "of" else None


def _members(node: Node, expr: Expressions, depth: int) -> dict[str, Expr]:
    """``{ client: OpenAI }``: the properties of which the type tells something."""
    found: dict[str, Expr] = {}
    for member in node.named_children if node.type in {"object_type", "interface_body"} else ():
        if member.type == "property_signature":
            name, kind = member.child_by_field_name("name"), member.child_by_field_name("type")
            value = value_of_type(kind, expr, depth)
            if name is not None and value is not None:
                found[expr.key(name)] = value
    return found
