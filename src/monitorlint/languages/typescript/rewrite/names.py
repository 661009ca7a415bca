"""What the names of one file stand for, found by looking at the places where a word occurs.

Only the words that are asked for are looked at, so that the cost grows with what is repaired and not with the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.place import CLASSES, FUNCTIONS
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Source

_SCOPES = frozenset(
    {
        *FUNCTIONS,
        *CLASSES,
        "program",
        "statement_block",
        "for_statement",
        "for_in_statement",
        "catch_clause",
        "switch_body",
        "class_static_block",
        "function_type",
        "constructor_type",
        "call_signature",
        "method_signature",
        "function_signature",
        "abstract_method_signature",
        "construct_signature",
    }
)
_HOISTING = frozenset({*FUNCTIONS, "program", "class_static_block", "internal_module", "module"})
_PATTERNS = frozenset(
    {
        "object_pattern",
        "array_pattern",
        "pair_pattern",
        "rest_pattern",
        "assignment_pattern",
        "object_assignment_pattern",
    }
)
_NAMES = frozenset(
    {
        "identifier",
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
        "type_identifier",
    }
)
_NAMED = frozenset(
    {"function_declaration", "generator_function_declaration", "enum_declaration", "internal_module", "module"}
)
_WITH_PARAMETER = {"arrow_function": "param", "catch_clause": "catch"}
_PARAMETERS = frozenset({"required_parameter", "optional_parameter"})


class Binding(NamedTuple):
    """A place that gives a name its meaning."""

    node: Node
    """The name where it is bound."""
    scope: Node
    """The node within which it holds."""
    how: str
    """``const let var param function class import catch other``."""
    owner: Node
    """The declarator, parameter, function, class or import specifier."""


class Writing(NamedTuple):
    """A place that gives a variable another value."""

    node: Node
    by: Node
    """The assignment, update or loop header."""


class Names:
    """The names of one file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._bindings: dict[str, list[Binding]] = {}
        self._writings: dict[str, list[Writing]] = {}
        self._written: dict[str, dict[int, list[Writing]]] = {}
        """By the name, and by the binding's node."""

    def bindings(self, name: str) -> list[Binding]:
        """All that binds a name, in source order."""
        self._look_at(name)
        return self._bindings[name]

    def resolve(self, name: str, at: Node) -> list[Binding]:
        """What a name means at a node: the bindings of the innermost scope that has any; none: it is a global."""
        found = self.bindings(name)
        if not found:
            return []
        by_scope: dict[int, list[Binding]] = {}
        for binding in found:
            by_scope.setdefault(binding.scope.id, []).append(binding)
        node: Node | None = at
        while node is not None:
            if node.id in by_scope and (node.type not in FUNCTIONS or _is_inside(node, at)):
                return by_scope[node.id]
            node = node.parent
        return []

    def writings(self, binding: Binding) -> list[Writing]:
        """The places that give the variable another value than the one it is declared with."""
        name = self._source.text_of(binding.node)
        if name not in self._written:
            table: dict[int, list[Writing]] = {}
            self._look_at(name)
            for writing in self._writings[name]:
                for meant in self.resolve(name, writing.node):
                    table.setdefault(meant.node.id, []).append(writing)
            self._written[name] = table
        return self._written[name].get(binding.node.id, [])

    def _look_at(self, name: str) -> None:
        if name in self._bindings:
            return
        bindings: list[Binding] = []
        writings: list[Writing] = []
        if name in self._source.words(None):
            for node in self._source.occurrences(name):
                if node.type not in _NAMES:
                    continue
                found = _role(node)
                if isinstance(found, Binding):
                    bindings.append(found)
                elif isinstance(found, Writing):
                    writings.append(found)
        self._bindings[name], self._writings[name] = bindings, writings


def free_names(node: Node) -> Iterator[Node]:
    """The identifiers in a node that are read or written there, outside of functions and classes within it."""
    todo = [node]
    while todo:
        current = todo.pop()
        if current.type in {"identifier", "shorthand_property_identifier"}:
            yield current
        elif current.type not in {*FUNCTIONS, *CLASSES, "type_arguments", "type_annotation"}:
            todo.extend(reversed(current.named_children))


def _is_inside(function: Node, at: Node) -> bool:
    """The node stands where the function's own names are seen: not in its decorators or its computed name."""
    name = function.child_by_field_name("name")
    return name is None or not name.start_byte <= at.start_byte < name.end_byte or function.type != "method_definition"


def _role(node: Node) -> Binding | Writing | None:
    """What happens to the name at a node; None where it is only read, or no variable."""
    child, parent = node, node.parent
    while parent is not None and parent.type in _PATTERNS:
        if parent.type == "pair_pattern" and parent.child_by_field_name("value") != child:
            return None
        if parent.type in {"assignment_pattern", "object_assignment_pattern"} and (
            parent.child_by_field_name("left") != child
        ):
            return None
        child, parent = parent, parent.parent
    if parent is None:
        return None
    kind = parent.type
    if kind == "variable_declarator":
        if parent.child_by_field_name("name") != child or parent.parent is None:
            return None
        how = parent.parent.child_by_field_name("kind")
        word = how.type if how is not None else "var"
        return Binding(node, _scope(parent, is_hoisted=word == "var"), word, parent)
    if kind in _PARAMETERS:
        return (
            Binding(node, _scope(parent), "param", parent) if parent.child_by_field_name("pattern") == child else None
        )
    if kind in _WITH_PARAMETER and parent.child_by_field_name("parameter") == child:
        return Binding(node, parent, _WITH_PARAMETER[kind], parent)
    if kind in {"import_clause", "namespace_import", "import_require_clause", "import_alias"}:
        return Binding(node, _scope(parent), "import", parent)
    if kind == "import_specifier":
        bound = parent.child_by_field_name("alias") or parent.child_by_field_name("name")
        return Binding(node, _scope(parent), "import", parent) if bound == node else None
    if kind == "for_in_statement" and parent.child_by_field_name("left") == child:
        how = parent.child_by_field_name("kind")
        if how is None:
            return Writing(node, parent)
        return Binding(node, _scope(parent, is_hoisted=True) if how.type == "var" else parent, how.type, parent)
    return _named_or_written(node, child, parent)


def _named_or_written(node: Node, child: Node, parent: Node) -> Binding | Writing | None:
    kind = parent.type
    if kind in {"assignment_expression", "augmented_assignment_expression"}:
        return Writing(node, parent) if parent.child_by_field_name("left") == child else None
    if kind == "update_expression":
        return Writing(node, parent)
    if parent.child_by_field_name("name") != node:
        return None
    if kind in _NAMED:
        return Binding(node, _scope(parent), "function" if "function" in kind else "other", parent)
    if kind in {"function_expression", "generator_function", "class"}:
        return Binding(node, parent, "function" if kind != "class" else "class", parent)
    if kind in CLASSES:
        return Binding(node, _scope(parent), "class", parent)
    return None


def _scope(node: Node, *, is_hoisted: bool = False) -> Node:
    """The scope that a declaration standing at a node binds its names in."""
    kinds = _HOISTING if is_hoisted else _SCOPES
    current = node.parent
    last = node
    while current is not None:
        if current.type in kinds:
            # The block of a function is its own scope's: parameters and the body's names are seen alike.
            around = current.parent
            if current.type == "statement_block" and around is not None and around.type in FUNCTIONS:
                return around
            return current
        last = current
        current = current.parent
    return last
