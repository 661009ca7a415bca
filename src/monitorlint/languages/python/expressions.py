"""From syntax nodes to the expressions that facts carry (``model.expr``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from monitorlint.languages.python.annotations import class_of_alias, is_alias, value_of_annotation
from monitorlint.languages.python.grammar import field, kind
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.model.expr import Expr

_DOTTED = pattern(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*(?:\.[A-Za-z_\x80-\xff][\w\x80-\xff]*)*")
_STRING = pattern(rb"(?i:[rbu]{0,2})(\"\"\"|'''|\"|')(.*)\1", re.DOTALL)
IDENTIFIER = kind("identifier")
COMMENT = kind("comment")
PAIR = kind("pair")
SPLAT = kind("dictionary_splat")
_ELEMENT = kind("subscript")
_SLICE = kind("slice")
_SPREAD = kind("list_splat")
NAME = field("name")
VALUE = field("value")
LEFT = field("left")
RIGHT = field("right")
BODY = field("body")
_OBJECT = field("object")
_ATTRIBUTE = field("attribute")
_KEY = field("key")
_ARGUMENT = field("argument")
_OPERATOR = field("operator")
_SUBSCRIPT = field("subscript")
_QUOTES = frozenset({b'"', b"'"})
_CLASS = pattern(r"(?:.*\.)?_?[A-Z][A-Z0-9]*[a-z]\w*")
_TYPES = frozenset("str int float bool bytes object dict list tuple set frozenset type complex".split())
_LITERAL_NAMES = {"true": True, "false": False, "none": None}
MAX_DEPTH = 24
"""Deeper expressions carry no name that anybody resolves, and the recursion must end somewhere."""
MAX_STRING = 120
MAX_ELEMENTS = 64


def _is_type(key: Expr) -> bool:
    """Whether a subscript is a type, by its name, or a list of them: ``Pool[T]`` is the class, ``Pool[size]`` none."""
    while key is not None and not isinstance(key, str):
        if key[0] not in {"seq", "pipe", "item"} or not key[1]:
            return key == ("lit", None)
        key = key[1] if key[0] == "item" else key[1][0]
    return key is not None and (key in _TYPES or key.rpartition(".")[2].lstrip("_")[:1].isupper())


class _Names(dict[bytes, str]):
    """Names by their bytes, each made once."""

    def __missing__(self, raw: bytes) -> str:
        text = self[raw] = raw.decode("utf-8", "replace")
        return text


class _Dotted(dict[bytes, str]):
    """The text of dotted names by their bytes; ``""`` for anything else."""

    def __missing__(self, raw: bytes) -> str:
        text = self[raw] = raw.decode("utf-8", "replace") if _DOTTED.fullmatch(raw) else ""
        return text


class Expressions:
    """Reads expressions of one file. ``call_ids`` and ``lambda_ids`` say which number a node has."""

    def __init__(self, source: bytes, call_ids: dict[int, int], lambda_ids: dict[int, int]) -> None:
        """:param call_ids: By the node's ``id``; ``lambda_ids``: by its start."""
        self._source = source
        self._call_ids = call_ids
        self._lambda_ids = lambda_ids
        self.names: dict[bytes, str] = _Names()
        self.dotted: dict[bytes, str] = _Dotted()

    def name(self, raw: bytes) -> str:
        """The text of a name."""
        return self.names[raw]

    def text(self, node: Node) -> bytes:
        return self._source[node.start_byte : node.end_byte]

    def read(self, node: Node | None, depth: int = 0) -> Expr:
        """The expression at ``node``; None where it is nothing that a value could be followed through."""
        if node is None or depth > MAX_DEPTH:
            return None
        number = node.kind_id
        if number == IDENTIFIER:
            return self.names[self._source[node.start_byte : node.end_byte]]
        reader = self._READERS.get(number)
        return reader(self, node, depth + 1) if reader is not None else None

    def target(self, node: Node) -> Expr:
        """What an assignment sets: an element of something, where that is no type."""
        return self._subscript(node, 1, is_target=True) if node.kind_id == _ELEMENT else self.read(node)

    def annotation(self, node: Node | None) -> Expr:
        """The value that something annotated with ``node`` holds."""
        return None if node is None else value_of_annotation(self.names[self.text(node)])

    def _attribute(self, node: Node, depth: int) -> Expr:
        text = self.dotted[self._source[node.start_byte : node.end_byte]]
        if text:
            return text
        base = self.read(node.child_by_field_id(_OBJECT), depth)
        leaf = node.child_by_field_id(_ATTRIBUTE)
        if base is None or leaf is None:
            return None
        attribute = self.name(self.text(leaf))
        if isinstance(base, str):
            return f"{base}.{attribute}"
        if base[0] == "attr":
            return ("attr", base[1], f"{base[2]}.{attribute}")
        return ("attr", base, attribute)

    def _call(self, node: Node, _depth: int) -> Expr:
        number = self._call_ids.get(node.id)
        return None if number is None else ("call", number)

    def _inner(self, node: Node, depth: int) -> Expr:
        for child in node.named_children:
            if child.kind_id != COMMENT:
                return self.read(child, depth)
        return None

    def _string(self, node: Node, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        if end - start > MAX_STRING:
            return None
        raw = self._source[start:end]
        quote = raw[:1]
        if quote in _QUOTES and raw[1:2] != quote and raw[-1:] == quote:
            return ("lit", raw[1:-1].decode("utf-8", "replace"))
        found = _STRING.fullmatch(raw)
        return ("lit", found.group(2).decode("utf-8", "replace")) if found else None

    def _number(self, node: Node, _depth: int) -> Expr:
        raw = self.text(node).replace(b"_", b"")
        try:
            return ("lit", int(raw, 0) if node.type == "integer" else float(raw))
        except ValueError:
            return None

    def _negative(self, node: Node, depth: int) -> Expr:
        value = self.read(node.child_by_field_id(_ARGUMENT), depth)
        if isinstance(value, tuple) and value[0] == "lit" and isinstance(value[1], (int, float)):
            return ("lit", -value[1]) if self.text(node)[:1] == b"-" else value
        return None

    def _constant(self, node: Node, _depth: int) -> Expr:
        return ("lit", _LITERAL_NAMES[node.type])

    def _conditional(self, node: Node, depth: int) -> Expr:
        parts = [c for c in node.named_children if c.kind_id != COMMENT]
        return self._one_of([parts[0], parts[2]], depth) if len(parts) == 3 else None

    def _boolean(self, node: Node, depth: int) -> Expr:
        operator = node.child_by_field_id(_OPERATOR)
        right = node.child_by_field_id(RIGHT)
        if operator is not None and operator.type == "and":
            return self.read(right, depth)
        return self._one_of([node.child_by_field_id(LEFT), right], depth)

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
        operator = node.child_by_field_id(_OPERATOR)
        if operator is None or operator.type != "|":
            return None
        parts: list[Expr] = []
        for side in (LEFT, RIGHT):
            value = self.read(node.child_by_field_id(side), depth)
            if isinstance(value, tuple) and value[0] == "pipe":
                parts.extend(value[1])
            else:
                parts.append(value)
        return ("pipe", tuple(parts))

    def _subscript(self, node: Node, depth: int, *, is_target: bool = False) -> Expr:
        base = self.read(node.child_by_field_id(VALUE), depth)
        if base is None:
            return None
        subscript = node.child_by_field_id(_SUBSCRIPT)
        if subscript is not None and subscript.kind_id == _SLICE:
            # A part of a list holds what the list holds.
            return ("item", base, "") if is_target else base
        if not is_target and isinstance(base, str) and is_alias(base):
            return class_of_alias(self.names[self.text(node)])
        key = self.read(subscript, depth)
        if not is_target and isinstance(base, str) and _CLASS.fullmatch(base) and _is_type(key):
            return base
        literal = key[1] if isinstance(key, tuple) and key[0] == "lit" and isinstance(key[1], str) else ""
        return ("item", base, literal)

    def _sequence(self, node: Node, depth: int) -> Expr:
        parts = [c for c in node.named_children[:MAX_ELEMENTS] if c.kind_id != COMMENT]
        return ("seq", tuple([self._spread(c, depth) if c.kind_id == _SPREAD else self.read(c, depth) for c in parts]))

    def _spread(self, node: Node, depth: int) -> Expr:
        """``*clients`` in a list: what ``clients`` holds."""
        inner = self._inner(node, depth)
        return ("item", inner, "") if inner is not None else None

    def _mapping(self, node: Node, depth: int) -> Expr:
        pairs: list[tuple[str, Expr]] = []
        for child in node.named_children[:MAX_ELEMENTS]:
            if child.kind_id == PAIR:
                key = self.read(child.child_by_field_id(_KEY), depth)
                text = key[1] if isinstance(key, tuple) and key[0] == "lit" and isinstance(key[1], str) else ""
                pairs.append((text, self.read(child.child_by_field_id(VALUE), depth)))
            elif child.kind_id == SPLAT:
                pairs.append(("**", self._inner(child, depth)))
        return ("map", tuple(pairs))

    def _comprehension(self, node: Node, depth: int) -> Expr:
        body = node.child_by_field_id(BODY)
        if body is not None and body.kind_id == PAIR:
            return ("map", (("", self.read(body.child_by_field_id(VALUE), depth)),))
        return ("seq", (self.read(body, depth),))

    def _lambda(self, node: Node, _depth: int) -> Expr:
        number = self._lambda_ids.get(node.start_byte)
        return None if number is None else ("fn", number)

    def _assigned(self, node: Node, depth: int) -> Expr:
        return self.read(node.child_by_field_id(VALUE) or node.child_by_field_id(RIGHT), depth)

    # Plain functions: a table of bound methods would tie every file's nodes into a cycle that only a garbage collection
    # frees.

    _READERS: ClassVar[dict[int, Callable[[Expressions, Node, int], Expr]]] = {
        kind("attribute"): _attribute,
        kind("call"): _call,
        kind("await"): _inner,
        kind("parenthesized_expression"): _inner,
        kind("string"): _string,
        kind("integer"): _number,
        kind("float"): _number,
        kind("true"): _constant,
        kind("false"): _constant,
        kind("none"): _constant,
        kind("unary_operator"): _negative,
        kind("conditional_expression"): _conditional,
        kind("boolean_operator"): _boolean,
        kind("binary_operator"): _binary,
        kind("subscript"): _subscript,
        kind("list"): _sequence,
        kind("tuple"): _sequence,
        kind("set"): _sequence,
        kind("expression_list"): _sequence,
        kind("dictionary"): _mapping,
        kind("list_comprehension"): _comprehension,
        kind("set_comprehension"): _comprehension,
        kind("generator_expression"): _comprehension,
        kind("dictionary_comprehension"): _comprehension,
        kind("lambda"): _lambda,
        kind("named_expression"): _assigned,
        kind("assignment"): _assigned,
        kind("list_splat"): _inner,
        kind("yield"): _inner,
    }
