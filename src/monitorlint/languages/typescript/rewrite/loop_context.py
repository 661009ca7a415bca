"""What a loop guard may say of the turn it is called in: ids, counters and cursors that are certainly there.

The guard stands at the top of the body and must never fail. So a name is taken only if it is bound before the first
turn, and a field of the loop's variable only if its type is declared beside it, or if every turn reads it anyhow,
before anything else can touch the variable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.naming import is_identifier, is_secret, snake_case
from monitorlint.languages.typescript.rewrite.place import CLASSES, FUNCTIONS, LISTS
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.names import Binding, Names
    from monitorlint.languages.typescript.rewrite.place import Place, Source

MOST: Final = 3
"""Values in one context: what fits in a line, and tells where the loop is."""

_CURSOR = pattern(r"(?:.*_)?(?:cursor|offset)|.*[a-z](?:Cursor|Offset)")
_LEAVING = frozenset(
    {"break_statement", "continue_statement", "return_statement", "throw_statement", "yield_expression"}
)
_EXPRESSIONS = frozenset({"expression_statement", "return_statement", "throw_statement", "lexical_declaration"})
_FIELDS = frozenset({"id", "uuid", "pk", "_id"})


def loop_context(place: Place, names: Names) -> str:
    """The object literal for a guard's third argument; ``""`` where nothing is certain."""
    source, node = place.source, place.node
    pairs: list[str] = []
    if node.type == "for_in_statement":
        left = node.child_by_field_name("left")
        bound = list(_plain_names(left)) if left is not None and node.child_by_field_name("kind") is not None else []
        pairs.extend(text for name in bound if is_identifier(text := source.text_of(name)))
        if left is not None and left.type == "identifier" and bound and not pairs:
            pairs.extend(_field_of(place, names, source.text_of(left)))
    else:
        pairs.extend(_progress(place, names))
    return "{ " + ", ".join(pairs[:MOST]) + " }" if pairs else ""


def _plain_names(target: Node) -> Iterator[Node]:
    """The names that the target of a ``for`` binds, not through ``...``."""
    if target.type in {"identifier", "shorthand_property_identifier_pattern"}:
        yield target
    elif target.type in {"array_pattern", "object_pattern"}:
        for child in target.named_children:
            yield from _plain_names(child)
    elif target.type == "pair_pattern":
        value = target.child_by_field_name("value")
        if value is not None:
            yield from _plain_names(value)


def _progress(place: Place, names: Names) -> Iterator[str]:
    """Counters and cursors that are bound before the loop, or in its head, and that every turn may move."""
    source, node = place.source, place.node
    start, end = node.start_byte, node.end_byte
    seen: set[str] = set()
    moved = [current for current in _walk(node) if current.type in _MOVES]
    for current in sorted(moved, key=lambda n: n.start_byte):
        target = current.child_by_field_name("argument") or current.child_by_field_name("left")
        if target is None or target.type != "identifier" or (name := source.text_of(target)) in seen:
            continue
        seen.add(name)
        bindings = names.resolve(name, target)
        if len(bindings) != 1 or is_secret(name) or not _is_bound_before(place, bindings[0]):
            continue
        writings = [w.by for w in names.writings(bindings[0]) if start <= w.node.start_byte < end]
        stepped = all(_is_step(source, by) for by in writings)
        value = bindings[0].owner.child_by_field_name("value")
        is_number = value is not None and value.type == "number"
        if (stepped and is_number) or (_CURSOR.fullmatch(name) and (value is not None or bindings[0].how == "param")):
            yield name


_MOVES = frozenset({"update_expression", "assignment_expression", "augmented_assignment_expression"})


def _is_step(source: Source, by: Node) -> bool:
    """``n++``, ``n += 1`` or ``n = n + 1``."""
    if by.type == "update_expression":
        return True
    if by.type == "augmented_assignment_expression":
        operator = by.child_by_field_name("operator")
        return operator is not None and operator.type in {"+=", "-=", "*="}
    left, right = by.child_by_field_name("left"), by.child_by_field_name("right")
    if left is None or right is None or right.type != "binary_expression":
        return False
    return source.text_of(left) in {source.text_of(child) for child in right.named_children}


def _is_bound_before(place: Place, binding: Binding) -> bool:
    if binding.how == "param":
        return True
    declaration = binding.owner.parent
    if binding.how not in {"let", "var"} or declaration is None:
        return False
    if declaration.parent == place.node:
        return place.node.child_by_field_name("initializer") == declaration
    around = declaration.parent
    return (
        around is not None
        and around.type in LISTS
        and around in place.ancestors
        and declaration.end_byte <= place.start
    )


def _field_of(place: Place, names: Names, target: str) -> Iterator[str]:
    """The id of the loop's variable."""
    source, loop = place.source, place.node
    declared = _declared_field(place, names)
    body = loop.child_by_field_name("body")
    if declared:
        yield f"current_{snake_case(target)}: {target}.{declared}"
        return
    statements = body.named_children if body is not None and body.type == "statement_block" else [body]
    for statement in statements:
        if statement is None or statement.type == "comment":
            continue
        # What ends first has been evaluated first: operands before their call, the left before the right.
        for node in sorted(_certain_nodes(statement), key=lambda n: (n.end_byte, -n.start_byte)):
            field = _read(source, node, target)
            if field is not None:
                key = f"current_{snake_case(target)}" if field in _FIELDS else field
                yield f"{key}: {target}.{field}"
                return
            if _touches(source, node, target):
                return
        if any(n.type in _LEAVING for n in _walk(statement)) or statement.type not in _EXPRESSIONS:
            return


def _declared_field(place: Place, names: Names) -> str:
    """``id`` where the type of what the loop goes through is declared in the file, and has it."""
    source = place.source
    right = place.node.child_by_field_name("right")
    operator = place.node.child_by_field_name("operator")
    if right is None or right.type != "identifier" or operator is None or operator.type != "of":
        return ""
    bindings = names.resolve(source.text_of(right), right)
    declared = bindings[0].owner.child_by_field_name("type") if len(bindings) == 1 else None
    if declared is None or (bindings[0].owner.type == "optional_parameter") or names.writings(bindings[0]):
        return ""
    element = _element(source, declared.named_children[-1])
    members = _members(source, element) if element is not None else []
    for member in members:
        name = member.child_by_field_name("name")
        if member.type == "property_signature" and name is not None and source.text_of(name) == "id":
            return "id" if not any(child.type == "?" for child in member.children) else ""
    return ""


def _element(source: Source, node: Node) -> Node | None:
    """``T`` of ``T[]``, ``readonly T[]`` and ``Array<T>``."""
    if node.type == "readonly_type":
        return _element(source, node.named_children[0])
    if node.type == "array_type":
        return node.named_children[0]
    if node.type == "generic_type":
        name, arguments = node.child_by_field_name("name"), node.child_by_field_name("type_arguments")
        if name is not None and source.text_of(name) in {"Array", "ReadonlyArray", "Set", "Iterable", "AsyncIterable"}:
            return arguments.named_children[0] if arguments is not None and arguments.named_children else None
    return None


def _members(source: Source, node: Node) -> list[Node]:
    """The members of an object type, or of the interface or alias of that name in the file."""
    if node.type in {"object_type", "interface_body"}:
        return node.named_children
    if node.type != "type_identifier":
        return []
    for found in source.occurrences(source.text_of(node)):
        parent = found.parent
        if parent is None or parent.child_by_field_name("name") != found:
            continue
        if parent.type == "interface_declaration":
            body = parent.child_by_field_name("body")
            return body.named_children if body is not None else []
        if parent.type == "type_alias_declaration":
            value = parent.child_by_field_name("value")
            return value.named_children if value is not None and value.type == "object_type" else []
    return []


def _read(source: Source, node: Node, target: str) -> str | None:
    owner, field = node.child_by_field_name("object"), node.child_by_field_name("property")
    if node.type != "member_expression" or owner is None or field is None or field.type != "property_identifier":
        return None
    if owner.type != "identifier" or source.text_of(owner) != target:
        return None
    if any(child.type in {"optional_chain", "?."} for child in node.children):
        return None
    name = source.text_of(field)
    return name if is_identifier(name) or name in _FIELDS else None


def _touches(source: Source, node: Node, target: str) -> bool:
    """Whether evaluating the node may change the variable: a call that gets it, or a method of it, or a write."""
    if node.type in _MOVES:
        return target in source.words(node)
    if node.type not in {"call_expression", "new_expression"}:
        return False
    for current in _walk(node):
        if current.type in {"identifier", "shorthand_property_identifier"} and source.text_of(current) == target:
            parent = current.parent
            function = node.child_by_field_name("function")
            is_method = function is not None and function.start_byte == current.start_byte
            if is_method or parent is None or parent.type != "member_expression":
                return True
    return False


def _certain_nodes(statement: Node) -> Iterator[Node]:
    """The members and calls that are evaluated whenever the statement is reached."""
    todo: list[Node] = []
    if statement.type in _EXPRESSIONS:
        todo = list(statement.named_children)
    elif statement.type == "if_statement":
        condition = statement.child_by_field_name("condition")
        todo = [condition] if condition is not None else []
    while todo:
        node = todo.pop()
        if node.type in {"member_expression", "call_expression", "new_expression", *_MOVES}:
            yield node
        todo.extend(_certain_parts(node))


def _certain_parts(node: Node) -> list[Node]:
    parts = node.named_children
    if node.type in {*FUNCTIONS, *CLASSES}:
        return []
    if node.type in {"ternary_expression", "binary_expression"}:
        operator = node.child_by_field_name("operator")
        return parts[:1] if operator is None or operator.type in {"&&", "||", "??"} else parts
    if any(child.type in {"optional_chain", "?."} for child in node.children):
        return parts[:1]
    return parts


def _walk(node: Node) -> Iterator[Node]:
    """A node and those in it that run with it."""
    todo = [node]
    while todo:
        current = todo.pop()
        yield current
        if current is node or current.type not in {*FUNCTIONS, *CLASSES}:
            todo.extend(reversed(current.named_children))
