"""Expressions, reduced to the shapes of ``model.expr``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from monitorlint.languages.typescript.specifiers import encode
from monitorlint.languages.typescript.types import value_of_type
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    from monitorlint.model.expr import Expr

MAX_DEPTH = 40
MAX_ELEMENTS = 64
MAX_STRING = 122
"""Bytes, the quotes included."""
_DOTTED = pattern(rb"[\w$#.?!\x80-\xff]+")
_NOISE = pattern(rb"[?!]")
_LITERALS = {"true": True, "false": False, "null": None, "undefined": None}
_ESCAPE = pattern(rb"\\")
_LOADING = frozenset({b"require", b"import"})
_CONSTANT = pattern(rb"""\bconst\s+([\w$]+)\s*(?::\s*string\s*)?=\s*(?:"([^"\\\n]{1,300})"|'([^'\\\n]{1,300})')""")
_MAPS = frozenset({b"Map", b"WeakMap"})


class Expressions:
    """Reads the expressions of one file."""

    def __init__(self, source: bytes, call_ids: Mapping[tuple[int, int], int], scope_ids: Mapping[int, int]) -> None:
        """:param scope_ids: Numbers of functions and classes, by the identity of their nodes."""
        self._source = source
        self._call_ids = call_ids
        self._scope_ids = scope_ids
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
        if kind in _NAMES:
            return self.name(self._source[node.start_byte : node.end_byte])
        reader = self._READERS.get(kind)
        return reader(self, node, depth + 1) if reader else None

    def key(self, node: Node | None) -> str:
        """The name of a property; ``""`` where it is computed."""
        if node is None or node.type == "computed_property_name":
            return ""
        if node.type == "string":
            value = self._string(node, 0)
            return str(value[1]) if isinstance(value, tuple) else ""
        return self.name(self.text(node))

    def _member(self, node: Node, depth: int) -> Expr:
        raw = self.text(node)
        if _DOTTED.fullmatch(raw) and not raw[:1].isdigit():
            return self.name(_NOISE.sub(b"", raw))
        base = self.read(node.child_by_field_name("object"), depth)
        leaf = node.child_by_field_name("property")
        if base is None or leaf is None:
            return None
        attribute = self.name(self.text(leaf))
        if isinstance(base, str):
            return f"{base}.{attribute}"
        if base[0] == "attr":
            return ("attr", base[1], f"{base[2]}.{attribute}")
        return ("attr", base, attribute)

    def _call(self, node: Node, _depth: int) -> Expr:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is not None and arguments is not None and self.text(function) in _LOADING:
            loaded = self.loaded(arguments)
            if loaded is not None:
                return ("module", encode(loaded))
        if function is not None and arguments is not None and (bound := self._bound(function, arguments)) is not None:
            return bound
        typed = node.child_by_field_name("type_arguments")
        made = node.child_by_field_name("constructor")
        if typed is not None and made is not None and typed.named_children and self.text(made) in _MAPS:
            return ("map", (("", value_of_type(typed.named_children[-1], self)),))
        number = self._call_ids.get((node.start_byte, node.end_byte))
        return None if number is None else ("call", number)

    def loaded(self, arguments: Node) -> str | None:
        """The module that ``import(…)`` names, behind comments for a bundler: by a text, or by a constant."""
        first = next((child for child in arguments.named_children if child.type != "comment"), None)
        if first is not None and first.type == "identifier":
            return self._constants.get(self.text(first))
        value = self.read(first) if first is not None else None
        return value[1] if isinstance(value, tuple) and value[0] == "lit" and isinstance(value[1], str) else None

    @cached_property
    def _constants(self) -> dict[bytes, str]:
        """The texts of the file that constants stand for; without those that it gives to several."""
        texts: dict[bytes, set[str]] = {}
        for found in _CONSTANT.finditer(self._source):
            texts.setdefault(found[1], set()).add((found[2] or found[3] or b"").decode("utf-8", "replace"))
        return {name: min(each) for name, each in texts.items() if len(each) == 1 and min(each)}

    def _bound(self, function: Node, arguments: Node) -> str | None:
        """The method that ``self.load.bind(self)`` is: bound to what it is taken from, it stays what it is."""
        given = arguments.named_children
        text = self.text(function)
        if len(given) != 1 or not text.endswith(b".bind") or _DOTTED.fullmatch(text) is None:
            return None
        method = text.removesuffix(b".bind")
        owner, dot, _ = method.rpartition(b".")
        return self.name(_NOISE.sub(b"", method)) if dot and self.text(given[0]) == owner else None

    def _inner(self, node: Node, depth: int) -> Expr:
        for child in node.named_children:
            if child.type != "comment":
                return self.read(child, depth)
        return None

    def _last(self, node: Node, depth: int) -> Expr:
        children = node.named_children
        return self.read(children[-1], depth) if children else None

    def _string(self, node: Node, _depth: int) -> Expr:
        if node.end_byte - node.start_byte > MAX_STRING:
            return None
        raw = self.text(node)[1:-1]
        return None if _ESCAPE.search(raw) else ("lit", raw.decode("utf-8", "replace"))

    def _template(self, node: Node, depth: int) -> Expr:
        substitution = next((c for c in node.named_children if c.type == "template_substitution"), None)
        if substitution is None:
            return self._string(node, depth)
        raw = self._source[node.start_byte + 1 : substitution.start_byte]
        if not raw or len(raw) > MAX_STRING or _ESCAPE.search(raw):
            return None
        return ("lit", f"{raw.decode('utf-8', 'replace')}…")

    def _number(self, node: Node, _depth: int) -> Expr:
        raw = self.text(node).replace(b"_", b"").removesuffix(b"n")
        try:
            return ("lit", int(raw, 0))
        except ValueError:
            pass
        try:
            return ("lit", float(raw))
        except ValueError:
            return None

    def _unary(self, node: Node, depth: int) -> Expr:
        operator = node.child_by_field_name("operator")
        if operator is None or operator.type not in {"-", "!"}:
            return None
        value = self.read(node.child_by_field_name("argument"), depth)
        if not isinstance(value, tuple) or value[0] != "lit":
            return None
        if operator.type == "!":
            return ("lit", not value[1])
        return ("lit", -value[1]) if isinstance(value[1], (int, float)) else None

    def _constant(self, node: Node, _depth: int) -> Expr:
        return ("lit", _LITERALS[node.type])

    def _conditional(self, node: Node, depth: int) -> Expr:
        return self._one_of([node.child_by_field_name("consequence"), node.child_by_field_name("alternative")], depth)

    def _binary(self, node: Node, depth: int) -> Expr:
        operator = node.child_by_field_name("operator")
        kind = operator.type if operator is not None else ""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if kind in {"||", "??"}:
            return self._one_of([left, right], depth)
        if kind == "&&":
            return self.read(right, depth)
        if kind == "*":
            # `timeout: 60 * 1000`
            values = self.read(left, depth), self.read(right, depth)
            product = 1.0
            for value in values:
                if not isinstance(value, tuple) or value[0] != "lit" or not isinstance(value[1], (int, float)):
                    return None
                product *= value[1]
            return ("lit", int(product) if product.is_integer() else product)
        if kind == "+":
            value = self.read(left, depth)
            if isinstance(value, tuple) and value[0] == "lit" and isinstance(value[1], str):
                return ("lit", f"{value[1].removesuffix('…')}…")
        return None

    def _one_of(self, nodes: list[Node | None], depth: int) -> Expr:
        several: list[Expr] = []
        for node in nodes:
            value = self.read(node, depth)
            if isinstance(value, tuple) and value[0] == "any":
                several.extend(value[1])
            elif value is not None:
                several.append(value)
        return several[0] if len(several) == 1 else ("any", tuple(several)) if several else None

    def _subscript(self, node: Node, depth: int) -> Expr:
        base = self.read(node.child_by_field_name("object"), depth)
        if base is None:
            return None
        key = self.read(node.child_by_field_name("index"), depth)
        literal = key[1] if isinstance(key, tuple) and key[0] == "lit" else ""
        if isinstance(literal, int) and not isinstance(literal, bool) and literal >= 0:
            return ("item", base, f"#{literal}")
        return ("item", base, literal if isinstance(literal, str) else "")

    def _sequence(self, node: Node, depth: int) -> Expr:
        parts = [(c, c.type) for c in node.named_children[:MAX_ELEMENTS]]
        return (
            "seq",
            tuple(
                self._spread(c, depth) if kind == "spread_element" else self.read(c, depth)
                for c, kind in parts
                if kind != "comment"
            ),
        )

    def _spread(self, node: Node, depth: int) -> Expr:
        """``...clients`` in an array: what ``clients`` holds."""
        inner = self._inner(node, depth)
        return ("item", inner, "") if inner is not None else None

    def _mapping(self, node: Node, depth: int) -> Expr:
        pairs: list[tuple[str, Expr]] = []
        for child in node.named_children[:MAX_ELEMENTS]:
            kind = child.type
            if kind == "pair":
                pairs.append(
                    (self.key(child.child_by_field_name("key")), self.read(child.child_by_field_name("value"), depth))
                )
            elif kind == "shorthand_property_identifier":
                name = self.name(self.text(child))
                pairs.append((name, name))
            elif kind == "spread_element":
                pairs.append(("**", self._inner(child, depth)))
            elif kind == "method_definition":
                pairs.append((self.key(child.child_by_field_name("name")), self._function(child, depth)))
        return ("map", tuple(pairs))

    def _function(self, node: Node, _depth: int) -> Expr:
        number = self._scope_ids.get(node.id)
        return None if number is None else ("fn", number)

    def _assigned(self, node: Node, depth: int) -> Expr:
        return self.read(node.child_by_field_name("right"), depth)

    def _augmented(self, node: Node, depth: int) -> Expr:
        operator = node.child_by_field_name("operator")
        if operator is None or operator.type not in {"??=", "||="}:
            return None
        return self._one_of([node.child_by_field_name("left"), node.child_by_field_name("right")], depth)

    # Plain functions: a table of bound methods would tie every file's nodes into a cycle that only a garbage collection
    # frees.
    _READERS: ClassVar[dict[str, Callable[[Expressions, Node, int], Expr]]] = {
        "member_expression": _member,
        "call_expression": _call,
        "new_expression": _call,
        "await_expression": _inner,
        "parenthesized_expression": _inner,
        "as_expression": _inner,
        "satisfies_expression": _inner,
        "non_null_expression": _inner,
        "instantiation_expression": _inner,
        "type_assertion": _last,
        "string": _string,
        "template_string": _template,
        "number": _number,
        "true": _constant,
        "false": _constant,
        "null": _constant,
        "undefined": _constant,
        "unary_expression": _unary,
        "ternary_expression": _conditional,
        "binary_expression": _binary,
        "subscript_expression": _subscript,
        "array": _sequence,
        "object": _mapping,
        "sequence_expression": _last,
        "arrow_function": _function,
        "function_expression": _function,
        "generator_function": _function,
        "class": _function,
        "assignment_expression": _assigned,
        "augmented_assignment_expression": _augmented,
        "spread_element": _inner,
        "yield_expression": _inner,
    }


_NAMES = frozenset(
    "identifier this super property_identifier private_property_identifier shorthand_property_identifier "
    "type_identifier shorthand_property_identifier_pattern".split()
)
