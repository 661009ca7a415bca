"""Parameters and decorators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.types import property_type, value_of_type
from monitorlint.model.facts import Param

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.expressions import Expressions
    from monitorlint.model.expr import Expr

THIS = Param("this", None, None, "")
"""The first parameter of a method: the object that it is called on."""
_MODIFIERS = frozenset({"accessibility_modifier", "readonly", "override_modifier"})


def read_parameters(node: Node, expr: Expressions) -> list[Param]:
    """The parameters of a function, in order; behind them, by name, what it takes out of objects it is handed."""
    single = node.child_by_field_name("parameter")
    if single is not None:
        return [Param(expr.name(expr.text(single)), None, None, "")]
    params: list[Param] = []
    taken: list[Param] = []
    listed = node.child_by_field_name("parameters")
    for child in listed.named_children if listed is not None else ():
        pattern = child.child_by_field_name("pattern")
        if pattern is None:
            continue
        kind = child.child_by_field_name("type")
        default = expr.read(child.child_by_field_name("value"))
        if pattern.type == "rest_pattern":
            inner = pattern.named_children
            params.append(Param(expr.name(expr.text(inner[0])) if inner else "", None, None, "*"))
        elif pattern.type in {"object_pattern", "array_pattern"}:
            params.append(Param("", None, None, ""))
            if pattern.type == "object_pattern":
                taken.extend(_taken(pattern, value_of_type(kind, expr), expr))
        elif pattern.type != "this":
            params.append(Param(expr.name(expr.text(pattern)), value_of_type(kind, expr), default, ""))
    return [*params, *taken]


def _taken(pattern: Node, options: Expr, expr: Expressions) -> list[Param]:
    """``{ client, model: name, temperature = 0 }``: what a function takes out of its options.

    :param options: What is known of those by their type.
    """
    found: list[Param] = []
    for child in pattern.named_children:
        kind = child.type
        default: Expr = None
        key: Node | None = None
        if kind == "object_assignment_pattern":
            default = expr.read(child.child_by_field_name("right"))
            name = child.child_by_field_name("left")
        elif kind == "pair_pattern":
            key = child.child_by_field_name("key")
            value = child.child_by_field_name("value")
            if value is not None and value.type == "assignment_pattern":
                default = expr.read(value.child_by_field_name("right"))
                value = value.child_by_field_name("left")
            name = value if value is not None and value.type == "identifier" else None
        else:
            name = child if kind == "shorthand_property_identifier_pattern" else None
        if name is not None:
            text = expr.name(expr.text(name))
            taken = expr.key(key) if key is not None else text
            found.append(Param(text, property_type(options, taken), default, "k"))
    return found


def property_parameters(node: Node, expr: Expressions) -> list[tuple[str, Node]]:
    """``constructor(private readonly client: OpenAI)``: the parameters that become properties."""
    listed = node.child_by_field_name("parameters")
    found: list[tuple[str, Node]] = []
    for child in listed.named_children if listed is not None else ():
        if any(c.type in _MODIFIERS for c in child.children):
            pattern = child.child_by_field_name("pattern")
            if pattern is not None and pattern.type == "identifier":
                found.append((expr.name(expr.text(pattern)), pattern))
    return found


def decorators_of(node: Node) -> list[Node]:
    """The expressions of the decorators of a class, or of a member of one, outermost first."""
    found: list[Node] = [c for c in node.children if c.type == "decorator"]
    if not found and node.parent is not None and node.parent.type == "export_statement":
        found = [c for c in node.parent.children if c.type == "decorator"]
    if not found and node.parent is not None and node.parent.type == "class_body":
        before = node.prev_named_sibling
        while before is not None and before.type in {"decorator", "comment"}:
            if before.type == "decorator":
                found.insert(0, before)
            before = before.prev_named_sibling
    return [inner[0] for d in found if (inner := d.named_children)]
