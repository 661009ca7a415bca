"""Parameters and decorators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.python.expressions import IDENTIFIER, NAME, VALUE
from monitorlint.languages.python.grammar import field, kind
from monitorlint.model.facts import Param

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.python.expressions import Expressions
    from monitorlint.model.expr import Expr

_SPLATS = {kind("list_splat_pattern"): "*", kind("dictionary_splat_pattern"): "**"}
_SEPARATOR = kind("keyword_separator")
_TYPED = kind("typed_parameter")
_DEFAULTS = frozenset({kind("default_parameter"), kind("typed_default_parameter")})
_DECORATOR = kind("decorator")
_CALL = kind("call")
_KEYWORD = kind("keyword_argument")
_TYPE = field("type")


def read_parameters(node: Node | None, expr: Expressions) -> list[Param]:
    """The parameters of a function or lambda, in order."""
    params: list[Param] = []
    if node is None:
        return params
    keyword_only = False
    for child in node.named_children:
        if child.kind_id == _SEPARATOR:
            keyword_only = True
            continue
        param = _parameter(child, expr, "k" if keyword_only else "")
        if param is not None:
            keyword_only = keyword_only or param.kind == "*"
            params.append(param)
    return params


def _parameter(node: Node, expr: Expressions, mark: str) -> Param | None:
    number = node.kind_id
    if number == IDENTIFIER:
        return Param(expr.names[expr.text(node)], None, None, mark)
    if number in _SPLATS:
        inner = node.named_children
        return Param(expr.name(expr.text(inner[0])), None, None, _SPLATS[number]) if inner else None
    if number == _TYPED:
        inner = node.named_children
        annotation = expr.annotation(node.child_by_field_id(_TYPE))
        plain = _parameter(inner[0], expr, mark) if inner else None
        return plain._replace(annotation=annotation) if plain else None
    if number in _DEFAULTS:
        name = node.child_by_field_id(NAME)
        annotation = expr.annotation(node.child_by_field_id(_TYPE))
        if name is None:
            return None
        return Param(expr.name(expr.text(name)), annotation, expr.read(node.child_by_field_id(VALUE)), mark)
    return None


def read_decorators(decorated: Node | None, expr: Expressions) -> list[Expr]:
    """The decorators above a definition, outermost first."""
    return [] if decorated is None else [expr.read(node) for node in _decorators(decorated)]


def metaclasses(parents: Node | None) -> list[Node]:
    """``M`` of ``class C(B, metaclass=M)``."""
    named = (child for child in parents.named_children if child.kind_id == _KEYWORD) if parents is not None else ()
    values = (n.child_by_field_id(VALUE) for n in named if _text(n.child_by_field_id(NAME)) == b"metaclass")
    return [value for value in values if value is not None]


def _text(node: Node | None) -> bytes | None:
    return node.text if node is not None else None


def decorator_calls(decorated: Node) -> list[Node]:
    """The decorators above a definition that are calls themselves."""
    return [node for node in _decorators(decorated) if node.kind_id == _CALL]


def _decorators(decorated: Node) -> list[Node]:
    decorators = (child.named_children for child in decorated.named_children if child.kind_id == _DECORATOR)
    return [inner[0] for inner in decorators if inner]
