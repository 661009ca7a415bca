"""The loops of one TypeScript or JavaScript file, as facts."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.languages.loop_terms import NOTHING, flat, is_flag
from monitorlint.languages.typescript.loop_conditions import Conditions, unwrap
from monitorlint.languages.typescript.loop_flow import BodyReader, caught_around
from monitorlint.languages.typescript.loop_idle import idle_turn
from monitorlint.model.loops import Loop, Stop, Write
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from monitorlint.languages.loop_terms import Clauses, LoopContext
    from monitorlint.model.loops import LoopKind

_FIXED = frozenset({"array", "object", "string", "template_string"})
_ORDER = frozenset({"<", ">", "<=", ">="})
_GENERATOR = pattern(rb"(?:function\s*\*\s*|[\s;{}]\*)([\w$]+)\s*(?:<[^<>()]*>)?\(")

MAX_LOOPS = 30
"""Loops within loops that are read: an outer one is told from the inner ones, too."""


def read_loops(loop_nodes: Sequence[Node], source: bytes, context: LoopContext) -> list[Loop]:
    """The loops among ``loop_nodes`` that can be a site, in source order.

    :param loop_nodes: ``while``, ``do``, ``for`` and ``for_in`` statements of the file.
    :param source: The file's bytes.
    :param context: Scopes, blocks and calls of the file, all numbered.
    """
    reader = _LoopReader(source, context)
    loops: list[Loop] = []
    ends: list[int] = []
    for node in sorted(loop_nodes, key=lambda node: (node.start_byte, -node.end_byte)):
        while ends and ends[-1] <= node.start_byte:
            ends.pop()
        if len(ends) >= MAX_LOOPS:
            continue
        ends.append(node.end_byte)
        # Deeper than any code that people write: nothing is said of such a loop.
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
        body = node.child_by_field_name("body")
        if body is None:
            return None
        if node.type == "for_in_statement":
            return self._over(node, body)
        test = node.child_by_field_name("condition")
        if test is not None and test.type == "empty_statement":
            test = None
        if node.type == "for_statement":
            if test is not None and self._is_counted(test, node.child_by_field_name("increment")):
                return self._batch(node, test, body)
        elif test is None:
            return None
        if node.type == "do_statement" and self._conditions.truth(test) is False:
            # A block that can be left, not a loop.
            return None
        return self._while(node, test, body)

    def _place(self, node: Node, body: Node, kind: LoopKind) -> Loop:
        start, end = node.start_byte, node.end_byte
        end_row, end_column = node.end_point
        row, column = node.start_point
        line = self._source[start - column : start]
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
            header=self._header(node, body),
        )

    def _header(self, node: Node, body: Node) -> str:
        head = self._source[node.start_byte : body.start_byte].decode("utf-8", "replace")
        if node.type == "do_statement":
            test = node.child_by_field_name("condition")
            head = f"do … while {self._conditions.text(test, 180) if test is not None else ''}"
        return " ".join(head.split())[:200]

    def _while(self, node: Node, test: Node | None, body: Node) -> Loop:
        truth = test is None or bool(self._conditions.truth(test))
        clauses: Clauses = [] if truth else self._conditions.clauses(test, wanted=False)
        flags = {c[0].left.names[0]: c[0] for c in clauses if len(c) == 1 and is_flag(c[0])}
        reader = BodyReader(self._conditions, flags, self._labels(node))
        if node.type == "do_statement":
            reader.run(body, [test])
        else:
            reader.expression(test)
            reader.run(body, [node.child_by_field_name("increment")])
        place = self._place(node, body, "while")
        stops = [Stop("test", atoms, -1, (test or node).start_point.row) for atoms in clauses]
        idle = ""
        if (
            not truth
            and not reader.stops
            and not reader.yields
            and not reader.awaits
            and node.type == "while_statement"
        ):
            idle = idle_turn(body, flat(clauses), reader.writes(), self._conditions)
        return self._filled(place._replace(const=truth, idle=idle), node, reader, stops)

    def _over(self, node: Node, body: Node) -> Loop | None:
        right = node.child_by_field_name("right")
        if right is None:
            return None
        if any(c.type == "await" for c in node.children):
            return self._place(node, body, "async-for")._replace(iterated=self._conditions.read(right))
        if self._may_be_endless(right):
            return self._iterator(node, right, body)
        return self._batch(node, right, body)

    def _batch(self, node: Node, over: Node, body: Node) -> Loop | None:
        if over.type in _FIXED or b"(" not in self._source[body.start_byte : body.end_byte]:
            return None
        # A count to a number, not to the length of something.
        if node.type == "for_statement" and b".length" not in self._source[over.start_byte : over.end_byte]:
            return None
        return self._place(node, body, "for")._replace(plain=True)

    def _iterator(self, node: Node, right: Node, body: Node) -> Loop:
        reader = BodyReader(self._conditions, {}, self._labels(node))
        reader.expression(right)
        left = node.child_by_field_name("left")
        target = self._conditions.dotted(left)
        reader.run(body)
        loop = self._place(node, body, "iterator")._replace(const=True, iterated=self._conditions.read(right))
        loop = self._filled(loop, node, reader, [])
        counts = [] if target is None else [Write(target, "count", NOTHING, True, node.start_point.row)]
        return loop._replace(writes=[*counts, *loop.writes])

    def _filled(self, loop: Loop, node: Node, reader: BodyReader, stops: list[Stop]) -> Loop:
        return loop._replace(
            stops=[*stops, *reader.stops],
            writes=reader.writes(),
            calls=reader.calls(),
            handlers=reader.handlers,
            backs=reader.backs,
            inners=reader.inners,
            around=caught_around(node),
            yields=reader.yields,
            awaits=reader.awaits,
        )

    def _labels(self, node: Node) -> frozenset[str]:
        labels = set()
        outer = node.parent
        while outer is not None and outer.type == "labeled_statement":
            label = outer.child_by_field_name("label")
            if label is not None:
                labels.add(self._conditions.text(label))
            outer = outer.parent
        return frozenset(labels)

    def _is_counted(self, test: Node, increment: Node | None) -> bool:
        """``for (…; i < n; i++)``: the counter is stepped towards the limit that it is compared with."""
        if increment is None:
            return False
        steps = [
            unwrap(c) for c in (increment.named_children if increment.type == "sequence_expression" else [increment])
        ]
        moved: dict[str, str] = {}
        for step in steps:
            target = step.child_by_field_name("argument") or step.child_by_field_name("left")
            name = self._conditions.dotted(target)
            operator = step.child_by_field_name("operator")
            if name is not None:
                moved[name] = operator.type[0] if operator is not None else ""
        clauses = self._conditions.clauses(test, wanted=False)
        return any(self._is_reached(c[0].op, c[0].left.names, c[0].right.names, moved) for c in clauses if len(c) == 1)

    @staticmethod
    def _is_reached(op: str, left: list[str], right: list[str], moved: dict[str, str]) -> bool:
        """Whether the counter that stops the loop by this comparison comes there."""
        for names, up in ((left, op in {">", ">="}), (right, op in {"<", "<="})):
            for name in names:
                way = next((w for n, w in moved.items() if name == n or name.startswith(f"{n}.")), None)
                if way is not None:
                    return op not in _ORDER or way != ("-" if up else "+") or len(names) > 1
        return False

    def _may_be_endless(self, right: Node) -> bool:
        """A call of a generator function of the same file."""
        right = unwrap(right)
        if right.type != "call_expression":
            return False
        name = self._conditions.dotted(right.child_by_field_name("function"))
        return name is not None and name.rpartition(".")[2] in self._generators

    @cached_property
    def _generators(self) -> frozenset[str]:
        return frozenset(m.decode("utf-8", "replace") for m in _GENERATOR.findall(self._source))
