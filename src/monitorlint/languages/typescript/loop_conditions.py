"""Conditions and values of one loop, reduced to what they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.loop_terms import NOTHING, OPPOSITE, flat, join, text_of
from monitorlint.model.loops import Atom, Reading
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.loop_terms import Clauses, LoopContext

NAMESPACES = frozenset("console Promise Math JSON Object Array Number String Date Reflect Symbol process Intl".split())
"""Objects of the language: nothing depends on what was asked of them before."""
PURE_FUNCTIONS = frozenset(
    (
        "Array.from Array.isArray Array.of BigInt Boolean JSON.stringify Math.abs Math.ceil Math.floor Math.log "
        "Math.log10 Math.log2 Math.max Math.min Math.pow Math.round Math.sign Math.sqrt Math.trunc Number "
        "Number.isFinite Number.isInteger Number.isNaN Number.isSafeInteger Number.parseFloat Number.parseInt "
        "Object.entries Object.fromEntries Object.freeze Object.hasOwn Object.is Object.keys "
        "Object.values String String.fromCharCode encodeURIComponent decodeURIComponent isFinite isNaN parseFloat "
        "parseInt structuredClone"
    ).split()
)
"""Functions of the language that change nothing: their value depends on their arguments alone."""

FUNCTIONS = frozenset(
    {"arrow_function", "function_expression", "generator_function", "function_declaration", "method_definition"}
    | {"generator_function_declaration"}
)
_WRAPPERS = frozenset({"parenthesized_expression", "non_null_expression", "as_expression", "satisfies_expression"})
_POSTFIX = frozenset({"member_expression", "subscript_expression", "call_expression", "non_null_expression"})
_WORDS = {"true": "True", "false": "False", "null": "None", "undefined": "None"}
"""Literals that every language has, in the one spelling that facts know."""
_LITERALS = frozenset({*_WORDS, "number", "string", "regex"})
_MEMBERS = frozenset({"has", "includes"})
_SILENT = frozenset(
    (
        "property_identifier private_property_identifier statement_identifier type_arguments type_annotation "
        "type_parameters formal_parameters comment class_body class string_fragment regex string number"
    ).split()
)
_COMPARISONS = {
    "===": "==",
    "!==": "!=",
    "==": "==",
    "!=": "!=",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">=",
    "in": "in",
}
_CHAIN = pattern(r"[\w$#.!?]+")


def unwrap(node: Node) -> Node:
    """What stands in parentheses, before ``!`` and before ``as T``."""
    while node.type in _WRAPPERS or node.type == "type_assertion":
        children = [c for c in node.named_children if c.type != "comment"]
        if not children:
            break
        node = children[-1] if node.type == "type_assertion" else children[0]
    return node


def dotted(node: Node, source: bytes) -> str | None:
    """``a.b.c`` as text; None for anything but names and members of names."""
    tail: list[str] = []
    node = unwrap(node)
    while node.type == "member_expression":
        base, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if base is None or name is None:
            return None
        tail.append(source[name.start_byte : name.end_byte].decode("utf-8", "replace"))
        node = unwrap(base)
    if node.type not in {"identifier", "this", "super"}:
        return None
    head = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
    return ".".join([head, *reversed(tail)])


def operation(node: Node) -> Node | None:
    """``i < n`` in ``i < n!.size``: the grammar binds ``!`` too loosely and takes the comparison for the object."""
    if node.type not in _POSTFIX:
        return None
    inner: Node | None = node
    while inner is not None and inner.type in _POSTFIX:
        if inner.type == "non_null_expression":
            inner = inner.named_children[0] if inner.named_children else None
        else:
            inner = inner.child_by_field_name("object") or inner.child_by_field_name("function")
    return inner if inner is not None and inner.type in {"binary_expression", "unary_expression"} else None


_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration"})


class Conditions:
    """Reads expressions of one file."""

    def __init__(self, source: bytes, context: LoopContext) -> None:
        self._source = source
        self._context = context
        self._declarations: dict[tuple[int, int], list[Node]] = {}

    def declarations(self, body: Node) -> list[Node]:
        """The declarations of variables among the statements of a block, in source order."""
        place = body.start_byte, body.end_byte
        if place not in self._declarations:
            statements = ((s.child_by_field_name("declaration") or s) for s in body.named_children)
            self._declarations[place] = [s for s in statements if s.type in _DECLARATIONS]
        return self._declarations[place]

    def text(self, node: Node, limit: int = 80) -> str:
        return text_of(node, self._source, limit)

    def dotted(self, node: Node | None) -> str | None:
        return None if node is None else dotted(node, self._source)

    def read(self, node: Node | None) -> Reading:
        """What an expression reads."""
        if node is None:
            return NOTHING
        node = unwrap(node)
        reading = Reading([], [], [], self.literal(node))
        if reading.literal is None:
            self._collect(node, reading, reading.names)
        if len(reading.inputs) > 1:
            return reading._replace(inputs=list(dict.fromkeys(reading.inputs)))
        return reading

    def literal(self, node: Node) -> str | None:
        """A number, string without holes, boolean, null, or an empty collection, as text; None for anything else."""
        kind = node.type
        if kind in _WORDS:
            return _WORDS[kind]
        if kind == "unary_expression":
            argument = node.child_by_field_name("argument")
            if argument is None or argument.type != "number":
                return None
            return "None" if node.children[0].type == "void" else self.text(node, 40)
        if kind in {"array", "object"}:
            return None if node.named_children else self.text(node, 40)
        if kind == "template_string":
            holes = any(c.type == "template_substitution" for c in node.named_children)
            return None if holes else self.text(node, 40)
        return self.text(node, 40) if kind in _LITERALS else None

    def _collect(self, node: Node, reading: Reading, into: list[str]) -> None:
        kind = node.type
        if kind in _SILENT:
            return
        if kind in {"identifier", "this", "shorthand_property_identifier"}:
            name = self.text(node, 200)
            if name not in NAMESPACES:
                into.append(name)
            return
        if kind == "member_expression":
            member = self.dotted(node)
            if member is not None:
                into.append(member)
                return
        elif kind in {"call_expression", "new_expression"}:
            self._collect_call(node, reading, into)
            return
        elif kind in _WRAPPERS or kind == "type_assertion":
            inner = unwrap(node)
            if inner is not node:
                self._collect(inner, reading, into)
            return
        elif kind in FUNCTIONS:
            body = node.child_by_field_name("body")
            if body is not None:
                self._collect(body, reading, into)
            return
        for child in node.named_children:
            self._collect(child, reading, into)

    def _collect_call(self, node: Node, reading: Reading, into: list[str]) -> None:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        arguments = node.child_by_field_name("arguments")
        if self.is_pure(node):
            if arguments is not None:
                self._collect(arguments, reading, into)
            return
        number = self._context.call_id(node)
        if number is not None:
            reading.calls.append(number)
        function = unwrap(function) if function is not None else None
        if function is not None and function.type == "member_expression":
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
        """A call of a function of the language that changes nothing."""
        return call.type == "call_expression" and self.dotted(call.child_by_field_name("function")) in PURE_FUNCTIONS

    def truth(self, node: Node | None) -> bool | None:
        """The value of a condition that is a literal; None for every other condition."""
        if node is None:
            return None
        node = unwrap(node)
        if node.type == "unary_expression" and node.children[0].type == "!":
            inner = self.truth(node.child_by_field_name("argument"))
            return None if inner is None else not inner
        literal = self.literal(node)
        if literal is None:
            return None
        if node.type == "number":
            return literal.strip("0._nxboXBO") != ""
        if node.type == "regex" or node.type in {"array", "object"}:
            return True
        return literal not in {"False", "None", "''", '""', "``"} and node.type != "unary_expression"

    def clauses(self, node: Node | None, *, wanted: bool) -> Clauses:
        """When ``node`` is ``wanted``: the alternatives."""
        if node is None:
            return [[]]
        while node.type == "parenthesized_expression" and node.named_children:
            node = node.named_children[0]
        whole, node = node, unwrap(node)
        misread = operation(node)
        if misread is not None:
            node = misread
        if node.type == "unary_expression" and node.children[0].type == "!":
            if misread is not None:
                name = self._rest(node.child_by_field_name("argument"), whole)
                return [[Atom("false" if wanted else "true", name, NOTHING, self.text(whole))]]
            return self.clauses(node.child_by_field_name("argument"), wanted=not wanted)
        if node.type == "sequence_expression":
            return self.clauses(node.named_children[-1], wanted=wanted)
        if node.type == "binary_expression":
            operator = node.child_by_field_name("operator")
            sign = operator.type if operator is not None else ""
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if sign in {"&&", "||"}:
                first, second = self.clauses(left, wanted=wanted), self.clauses(right, wanted=wanted)
                return join(first, second) if (sign == "&&") == wanted else [*first, *second]
            if sign in _COMPARISONS and left is not None and right is not None:
                if (loose := self._loosely(left, sign, right, wanted=wanted)) is not None:
                    return loose
                other = self.read(right) if misread is None else self._rest(right, whole)
                op = _COMPARISONS[sign]
                if other.literal == "None":
                    op = {"==": "is", "!=": "is not"}.get(op, op)
                return [[Atom(op if wanted else OPPOSITE[op], self.read(left), other, self.text(whole))]]
        constant = self.truth(node)
        if constant is not None:
            return [[]] if constant == wanted else []
        member = self._membership(node, wanted=wanted)
        return [[member or Atom("true" if wanted else "false", self.read(whole), NOTHING, self.text(whole))]]

    def _loosely(self, left: Node, sign: str, right: Node, *, wanted: bool) -> Clauses | None:
        """``a && b! > c``, which the grammar takes for ``(a && b)! > c``."""
        inner = left.named_children[0] if left.type == "non_null_expression" and left.named_children else None
        operator = inner.child_by_field_name("operator") if inner is not None else None
        if inner is None or operator is None or operator.type not in {"&&", "||"}:
            return None
        first, last = inner.child_by_field_name("left"), inner.child_by_field_name("right")
        op = _COMPARISONS[sign] if wanted else OPPOSITE[_COMPARISONS[sign]]
        second = [[Atom(op, self.read(last), self.read(right), self.text(inner))]]
        before = self.clauses(first, wanted=wanted)
        return join(before, second) if (operator.type == "&&") == wanted else [*before, *second]

    def _rest(self, node: Node | None, whole: Node) -> Reading:
        """The last operand of a misread operation, with the members that the grammar gave to the whole of it."""
        if node is None:
            return NOTHING
        text = self._source[node.start_byte : whole.end_byte].decode("utf-8", "replace")
        if _CHAIN.fullmatch(text):
            return Reading([text.replace("!", "").replace("?", "").rstrip(".")], [], [], None)
        return self.read(whole)

    def _membership(self, node: Node, *, wanted: bool) -> Atom | None:
        """``seen.has(x)``, ``list.includes(x)``: what other languages write with an operator."""
        if node.type != "call_expression":
            return None
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        name = self.dotted(function)
        if name is None or arguments is None or name.rpartition(".")[2] not in _MEMBERS:
            return None
        owner, _, _ = name.rpartition(".")
        given = arguments.named_children
        if not owner or len(given) != 1:
            return None
        collection = Reading([owner], [], [], None)
        return Atom("in" if wanted else "not in", self.read(given[0]), collection, self.text(node))

    def read_names(self, node: Node) -> set[str]:
        """Every plain name below a node, patterns included."""
        if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
            return {self.text(node)}
        return {n for child in node.named_children for n in self.read_names(child)}

    def atoms(self, node: Node) -> list[Atom]:
        """Of a value that is a condition: its atoms."""
        return flat(self.clauses(node, wanted=True))
