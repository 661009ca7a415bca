"""Names that get values."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from monitorlint.languages.python.expressions import COMMENT, IDENTIFIER, LEFT, NAME, RIGHT, VALUE
from monitorlint.languages.python.grammar import field, kind
from monitorlint.model.facts import Binding

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.python.expressions import Expressions
    from monitorlint.model.expr import Expr

_PATTERNS = frozenset(map(kind, ("pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list")))
_TYPE = field("type")
_ALIAS = field("alias")
_WITH_CLAUSE = kind("with_clause")
_AS_PATTERN = kind("as_pattern")
_TUPLE = kind("tuple")
_new = tuple.__new__


class BindingReader:
    """Collects the bindings of one file, in source order."""

    KINDS: ClassVar[frozenset[str]] = frozenset({"assign", "augmented", "walrus", "for", "clause"})

    def __init__(self, expr: Expressions) -> None:
        self._expr = expr
        self.rows: list[Binding] = []

    def read(self, kind: str, node: Node, scope: int, block: int) -> None:
        """Reads one binding statement or expression."""
        if kind == "assign":
            self._assignment(node, scope, block)
        elif kind == "walrus":
            self._bind(node.child_by_field_id(NAME), self._value(node, VALUE), scope, block, "assign")
        elif kind == "augmented":
            self._bind(node.child_by_field_id(LEFT), None, scope, block, "augmented")
        else:
            value = self._value(node, RIGHT)
            element: Expr = ("item", value, "") if value is not None else None
            self._bind(node.child_by_field_id(LEFT), element, scope, block, "for")

    def define(self, name: str, number: int, node: Node, scope: int, block: int) -> None:
        """A ``def`` or ``class``."""
        row = node.start_point.row
        self.rows.append(Binding(scope, name, ("fn", number), node.start_byte, row, block, "def"))

    def read_with(self, node: Node, scope: int, block: int) -> list[Expr]:
        """The context managers of a ``with``; what they bind is collected."""
        items: list[Expr] = []
        for clause in node.named_children:
            if clause.kind_id != _WITH_CLAUSE:
                continue
            for item in clause.named_children:
                value = item.child_by_field_id(VALUE)
                # `with (a as x, b as y):` is one tuple of `as` patterns to some versions of the grammar.
                parts = value.named_children if value is not None and value.kind_id == _TUPLE else [value]
                items.extend(self._with_item(part, scope, block) for part in parts)
        return items

    def _with_item(self, node: Node | None, scope: int, block: int) -> Expr:
        if node is None or node.kind_id != _AS_PATTERN:
            return self._expr.read(node)
        manager = self._expr.read(node.named_children[0])
        alias = node.child_by_field_id(_ALIAS)
        if alias is not None and alias.named_children:
            self._bind(alias.named_children[0], ("entered", manager), scope, block, "with")
        return manager

    def _value(self, node: Node, number: int) -> Expr:
        return self._expr.read(node.child_by_field_id(number))

    def _assignment(self, node: Node, scope: int, block: int) -> None:
        left, right = node.child_by_field_id(LEFT), node.child_by_field_id(RIGHT)
        annotation = self._expr.annotation(node.child_by_field_id(_TYPE))
        value = self._expr.read(right)
        if annotation is not None:
            value = annotation if value is None else ("any", (value, annotation))
        self._bind(left, value, scope, block, "assign" if right is not None else "annotation")

    def _bind(self, target: Node | None, value: Expr, scope: int, block: int, how: str) -> None:
        if target is None:
            return
        number = target.kind_id
        if number in _PATTERNS:
            self._unpack(target, value, scope, block, how)
            return
        name = self._expr.name(self._expr.text(target)) if number == IDENTIFIER else self._target_name(target)
        if name:
            row = (scope, name, value, target.start_byte, target.start_point.row, block, how)
            self.rows.append(_new(Binding, row))

    def _unpack(self, target: Node, value: Expr, scope: int, block: int, how: str) -> None:
        parts = [c for c in target.named_children if c.kind_id != COMMENT]
        pairwise = isinstance(value, tuple) and value[0] == "seq" and len(value[1]) == len(parts)
        for number, part in enumerate(parts):
            element: Expr = None
            if pairwise and isinstance(value, tuple):
                element = value[1][number]
            elif value is not None:
                element = ("item", value, f"#{number}")
            self._bind(part, element, scope, block, how)

    def _target_name(self, target: Node) -> str:
        read = self._expr.target(target)
        if isinstance(read, str):
            return read
        if isinstance(read, tuple) and read[0] == "item" and isinstance(read[1], str):
            return f"{read[1]}[]{read[2]}"
        return ""
