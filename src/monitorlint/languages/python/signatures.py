"""Parameters and decorators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.facts import Param

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.python.expressions import Expressions
    from monitorlint.model.expr import Expr

_SPLATS = {"list_splat_pattern": "*", "dictionary_splat_pattern": "**"}


def read_parameters(node: Node | None, expr: Expressions) -> list[Param]:
    """The parameters of a function or lambda, in order."""
    params: list[Param] = []
    if node is None:
        return params
    keyword_only = False
    for child in node.named_children:
        if child.type == "keyword_separator":
            keyword_only = True
            continue
        param = _parameter(child, expr, "k" if keyword_only else "")
        if param is not None:
            keyword_only = keyword_only or param.kind == "*"
            params.append(param)
    return params


def _parameter(node: Node, expr: Expressions, kind: str) -> Param | None:
    if node.type == "identifier":
        return Param(expr.name(expr.text(node)), None, None, kind)
    if node.type in _SPLATS:
        inner = node.named_children
        return Param(expr.name(expr.text(inner[0])), None, None, _SPLATS[node.type]) if inner else None
    if node.type == "typed_parameter":
        inner = node.named_children
        annotation = expr.annotation(node.child_by_field_name("type"))
        plain = _parameter(inner[0], expr, kind) if inner else None
        return plain._replace(annotation=annotation) if plain else None
    if node.type in {"default_parameter", "typed_default_parameter"}:
        name = node.child_by_field_name("name")
        annotation = expr.annotation(node.child_by_field_name("type"))
        if name is None:
            return None
        return Param(expr.name(expr.text(name)), annotation, expr.read(node.child_by_field_name("value")), kind)
    return None


def read_decorators(decorated: Node | None, expr: Expressions) -> list[Expr]:
    """The decorators above a definition, outermost first."""
    return [] if decorated is None else [expr.read(node) for node in _decorators(decorated)]


def decorator_calls(decorated: Node) -> list[Node]:
    """The decorators above a definition that are calls themselves."""
    return [node for node in _decorators(decorated) if node.type == "call"]


def _decorators(decorated: Node) -> list[Node]:
    decorators = (child.named_children for child in decorated.named_children if child.type == "decorator")
    return [inner[0] for inner in decorators if inner]
