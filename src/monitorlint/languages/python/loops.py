"""The loops of one Python file, as facts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from monitorlint.languages.loop_terms import NOTHING, is_flag, text_of
from monitorlint.languages.python.loop_conditions import Conditions
from monitorlint.languages.python.loop_flow import BodyReader
from monitorlint.languages.python.loop_handlers import caught_around
from monitorlint.languages.python.loop_idle import idle_turn
from monitorlint.model.loops import Loop, Stop, Write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from monitorlint.languages.loop_terms import LoopContext
    from monitorlint.model.loops import LoopKind

_ENDLESS = frozenset({"count", "cycle", "repeat"})
_COMPREHENSIONS: dict[str, LoopKind] = {
    "list_comprehension": "comprehension",
    "set_comprehension": "comprehension",
    "dictionary_comprehension": "comprehension",
    "generator_expression": "generator",
}
_FIXED = frozenset({"list", "tuple", "set", "dictionary", "string", "list_comprehension", "set_comprehension"})


def read_loops(loop_nodes: Sequence[Node], source: bytes, context: LoopContext) -> list[Loop]:
    """The loops among ``loop_nodes`` that can be a site, in source order.

    :param loop_nodes: ``while_statement``, ``for_statement`` and ``for_in_clause`` nodes of the file.
    :param source: The file's bytes.
    :param context: Scopes, blocks and calls of the file, all numbered.
    """
    reader = _LoopReader(source, context)
    loops: list[Loop] = []
    for node in loop_nodes:
        # Deeper than any code that people write, and than CPython compiles: nothing is said of such a loop.
        with suppress(RecursionError):
            if (loop := reader.read(node)) is not None:
                loops.append(loop)
    loops.sort(key=lambda loop: (loop.start, -loop.end))
    return loops


class _LoopReader:
    def __init__(self, source: bytes, context: LoopContext) -> None:
        self._source = source
        self._context = context
        self._conditions = Conditions(source, context)

    def read(self, node: Node) -> Loop | None:
        if node.type == "while_statement":
            return self._while(node)
        right = node.child_by_field_name("right")
        if right is None:
            return None
        if node.type == "for_in_clause":
            return self._comprehension(node, right) if self._may_be_endless(right) else None
        body = node.child_by_field_name("body")
        if body is None:
            return None
        if node.children[0].type == "async":
            return self._place(node, body, "async-for")._replace(iterated=self._conditions.read(right))
        if self._may_be_endless(right):
            return self._iterator(node, right, body)
        if self._is_batch(right, body):
            return self._place(node, body, "for")._replace(plain=True)
        return None

    def _place(self, node: Node, body: Node, kind: LoopKind) -> Loop:
        start, end = node.start_byte, node.end_byte
        # ``else`` belongs to the loop's statement, not to the stretch that is shown.
        end_row, end_column = body.end_point
        row, column = node.start_point
        line = self._source[start - column : start]
        head = node.child_by_field_name("condition") or node.child_by_field_name("right")
        header = self._source[start : head.end_byte if head is not None else body.start_byte].decode("utf-8", "replace")
        return Loop(
            kind=kind,
            plain=False,
            scope=self._context.scope_of(start),
            block=self._context.block_of(start),
            start=start,
            end=end,
            row=row,
            column=len(line.decode("utf-8-sig", "replace")),
            end_row=end_row,
            end_column=end_column,
            body_start=body.start_byte,
            body_end=body.end_byte,
            header=" ".join(header.split())[:200],
        )

    def _while(self, node: Node) -> Loop | None:
        test, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
        if test is None or body is None:
            return None
        truth = self._conditions.truth(test)
        clauses = [] if truth else self._conditions.clauses(test, wanted=False)
        flags = {c[0].left.names[0]: c[0] for c in clauses if len(c) == 1 and is_flag(c[0])}
        reader = BodyReader(self._conditions, flags)
        reader.expression(test)
        reader.run(body)
        header = self._place(node, body, "while")
        stops = [Stop("test", atoms, -1, node.start_point.row) for atoms in clauses]
        idle = ""
        if not truth and not reader.stops and not reader.yields and not reader.awaits:
            idle = idle_turn(body, [a for c in clauses for a in c], reader.writes(), self._conditions)
        return self._filled(header._replace(const=bool(truth), idle=idle), node, reader, stops)

    def _iterator(self, node: Node, right: Node, body: Node) -> Loop:
        reader = BodyReader(self._conditions, {})
        reader.expression(right)
        reading = self._conditions.read(right)
        left = node.child_by_field_name("left")
        target = self._conditions.dotted(left) if left is not None else None
        reader.run(body)
        loop = self._place(node, body, "iterator")._replace(const=True, iterated=reading)
        loop = self._filled(loop, node, reader, [])
        return loop if target is None else loop._replace(writes=[_counts(target, node), *loop.writes])

    def _comprehension(self, clause: Node, right: Node) -> Loop | None:
        whole = clause.parent
        if whole is None or whole.type not in _COMPREHENSIONS:
            return None
        kind = _COMPREHENSIONS[whole.type]
        reader = BodyReader(self._conditions, {})
        reader.expression(whole)
        loop = self._place(whole, whole, kind)
        loop = loop._replace(const=True, header=text_of(clause, self._source), iterated=self._conditions.read(right))
        return self._filled(loop, whole, reader, [])

    def _filled(self, loop: Loop, node: Node, reader: BodyReader, stops: list[Stop]) -> Loop:
        return loop._replace(
            stops=[*stops, *reader.stops],
            writes=reader.writes(),
            calls=reader.calls(),
            handlers=reader.handlers,
            backs=reader.backs,
            inners=reader.inners,
            around=caught_around(node, self._conditions),
            yields=reader.yields,
            awaits=reader.awaits,
        )

    def _may_be_endless(self, right: Node) -> bool:
        if right.type != "call":
            return False
        function, arguments = right.child_by_field_name("function"), right.child_by_field_name("arguments")
        if function is None or arguments is None:
            return False
        name = self._conditions.dotted(function)
        if name is None:
            return False
        head, _, tail = name.rpartition(".")
        given = [a for a in arguments.named_children if a.type != "comment"]
        if tail == "iter":
            return not head and len(given) == 2
        return tail in _ENDLESS and head in {"", "itertools", "it"} and not (tail == "repeat" and len(given) != 1)

    def _is_batch(self, right: Node, body: Node) -> bool:
        if right.type in _FIXED or b"(" not in self._source[body.start_byte : body.end_byte]:
            return False
        if right.type == "call":
            function = right.child_by_field_name("function")
            return function is None or self._conditions.dotted(function) != "range"
        return True


def _counts(target: str, node: Node) -> Write:
    return Write(target, "count", NOTHING, True, node.start_point.row)
