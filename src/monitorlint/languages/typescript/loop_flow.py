"""One pass over a loop's body: what ends it, what it writes, and how it comes to its next turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from monitorlint.languages.loop_flow import START, LoopFlow, State, merge, written
from monitorlint.languages.loop_terms import NOTHING, join
from monitorlint.languages.typescript.loop_conditions import FUNCTIONS, unwrap
from monitorlint.languages.typescript.loop_effects import Effects, is_condition
from monitorlint.model.loops import Atom, Inner, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tree_sitter import Node

    from monitorlint.languages.typescript.loop_conditions import Conditions

LOOPS = frozenset({"while_statement", "do_statement", "for_statement", "for_in_statement"})
_EXITING = frozenset({"process.exit", "process.abort", "Deno.exit", "exit"})
_QUIET = frozenset(
    {"comment", "empty_statement", "debugger_statement", "class_declaration", "abstract_class_declaration"}
    | {"interface_declaration", "type_alias_declaration", "enum_declaration", "import_statement"}
)
_MAX_LEVELS = 100
"""Of the tree around a loop that are looked at: asking a node for its parent takes as long as it lies deep."""
ERROR = "Error"
"""What a ``catch`` catches: it names no types, which says less than a handler that chooses to catch everything."""


class _Around:
    """A statement inside the loop that ``break`` may leave."""

    def __init__(self, *, is_loop: bool, labels: frozenset[str], is_named: bool = False) -> None:
        """:param is_named: It can only be left by its label."""
        self.is_loop = is_loop
        self.labels = labels
        self.is_named = is_named
        self.ends: list[State] = []
        """Where the reader was when it was left."""


class BodyReader(LoopFlow[Effects]):
    """Goes through the body of one loop."""

    def __init__(self, conditions: Conditions, flags: dict[str, Atom], labels: frozenset[str]) -> None:
        super().__init__(Effects(conditions), flags)
        self._conditions = conditions
        self._labels = labels
        self._around: list[_Around] = []

    def run(self, body: Node, last: Sequence[Node | None] = ()) -> None:
        """Reads the body.

        :param last: What is evaluated after it, before the next turn.
        """
        end = self._statement(body, START)
        names = frozenset(n for node in last for n in self._effects.scan(node))
        self.finish(end)
        self._back_musts = [must | names for must in self._back_musts]

    def expression(self, node: Node | None) -> None:
        """Takes note of what evaluating an expression does."""
        self._effects.scan(node)

    @property
    def _in_loop(self) -> bool:
        return any(a.is_loop for a in self._around)

    def _block(self, block: Node, state: State | None) -> State | None:
        for statement in block.named_children:
            if state is None:
                return None
            state = self._statement(statement, state)
        return state

    def _statement(self, node: Node | None, state: State) -> State | None:
        if node is None:
            return state
        kind = node.type
        if kind == "expression_statement":
            return self._expression_statement(node, state)
        if kind == "statement_block":
            return self._block(node, state)
        if kind in {"return_statement", "throw_statement"}:
            self._leave(node, state)
            return None
        if kind == "break_statement":
            self._break(node, state)
            return None
        if kind == "continue_statement":
            self._continue(node, state)
            return None
        if kind in self._COMPOUND:
            return self._COMPOUND[kind](self, node, state)
        if kind in LOOPS:
            return self._inner(node, state, frozenset())
        if kind in _QUIET:
            return state
        return written(state, self._effects.scan(node))

    def _expression_statement(self, node: Node, state: State) -> State | None:
        child = unwrap(node.named_children[0]) if node.named_children else None
        if child is None:
            return state
        if (
            child.type == "call_expression"
            and self._conditions.dotted(child.child_by_field_name("function")) in _EXITING
        ):
            self._effects.scan(child)
            self._stop("exit", state, child)
            return None
        if child.type == "assignment_expression":
            self._effects.known = [a for clause in state.known for a in clause]
            state = self._flag(child, state)
        return written(state, self._effects.scan(child))

    def _flag(self, assignment: Node, state: State) -> State:
        """An assignment to a name that the loop's condition tests may be an exit in all but name."""
        left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        name = self._conditions.dotted(left)
        atom = self._flags.get(name) if name is not None else None
        if atom is None or right is None:
            return state
        right = unwrap(right)
        literal = self._conditions.literal(right)
        if literal is not None:
            return self._set_literal(state, atom, literal, assignment, inner=self._in_loop)
        if is_condition(right) and atom.op in {"true", "false"}:
            self._set_condition(state, self._conditions.clauses(right, wanted=atom.op == "true"), assignment)
        elif right.type in {"call_expression", "await_expression", "new_expression"}:
            return self._set_result(state, atom, assignment)
        return state

    def _leave(self, node: Node, state: State) -> None:
        for child in node.named_children:
            self._effects.scan(child)
        if node.type == "return_statement":
            self._stop("return", state, node)
        elif self._tries:
            # In an inner loop, a handler that does not come to this loop's next turn may come to that loop's.
            if not self._in_loop:
                self._stop_caught(state, self._tries[-1].number, node)
        else:
            self._stop("raise", state, node)

    def _label(self, node: Node) -> str:
        label = node.child_by_field_name("label")
        return self._conditions.text(label) if label is not None else ""

    def _break(self, node: Node, state: State) -> None:
        label = self._label(node)
        for around in reversed(self._around):
            if label in around.labels if label else not around.is_named:
                around.ends.append(state)
                return
        self._stop("break", state, node)

    def _continue(self, node: Node, state: State) -> None:
        label = self._label(node)
        for around in reversed(self._around):
            if around.is_loop and (not label or label in around.labels):
                return
        if not label or label in self._labels:
            self._back(state, explicit=True)
        else:
            self._stop("break", state, node)

    def _labeled(self, node: Node, state: State) -> State | None:
        labels = {self._label(node)}
        body = node.child_by_field_name("body")
        while body is not None and body.type == "labeled_statement":
            labels.add(self._label(body))
            body = body.child_by_field_name("body")
        if body is None:
            return state
        if body.type in LOOPS:
            return self._inner(body, state, frozenset(labels))
        around = _Around(is_loop=False, labels=frozenset(labels), is_named=True)
        self._around.append(around)
        end = self._statement(body, state)
        self._around.pop()
        return merge(state, [end, *around.ends])

    def _if(self, node: Node, state: State) -> State | None:
        condition = node.child_by_field_name("condition")
        if condition is None:
            return state
        state = written(state, self._effects.scan(condition))
        then = state._replace(known=join(state.known, self._conditions.clauses(condition, wanted=True)))
        other = state._replace(known=join(state.known, self._conditions.clauses(condition, wanted=False)))
        truth = self._conditions.truth(condition)
        alternative = node.child_by_field_name("alternative")
        otherwise = next((c for c in alternative.named_children if c.type != "comment"), None) if alternative else None
        with self._effects.under_test(self._conditions.text(condition)):
            ends = [
                None if truth is False else self._statement(node.child_by_field_name("consequence"), then),
                None if truth else self._statement(otherwise, other),
            ]
        return merge(state, ends)

    def _inner(self, node: Node, state: State, labels: frozenset[str]) -> State | None:
        over = node.type == "for_in_statement"
        head = node.child_by_field_name("right" if over else "condition")
        if head is not None and head.type == "empty_statement":
            head = None
        state = written(state, self._effects.scan(node.child_by_field_name("initializer")))
        self._effects.scan(head)
        reading = self._conditions.read(head)
        self.inners.append(Inner(any(c.type == "await" for c in node.children), reading))
        target = node.child_by_field_name("left")
        if target is not None:
            self._effects.assign(target, "for", reading)
        endless = not over and (head is None or bool(self._conditions.truth(head)))
        start = state
        if not over and not endless and node.type != "do_statement":
            start = state._replace(known=join(state.known, self._conditions.clauses(head, wanted=True)))
        around = _Around(is_loop=True, labels=labels)
        self._around.append(around)
        self._effects.depth += 1
        self._statement(node.child_by_field_name("body"), start)
        self._effects.scan(node.child_by_field_name("increment"))
        self._effects.depth -= 1
        self._around.pop()
        if self._reset:
            state = state._replace(modes=state.modes or frozenset({-1}))
        return None if endless and not around.ends else state

    def _switch(self, node: Node, state: State) -> State | None:
        subject, body = node.child_by_field_name("value"), node.child_by_field_name("body")
        if subject is None or body is None:
            return state
        self._effects.scan(subject)
        always = self._conditions.truth(subject) is True
        atom = Atom("match", self._conditions.read(subject), NOTHING, self._conditions.text(unwrap(subject)))
        start = state._replace(known=join(state.known, [[atom]]))
        around = _Around(is_loop=False, labels=frozenset())
        self._around.append(around)
        exhaustive = False
        before: State | None = None
        with self._effects.under_test("switch"):
            for case in body.named_children:
                if case.type not in {"switch_case", "switch_default"}:
                    continue
                exhaustive |= case.type == "switch_default"
                value = case.child_by_field_name("value")
                here = start
                if always and value is not None:
                    here = state._replace(known=join(state.known, self._conditions.clauses(value, wanted=True)))
                self._effects.scan(value)
                end = merge(start, [before, here])
                for statement in case.children_by_field_name("body"):
                    end = self._statement(statement, end) if end is not None and statement.is_named else end
                before = end
        self._around.pop()
        return merge(state, [before, *around.ends, *([] if exhaustive else [state])])

    def _try(self, node: Node, state: State) -> State | None:
        clause = node.child_by_field_name("handler")
        body = node.child_by_field_name("body")
        if clause is None:
            after = self._statement(body, state)
        else:
            attempt = self._open_try([[ERROR]], node)
            end = self._statement(body, state)
            self._close_try()
            outer = self._effects.handler
            number = self._handler([ERROR], attempt, clause)
            atom = Atom("except", Reading([ERROR], [], [], None), NOTHING, self._conditions.text(clause, 40))
            start = State(join(state.known, [[atom]]), state.must, frozenset({number}))
            self._effects.handler = number
            caught = self._statement(clause.child_by_field_name("body"), start)
            self._effects.handler = outer
            after = merge(state, [end, caught])
        finalizer = node.child_by_field_name("finalizer")
        if finalizer is not None:
            # A ``finally`` runs on the way out too, so it is read even where nothing falls through.
            block = finalizer.child_by_field_name("body")
            done = self._statement(block, after or state._replace(modes=frozenset()))
            after = done if after is not None else None
        return after

    # Plain functions, not bound methods: those would tie a file's nodes into a cycle that only a collection frees.
    _COMPOUND: ClassVar[dict[str, Callable[[BodyReader, Node, State], State | None]]] = {
        "if_statement": _if,
        "try_statement": _try,
        "switch_statement": _switch,
        "labeled_statement": _labeled,
    }


def caught_around(loop: Node) -> list[str]:
    """Exception types that the ``try`` statements around a loop catch, up to its function: a ``catch`` takes all."""
    inner, outer = loop, loop.parent
    for _ in range(_MAX_LEVELS):
        if outer is None or outer.type in FUNCTIONS:
            break
        if (
            outer.type == "try_statement"
            and outer.child_by_field_name("body") == inner
            and outer.child_by_field_name("handler") is not None
        ):
            return [ERROR]
        inner, outer = outer, outer.parent
    return []
