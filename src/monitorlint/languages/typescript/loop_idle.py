"""Whether a loop can take a turn on which nothing changes: then it takes the same turn for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.loop_idle import LOGGING, names_of
from monitorlint.languages.typescript.loop_conditions import unwrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from monitorlint.languages.typescript.loop_conditions import Conditions
    from monitorlint.model.loops import Atom, Write

_PURE_METHODS = frozenset(
    "at charAt charCodeAt codePointAt concat endsWith entries every filter find findIndex flat get has includes "
    "indexOf join keys lastIndexOf localeCompare map reduce slice some split startsWith substring test toLowerCase "
    "toUpperCase trim trimEnd trimStart values".split()
)
_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration"})
_CHANGING = frozenset(
    {"await_expression", "yield_expression", "assignment_expression", "augmented_assignment_expression"}
    | {"update_expression", "new_expression"}
)


def idle_turn(body: Node, test: Sequence[Atom], writes: Sequence[Write], conditions: Conditions) -> str:
    """The condition whose failure leaves a turn without progress, ``""`` when there is no such turn."""
    names = names_of(test, writes)
    if names is None:
        return ""
    reader = _Idle(conditions, names.carried, names.tested)
    return reader.reason if reader.passes(body) and reader.gates == 1 else ""


class _Idle:
    def __init__(self, conditions: Conditions, carried: set[str], tested: set[str]) -> None:
        self._conditions = conditions
        self._carried = carried
        self._tested = tested
        self.reason = ""
        self.gates = 0
        """Conditions that keep the turn from its progress."""

    def passes(self, node: Node | None) -> bool:
        """Whether control may pass through (or back to the head) without changing anything."""
        if node is None:
            return True
        kind = node.type
        if kind == "statement_block":
            for statement in node.named_children:
                if statement.type == "continue_statement":
                    return not statement.named_children
                if not self.passes(statement):
                    return False
            return True
        if kind in {"empty_statement", "comment"}:
            return True
        if kind == "expression_statement":
            return all(self._quiet(c) for c in node.named_children)
        if kind in _DECLARATIONS:
            return all(self._declares(c) for c in node.named_children)
        if kind == "if_statement":
            return self._if(node)
        if kind == "for_in_statement":
            right = node.child_by_field_name("right")
            return right is not None and self._quiet(right) and self.passes(node.child_by_field_name("body"))
        return kind == "try_statement" and self._try(node)

    def _declares(self, node: Node) -> bool:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if node.type != "variable_declarator" or name is None:
            return node.type == "comment"
        return self._conditions.dotted(name) not in self._carried and (value is None or self._quiet(value))

    def _if(self, node: Node) -> bool:
        condition = node.child_by_field_name("condition")
        if condition is None or not self._quiet(condition) or not self._local(condition):
            return False
        alternative, consequence = node.child_by_field_name("alternative"), node.child_by_field_name("consequence")
        changes = consequence is not None and self._changes(consequence)
        if changes:
            self.gates += 1
            self.reason = self._conditions.text(unwrap(condition))
        if alternative is None:
            return True
        # Where the way on is the ``else``, it must be the only one.
        return changes and all(self.passes(c) for c in alternative.named_children)

    def _try(self, node: Node) -> bool:
        body, handler = node.child_by_field_name("body"), node.child_by_field_name("handler")
        if body is None or handler is None or node.child_by_field_name("finalizer") is not None:
            return False
        for statement in body.named_children:
            if self._changes(statement):
                return False
            if not self._quiet(statement):
                break
        else:
            return False
        if not self._changes(body) or not self.passes(handler.child_by_field_name("body")):
            return False
        self.gates += 1
        self.reason = f"except {self._conditions.text(handler, 60).partition('{')[0].strip()}"
        return True

    def _quiet(self, node: Node) -> bool:
        """Nothing is changed by evaluating this."""
        if node.type in _CHANGING or (node.type == "unary_expression" and node.children[0].type == "delete"):
            return False
        if node.type == "call_expression" and not self._harmless(node):
            return False
        return all(self._quiet(c) for c in node.named_children if c.named_child_count)

    def _harmless(self, call: Node) -> bool:
        if self._conditions.is_pure(call):
            return True
        function = call.child_by_field_name("function")
        if function is None:
            return False
        name = self._conditions.dotted(function)
        if name is not None and name.rpartition(".")[2] in LOGGING:
            return True
        prop = function.child_by_field_name("property") if function.type == "member_expression" else None
        return prop is not None and self._conditions.text(prop) in _PURE_METHODS

    def _local(self, node: Node) -> bool:
        """Members may change behind the loop's back; names, elements and lengths may not."""
        if node.type == "member_expression":
            prop = node.child_by_field_name("property")
            if prop is not None and self._conditions.text(prop) == "length":
                return True
            return node.parent is not None and node.parent.type == "call_expression"
        return all(self._local(c) for c in node.named_children)

    def _changes(self, node: Node) -> bool:
        """Whether the name that the loop's condition tests is touched somewhere below."""
        kind = node.type
        target = None
        if kind in {"assignment_expression", "augmented_assignment_expression"}:
            target = node.child_by_field_name("left")
        elif kind in {"update_expression", "unary_expression"} and node.children[0].type != "!":
            target = node.child_by_field_name("argument")
        elif kind == "call_expression":
            function = node.child_by_field_name("function")
            target = function.child_by_field_name("object") if function is not None else None
            if function is not None and target is not None and self._roots(target) & self._tested:
                prop = function.child_by_field_name("property")
                if prop is None or self._conditions.text(prop) not in _PURE_METHODS:
                    return True
            target = None
        if target is not None and self._roots(target) & self._tested:
            return True
        return any(self._changes(c) for c in node.named_children)

    def _roots(self, node: Node) -> set[str]:
        return {n.partition(".")[0] for n in self._conditions.read(node).all_names}
