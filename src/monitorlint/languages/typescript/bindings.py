"""Names that get values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.expressions import MAX_DEPTH
from monitorlint.languages.typescript.imports_read import imported_by_call
from monitorlint.languages.typescript.types import value_of_type
from monitorlint.model.facts import Binding, Import

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.expressions import Expressions
    from monitorlint.model.expr import Expr

_EXPORTS = "module.exports"


class BindingReader:
    """Collects the bindings of one file, in source order, and the imports that stand in declarations."""

    def __init__(self, expr: Expressions, imports: list[Import]) -> None:
        self._expr = expr
        self._imports = imports
        self.rows: list[Binding] = []
        self.assigned: list[int] = []
        """Numbers of the rows that name no scope of their own: whichever around them declares the name."""

    def declared(self, node: Node, scope: int, block: int) -> None:
        """``const x: T = value``, a pattern included."""
        name, right = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return
        loaded = imported_by_call(right, self._expr) if right is not None else None
        if loaded is not None:
            self._load(name, loaded, scope, block)
            return
        together = self._together(right) if right is not None and name.type == "array_pattern" else None
        if together is not None:
            for number, target in _places(name):
                part = together[number] if number < len(together) else None
                loaded = imported_by_call(part, self._expr) if part is not None else None
                if loaded is not None:
                    self._load(target, loaded, scope, block)
                else:
                    self.bind(target, self._expr.read(part), scope, block, "assign")
            return
        annotation = value_of_type(node.child_by_field_name("type"), self._expr)
        value = self._expr.read(right)
        if annotation is not None:
            if value is None or value == ("map", ()):
                value = annotation
            elif not (isinstance(value, tuple) and value[0] == "map"):
                # An object literal is all that there is to know: its type says less.
                value = ("any", (value, annotation))
        self.bind(name, value, scope, block, "assign" if right is not None else "annotation")

    def _together(self, node: Node) -> list[Node] | None:
        """What ``await Promise.all([…])`` waits for; None for anything else."""
        call = node.named_children[0] if node.type == "await_expression" and node.named_children else node
        function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if function is None or arguments is None or self._expr.text(function) != b"Promise.all":
            return None
        first = arguments.named_children[0] if arguments.named_children else None
        if first is None or first.type != "array":
            return None
        parts = [child for child in first.named_children if child.type != "comment"]
        # Behind a spread nobody can count.
        spread = next((n for n, part in enumerate(parts) if part.type == "spread_element"), len(parts))
        return parts[:spread]

    def _load(self, target: Node, specifier: str, scope: int, block: int) -> None:
        """``const { a: b, c } = require("m")``."""
        start, row = target.start_byte, target.start_point.row
        if target.type == "identifier":
            name = self._expr.name(self._expr.text(target))
            self._imports.append(Import(scope, name, specifier, start, row, block))
            return
        for child in target.named_children if target.type == "object_pattern" else ():
            if child.type == "shorthand_property_identifier_pattern":
                name = local = self._expr.name(self._expr.text(child))
            elif child.type == "pair_pattern":
                value = child.child_by_field_name("value")
                name = self._expr.key(child.child_by_field_name("key"))
                local = self._expr.name(self._expr.text(value)) if value is not None else ""
            else:
                continue
            self._imports.append(Import(scope, local, f"{specifier}.{name}", start, row, block))

    def loop(self, node: Node, scope: int, block: int) -> None:
        """``for (const x of xs)``."""
        left = node.child_by_field_name("left")
        operator = node.child_by_field_name("operator")
        if left is None or operator is None:
            return
        value = self._expr.read(node.child_by_field_name("right")) if operator.type == "of" else None
        element: Expr = ("item", value, "") if value is not None else None
        if left.type == "array_pattern" and element is not None:
            for number, target in _places(left):
                part: Expr = ("item", element, f"#{number}")
                # A map gives its keys and values in pairs: what it holds is the second of each.
                self.bind(target, ("any", (part, element)) if number == 1 else part, scope, block, "for")
        else:
            self.bind(left, element, scope, block, "for")

    def assignment(self, node: Node, scope: int, block: int) -> None:
        """``x = value``, ``this.x = value``, ``module.exports = value``."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return
        value = self._expr.read(right)
        target = self._expr.read(left)
        if isinstance(target, str) and (target == _EXPORTS or target.startswith((f"{_EXPORTS}.", "exports."))):
            self._export(target, value, left, block)
            return
        before = len(self.rows)
        self.bind(left, value, scope, block, "assign")
        self.assigned.extend(n for n in range(before, len(self.rows)) if "." not in self.rows[n].name)

    def _export(self, target: str, value: Expr, node: Node, block: int) -> None:
        start, row = node.start_byte, node.start_point.row
        if target == _EXPORTS:
            self.rows.append(Binding(0, "default", value, start, row, block, "assign"))
            if isinstance(value, tuple) and value[0] == "map":
                for key, part in value[1]:
                    # `{ ask }` exports what is called `ask` already.
                    if key not in {"", "**"} and part != key:
                        self.rows.append(Binding(0, key, part, start, row, block, "assign"))
            return
        name = target.removeprefix(f"{_EXPORTS}.").removeprefix("exports.")
        if name != value and "." not in name:
            self.rows.append(Binding(0, name, value, start, row, block, "assign"))

    def augmented(self, node: Node, scope: int, block: int) -> None:
        """``x ||= value`` gives a value; ``x += 1`` gives none that is followed."""
        left, operator = node.child_by_field_name("left"), node.child_by_field_name("operator")
        if left is None or operator is None:
            return
        before = len(self.rows)
        if operator.type in {"||=", "??=", "&&="}:
            # What it was before may stay: another branch, as it were.
            self.bind(left, self._expr.read(node.child_by_field_name("right")), scope, block, "annotation")
        else:
            self.bind(left, None, scope, block, "augmented")
        self.assigned.extend(n for n in range(before, len(self.rows)) if "." not in self.rows[n].name)

    def bind(self, target: Node, value: Expr, scope: int, block: int, how: str, depth: int = 0) -> None:
        """Gives a value to a name, a property, or the names of a pattern."""
        kind = target.type
        if kind in {"object_pattern", "array_pattern"}:
            if depth < MAX_DEPTH:
                parts = self._properties(target, value) if kind == "object_pattern" else self._elements(target, value)
                for part, inner in parts:
                    self.bind(part, inner, scope, block, how, depth + 1)
            return
        name = self._target_name(target)
        if name:
            self.rows.append(Binding(scope, name, value, target.start_byte, target.start_point.row, block, how))

    def _properties(self, pattern: Node, value: Expr) -> Iterator[tuple[Node, Expr]]:
        for child in pattern.named_children:
            kind = child.type
            if kind == "rest_pattern":
                for inner in child.named_children[:1]:
                    yield inner, value
                continue
            target: Node | None = child
            key = child
            if kind == "pair_pattern":
                target = child.child_by_field_name("value")
                key = child.child_by_field_name("key") or child
            elif kind == "object_assignment_pattern":
                target = key = child.child_by_field_name("left") or child
            default = child if kind == "object_assignment_pattern" else target
            if target is not None and target.type == "assignment_pattern":
                target = target.child_by_field_name("left")
            if target is not None:
                given = _property(value, self._expr.key(key))
                other = self._expr.read(default.child_by_field_name("right")) if default is not None else None
                # A literal says less than what stands in the object.
                if isinstance(other, str) or (other is not None and other[0] in {"call", "attr"}):
                    given = ("any", (given, other)) if given is not None else other
                yield target, given

    def _elements(self, pattern: Node, value: Expr) -> Iterator[tuple[Node, Expr]]:
        for number, target in _places(pattern):
            element: Expr = None
            if isinstance(value, tuple) and value[0] == "seq" and number < len(value[1]):
                element = value[1][number]
            elif value is not None:
                element = ("item", value, f"#{number}")
            yield target, element

    def _target_name(self, target: Node) -> str:
        if target.type in {"identifier", "shorthand_property_identifier_pattern"}:
            return self._expr.name(self._expr.text(target))
        read = self._expr.read(target)
        if isinstance(read, str):
            return read
        if isinstance(read, tuple) and read[0] == "item" and isinstance(read[1], str):
            return f"{read[1]}[]{read[2]}"
        return ""


def _places(pattern: Node) -> Iterator[tuple[int, Node]]:
    """The names of an array's pattern, each with its place: ``[, second]`` has one."""
    number = 0
    for child in pattern.children:
        if child.type == ",":
            number += 1
        elif child.is_named and child.type not in {"comment", "rest_pattern"}:
            target = child.child_by_field_name("left") if child.type == "assignment_pattern" else child
            if target is not None:
                yield number, target


def _property(value: Expr, key: str) -> Expr:
    if value is None or not key or not key.isidentifier():
        return None
    if isinstance(value, str):
        return f"{value}.{key}"
    if value[0] == "map":
        return next((part for name, part in value[1] if name == key), None)
    return ("attr", value[1], f"{value[2]}.{key}") if value[0] == "attr" else ("attr", value, key)
