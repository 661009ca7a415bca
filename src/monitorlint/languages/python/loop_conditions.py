"""Conditions and values of one loop, reduced to what they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.loop_terms import NOTHING, OPPOSITE, join, text_of
from monitorlint.model.loops import Atom, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.loop_terms import Clauses, LoopContext

PURE_BUILTINS = frozenset(
    (
        "abs all any bool bytes callable cast dict divmod enumerate filter float format frozenset getattr "
        "hasattr hash id int isinstance issubclass len list map max min ord range repr reversed round set "
        "sorted str sum tuple type zip "
    ).split()
)
"""Builtins (and ``typing.cast``) that change nothing: their value depends on their arguments alone."""

_LITERALS = frozenset({"integer", "float", "string", "true", "false", "none", "concatenated_string"})


def dotted(node: Node, source: bytes) -> str | None:
    """``a.b.c`` as text; None for anything but names and attributes of names."""
    if node.type == "identifier":
        return source[node.start_byte : node.end_byte].decode("utf-8", "replace")
    if node.type == "attribute":
        base = node.child_by_field_name("object")
        name = node.child_by_field_name("attribute")
        if base is None or name is None:
            return None
        head = dotted(base, source)
        return None if head is None else f"{head}.{source[name.start_byte : name.end_byte].decode('utf-8', 'replace')}"
    return None


class Conditions:
    """Reads expressions of one file."""

    def __init__(self, source: bytes, context: LoopContext) -> None:
        self._source = source
        self._context = context

    def text(self, node: Node, limit: int = 80) -> str:
        return text_of(node, self._source, limit)

    def dotted(self, node: Node) -> str | None:
        return dotted(node, self._source)

    def read(self, node: Node | None) -> Reading:
        """What an expression reads."""
        if node is None:
            return NOTHING
        while node.type == "parenthesized_expression" and node.named_children:
            node = node.named_children[0]
        reading = Reading([], [], [], self.text(node, 40) if self.is_literal(node) else None)
        if reading.literal is None:
            self._collect(node, reading, reading.names)
        return reading

    @staticmethod
    def is_literal(node: Node) -> bool:
        """A number, string without holes, boolean, None, or an empty collection."""
        if node.type == "unary_operator":
            return bool(node.named_children) and node.named_children[0].type in {"integer", "float"}
        if node.type in {"list", "dictionary", "tuple", "set"}:
            return not node.named_children
        if node.type == "string":
            return all(c.type != "interpolation" for c in node.named_children)
        return node.type in _LITERALS

    def _collect(self, node: Node, reading: Reading, into: list[str]) -> None:
        kind = node.type
        if kind in {"identifier", "attribute"}:
            name = self.dotted(node)
            if name is not None:
                into.append(name)
                return
        if kind == "call":
            self._collect_call(node, reading, into)
            return
        if kind == "keyword_argument":
            value = node.child_by_field_name("value")
            if value is not None:
                self._collect(value, reading, into)
            return
        if kind == "lambda":
            node = node.child_by_field_name("body") or node
        for child in node.named_children:
            if kind == "attribute" and child.type == "identifier":
                continue
            self._collect(child, reading, into)

    def _collect_call(self, node: Node, reading: Reading, into: list[str]) -> None:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if function is not None and function.type == "identifier" and self.is_pure(node):
            if arguments is not None:
                self._collect(arguments, reading, into)
            return
        number = self._context.call_id(node)
        if number is not None:
            reading.calls.append(number)
        if function is not None and function.type == "attribute":
            receiver = function.child_by_field_name("object")
            if receiver is not None:
                self._collect(receiver, reading, reading.inputs)
        elif function is not None and function.type != "identifier":
            self._collect(function, reading, reading.inputs)
        if arguments is not None:
            self._collect(arguments, reading, reading.inputs)

    def call_id(self, node: Node) -> int | None:
        """Number of the call at ``node``."""
        return self._context.call_id(node)

    def is_pure(self, call: Node) -> bool:
        """A call of a builtin that changes nothing."""
        function = call.child_by_field_name("function")
        return function is not None and function.type == "identifier" and self.dotted(function) in PURE_BUILTINS

    def truth(self, node: Node | None) -> bool | None:
        """The value of a condition that is a literal; None for every other condition."""
        if node is None:
            return None
        if node.type == "parenthesized_expression" and node.named_children:
            return self.truth(node.named_children[0])
        if node.type == "not_operator":
            inner = self.truth(node.child_by_field_name("argument"))
            return None if inner is None else not inner
        if node.type in {"true", "false", "none"}:
            return node.type == "true"
        if node.type in {"integer", "float"}:
            return self.text(node).strip("0.") != ""
        if node.type == "string" and self.is_literal(node):
            return any(c.type == "string_content" for c in node.named_children)
        return None

    def clauses(self, node: Node | None, *, wanted: bool) -> Clauses:
        """When ``node`` is ``wanted``: the alternatives."""
        if node is None:
            return [[]]
        kind = node.type
        if kind == "parenthesized_expression" and node.named_children:
            return self.clauses(node.named_children[0], wanted=wanted)
        if kind == "not_operator":
            return self.clauses(node.child_by_field_name("argument"), wanted=not wanted)
        if kind == "boolean_operator":
            left = self.clauses(node.child_by_field_name("left"), wanted=wanted)
            right = self.clauses(node.child_by_field_name("right"), wanted=wanted)
            operator = node.child_by_field_name("operator")
            is_and = operator is not None and operator.type == "and"
            return join(left, right) if is_and == wanted else [*left, *right]
        if kind == "comparison_operator":
            atoms = list(self._comparisons(node))
            if wanted:
                return [atoms]
            return [[a._replace(op=OPPOSITE[a.op])] for a in atoms]
        constant = self.truth(node)
        if constant is not None:
            return [[]] if constant == wanted else []
        return [[Atom("true" if wanted else "false", self.read(node), NOTHING, self.text(node))]]

    def _comparisons(self, node: Node) -> Iterator[Atom]:
        text = self.text(node)
        operands = [c for c in node.named_children if c.type != "comment"]
        operators = [" ".join(self.text(o).split()) for o in node.children_by_field_name("operators")]
        for left, operator, right in zip(operands, operators, operands[1:], strict=False):
            yield Atom(operator if operator in OPPOSITE else "==", self.read(left), self.read(right), text)
