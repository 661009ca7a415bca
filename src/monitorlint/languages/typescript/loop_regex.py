"""Regular expressions that a loop asks for one match after the other.

``exec`` goes on behind the last match only when the expression is global or sticky, and the same object every turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.loop_conditions import Conditions

_BODIES = frozenset({"statement_block", "program"})


def starts_anew(call: Node, conditions: Conditions) -> bool:
    """Whether ``re.exec(text)`` begins at the start of the text whenever it is called."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "member_expression":
        return False
    expression, name = function.child_by_field_name("object"), function.child_by_field_name("property")
    if expression is None or name is None or conditions.text(name) != "exec":
        return False
    if expression.type == "regex":
        return True
    if expression.type != "identifier":
        return False
    value = _declared(conditions.text(expression), call, conditions)
    if value is None or value.type != "regex":
        return False
    flags = value.child_by_field_name("flags")
    return flags is None or not {"g", "y"} & set(conditions.text(flags))


def _declared(name: str, node: Node, conditions: Conditions) -> Node | None:
    """The value of the nearest ``const`` of this name."""
    for declaration in _before(node, conditions):
        if declaration.type == "formal_parameters":
            if name in conditions.read_names(declaration):
                return None
            continue
        for declarator in declaration.named_children:
            target = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
            if target is not None and conditions.text(target) == name:
                return declarator.child_by_field_name("value") if declaration.children[0].type == "const" else None
    return None


def _before(node: Node, conditions: Conditions) -> Iterator[Node]:
    """Declarations in the blocks around a place and parameters of the functions, the nearest first."""
    outer = node.parent
    while outer is not None:
        parameters = outer.child_by_field_name("parameters")
        if parameters is not None:
            yield parameters
        if outer.type in _BODIES:
            yield from conditions.declarations(outer)
        outer = outer.parent
