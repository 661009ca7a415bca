"""What becomes of the value of a call: whether it is awaited, and what is asked of it before."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.place import FUNCTIONS, is_async, is_generator
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.names import Binding, Names
    from monitorlint.languages.typescript.rewrite.place import Source

TRANSPARENT = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "type_assertion"}
)
"""Nodes that give the value that they hold."""
_CASTS = frozenset({"as_expression", "satisfies_expression"})
PROMISE_METHODS = frozenset({"then", "catch", "finally"})
_COMBINATORS = frozenset({"all", "allSettled", "race", "any"})


class Use(Enum):
    """What the program does with a value that is, or may be, a promise."""

    AWAITED = "awaited"
    """It is waited for where it stands, or adopted by the promise of an ``async`` function."""
    DROPPED = "dropped"
    PROMISE = "promise"
    """Only what every promise has is asked of it."""
    RETURNED = "returned"
    """It leaves a function that is not ``async``, and whose result nobody has declared."""
    PASSED = "passed"
    KEPT = "kept"
    """It is put somewhere, and what is done with it there is not known."""
    ASKED = "asked"
    """Something is asked of it that a promise does not have."""


class Link(NamedTuple):
    """One more step of a chain: ``.name`` or ``.name(…)``."""

    name: str
    node: Node
    """The chain up to and with this step."""
    is_call: bool


def links_of(source: Source, node: Node) -> list[Link]:
    """What is asked of a call's value without waiting for it."""
    found: list[Link] = []
    top, parent = node, node.parent
    while parent is not None:
        outer = parent.parent
        if parent.type == "non_null_expression":
            top, parent = parent, outer
            continue
        if parent.type == "call_expression" and parent.child_by_field_name("function") == top:
            found.append(Link("", parent, is_call=True))
        elif parent.type in {"member_expression", "subscript_expression"} and _object(parent) == top:
            named = parent.child_by_field_name("property")
            name = source.text_of(named) if named is not None else ""
            if (
                outer is not None
                and outer.type == "call_expression"
                and outer.child_by_field_name("function") == parent
            ):
                found.append(Link(name, outer, is_call=True))
                top, parent = outer, outer.parent
                continue
            found.append(Link(name, parent, is_call=False))
        else:
            break
        top, parent = parent, outer
    return found


def misplaced_await(node: Node) -> Node | None:
    """The ``await`` at the front of a chain of calls, where the grammar has it in the chain.

    It reads ``await f<T>(x)`` as ``(await f)<T>(x)``.
    """
    current: Node | None = node
    while current is not None and current.start_byte == node.start_byte:
        if current.type == "await_expression":
            return current if current is not node else None
        if current.type not in {"call_expression", "member_expression", "subscript_expression", "non_null_expression"}:
            return None
        current = current.named_children[0] if current.named_children else None
    return None


def awaited_operand(node: Node) -> Node | None:
    """The operand of the ``await`` that waits for just this value, without the brackets around it."""
    if misplaced_await(node) is not None:
        return node if not _is_chained(node) else None
    inner, current, parent = node, node, node.parent
    cast = node
    while parent is not None and parent.type in TRANSPARENT:
        if parent.type in _CASTS:
            # `await x as T` casts what has been awaited, whatever the grammar makes of it.
            cast = parent
        else:
            inner = cast if parent.type == "parenthesized_expression" else parent
            cast = inner
        current, parent = parent, parent.parent
    if parent is None or parent.type != "await_expression" or parent.named_children[-1] != current:
        return None
    return inner


def _is_chained(node: Node) -> bool:
    """Something is asked of the value, so that an ``await`` in front of it waits for that."""
    parent = node.parent
    while parent is not None and parent.type == "non_null_expression":
        node, parent = parent, parent.parent
    if parent is None:
        return False
    return node in (_object(parent), parent.child_by_field_name("function"))


def use_of(source: Source, names: Names, node: Node) -> Use:
    """What becomes of a value that is not chained upon."""
    current, parent = node, node.parent
    while parent is not None:
        kind = parent.type
        if not (kind in TRANSPARENT or _gives(parent, current)):
            break
        current, parent = parent, parent.parent
    if parent is None:
        return Use.KEPT
    kind = parent.type
    if kind == "await_expression" or misplaced_await(node) is not None:
        return Use.AWAITED
    if kind == "expression_statement" or (kind == "unary_expression" and parent.children[0].type == "void"):
        return Use.DROPPED
    if kind in {"return_statement", "yield_expression", *FUNCTIONS}:
        return _handed_out(source, parent)
    if kind in {"member_expression", "subscript_expression"}:
        named = parent.child_by_field_name("property")
        outer = parent.parent
        is_method = outer is not None and outer.type == "call_expression"
        return Use.PROMISE if is_method and named and source.text_of(named) in PROMISE_METHODS else Use.ASKED
    if kind == "array" and _is_combined(source, parent):
        return Use.PROMISE
    if kind == "arguments":
        return Use.PASSED
    if kind == "variable_declarator":
        return _kept_in_variable(source, names, parent)
    return Use.KEPT


def has_optional_step(node: Node) -> bool:
    """The chain that ends in a node may stop short with ``undefined``."""
    current: Node | None = node
    while current is not None and current.type in {
        "call_expression",
        "member_expression",
        "subscript_expression",
        "non_null_expression",
    }:
        if any(child.type in {"optional_chain", "?."} for child in current.children):
            return True
        current = current.named_children[0] if current.named_children else None
    return False


def _object(node: Node) -> Node | None:
    return node.child_by_field_name("object")


def _gives(parent: Node, child: Node) -> bool:
    """The value of ``child`` may be that of ``parent``."""
    if parent.type == "ternary_expression":
        return parent.child_by_field_name("condition") != child
    if parent.type == "binary_expression":
        operator = parent.child_by_field_name("operator")
        return operator is not None and operator.type in {"??", "||", "&&"}
    return parent.type == "sequence_expression" and parent.named_children[-1] == child


def _handed_out(source: Source, parent: Node) -> Use:
    """What becomes of a value that is returned or yielded."""
    function: Node | None = parent
    while function is not None and function.type not in FUNCTIONS:
        function = function.parent
    if function is None:
        return Use.KEPT
    if is_async(function):
        return Use.AWAITED
    if parent.type == "yield_expression" or is_generator(function):
        return Use.PASSED
    declared = function.child_by_field_name("return_type")
    if declared is not None:
        text = source.text_of(declared).lstrip(": ")
        return Use.PROMISE if text.startswith(("Promise<", "PromiseLike<", "void", "any", "unknown")) else Use.RETURNED
    around = function.parent
    return Use.PROMISE if around is not None and around.type == "arguments" else Use.RETURNED


def _is_combined(source: Source, array: Node) -> bool:
    """The array is what ``Promise.all`` and its kin are handed."""
    call = array.parent.parent if array.parent is not None and array.parent.type == "arguments" else None
    function = call.child_by_field_name("function") if call is not None else None
    if function is None:
        return False
    owner, _, method = source.text_of(function).rpartition(".")
    return owner == "Promise" and method in _COMBINATORS


def _kept_in_variable(source: Source, names: Names, declarator: Node) -> Use:
    """A variable of which only what every promise has is asked is as good as a promise."""
    name, declared = declarator.child_by_field_name("name"), declarator.child_by_field_name("type")
    if name is None or name.type != "identifier" or declared is not None:
        return Use.KEPT
    text = source.text_of(name)
    bindings = [b for b in names.bindings(text) if b.owner == declarator]
    if len(bindings) != 1 or bindings[0].how != "const":
        return Use.KEPT
    uses = [_use_of_read(source, names, node) for node in reads_of(source, names, bindings[0])]
    if Use.ASKED in uses:
        return Use.ASKED
    return Use.PROMISE if set(uses) <= {Use.AWAITED, Use.PROMISE} else Use.KEPT


def reads_of(source: Source, names: Names, binding: Binding) -> list[Node]:
    """The places where a variable is used."""
    text = source.text_of(binding.node)
    return [
        node
        for node in source.occurrences(text, binding.scope.start_byte, binding.scope.end_byte)
        if node.type in {"identifier", "shorthand_property_identifier"}
        and node != binding.node
        and binding in names.resolve(text, node)
    ]


def _use_of_read(source: Source, names: Names, node: Node) -> Use:
    is_handed_on = node.parent is not None and node.parent.type == "variable_declarator"
    return Use.KEPT if is_handed_on else use_of(source, names, node)
