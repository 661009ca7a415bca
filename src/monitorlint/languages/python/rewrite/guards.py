"""Loop guards: a counter before the loop, counted and checked as the first statements of its body.

A guard only observes. Nothing of the loop is replaced: whole lines are inserted, and a body that stands on the header's
line is moved to its own. So ``else``, ``continue``, ``finally``, comments and the header stay what they were.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from monitorlint.languages.python.rewrite.loop_context import loop_context
from monitorlint.languages.python.rewrite.place import Place
from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.patterns import pattern
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Source
    from monitorlint.languages.python.rewrite.wraps import Names
    from monitorlint.model.remedy import Remedy

COUNTER: Final = "iterations"
EVERY: Final = 100
"""A guard is called on every so manieth turn: the contract's number."""
EVERY_SLOW: Final = 10
"""The same where the remedy has a limit of its own: each turn waits for a model or a server."""

_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
_SCOPES = frozenset({"function_definition", "class_definition", "lambda"})
_LONE_RETURN = pattern(rb"\r(?!\n)")
_BOUNDARY = pattern(rb"#[ \t]*(?:%%|In\[)")
"""A comment that begins a notebook cell: what stands above it is run without what stands below."""
_PREAMBLE = pattern(rb"#!|#.*?coding[:=]")
"""A comment that must stay in the first or second line."""
_SEES_LOCALS = pattern(rb"\b(?:locals|vars|dir)\(\s*\)|\b(?:exec|eval)\(")


class LoopGuards:
    """Guards the loops of one file: each counter and each name is given out once."""

    def __init__(self, source: Source, names: Names) -> None:
        """Take the file, and what says how a helper is called there."""
        self._source = source
        self._locals = names
        self._given: dict[int, set[str]] = {}
        """Counters and names that were given out, by the functions around them (-1: the file)."""
        self._present: dict[str, list[tuple[int, str]]] = {}
        self._has_lone_returns = _LONE_RETURN.search(source.text) is not None

    def guard(self, remedy: Remedy) -> Rewritten | Refused:
        """The guard for the loop of a remedy, or why there is none.

        Ask in source order: the second loop of a function is called ``…_2``, the third ``…_3``. Edits of nested loops
        may meet at one offset: there those of the outer loop come first, and those of a guard before those of the
        statement that it is put above.

        :param remedy: Of kind ``guard``. ``limit``, where it is set, is passed on, and the guard is called every 10
            turns instead of every 100.
        """
        node = self._node(remedy.region.start)
        if node is None:
            return Refused("no loop begins here", "")
        place = Place(self._source, node)
        reason = self._obstacle(place)
        if reason:
            return Refused(reason, self._snippet(place, remedy))
        counter, name = self._counter(place), self._name(place, remedy.helper)
        local = self._locals.local(remedy.helper, node.start_byte)
        call = _call(local, name, counter, loop_context(place), remedy.limit)
        every = EVERY if remedy.limit is None else EVERY_SLOW
        for around in (-1, *(n.start_byte for n in place.ancestors if n.type == "function_definition")):
            self._given.setdefault(around, set()).update((f"{counter} =", name))
        function = place.function
        unsure = function is not None and _SEES_LOCALS.search(self._source.text, function.start_byte, function.end_byte)
        return Rewritten(
            edits=(self._declaration(node, counter), self._check(node, counter, every, call)),
            applicability=Applicability.UNSAFE if unsure else Applicability.SAFE,
            message=f"Count the turns, and call {remedy.helper}() every {every}",
            needs=(local,),
        )

    def snippet(self, remedy: Remedy) -> str:
        """The loop's head, and what would be put into it; ``""`` where no loop begins."""
        node = self._node(remedy.region.start)
        return self._snippet(Place(self._source, node), remedy) if node is not None else ""

    def _node(self, start: int) -> Node | None:
        """The loop that begins at ``start``, or the comprehension."""
        found = self._source.loop(start)
        if found is not None:
            return found.node
        node = self._source.tree.root_node.descendant_for_byte_range(start, start + 1)
        while node is not None and node.start_byte == start and node.type not in _COMPREHENSIONS:
            node = node.parent
        return node if node is not None and node.start_byte == start else None

    def _obstacle(self, place: Place) -> str:
        """Why the loop gets no guard, or ``""``."""
        node = place.node
        if node.type in _COMPREHENSIONS or node.type == "for_in_clause":
            return "a comprehension has no body for a guard to stand in; write it as a loop"
        if node.has_error or node.child_by_field_name("body") is None:
            return "the loop does not parse"
        if place.in_class_body:
            return "the loop runs in a class body, where its counter would become an attribute of the class"
        if b"yield" in self._source.text[place.start : place.end] and _yields(node):
            return "the loop yields: whoever reads the generator decides how often it turns"
        if self._has_lone_returns:
            return "lines of the file end in a carriage return alone"
        if not place.is_first_on_line or self._is_continued(node):
            return "something else stands before the loop on its line"
        return ""

    def _is_continued(self, node: Node) -> bool:
        """Whether a backslash joins the loop's line to the one before."""
        start = self._source.line_start(node.start_byte)
        before = self._source.text[:start].rstrip(b"\r\n")
        if not before.endswith(b"\\") or start - len(before) > 2:
            return False
        at = len(before) - 1
        above = self._source.tree.root_node.descendant_for_byte_range(at, at + 1)
        return above is None or above.type not in {"comment", "string_content", "string"}

    def _header(self, node: Node) -> str:
        """The header's source without its colon."""
        return self._source.slice(node.start_byte, _colon(node).start_byte).rstrip()

    def _snippet(self, place: Place, remedy: Remedy) -> str:
        every = EVERY if remedy.limit is None else EVERY_SLOW
        call = _call(remedy.helper, place.operation, COUNTER, "", remedy.limit)
        inner = f"{COUNTER} += 1", f"if {COUNTER} % {every} == 0:", f"    {call}", "..."
        node = place.node
        if node.type in _COMPREHENSIONS:
            clause = next((c for c in node.named_children if c.type == "for_in_clause"), node)
            header = self._source.text_of(clause)
        else:
            header = self._header(node)
        return "\n".join([f"{COUNTER} = 0", f"{header}:", *(f"    {line}" for line in inner)])

    def _counter(self, place: Place) -> str:
        """A name for the counter that means nothing else in the function (at module level: in the file)."""
        function = place.function
        own = self._given.get(function.start_byte if function is not None else -1, set())
        words = self._source.words(function)
        number, candidate = 1, COUNTER
        while f"{candidate} =" in own or (candidate in words and self._means_something(candidate, function)):
            number += 1
            candidate = f"{COUNTER}{number}"
        return candidate

    def _means_something(self, name: str, function: Node | None) -> bool:
        """Whether a word is a name there, and not only part of a comment, a text, or an attribute."""
        source = self._source
        start, end = (function.start_byte, function.end_byte) if function else (0, len(source.text))
        root = source.tree.root_node
        for found in re.finditer(rb"\b" + name.encode() + rb"\b", source.text[start:end]):
            node = root.descendant_for_byte_range(start + found.start(), start + found.end())
            if node is None or node.type != "identifier" or _is_member(node):
                continue
            if function is not None or not self._is_local(name, node):
                return True
        return False

    def _is_local(self, name: str, node: Node) -> bool:
        """Whether a function around ``node`` has a variable of this name for itself."""
        scopes = self._source.facts.scopes
        number = self._source.scope_of(node.start_byte)
        while number > 0:
            scope = scopes[number]
            if scope.kind != "class" and (
                any(p.name == name for p in scope.params)
                or any(b.scope == number and b.name == name for b in self._source.facts.bindings)
            ):
                return True
            number = scope.parent
        return False

    def _name(self, place: Place, helper: str) -> str:
        """The name that the guard reports under."""
        function = place.function
        start, end = (function.start_byte, function.end_byte) if function else (0, len(self._source.text))
        present = self._guards_present(helper)
        there = present[bisect_left(present, (start, "")) : bisect_left(present, (end, ""))]
        used = {name for _, name in there} | self._given.get(start if function is not None else -1, set())
        number, candidate = 1, place.operation
        while candidate in used:
            number += 1
            candidate = f"{place.operation}_{number}"
        return candidate

    def _guards_present(self, helper: str) -> list[tuple[int, str]]:
        """Where the file calls the helper already, and under which names; in source order."""
        if helper not in self._present:
            self._present[helper] = sorted(
                (call.start, str(call.args[0][1]))
                for call in self._source.facts.calls
                if isinstance(call.callee, str)
                and call.callee.endswith(helper)
                and call.args
                and isinstance(call.args[0], (tuple, list))
                and call.args[0][0] == "lit"
            )
        return self._present[helper]

    def _declaration(self, node: Node, counter: str) -> Edit:
        """``iterations = 0`` above the loop, and above the comments that speak of it."""
        source = self._source
        at = source.line_start(node.start_byte)
        prefix = source.indentation(node.start_byte)
        while (above := self._comment_above(at, prefix)) is not None:
            at = above
        return Edit(at, at, f"{_effective(prefix)}{counter} = 0{self._newline(node.start_byte)}")

    def _comment_above(self, at: int, prefix: str) -> int | None:
        """Where the line above ``at`` begins, if it is a comment that belongs to what follows."""
        source = self._source
        start = source.line_start(at - 1) if at > 0 else at
        if start >= at:
            return None
        comment = start + len(prefix.encode())
        line = source.text[comment:at]
        if not source.text.startswith(prefix.encode() + b"#", start) or _BOUNDARY.match(line):
            return None
        node = source.tree.root_node.descendant_for_byte_range(comment, comment + 1)
        if node is None or node.type != "comment" or (node.start_point.row < 2 and _PREAMBLE.match(line)):
            return None
        return start

    def _check(self, node: Node, counter: str, every: int, call: str) -> Edit:
        """The statements that count and check, before all others of the body."""
        source = self._source
        colon, first = _colon(node), _first_statement(node)
        outer = source.indentation(node.start_byte)
        newline = self._newline(colon.end_byte)
        if _is_suite_on_header_line(source.text[colon.end_byte : first.start_byte]):
            outer = _effective(outer)
            unit = "\t" if outer.endswith("\t") else source.indent
            prefix = outer + unit
            lines = _lines(prefix, unit, counter, every, call)
            text = "".join(f"{newline}{line}" for line in (*lines, prefix))
            return Edit(colon.end_byte, first.start_byte, text)
        prefix = _effective(source.indentation(first.start_byte))
        unit = prefix.removeprefix(_effective(outer)) or source.indent
        at = source.next_line(colon.end_byte)
        text = "".join(f"{line}{newline}" for line in _lines(prefix, unit, counter, every, call))
        return Edit(at, at, text)

    def _newline(self, offset: int) -> str:
        """What ends the line of ``offset``."""
        end = self._source.line_end(offset)
        found = self._source.text[end : end + 2]
        return "\r\n" if found == b"\r\n" else "\n" if found.startswith(b"\n") else self._source.newline


def _lines(prefix: str, unit: str, counter: str, every: int, call: str) -> tuple[str, str, str]:
    return f"{prefix}{counter} += 1", f"{prefix}if {counter} % {every} == 0:", f"{prefix}{unit}{call}"


def _call(helper: str, name: str, counter: str, context: str, limit: int | None) -> str:
    arguments = [f'"{name}"', counter]
    if context:
        arguments.append(context)
    if limit is not None:
        arguments.append(f"limit={limit}")
    return f"{helper}({', '.join(arguments)})"


def _colon(node: Node) -> Node:
    """The colon that ends the header of a loop that parses."""
    return next(c for c in node.children if c.type == ":")


def _first_statement(node: Node) -> Node:
    body = node.child_by_field_name("body")
    assert body is not None
    return next(c for c in body.named_children if c.type != "comment")


def _is_suite_on_header_line(gap: bytes) -> bool:
    """Whether between colon and first statement there is no end of line but one that a backslash takes away."""
    first, end, _ = gap.partition(b"\n")
    return not end or (b"#" not in first and first.rstrip(b"\r").endswith(b"\\"))


def _effective(prefix: str) -> str:
    """The white space that counts: a form feed starts the line anew."""
    return prefix.rpartition("\f")[2]


def _is_member(node: Node) -> bool:
    """``x.name``, or ``f(name=…)``: a name that no variable bears."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") == node
    return parent.type == "keyword_argument" and parent.child_by_field_name("name") == node


def _yields(node: Node) -> bool:
    """Whether a turn of the loop itself can yield."""
    rest = list(node.named_children)
    while rest:
        child = rest.pop()
        if child.type == "yield":
            return True
        if child.type not in _SCOPES:
            rest.extend(child.named_children)
    return False
