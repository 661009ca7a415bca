"""What a loop guard may say of the turn it is called in: ids, counters and cursors that are certainly there.

The guard stands at the top of the body and must never fail. So a name is taken only if it is bound before the first
turn, and a field of the loop's target only if every turn reads it anyhow, before anything else can touch the target.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.languages.naming import is_identifier, is_secret
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Place, Source
    from monitorlint.model.facts import Binding
    from monitorlint.model.loops import Loop

MOST: Final = 3
"""Values in one context: what fits in a line, and tells where the loop is."""

_CURSOR = pattern(r"(?:.*_)?(?:cursor|offset)")
_STEPS = frozenset({"+=", "-=", "arith"})
_LEAVING = frozenset(
    {"break_statement", "continue_statement", "return_statement", "raise_statement", "assert_statement"}
)
_EXPRESSIONS = frozenset({"expression_statement", "return_statement", "raise_statement"})
_HEADERS = {"if_statement": "condition", "while_statement": "condition", "for_statement": "right"}
_DEFERRED = frozenset({"lambda", "function_definition", "class_definition", "decorated_definition"})
_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)


def loop_context(place: Place) -> str:
    """The dict display for a guard's third argument; ``""`` where nothing is certain."""
    source, node = place.source, place.node
    pairs: list[tuple[str, str]] = []
    left = node.child_by_field_name("left")
    if left is not None:
        for name in _plain_names(left):
            text = source.text_of(name)
            if is_identifier(text):
                pairs.append((text, text))
        if left.type == "identifier" and not pairs:
            pairs.extend(_field_of(source, node, source.text_of(left)))
    loop = source.loops_by_start.get(node.start_byte)
    if loop is not None and loop.kind == "while":
        pairs.extend((name, name) for name in _progress(place, loop))
    if not pairs:
        return ""
    inner = ", ".join(f'"{key}": {value}' for key, value in pairs[:MOST])
    return f"{{{inner}}}"


def _plain_names(target: Node) -> Iterator[Node]:
    """The names that the target of a ``for`` binds, not through ``*``."""
    if target.type == "identifier":
        yield target
    elif target.type in {"pattern_list", "tuple_pattern"}:
        for child in target.named_children:
            yield from _plain_names(child)


def _progress(place: Place, loop: Loop) -> Iterator[str]:
    """Counters and cursors of a ``while`` that are bound before it and in every turn."""
    source = place.source
    function = place.function
    text = source.text[function.start_byte : function.end_byte] if function is not None else source.text
    blocks = set(source.blocks_around(loop.start))
    for name in dict.fromkeys(write.name for write in loop.writes):
        if not name.isidentifier() or is_secret(name) or re.search(rb"\bdel\b[^\n]*\b" + name.encode(), text):
            continue
        hows = {write.how for write in loop.writes if write.name == name}
        bindings = source.bindings_by_scope.get(loop.scope, [])
        before = [b for b in bindings if b.name == name and b.start < loop.start]
        certain = any(b.block in blocks and b.how == "assign" for b in before)
        if hows <= _STEPS and certain and all(_is_number(b) for b in before):
            yield name
        elif _CURSOR.fullmatch(name) and hows <= {*_STEPS, "=", "part"}:
            params = source.facts.scopes[loop.scope].params
            if certain or any(p.name == name and p.kind in {"", "k"} for p in params):
                yield name


def _is_number(binding: Binding) -> bool:
    value = binding.value
    return (
        binding.how == "assign"
        and isinstance(value, (tuple, list))
        and value[0] == "lit"
        and type(value[1]) in {int, float}
    )


def _field_of(source: Source, loop: Node, target: str) -> Iterator[tuple[str, str]]:
    """The id of the loop's target that each turn reads before anything can have changed or replaced the target."""
    body = loop.child_by_field_name("body")
    for statement in body.named_children if body is not None else ():
        # What ends first has been evaluated first: operands before their call, the left before the right.
        for node in sorted(_certain_nodes(statement), key=lambda n: (n.end_byte, -n.start_byte)):
            found = _read(source, node, target)
            if found is not None:
                yield found
                return
            if _touches(source, node, target):
                return
        if _leaves(statement) or _binds(source, statement, target):
            return
        if statement.type not in _EXPRESSIONS and target in source.words(statement):
            return


def _read(source: Source, node: Node, target: str) -> tuple[str, str] | None:
    owner, field = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    if (
        node.type != "attribute"
        or owner is None
        or field is None
        or owner.type != "identifier"
        or source.text_of(owner) != target
    ):
        return None
    name = source.text_of(field)
    if not is_identifier(name):
        return None
    return (f"current_{target}" if name in {"id", "pk", "uuid"} else name), f"{target}.{name}"


def _touches(source: Source, node: Node, target: str) -> bool:
    """Whether evaluating the node may change the target: a call that gets it, or a method of it."""
    if node.type != "call":
        return False
    function = node.child_by_field_name("function")
    if function is not None and _starts_with(source, function, target):
        return True
    arguments = node.child_by_field_name("arguments")
    rest = [arguments] if arguments is not None else []
    while rest:
        part = rest.pop()
        if part.type == "identifier" and source.text_of(part) == target:
            parent = part.parent
            if parent is None or parent.type != "attribute":
                return True
        rest.extend(part.named_children)
    return False


def _starts_with(source: Source, node: Node, target: str) -> bool:
    while node.type in {"attribute", "subscript", "call"}:
        node = node.named_children[0]
    return node.type == "identifier" and source.text_of(node) == target


def _certain_nodes(statement: Node) -> Iterator[Node]:
    """The attributes and calls that are evaluated whenever the statement is reached."""
    kind = statement.type
    rest: list[Node] = []
    if kind in _EXPRESSIONS:
        rest = list(statement.named_children)
    elif kind in _HEADERS:
        head = statement.child_by_field_name(_HEADERS[kind])
        rest = [head] if head is not None else []
    elif kind == "with_statement":
        rest = [c for c in statement.named_children if c.type == "with_clause"]
    while rest:
        node = rest.pop()
        if node.type in {"attribute", "call"}:
            yield node
        rest.extend(_certain_parts(node))


def _certain_parts(node: Node) -> list[Node]:
    kind, parts = node.type, node.named_children
    if kind in _DEFERRED:
        return []
    if kind in _COMPREHENSIONS:
        first = next((c for c in parts if c.type == "for_in_clause"), None)
        right = first.child_by_field_name("right") if first is not None else None
        return [right] if right is not None else []
    if kind == "boolean_operator":
        return parts[:1]
    if kind == "assignment":
        right = node.child_by_field_name("right")
        return [right] if right is not None else []
    if kind == "comparison_operator":
        return parts[:2]
    if kind == "conditional_expression":
        return parts[1:2]
    return parts


def _leaves(statement: Node) -> bool:
    """Whether the statement can end the turn."""
    rest = [statement]
    while rest:
        node = rest.pop()
        if node.type in _LEAVING:
            return True
        if node.type not in _DEFERRED:
            rest.extend(node.named_children)
    return False


def _binds(source: Source, statement: Node, target: str) -> bool:
    """Whether the target, an attribute or an element of it gets another value."""
    start, end = statement.start_byte, statement.end_byte
    return target in source.words(statement) and any(
        start <= b.start < end and b.name.partition(".")[0].partition("[")[0] == target
        for b in source.bindings_by_scope.get(source.scope_of(start), [])
    )
