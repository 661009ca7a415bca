"""One pass over a loop's body: what ends it, what it writes, and how it comes to its next turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from monitorlint.languages.loop_flow import START, LoopFlow, State, merge, written
from monitorlint.languages.loop_terms import NOTHING, flat, join
from monitorlint.languages.python.loop_effects import Effects
from monitorlint.languages.python.loop_handlers import catches, read_handlers, suppressed_types
from monitorlint.model.loops import Atom, Inner, Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from monitorlint.languages.python.loop_conditions import Conditions

_EXITING = frozenset(
    "sys.exit os._exit os.abort exit quit pytest.fail self.fail ctx.exit ctx.abort ctx.fail parser.error".split()
)
_NESTED = frozenset({"function_definition", "class_definition", "decorated_definition"})


class BodyReader(LoopFlow[Effects]):
    """Goes through the body of one loop."""

    def __init__(self, conditions: Conditions, flags: dict[str, Atom]) -> None:
        super().__init__(Effects(conditions), flags)
        self._conditions = conditions
        self._broken: list[bool] = []
        """One entry per inner loop that is open: whether a ``break`` of its own was seen."""

    def run(self, body: Node) -> None:
        """Reads the body."""
        self.finish(self._block(body, START))

    def expression(self, node: Node | None) -> None:
        """Takes note of what evaluating an expression does."""
        if node is not None:
            self._effects.scan(node)

    def _block(self, block: Node | None, state: State | None) -> State | None:
        if block is None:
            return state
        for statement in block.named_children:
            if state is None:
                return None
            state = self._statement(statement, state)
        return state

    def _statement(self, node: Node, state: State) -> State | None:
        kind = node.type
        if kind == "expression_statement":
            return self._expression_statement(node, state)
        if kind in {"return_statement", "raise_statement"}:
            return self._leave(node, state)
        if kind == "break_statement":
            if self._broken:
                self._broken[-1] = True
            else:
                self._stop("break", state, node)
            return None
        if kind == "continue_statement":
            if not self._broken:
                self._back(state, explicit=True)
            return None
        if kind in self._COMPOUND:
            return self._COMPOUND[kind](self, node, state)
        if kind == "assert_statement":
            self._assert(node, state)
        elif kind == "delete_statement":
            return written(state, self._effects.delete(node))
        elif kind not in _NESTED and kind != "comment":
            self._effects.scan(node)
        return state

    def _expression_statement(self, node: Node, state: State) -> State | None:
        child = node.named_children[0] if node.named_children else None
        if child is None:
            return state
        if child.type == "call":
            function = child.child_by_field_name("function")
            if function is not None and self._conditions.dotted(function) in _EXITING:
                self._effects.scan(child)
                self._stop("exit", state, child)
                return None
        if child.type == "assignment":
            self._effects.known = flat(state.known)
            state = self._flag(child, state)
        return written(state, self._effects.scan(child))

    def _flag(self, assignment: Node, state: State) -> State:
        """An assignment to a name that the loop's condition tests may be an exit in all but name."""
        left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        name = self._conditions.dotted(left) if left is not None else None
        atom = self._flags.get(name) if name is not None else None
        if atom is None or right is None:
            return state
        if self._conditions.is_literal(right):
            literal = self._conditions.text(right)
            return self._set_literal(state, atom, literal, assignment, inner=bool(self._broken))
        if right.type in {"comparison_operator", "boolean_operator", "not_operator"} and atom.op in {"true", "false"}:
            self._set_condition(state, self._conditions.clauses(right, wanted=atom.op == "true"), assignment)
        elif right.type in {"call", "await"}:
            return self._set_result(state, atom, assignment)
        return state

    def _leave(self, node: Node, state: State) -> State | None:
        for child in node.named_children:
            self._effects.scan(child)
        if node.type == "raise_statement":
            raised = node.named_children[0] if node.named_children else None
            function = (
                raised.child_by_field_name("function") if raised is not None and raised.type == "call" else raised
            )
            name = self._conditions.dotted(function) if function is not None else None
            catching = next((t.number for t in reversed(self._tries) if catches(t, name)), None)
            if catching is not None:
                # In an inner loop, a handler that does not come to this loop's next turn may come to that loop's.
                if not self._broken:
                    self._stop_caught(state, catching, node)
                return None
        self._stop("return" if node.type == "return_statement" else "raise", state, node)
        return None

    def _assert(self, node: Node, state: State) -> None:
        for child in node.named_children:
            self._effects.scan(child)
        if node.named_children:
            known = join(state.known, self._conditions.clauses(node.named_children[0], wanted=False))
            self._stop("raise", state._replace(known=known), node)

    def _if(self, node: Node, state: State) -> State | None:
        condition = node.child_by_field_name("condition")
        if condition is None:
            return state
        state = written(state, self._effects.scan(condition))
        then = state._replace(known=join(state.known, self._conditions.clauses(condition, wanted=True)))
        other: State | None = state._replace(known=join(state.known, self._conditions.clauses(condition, wanted=False)))
        truth = self._conditions.truth(condition)
        with self._effects.under_test(self._conditions.text(condition)):
            ends = [None if truth is False else self._block(node.child_by_field_name("consequence"), then)]
            for alternative in node.children_by_field_name("alternative"):
                if other is None:
                    break
                if alternative.type == "elif_clause":
                    # The same shape as an if statement; what follows it belongs to this statement's other branch.
                    test = alternative.child_by_field_name("condition")
                    if test is None:
                        continue
                    other = written(other, self._effects.scan(test))
                    branch = other._replace(known=join(other.known, self._conditions.clauses(test, wanted=True)))
                    ends.append(self._block(alternative.child_by_field_name("consequence"), branch))
                    other = other._replace(known=join(other.known, self._conditions.clauses(test, wanted=False)))
                else:
                    other = self._block(alternative.child_by_field_name("body"), other)
        return merge(state, [*ends, None if truth else other])

    def _inner(self, node: Node, state: State) -> State | None:
        is_for = node.type == "for_statement"
        head = node.child_by_field_name("right" if is_for else "condition")
        if head is None:
            return state
        self._effects.scan(head)
        reading = self._conditions.read(head)
        self.inners.append(Inner(any(c.type == "async" for c in node.children), reading))
        target = node.child_by_field_name("left")
        if target is not None:
            self._effects.assign(target, "for", reading)
        endless = not is_for and bool(self._conditions.truth(head))
        start = state
        if not is_for and not endless:
            start = state._replace(known=join(state.known, self._conditions.clauses(head, wanted=True)))
        self._broken.append(False)
        self._effects.depth += 1
        self._block(node.child_by_field_name("body"), start)
        self._effects.depth -= 1
        broken = self._broken.pop()
        if self._reset:
            state = state._replace(modes=state.modes or frozenset({-1}))
        if endless and not broken:
            return None
        alternative = node.child_by_field_name("alternative")
        if alternative is None:
            return state
        after = self._block(alternative.child_by_field_name("body"), state)
        return state if broken else after

    def _with(self, node: Node, state: State) -> State | None:
        body = node.child_by_field_name("body")
        for clause in node.named_children:
            if clause != body:
                state = written(state, self._effects.scan_with(clause))
        types = suppressed_types(node, self._conditions)
        if types is None:
            return self._block(body, state)
        attempt = self._open_try([types], node)
        end = self._block(body, state)
        self._close_try()
        skipped = state._replace(modes=frozenset({self._handler(types, attempt, node)}))
        return merge(state, [end, skipped])

    def _try(self, node: Node, state: State) -> State | None:
        clauses = read_handlers(node, self._conditions)
        attempt = self._open_try([c.types for c in clauses], node)
        end = self._block(node.child_by_field_name("body"), state)
        self._close_try()
        for child in node.named_children:
            if child.type == "else_clause":
                end = None if end is None else self._block(child.child_by_field_name("body"), end)
        ends = [end]
        outer = self._effects.handler
        for clause in clauses:
            number = self._handler(clause.types, attempt, clause.node)
            atom = Atom("except", Reading(clause.types, [], [], None), NOTHING, self._conditions.text(clause.node, 40))
            start = State(join(state.known, [[atom]]), state.must, frozenset({number}))
            self._effects.handler = number
            ends.append(self._block(clause.body, start))
            self._effects.handler = outer
        after = merge(state, ends)
        for child in node.named_children:
            if child.type == "finally_clause":
                # A ``finally`` runs on the way out too, so it is read even where nothing falls through.
                block = next((c for c in child.named_children if c.type == "block"), None)
                done = self._block(block, after or state._replace(modes=frozenset()))
                after = done if after is not None else None
        return after

    def _match(self, node: Node, state: State) -> State | None:
        subject = node.child_by_field_name("subject")
        body = node.child_by_field_name("body")
        if subject is None or body is None:
            return state
        self._effects.scan(subject)
        atom = Atom("match", self._conditions.read(subject), NOTHING, self._conditions.text(subject))
        start = state._replace(known=join(state.known, [[atom]]))
        ends: list[State | None] = []
        exhaustive = False
        with self._effects.under_test("match"):
            for case in (c for c in body.named_children if c.type == "case_clause"):
                guard = case.child_by_field_name("guard")
                patterns = [c for c in case.named_children if c.type == "case_pattern"]
                exhaustive |= guard is None and [self._conditions.text(p) for p in patterns] == ["_"]
                ends.append(self._block(case.child_by_field_name("consequence"), start))
        return merge(state, ends if exhaustive else [*ends, state])

    # Plain functions, not bound methods: those would tie a file's nodes into a cycle that only a collection frees.
    _COMPOUND: ClassVar[dict[str, Callable[[BodyReader, Node, State], State | None]]] = {
        "if_statement": _if,
        "try_statement": _try,
        "with_statement": _with,
        "for_statement": _inner,
        "while_statement": _inner,
        "match_statement": _match,
    }
