"""Whether a loop can take a turn on which nothing changes: then it takes the same turn for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.loop_idle import LOGGING, names_of
from monitorlint.languages.python.loop_handlers import read_handlers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from monitorlint.languages.python.loop_conditions import Conditions
    from monitorlint.model.loops import Atom, Write

_PURE_METHODS = frozenset(
    "get items keys values lower upper strip lstrip rstrip split startswith endswith count index find copy".split()
)
_BROAD = frozenset({"Exception", "BaseException"})


def idle_turn(body: Node, test: Sequence[Atom], writes: Sequence[Write], conditions: Conditions) -> str:
    """The condition whose failure leaves a turn without progress, ``""`` when there is no such turn."""
    names = names_of(test, writes)
    if names is None:
        return ""
    reader = _Idle(conditions, names.carried, names.tested)
    return reader.reason if reader.block(body) and reader.gates == 1 else ""


class _Idle:
    def __init__(self, conditions: Conditions, carried: set[str], tested: set[str]) -> None:
        self._conditions = conditions
        self._carried = carried
        self._tested = tested
        self.reason = ""
        self.gates = 0
        """Conditions that keep the turn from its progress."""

    def block(self, block: Node | None) -> bool:
        """Whether control may pass through (or back to the head) without changing anything."""
        for statement in block.named_children if block is not None else ():
            if statement.type == "continue_statement":
                return True
            if not self._statement(statement):
                return False
        return True

    def _statement(self, node: Node) -> bool:
        kind = node.type
        if kind in {"pass_statement", "comment"}:
            return True
        if kind == "expression_statement":
            return all(self._quiet(c) for c in node.named_children)
        if kind == "if_statement":
            return self._if(node)
        if kind == "for_statement":
            right = node.child_by_field_name("right")
            return right is not None and self._quiet(right) and self.block(node.child_by_field_name("body"))
        return kind == "try_statement" and self._try(node)

    def _if(self, node: Node) -> bool:
        condition = node.child_by_field_name("condition")
        if condition is None or not self._quiet(condition) or not self._local(condition):
            return False
        alternatives = node.children_by_field_name("alternative")
        consequence = node.child_by_field_name("consequence")
        if not alternatives:
            if consequence is not None and self._changes(consequence):
                self.gates += 1
                self.reason = self._conditions.text(condition)
            return True
        last = alternatives[-1]
        if last.type == "else_clause" and consequence is not None and self._changes(consequence):
            self.gates += 1
            self.reason = self._conditions.text(condition)
            return len(alternatives) == 1 and self.block(last.child_by_field_name("body"))
        return False

    def _try(self, node: Node) -> bool:
        body = node.child_by_field_name("body")
        if body is None:
            return False
        for statement in body.named_children:
            if self._changes(statement):
                return False
            if not self._quiet_tree(statement):
                break
        else:
            return False
        if not self._changes(body):
            return False
        for clause in read_handlers(node, self._conditions):
            if (not clause.types or _BROAD & set(clause.types)) and self.block(clause.body):
                self.gates += 1
                self.reason = self._conditions.text(clause.node, 60).partition(":")[0]
                return True
        return False

    def _quiet(self, node: Node) -> bool:
        """An expression, or an assignment to a name that only lives within the turn."""
        if node.type in {"assignment", "augmented_assignment"}:
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if node.type == "augmented_assignment" or left is None or right is None or left.type != "identifier":
                return False
            return self._conditions.dotted(left) not in self._carried and self._quiet(right)
        return self._quiet_tree(node)

    def _quiet_tree(self, node: Node) -> bool:
        if node.type in {
            "await",
            "yield",
            "named_expression",
            "assignment",
            "augmented_assignment",
            "delete_statement",
        }:
            return False
        if node.type == "call" and not self._harmless(node):
            return False
        return all(self._quiet_tree(c) for c in node.named_children if c.named_child_count)

    def _harmless(self, call: Node) -> bool:
        if self._conditions.is_pure(call):
            return True
        function = call.child_by_field_name("function")
        if function is None:
            return False
        name = self._conditions.dotted(function)
        if name is not None and name.rpartition(".")[2] in LOGGING:
            return True
        attribute = function.child_by_field_name("attribute")
        return attribute is not None and self._conditions.dotted(attribute) in _PURE_METHODS

    def _local(self, node: Node) -> bool:
        """Attributes may change behind the loop's back; names and elements may not."""
        if node.type == "attribute":
            parent = node.parent
            return parent is not None and parent.type == "call"
        return all(self._local(c) for c in node.named_children)

    def _changes(self, node: Node) -> bool:
        """Whether the name that the loop's condition tests is touched somewhere below."""
        if node.type == "identifier":
            return False
        if node.type in {"assignment", "augmented_assignment", "named_expression"}:
            left = node.child_by_field_name("left") or node.child_by_field_name("name")
            if left is not None and self._roots(left) & self._tested:
                return True
        if node.type == "call":
            function = node.child_by_field_name("function")
            receiver = function.child_by_field_name("object") if function is not None else None
            if function is not None and receiver is not None and self._roots(receiver) & self._tested:
                attribute = function.child_by_field_name("attribute")
                return attribute is None or self._conditions.dotted(attribute) not in _PURE_METHODS
        if node.type == "delete_statement" and self._roots(node) & self._tested:
            return True
        return any(self._changes(c) for c in node.named_children)

    def _roots(self, node: Node) -> set[str]:
        return set(self._conditions.read(node).all_names)
