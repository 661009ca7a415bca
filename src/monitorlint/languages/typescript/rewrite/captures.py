"""What a call would lose in a closure: the types that TypeScript has narrowed by the code before it.

The values are the same in any case, as the closure is called at once. In files without types nothing is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.names import free_names
from monitorlint.languages.typescript.rewrite.place import CLASSES, FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.names import Binding, Names
    from monitorlint.languages.typescript.rewrite.place import Place, Source

_SIMPLE_TYPES = frozenset({"predefined_type", "array_type", "tuple_type"})
_SIMPLE_VALUES = frozenset({"number", "string", "template_string", "true", "false", "new_expression", "regex"})
_CONDITIONS = frozenset({"if_statement", "while_statement", "do_statement", "for_statement", "ternary_expression"})
_TESTS = frozenset({"&&", "||", "??", "==", "===", "!=", "!==", "in", "instanceof"})
_TAKING_ANY = frozenset({"JSON.stringify", "String", "Boolean"})
"""Functions of the language whose first argument may be anything."""
_OF_STRINGS = frozenset(
    "trim trimStart trimEnd startsWith endsWith toLowerCase toUpperCase indexOf slice substring charAt match".split()
)
"""Methods whose answer says nothing of the type of what they are asked of."""
_PATHS = frozenset({"member_expression", "subscript_expression"})


def lost_narrowing(place: Place, names: Names, nodes: Sequence[Node]) -> str:
    """Why the types in some nodes may be others in a closure, as one line; ``""``: they are the same.

    :param nodes: What is to become the closure's body.
    """
    source = place.source
    if not source.is_typed:
        return ""
    start, end = nodes[0].start_byte, nodes[-1].end_byte
    for node in nodes:
        for name in free_names(node):
            for binding in names.resolve(source.text_of(name), name):
                if start <= binding.node.start_byte < end:
                    continue
                if _grows(binding):
                    return f"{source.text_of(name)} has its type from what is put into it, which a closure does not see"
                if binding.how not in {"let", "var", "param"}:
                    continue
                if _is_of_one_type(binding) or _takes_any_type(source, name, binding):
                    continue
                text = source.text_of(name)
                if names.writings(binding):
                    return f"{text} is assigned more than once, and a closure forgets its narrowed type"
                if binding.how != "param" and _is_tested(place, text, start):
                    # Versions of TypeScript before 5.4 keep the type of constants and parameters alone.
                    return f"{text} is tested before and no constant, and a closure may forget its narrowed type"
    paths = (path for node in nodes for path in _paths(node) if not _is_welcome(source, path))
    for path in dict.fromkeys(source.text_of(path) for path in paths):
        if _is_tested(place, path, start):
            return f"{path} is tested before, and a closure forgets its narrowed type"
    return ""


def _grows(binding: Binding) -> bool:
    """``const items = []``: an array of whatever the code puts into it, and of ``any`` in a closure."""
    value = binding.owner.child_by_field_name("value")
    is_bare = value is not None and value.type == "array" and not value.named_children
    return is_bare and binding.how in {"const", "let", "var"} and binding.owner.child_by_field_name("type") is None


def _is_of_one_type(binding: Binding) -> bool:
    """The variable's declared type is not one that a test or an assignment narrows."""
    declared = binding.owner.child_by_field_name("type")
    if declared is not None:
        return declared.named_children[-1].type in _SIMPLE_TYPES and binding.owner.type != "optional_parameter"
    value = binding.owner.child_by_field_name("value")
    if value is None:
        return False
    if value.type in {"array", "object"}:
        return bool(value.named_children)
    return value.type in _SIMPLE_VALUES


def _takes_any_type(source: Source, name: Node, binding: Binding) -> bool:
    """The name stands where every type is welcome; what has no type at all is not even there."""
    value = binding.owner.child_by_field_name("value")
    has_type = binding.owner.child_by_field_name("type") is not None or (
        value is not None and value.type not in {"null", "undefined", "array"}
    )
    return has_type and _is_welcome(source, name)


def _is_welcome(source: Source, value: Node) -> bool:
    """The value goes where every type does: into a template, or as a part of what is written as JSON or printed."""
    child, parent = value, value.parent
    while parent is not None and (
        parent.type in {"object", "array", "parenthesized_expression"}
        or (parent.type == "pair" and parent.child_by_field_name("value") == child)
        or (parent.type == "ternary_expression" and not _is_condition(parent, child))
        or (parent.type == "binary_expression" and parent.children[1].type in {"||", "??"})
    ):
        child, parent = parent, parent.parent
    if parent is None or parent.type == "template_substitution":
        return parent is not None
    call = parent.parent if parent.type == "arguments" else None
    callee = call.child_by_field_name("function") if call is not None else None
    if callee is None:
        return False
    text = source.text_of(callee)
    return text.startswith("console.") or (text in _TAKING_ANY and parent.named_children[0] == child)


def _paths(node: Node) -> Iterator[Node]:
    """The chains of members in a node, outside of functions within it: ``this.client``, ``options.model``."""
    todo = [node]
    while todo:
        current = todo.pop()
        if current.type in {*FUNCTIONS, *CLASSES}:
            continue
        if current.type in _PATHS and _is_path(current):
            yield current
        todo.extend(current.named_children)


def _is_path(node: Node) -> bool:
    current: Node | None = node
    while current is not None and current.type in _PATHS:
        current = current.child_by_field_name("object")
    return current is not None and current.type in {"identifier", "this", "super"}


def _is_tested(place: Place, path: str, end: int) -> bool:
    """Whether the function tests or assigns the name or path before ``end``, so that its type may be narrower there."""
    source, function = place.source, place.function
    start = function.start_byte if function is not None else 0
    word = path.rpartition(".")[2].partition("[")[0]
    for node in source.occurrences(word, start, end):
        if word == path:
            if _narrows(node):
                return True
            continue
        around = node.parent
        while around is not None and around.type in _PATHS and source.text_of(around) != path:
            around = around.parent
        if around is not None and source.text_of(around).replace("?.", ".") == path and _narrows(around):
            return True
    return False


def _narrows(node: Node) -> bool:
    """What a node stands in may tell its type from its value."""
    child, parent = node, node.parent
    if parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == node:
        # `if (!query.trim())` tests what the method answers, and not whether there is one.
        return _is_optional(parent)
    if parent is not None and parent.type == "member_expression" and not _is_optional(parent):
        call, method = parent.parent, parent.child_by_field_name("property")
        if call is not None and call.type == "call_expression" and not _is_optional(call):
            is_called = call.child_by_field_name("function") == parent
            if is_called and method is not None and (method.text or b"").decode() in _OF_STRINGS:
                return False
    while parent is not None and not parent.type.endswith(("_statement", "_declaration")):
        kind = parent.type
        if kind in FUNCTIONS:
            return False
        if (
            (kind.endswith("assignment_expression") and parent.child_by_field_name("left") == child)
            or (kind == "binary_expression" and parent.children[1].type in _TESTS)
            or (kind == "unary_expression" and parent.children[0].type in {"!", "typeof"})
            or (kind == "ternary_expression" and _is_condition(parent, child))
        ):
            return True
        child, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type == "expression_statement":
        # `assert(x.y)`, `invariant(x.y)`: a call of its own may be one that asserts.
        return child.type == "call_expression" and node.parent is not None and node.parent.type == "arguments"
    return (parent.type in _CONDITIONS and _is_condition(parent, child)) or parent.type == "switch_statement"


def _is_optional(node: Node) -> bool:
    """``a?.b``, ``a?.()``: whether there is an ``a`` is a test of its own."""
    return any(part.type in {"?.", "optional_chain"} for part in node.children)


def _is_condition(parent: Node, child: Node) -> bool:
    return parent.child_by_field_name("condition") == child
