"""Loop guards: a counter before the loop, counted and checked as the first statements of its body.

A guard only observes. Nothing of the loop is replaced: lines are inserted, and braces where there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.typescript.rewrite.helper_names import helper_name
from monitorlint.languages.typescript.rewrite.lines import inner_lines, is_blank_or_comment, step_for
from monitorlint.languages.typescript.rewrite.loop_context import loop_context
from monitorlint.languages.typescript.rewrite.operations import operation_of
from monitorlint.languages.typescript.rewrite.place import CLASSES, FUNCTIONS, is_statement
from monitorlint.languages.typescript.rewrite.problems import UNREAD, is_unread
from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.names import Names
    from monitorlint.languages.typescript.rewrite.place import Place, Source
    from monitorlint.languages.typescript.rewrite.wraps import Locals
    from monitorlint.model.remedy import Remedy

COUNTER: Final = "iterations"
EVERY: Final = 100
"""A guard is called on every so manieth turn: the contract's number."""
EVERY_SLOW: Final = 10
"""The same where the remedy has a limit of its own: each turn waits for a model or a server."""
_BLOCKS = frozenset({"program", "statement_block", "class_static_block"})
"""Nodes in which a declaration can be put before a statement."""


class LoopGuards:
    """Guards the loops of one file: each counter and each name is given out once."""

    def __init__(self, source: Source, names: Names, locals_: Locals) -> None:
        """Take the file, and what says how a helper is called there."""
        self._source = source
        self._names = names
        self._locals = locals_
        self._given: dict[int, set[str]] = {}
        """Counters and names that were given out, by the functions around them (-1: the file)."""

    def guard(self, remedy: Remedy) -> Rewritten | Refused:
        """The guard for the loop of a remedy, or why there is none.

        Ask in source order: the second loop of a function is called ``…_2``, the third ``…_3``.

        :param remedy: Of kind ``guard``. ``limit``, where it is set, is passed on, and the guard is called every 10
            turns instead of every 100.
        """
        place = self._source.loop(remedy.region.start)
        if place is None:
            return Refused("no loop begins here", "")
        reason = self._obstacle(place)
        if reason:
            return Refused(reason, self._snippet(place, remedy))
        helper = helper_name(remedy.helper)
        counter, name = self._counter(place), self._name(place, helper)
        local = self._locals.local(helper, place.start)
        every = EVERY if remedy.limit is None else EVERY_SLOW
        call = self._call(local, name, counter, loop_context(place, self._names), remedy.limit)
        for around in (-1, *(n.start_byte for n in place.ancestors if n.type in FUNCTIONS)):
            self._given.setdefault(around, set()).update((f"{counter} =", name))
        declaration, moved = self._declaration(place, counter)
        edits = (*declaration, *self._check(place, (counter, every, call), moved))
        message = f"Count the turns, and call {helper}() every {every}"
        return Rewritten(edits, Applicability.SAFE, message, (local,))

    def _obstacle(self, place: Place) -> str:
        """Why the loop gets no guard, or ``""``."""
        node = place.node
        if is_unread(place) or node.child_by_field_name("body") is None:
            return UNREAD
        if _yields(node):
            return "the loop yields: whoever reads the generator decides how often it turns"
        if self._source.is_component and self._source.text_of(_labelled(node)).startswith("$:"):
            return "the loop is a reactive statement, and would depend on its counter"
        return ""

    def _snippet(self, place: Place, remedy: Remedy) -> str:
        every = EVERY if remedy.limit is None else EVERY_SLOW
        semicolon = self._source.semicolon
        body = place.node.child_by_field_name("body")
        header = self._source.slice(place.start, body.start_byte).rstrip() if body is not None else "while (…)"
        call = self._call(helper_name(remedy.helper), operation_of(place)[0], COUNTER, "", remedy.limit)
        lines = (f"{COUNTER}++{semicolon}", f"if ({COUNTER} % {every} === 0) {{", f"  {call}", "}", "…")
        return "\n".join([f"let {COUNTER} = 0{semicolon}", f"{header} {{", *(f"  {line}" for line in lines), "}"])

    def _call(self, helper: str, name: str, counter: str, context: str, limit: int | None) -> str:
        quote = self._source.quote
        arguments = [f"{quote}{name}{quote}", counter]
        if limit is not None:
            arguments += [context or "{}", f"{{ limit: {limit} }}"]
        elif context:
            arguments.append(context)
        return f"{helper}({', '.join(arguments)}){self._source.semicolon}"

    def _counter(self, place: Place) -> str:
        """A name for the counter that means nothing else in the function (at module level: in the file)."""
        function = place.function
        own = self._given.get(function.start_byte if function is not None else -1, set())
        number, candidate = 1, COUNTER
        while f"{candidate} =" in own or self._is_used(candidate, function):
            number += 1
            candidate = f"{COUNTER}{number}"
        return candidate

    def _is_used(self, name: str, function: Node | None) -> bool:
        """Whether a word is a variable there, and not only part of a comment, a text, or a member."""
        start, end = (function.start_byte, function.end_byte) if function is not None else (0, None)
        kinds = {"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}
        return any(node.type in kinds for node in self._source.occurrences(name, start, end))

    def _name(self, place: Place, helper: str) -> str:
        """The name that the guard reports under."""
        function = place.function
        used = set(self._given.get(function.start_byte if function is not None else -1, set()))
        start, end = (function.start_byte, function.end_byte) if function is not None else (0, None)
        for node in self._source.occurrences(helper, start, end):
            call = node.parent
            arguments = call.child_by_field_name("arguments") if call is not None else None
            if arguments is not None and arguments.named_children:
                used.add(self._source.text_of(arguments.named_children[0])[1:-1])
        number, candidate = 1, operation_of(place)[0]
        while candidate in used:
            number += 1
            candidate = f"{operation_of(place)[0]}_{number}"
        return candidate

    def _declaration(self, place: Place, counter: str) -> tuple[tuple[Edit, ...], str]:
        """``let iterations = 0`` before the loop, its labels, and the comments that speak of it.

        Gives the indentation that the loop's lines get besides, too.
        """
        source, top = self._source, _labelled(place.node)
        text = f"let {counter} = 0{source.semicolon}"
        parent = top.parent
        start, end = top.start_byte, top.end_byte
        if parent is not None and parent.type in _BLOCKS:
            if not source.is_first_on_line(start):
                return (Edit(start, start, f"let {counter} = 0; "),), ""
            indentation = source.indentation(start)
            at = _above_comments(source, top)
            return (Edit(at, at, f"{text}{source.newline}{indentation}"),), ""
        # A statement that is a branch, a body or part of a `case` has no room for a declaration: it gets a block.
        behind, before = source.line_end(end), _before(top)
        is_alone = source.is_first_on_line(start) and is_blank_or_comment(source.text[end:behind])
        if before is None or not is_alone or before.end_point.row == top.start_point.row:
            return (Edit(start, start, f"{{ let {counter} = 0; "), Edit(end, end, " }")), ""
        newline, indentation = source.newline, source.indentation(start)
        if is_statement(before):
            step = step_for(source, indentation)
            opened = f"{{{newline}{indentation}{step}{text}{newline}{indentation}{step}"
            inner = (Edit(at, at, step) for at in inner_lines(source, start, end))
            return (Edit(start, start, opened), *inner, Edit(behind, behind, f"{newline}{indentation}}}")), step
        outer, at = source.indentation(before.start_byte), _above_comments(source, top)
        return (
            Edit(before.end_byte, before.end_byte, " {"),
            Edit(at, at, f"{text}{newline}{indentation}"),
            Edit(behind, behind, f"{newline}{outer}}}"),
        ), ""

    def _check(self, place: Place, said: tuple[str, int, str], moved: str) -> tuple[Edit, ...]:
        """The statements that count and check, before all others of the body."""
        source, body = self._source, place.node.child_by_field_name("body")
        assert body is not None
        counter, every, call = said
        inline = f"{counter}++; if ({counter} % {every} === 0) {{ {call} }}"
        if body.type != "statement_block":
            return self._braced(body, inline, place, said, moved)
        opening = body.start_byte + 1
        first = next(iter(body.named_children), None)
        if body.start_point.row == body.end_point.row or (
            first and first.start_point.row == body.start_point.row and first.type != "comment"
        ):
            return (Edit(opening, opening, f" {inline}{' ' if first is None else ''}"),)
        at = source.line_end(opening)
        if not is_blank_or_comment(source.text[opening:at]):
            return (Edit(opening, opening, f" {inline}"),)
        outer = (
            source.indentation(body.end_byte - 1)
            if source.is_first_on_line(body.end_byte - 1)
            else (source.indentation(place.start))
        )
        inner = outer + step_for(source, outer)
        if first is not None and source.is_first_on_line(first.start_byte):
            inner = source.indentation(first.start_byte)
        return (Edit(at, at, self._lines(moved + inner, said)),)

    def _lines(self, inner: str, said: tuple[str, int, str]) -> str:
        """The two statements on lines of their own, each behind its line end."""
        counter, every, call = said
        source = self._source
        lines = (f"{counter}++{source.semicolon}", f"if ({counter} % {every} === 0) {{")
        step = step_for(source, inner)
        return "".join(f"{source.newline}{inner}{line}" for line in (*lines, f"{step}{call}", "}"))

    def _braced(
        self, body: Node, inline: str, place: Place, said: tuple[str, int, str], moved: str
    ) -> tuple[Edit, ...]:
        """Braces around a body that has none, and the statements in them."""
        source, start, end = self._source, body.start_byte, body.end_byte
        behind = source.line_end(end)
        below = source.is_first_on_line(start) and body.start_point.row > place.node.start_point.row
        if not below or not is_blank_or_comment(source.text[end:behind]) or place.node.type == "do_statement":
            space = "" if source.text[start - 1 : start].isspace() else " "
            return (Edit(start, start, f"{space}{{ {inline} "), Edit(end, end, " }"))
        header = _before(body)
        assert header is not None
        at = header.end_byte
        outer = source.indentation(place.start)
        return (
            Edit(at, at, " {" + self._lines(moved + source.indentation(start), said)),
            Edit(behind, behind, f"{source.newline}{moved}{outer}}}"),
        )


def _labelled(node: Node) -> Node:
    """The loop with its labels."""
    while node.parent is not None and node.parent.type == "labeled_statement":
        node = node.parent
    return node


def _before(node: Node) -> Node | None:
    """What stands before a node beside it, comments left out."""
    before = node.prev_sibling
    while before is not None and before.type == "comment":
        before = before.prev_sibling
    return before


def _above_comments(source: Source, node: Node) -> int:
    """Where the statement begins, or the comments on the lines right above it, which may be for its line alone."""
    at, row = node.start_byte, node.start_point.row
    above = node.prev_sibling
    while above is not None and above.type == "comment" and above.end_point.row == row - 1:
        if not source.is_first_on_line(above.start_byte):
            break
        at, row = above.start_byte, above.start_point.row
        above = above.prev_sibling
    return at


def _yields(node: Node) -> bool:
    """Whether a turn of the loop itself can yield."""
    todo = list(node.named_children)
    while todo:
        child = todo.pop()
        if child.type == "yield_expression":
            return True
        if child.type not in {*FUNCTIONS, *CLASSES}:
            todo.extend(child.named_children)
    return False
