"""Whether an expression means the same inside a lambda that is called at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Place

_FRAME = frozenset({"locals", "vars", "dir", "eval", "exec", "super"})
"""Built-ins that look at the frame they are called in when they get no arguments (``eval`` and ``exec`` always)."""


def lambda_obstacle(place: Place) -> str:
    """Why the call cannot become the body of a lambda; ``""`` when it can."""
    source = place.source
    todo = [place.node]
    while todo:
        node = todo.pop()
        kind = node.type
        if kind in {"lambda", "function_definition"}:
            continue
        if kind == "await":
            return "its arguments await something, which a lambda cannot"
        if kind == "yield":
            return "its arguments yield, which a lambda would do instead of the function"
        if kind == "named_expression":
            return "its arguments bind a name with :=, which a lambda would keep to itself"
        if kind == "for_in_clause" and node.children[0].type == "async":
            return "its arguments hold an asynchronous comprehension, which a lambda cannot"
        if kind == "call" and (name := _frame_call(source.text_of(node.children[0]), node)):
            return f"its arguments call {name}(), which a lambda changes"
        todo.extend(node.named_children)
    if any(node.type == "interpolation" for node in place.ancestors_to_statement):
        return "it stands in an f-string, where no lambda should"
    if place.in_class_body and (hidden := _class_names(place)):
        return f"it uses {hidden} of the class body, which a lambda in it does not see"
    return ""


def _frame_call(callee: str, node: Node) -> str:
    if callee not in _FRAME:
        return ""
    arguments = node.child_by_field_name("arguments")
    bare = arguments is None or not arguments.named_children
    return callee if bare or callee in {"eval", "exec"} else ""


def _class_names(place: Place) -> str:
    """A name bound in the class body that the call uses."""
    source = place.source
    scope = source.scope_of(place.start)
    bound = {b.name for b in source.bindings_by_scope.get(scope, ())}
    bound |= {i.local for i in source.facts.imports if i.scope == scope}
    used = bound & source.words(place.node)
    return min(used) if used else ""
