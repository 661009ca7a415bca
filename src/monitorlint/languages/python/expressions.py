"""From syntax nodes to the expressions that facts carry (``model.expr``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from monitorlint.languages.python.annotations import value_of_annotation

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.model.expr import Expr

_DOTTED = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*(?:\.[A-Za-z_\x80-\xff][\w\x80-\xff]*)*")
_STRING = re.compile(rb"(?i:[rbu]{0,2})(\"\"\"|'''|\"|')(.*)\1", re.DOTALL)
_NUMBERS = frozenset({"integer", "float"})
_LITERAL_NAMES = {"true": True, "false": False, "none": None}
MAX_DEPTH = 24
"""Deeper expressions carry no name that anybody resolves, and the recursion must end somewhere."""
MAX_STRING = 120
MAX_ELEMENTS = 64


class Expressions:
    """Reads expressions of one file. ``call_ids`` and ``lambda_ids`` say which number a node has."""

    def __init__(self, source: bytes, call_ids: dict[tuple[int, int], int], lambda_ids: dict[int, int]) -> None:
        self._source = source
        self._call_ids = call_ids
        self._lambda_ids = lambda_ids
        self._names: dict[bytes, str] = {}

    def name(self, raw: bytes) -> str:
        """The interned text of a name."""
        known = self._names.get(raw)
        if known is None:
            known = self._names[raw] = raw.decode("utf-8", "replace")
        return known

    def text(self, node: Node) -> bytes:
        return self._source[node.start_byte : node.end_byte]

    def read(self, node: Node | None, depth: int = 0) -> Expr:
        """The expression at ``node``; None where it is nothing that a value could be followed through."""
        if node is None or depth > MAX_DEPTH:
            return None
        kind = node.type
        if kind == "identifier":
            return self.name(self._source[node.start_byte : node.end_byte])
        reader = self._READERS.get(kind)
        return reader(self, node, depth + 1) if reader else None

    def annotation(self, node: Node | None) -> Expr:
        """The value that something annotated with ``node`` holds."""
        return None if node is None else value_of_annotation(self.name(self.text(node)))

    def _attribute(self, node: Node, depth: int) -> Expr:
        raw = self.text(node)
        if _DOTTED.fullmatch(raw):
            return self.name(raw)
        base = self.read(node.child_by_field_name("object"), depth)
        leaf = node.child_by_field_name("attribute")
        if base is None or leaf is None:
            return None
        attribute = self.name(self.text(leaf))
        if isinstance(base, str):
            return f"{base}.{attribute}"
        if base[0] == "attr":
            return ("attr", base[1], f"{base[2]}.{attribute}")
        return ("attr", base, attribute)

    def _call(self, node: Node, _depth: int) -> Expr:
        number = self._call_ids.get((node.start_byte, node.end_byte))
        return None if number is None else ("call", number)

    def _inner(self, node: Node, depth: int) -> Expr:
        for child in node.named_children:
            if child.type != "comment":
                return self.read(child, depth)
        return None

    def _string(self, node: Node, _depth: int) -> Expr:
        if node.end_byte - node.start_byte > MAX_STRING:
            return None
        found = _STRING.fullmatch(self.text(node))
        return ("lit", found.group(2).decode("utf-8", "replace")) if found else None

    def _number(self, node: Node, _depth: int) -> Expr:
        raw = self.text(node).replace(b"_", b"")
        try:
            return ("lit", int(raw, 0) if node.type == "integer" else float(raw))
        except ValueError:
            return None

    def _negative(self, node: Node, depth: int) -> Expr:
        value = self.read(node.child_by_field_name("argument"), depth)
        if isinstance(value, tuple) and value[0] == "lit" and isinstance(value[1], (int, float)):
            return ("lit", -value[1]) if self.text(node)[:1] == b"-" else value
        return None

    def _constant(self, node: Node, _depth: int) -> Expr:
        return ("lit", _LITERAL_NAMES[node.type])

    def _conditional(self, node: Node, depth: int) -> Expr:
        parts = [c for c in node.named_children if c.type != "comment"]
        return self._one_of([parts[0], parts[2]], depth) if len(parts) == 3 else None

    def _boolean(self, node: Node, depth: int) -> Expr:
        operator = node.child_by_field_name("operator")
        right = node.child_by_field_name("right")
        if operator is not None and operator.type == "and":
            return self.read(right, depth)
        return self._one_of([node.child_by_field_name("left"), right], depth)

    def _one_of(self, nodes: list[Node | None], depth: int) -> Expr:
        several: list[Expr] = []
        for node in nodes:
            value = self.read(node, depth)
            if isinstance(value, tuple) and value[0] == "any":
                several.extend(value[1])
            elif value is not None:
                several.append(value)
        return several[0] if len(several) == 1 else ("any", tuple(several)) if several else None

    def _binary(self, node: Node, depth: int) -> Expr:
        operator = node.child_by_field_name("operator")
        if operator is None or operator.type != "|":
            return None
        parts: list[Expr] = []
        for field in ("left", "right"):
            value = self.read(node.child_by_field_name(field), depth)
            if isinstance(value, tuple) and value[0] == "pipe":
                parts.extend(value[1])
            else:
                parts.append(value)
        return ("pipe", tuple(parts))

    def _subscript(self, node: Node, depth: int) -> Expr:
        base = self.read(node.child_by_field_name("value"), depth)
        if base is None:
            return None
        key = self.read(node.child_by_field_name("subscript"), depth)
        literal = key[1] if isinstance(key, tuple) and key[0] == "lit" and isinstance(key[1], str) else ""
        return ("item", base, literal)

    def _sequence(self, node: Node, depth: int) -> Expr:
        return ("seq", tuple(self.read(c, depth) for c in node.named_children[:MAX_ELEMENTS] if c.type != "comment"))

    def _mapping(self, node: Node, depth: int) -> Expr:
        pairs: list[tuple[str, Expr]] = []
        for child in node.named_children[:MAX_ELEMENTS]:
            if child.type == "pair":
                key = self.read(child.child_by_field_name("key"), depth)
                text = key[1] if isinstance(key, tuple) and key[0] == "lit" and isinstance(key[1], str) else ""
                pairs.append((text, self.read(child.child_by_field_name("value"), depth)))
            elif child.type == "dictionary_splat":
                pairs.append(("**", self._inner(child, depth)))
        return ("map", tuple(pairs))

    def _comprehension(self, node: Node, depth: int) -> Expr:
        body = node.child_by_field_name("body")
        if body is not None and body.type == "pair":
            return ("map", (("", self.read(body.child_by_field_name("value"), depth)),))
        return ("seq", (self.read(body, depth),))

    def _lambda(self, node: Node, _depth: int) -> Expr:
        number = self._lambda_ids.get(node.start_byte)
        return None if number is None else ("fn", number)

    def _assigned(self, node: Node, depth: int) -> Expr:
        return self.read(node.child_by_field_name("value") or node.child_by_field_name("right"), depth)

    # Plain functions: a table of bound methods would tie every file's nodes into a cycle that only a garbage collection
    # frees.
    _READERS: ClassVar[dict[str, Callable[[Expressions, Node, int], Expr]]] = {
        "attribute": _attribute,
        "call": _call,
        "await": _inner,
        "parenthesized_expression": _inner,
        "string": _string,
        "integer": _number,
        "float": _number,
        "true": _constant,
        "false": _constant,
        "none": _constant,
        "unary_operator": _negative,
        "conditional_expression": _conditional,
        "boolean_operator": _boolean,
        "binary_operator": _binary,
        "subscript": _subscript,
        "list": _sequence,
        "tuple": _sequence,
        "set": _sequence,
        "expression_list": _sequence,
        "dictionary": _mapping,
        "list_comprehension": _comprehension,
        "set_comprehension": _comprehension,
        "generator_expression": _comprehension,
        "dictionary_comprehension": _comprehension,
        "lambda": _lambda,
        "named_expression": _assigned,
        "assignment": _assigned,
        "list_splat": _inner,
        "yield": _inner,
    }
