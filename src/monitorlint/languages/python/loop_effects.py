"""What evaluating an expression or assignment inside a loop does: calls made, names written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.loop_effects import LoopEffects
from monitorlint.languages.loop_terms import NOTHING, flat
from monitorlint.model.loops import Reading

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.python.loop_conditions import Conditions
    from monitorlint.model.loops import Atom

_TARGETS = frozenset(
    {"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "tuple", "list", "as_pattern_target"}
)
_ARGUMENT_CHANGERS = frozenset(
    {"heappop", "heappush", "heapreplace", "heappushpop", "next", "anext", "islice", "shuffle"}
)
_CONDITIONS = frozenset({"comparison_operator", "boolean_operator", "not_operator"})
_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)


class Effects(LoopEffects):
    """Collects the calls and writes of one loop, at the place (inner loop, handler, try body) where the reader is."""

    def __init__(self, conditions: Conditions) -> None:
        super().__init__()
        self._conditions = conditions

    def scan(self, node: Node) -> list[str]:
        """Takes note of an expression or assignment; the names that it certainly writes."""
        written: list[str] = []
        self._scan(node, written)
        return written

    def scan_with(self, clause: Node) -> list[str]:
        """The items of a ``with`` statement."""
        written: list[str] = []
        for item in clause.named_children:
            value = item.child_by_field_name("value")
            if value is None:
                continue
            if value.type == "as_pattern":
                source = value.named_children[0]
                self._scan(source, written)
                for target in value.named_children[1:]:
                    written += self.assign(target, "with", self._conditions.read(source))
            else:
                self._scan(value, written)
        return written

    def delete(self, node: Node) -> list[str]:
        """``del x``, ``del x[i]``."""
        written = []
        for child in node.named_children:
            targets = child.named_children if child.type == "expression_list" else [child]
            for target in targets:
                base = target.child_by_field_name("value") if target.type == "subscript" else target
                name = self._conditions.dotted(base) if base is not None else None
                if name is not None:
                    self._write(name, "del", NOTHING, node)
                    written.append(name)
        return written

    def assign(self, target: Node, how: str, value: Reading, right: Node | None = None) -> list[str]:
        """Writes every name of an assignment's target."""
        if target.type in _TARGETS:
            targets = target.named_children
            values = right.named_children if right is not None and right.type in {"expression_list", "tuple"} else []
            if len(values) == len(targets):
                return [
                    n
                    for t, v in zip(targets, values, strict=True)
                    for n in self.assign(t, self._how(v), self._conditions.read(v), v)
                ]
            return [n for t in targets for n in self.assign(t, how, value)]
        if target.type == "subscript":
            base = target.child_by_field_name("value")
            name = self._conditions.dotted(base) if base is not None else None
            if name is None:
                return []
            index = self._conditions.read(target)
            value = Reading([*value.names, *index.names[1:]], value.inputs, [*value.calls, *index.calls], None)
            self._write(name, how if how.endswith("=") and how != "=" else "[]", value, target)
            return [name]
        name = self._conditions.dotted(target)
        if name is None:
            return []
        self._write(name, how, value, target)
        return [name]

    def _write(self, name: str, how: str, value: Reading, node: Node) -> None:
        condition = [] if value.literal is not None else self._condition(node)
        self.add_write(name, how, value, node.start_point.row, condition)

    def _condition(self, target: Node) -> list[Atom]:
        """``over = count > LIMIT``: the name stands for a condition."""
        assignment = target.parent
        right = assignment.child_by_field_name("right") if assignment is not None else None
        if right is None or right.type not in _CONDITIONS:
            return []
        return flat(self._conditions.clauses(right, wanted=True))

    @staticmethod
    def _how(right: Node) -> str:
        while right.type == "parenthesized_expression" and right.named_children:
            right = right.named_children[0]
        if right.type in {"binary_operator", "unary_operator"}:
            return "arith"
        return "part" if right.type == "subscript" else "="

    def _scan(self, node: Node, written: list[str]) -> None:
        kind = node.type
        if kind == "assignment":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is None or right is None:
                return
            self._scan(right, written)
            value = right
            while value.type == "assignment" and (inner := value.child_by_field_name("right")) is not None:
                value = inner
            written += self.assign(left, self._how(value), self._conditions.read(value), value)
        elif kind == "augmented_assignment":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            operator = node.child_by_field_name("operator")
            if left is not None and right is not None and operator is not None:
                self._scan(right, written)
                written += self.assign(left, operator.type, self._conditions.read(right))
        elif kind == "named_expression":
            name, value_node = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and value_node is not None:
                self._scan(value_node, written)
                written += self.assign(name, self._how(value_node), self._conditions.read(value_node))
        elif kind in _COMPREHENSIONS:
            self.depth += 1
            self._scan_children(node, written)
            self.depth -= 1
        else:
            if kind == "call":
                self._call(node, written)
            elif kind == "yield":
                self.yields += 1
            elif kind == "await":
                self.awaits = True
            self._scan_children(node, written)

    def _scan_children(self, node: Node, written: list[str]) -> None:
        for child in node.named_children:
            if child.named_child_count:
                self._scan(child, written)
            elif child.type == "yield":
                self.yields += 1

    def _call(self, node: Node, written: list[str]) -> None:
        function = node.child_by_field_name("function")
        if function is None:
            return
        is_pure = self._conditions.is_pure(node)
        number = None if is_pure else self._conditions.call_id(node)
        if number is not None:
            self.add_call(number, self._conditions.read(node).all_names)
        arguments = node.child_by_field_name("arguments")
        name = self._conditions.dotted(function)
        if name is not None and name.rpartition(".")[2] in _ARGUMENT_CHANGERS and arguments is not None:
            first = arguments.named_children[0] if arguments.named_children else None
            receiver = self._conditions.dotted(first) if first is not None else None
        elif function.type == "attribute":
            receiver = self._conditions.dotted(function.child_by_field_name("object") or function)
        else:
            return
        if receiver is not None and name is not None:
            values = [self._conditions.read(a) for a in arguments.named_children] if arguments is not None else []
            value = self.together(values)
            self._write(receiver, f".{name.rpartition('.')[2]}", value, node)
            written.append(receiver)
