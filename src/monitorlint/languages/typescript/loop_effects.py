"""What evaluating an expression or assignment inside a loop does: calls made, names written."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from monitorlint.languages.loop_effects import LoopEffects
from monitorlint.languages.loop_terms import NOTHING
from monitorlint.languages.typescript.loop_conditions import FUNCTIONS, NAMESPACES, unwrap
from monitorlint.languages.typescript.loop_regex import starts_anew
from monitorlint.model.loops import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.loop_conditions import Conditions

ONE = Reading([], [], [], "1")
_LOGICAL = frozenset({"&&", "||", "??"})
_COMPARED = frozenset({"===", "!==", "==", "!=", "<", ">", "<=", ">=", "in", "instanceof", "&&", "||"})
_ITERATING = frozenset(
    "map forEach filter some every find findIndex findLast flatMap reduce reduceRight sort replace replaceAll".split()
)
"""Methods that call their argument once per element."""
_READING = (_ITERATING - {"sort"}) | frozenset({"slice", "concat", "join", "indexOf", "includes", "has", "at", "keys"})
"""Methods that leave their object as it is."""
_DEFERRING = frozenset(
    "setTimeout setInterval setImmediate queueMicrotask nextTick requestAnimationFrame requestIdleCallback on once "
    "addEventListener addListener subscribe onAbort defer".split()
)
"""Functions that call their argument later: not in this turn."""
_PLACES = frozenset({"member_expression", "subscript_expression"})
_CLASSES = frozenset({"class", "class_declaration", "class_body"})


class Effects(LoopEffects):
    """Collects the calls and writes of one loop, at the place (inner loop, handler, try body) where the reader is."""

    def __init__(self, conditions: Conditions) -> None:
        super().__init__()
        self._conditions = conditions
        self._closures = 0
        self._deferred = 0

    def scan(self, node: Node | None) -> list[str]:
        """Takes note of an expression or declaration; the names that it certainly writes."""
        written: list[str] = []
        if node is not None:
            self._scan(node, written)
        return written

    @contextmanager
    def _perhaps(self) -> Iterator[list[str]]:
        """What is scanned inside may be skipped; takes the names written there."""
        self._tests += 1
        yield []
        self._tests -= 1

    def assign(self, target: Node, how: str, value: Reading, right: Node | None = None) -> list[str]:
        """Writes every name of an assignment's target."""
        target = unwrap(target)
        kind = target.type
        if kind == "array_pattern":
            values = right.named_children if right is not None and right.type == "array" else []
            targets = target.named_children
            if len(values) == len(targets):
                return [
                    n
                    for t, v in zip(targets, values, strict=True)
                    for n in self.assign(t, self.how(v), self._conditions.read(v), v)
                ]
            return [n for t in targets for n in self.assign(t, how, value)]
        if kind == "object_pattern":
            return [n for t in target.named_children for n in self.assign(t, how, value)]
        if kind in {"pair_pattern", "rest_pattern", "assignment_pattern", "object_assignment_pattern"}:
            field = "value" if kind == "pair_pattern" else "left"
            inner = target.child_by_field_name(field) or (target.named_children[0] if target.named_children else None)
            return self.assign(inner, how, value) if inner is not None else []
        if kind == "subscript_expression":
            return self._assign_element(target, how, value)
        if kind == "shorthand_property_identifier_pattern":
            name: str | None = self._conditions.text(target)
        else:
            name = self._conditions.dotted(target)
        if name is None:
            return []
        if name.endswith(".length"):
            # Setting the length of a list cuts it.
            name, how = name.removesuffix(".length"), ".splice"
        self._write(name, how, value, target, right)
        return [name]

    def _assign_element(self, target: Node, how: str, value: Reading) -> list[str]:
        name = self._conditions.dotted(target.child_by_field_name("object"))
        if name is None:
            return []
        index = self._conditions.read(target.child_by_field_name("index"))
        value = Reading([*value.names, *index.names], value.inputs, [*value.calls, *index.calls], None)
        self._write(name, how if how.endswith("=") and how != "=" else "[]", value, target)
        return [name]

    def _write(self, name: str, how: str, value: Reading, node: Node, right: Node | None = None) -> None:
        condition = self._conditions.atoms(right) if right is not None and is_condition(right) else []
        self.add_write(name, how, value, node.start_point.row, condition)

    def how(self, right: Node) -> str:
        """How an assignment of ``right`` changes its target."""
        right = unwrap(right)
        if right.type == "binary_expression":
            operator = right.child_by_field_name("operator")
            return "=" if operator is None or operator.type in _COMPARED | _LOGICAL else "arith"
        if right.type in {"update_expression", "unary_expression"}:
            return "=" if right.children[0].type in {"!", "typeof", "void"} else "arith"
        if right.type == "call_expression" and starts_anew(right, self._conditions):
            return "again"
        if right.type == "array" and any(c.type == "spread_element" for c in right.named_children):
            return "arith"
        if right.type == "call_expression" and self._joins(right):
            return "arith"
        return "part" if right.type == "subscript_expression" else "="

    def _joins(self, call: Node) -> bool:
        """``rows.concat(more)``: what ``rows + more`` is elsewhere."""
        function = call.child_by_field_name("function")
        name = function.child_by_field_name("property") if function is not None else None
        return name is not None and self._conditions.text(name) == "concat"

    def _scan(self, node: Node, written: list[str]) -> None:
        kind = node.type
        reader = self._READERS.get(kind)
        if reader is not None:
            reader(self, node, written)
        elif kind in FUNCTIONS:
            self._closure(node)
        elif kind not in _CLASSES:
            if kind == "yield_expression" and not self._closures:
                self.yields += 1
            elif kind == "await_expression" and not self._closures:
                self.awaits = True
            self._scan_children(node, written)

    def _scan_children(self, node: Node, written: list[str]) -> None:
        for child in node.named_children:
            if child.named_child_count or child.type == "yield_expression":
                self._scan(child, written)

    def _assignment(self, node: Node, written: list[str]) -> None:
        left = node.child_by_field_name("left") or node.child_by_field_name("name")
        right = node.child_by_field_name("right") or node.child_by_field_name("value")
        if left is None or right is None:
            return
        self._scan(right, written)
        if left.type in _PLACES:
            # ``row[i++] = …``, ``list.pop().seen = …``
            self._scan_children(left, written)
        value = unwrap(right)
        while value.type == "assignment_expression" and (inner := value.child_by_field_name("right")) is not None:
            value = unwrap(inner)
        written += self.assign(left, self.how(value), self._conditions.read(value), value)

    def _update(self, node: Node, written: list[str]) -> None:
        argument, operator = node.child_by_field_name("argument"), node.child_by_field_name("operator")
        if argument is not None and operator is not None:
            written += self.assign(argument, f"{operator.type[0]}=", ONE)

    def _choice(self, node: Node, written: list[str]) -> None:
        condition = node.child_by_field_name("condition")
        if condition is not None:
            self._scan(condition, written)
        for part in (node.child_by_field_name("consequence"), node.child_by_field_name("alternative")):
            if part is not None:
                with self._perhaps() as skipped:
                    self._scan(part, skipped)

    def _operation(self, node: Node, written: list[str]) -> None:
        operator = node.child_by_field_name("operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator is None or operator.type not in _LOGICAL or left is None or right is None:
            self._scan_children(node, written)
            return
        self._scan(left, written)
        with self._perhaps() as skipped:
            self._scan(right, skipped)

    def _augmented(self, node: Node, written: list[str]) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        operator = node.child_by_field_name("operator")
        sign = operator.type if operator is not None else "+="
        if sign.removesuffix("=") in _LOGICAL:
            with self._perhaps() as skipped:
                self._scan(right, skipped)
                self.assign(left, self.how(right), self._conditions.read(right), right)
            return
        self._scan(right, written)
        if left.type in _PLACES:
            self._scan_children(left, written)
        written += self.assign(left, ">>=" if sign == ">>>=" else sign, self._conditions.read(right))

    def _delete(self, node: Node, written: list[str]) -> None:
        if node.children[0].type != "delete":
            self._scan_children(node, written)
            return
        target = node.child_by_field_name("argument")
        target = unwrap(target) if target is not None else None
        base = target.child_by_field_name("object") if target is not None else None
        name = self._conditions.dotted(base)
        if name is not None:
            self._write(name, "del", NOTHING, node)
            written.append(name)

    def _closure(self, node: Node, *, inner: bool = False, later: bool = False) -> None:
        """A function that the loop makes: what it writes may change at any time."""
        body = node.child_by_field_name("body")
        if body is None:
            return
        self._closures += 1
        self.depth += inner
        self._deferred += later
        with self._perhaps() as skipped:
            self._scan(body, skipped)
        self._deferred -= later
        self.depth -= inner
        self._closures -= 1

    def _call(self, node: Node, written: list[str]) -> None:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if function is None:
            return
        function = unwrap(function)
        name = self._conditions.dotted(function)
        number = None if self._deferred or self._conditions.is_pure(node) else self._conditions.call_id(node)
        if number is not None:
            self.add_call(number, self._conditions.read(node).all_names)
        if function.named_child_count:
            self._scan(function, written)
        prop = function.child_by_field_name("property") if function.type == "member_expression" else None
        tail = self._conditions.text(prop) if prop is not None else name or ""
        arguments = node.child_by_field_name("arguments")
        self._arguments(arguments, tail, written)
        if name == "Object.assign" and arguments is not None and arguments.named_children:
            receiver = self._conditions.dotted(arguments.named_children[0])
        elif function.type == "member_expression":
            receiver = self._conditions.dotted(function.child_by_field_name("object"))
        else:
            return
        if (
            receiver is None
            or receiver in NAMESPACES
            or tail in _READING
            or (tail == "exec" and starts_anew(node, self._conditions))
        ):
            return
        given = arguments.named_children if arguments is not None else []
        self._write(receiver, f".{tail}", self.together([self._conditions.read(a) for a in given]), node)
        written.append(receiver)

    def _arguments(self, arguments: Node | None, tail: str, written: list[str]) -> None:
        for argument in arguments.named_children if arguments is not None else ():
            if argument.type in FUNCTIONS and tail == "Promise":
                # The executor of a promise runs at once.
                self._executor(argument)
            elif argument.type in FUNCTIONS:
                self._closure(argument, inner=tail in _ITERATING, later=tail in _DEFERRING)
            elif argument.named_child_count:
                self._scan(argument, written)

    def _executor(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        self._closures += 1
        self.scan(body)
        self._closures -= 1

    # Plain functions, not bound methods: those would tie a file's nodes into a cycle that only a collection frees.
    _READERS: ClassVar[dict[str, Callable[[Effects, Node, list[str]], None]]] = {
        "variable_declarator": _assignment,
        "assignment_expression": _assignment,
        "augmented_assignment_expression": _augmented,
        "update_expression": _update,
        "unary_expression": _delete,
        "ternary_expression": _choice,
        "binary_expression": _operation,
        "call_expression": _call,
        "new_expression": _call,
    }


def is_condition(node: Node) -> bool:
    """A comparison, a negation, or several of them."""
    if node.type == "unary_expression":
        return node.children[0].type == "!"
    if node.type != "binary_expression":
        return False
    operator = node.child_by_field_name("operator")
    return operator is not None and operator.type in _COMPARED
