"""Helpers around calls: the edits that put a call under monitoring.

Every edit inserts: a line, an item, what stands before and behind a call, indentation. What was there stays, byte for
byte and in its order, so that comments, strings, line breaks and quotes need no care of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from monitorlint.languages.python.rewrite.context import context_names
from monitorlint.languages.python.rewrite.forms import STAYS_OPEN, Form, choose, is_awaited
from monitorlint.languages.python.rewrite.lambdas import lambda_obstacle
from monitorlint.languages.python.rewrite.urls import url_wrapper
from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Outcome, Refused, Rewritten

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Place, Source
    from monitorlint.model.remedy import Remedy
    from monitorlint.settings.values import Wrapper


class Names(Protocol):
    """Gives the name under which a helper can be called at a place."""

    def local(self, name: str, offset: int) -> str: ...


_PROVIDED = "monitor_ai_generation"
"""The helper whose first argument is the provider."""
_SNIPPET_LINES = 12


@dataclass(frozen=True, slots=True)
class _Wrap:
    """One call, and the helper that is to go around it."""

    remedy: Remedy
    place: Place
    form: Form
    is_certain: bool
    helper: str
    args: tuple[str, ...]
    """What the helper is called with, in the ``with`` form."""
    call_args: tuple[str, ...]
    """The same before the lambda of the call form: a context that is left out is None there."""


class Wraps:
    """Puts helpers around the calls of one file."""

    def __init__(
        self,
        source: Source,
        names: Names,
        *,
        context: Collection[str] = (),
        wrappers: Sequence[Wrapper] = (),
    ) -> None:
        """Take one file.

        :param context: Names that may go into a context besides identifiers.
        :param wrappers: The user's named wrappers; those with a URL are used for requests that match it.
        """
        self._source = source
        self._names = names
        self._context = context
        self._wrappers = wrappers

    def rewrite(self, remedies: Sequence[Remedy]) -> Iterator[Outcome]:
        """What becomes of each remedy, those of one ``with`` together.

        :param remedies: Of kind ``wrap``, all of this file.
        """
        around: dict[tuple[int, int], list[_Wrap]] = {}
        single: list[_Wrap] = []
        for remedy in sorted(remedies, key=lambda r: (r.region.start, -r.region.end)):
            found = self._plan(remedy)
            if isinstance(found, Refused):
                yield Outcome((remedy,), found)
            elif found.form is Form.WITH:
                statement = found.place.statement
                around.setdefault((statement.start_byte, statement.end_byte), []).append(found)
            else:
                single.append(found)
        for wraps in around.values():
            group, rest = self._shared(wraps)
            single.extend(rest)
            if self._is_alone(group[0].place):
                yield self._around_statement(group)
                continue
            for wrap in group:
                found = self._as_call(wrap)
                if isinstance(found, Refused):
                    yield Outcome((wrap.remedy,), found)
                else:
                    single.append(found)
        for wrap in sorted(single, key=lambda w: w.place.start):
            yield self._item(wrap) if wrap.form is Form.ITEM else self._call(wrap)

    def snippet(self, remedy: Remedy) -> str:
        """The call as a statement of its own, under its helper; ``""`` where none stands there."""
        found = self._plan(remedy)
        return found.snippet if isinstance(found, Refused) else self._snippet(found)

    def _plan(self, remedy: Remedy) -> _Wrap | Refused:
        place = self._source.call(remedy.region.start, remedy.region.end)
        if place is None:
            return Refused("no call stands there", "")
        choice = choose(place, remedy)
        wrap = self._wrap(place, remedy, choice.form or Form.WITH, is_certain=choice.is_certain)
        if choice.form is not None:
            return wrap
        return Refused(choice.reason, _exchange(wrap) if choice.reason == STAYS_OPEN else self._snippet(wrap))

    def _wrap(self, place: Place, remedy: Remedy, form: Form, *, is_certain: bool) -> _Wrap:
        # A wrapper of the user's is a context manager, and need not be more.
        fits = form is Form.WITH or (form is Form.ITEM and place.statement.children[0].type != "async")
        mapped = url_wrapper(place, remedy.helper, self._wrappers) if fits else None
        if mapped is not None:
            return _Wrap(remedy, place, form, is_certain, mapped[0], mapped[1], mapped[1])
        names = context_names(place, self._context)
        context = "{" + ", ".join(f'"{name}": {name}' for name in names) + "}" if names else ""
        leading = (f'"{remedy.provider}"',) if remedy.helper == _PROVIDED else ()
        named = (*leading, f'"{place.operation}"')
        return _Wrap(
            remedy,
            place,
            form,
            is_certain,
            remedy.helper,
            (*named, context) if context else named,
            (*named, context or "None"),
        )

    def _shared(self, wraps: list[_Wrap]) -> tuple[list[_Wrap], list[_Wrap]]:
        """Those that one ``with`` measures well, and those that are better measured by themselves.

        Calls of one kind share a ``with``. A call of another kind (a fetch whose result goes into a prompt) would count
        towards the first one's time, and gets the call form, unless a lambda would change what it means.
        """
        first = next((w for w in wraps if not any(_is_inside(w, other) for other in wraps)), wraps[0])
        group: list[_Wrap] = []
        rest: list[_Wrap] = []
        for wrap in wraps:
            alike = (wrap.helper, wrap.args) == (first.helper, first.args) and not _is_inside(wrap, first)
            form = _call_form(wrap)
            lazy = wrap.remedy.is_async and not is_awaited(wrap.place)
            if wrap is first or alike or lazy or lambda_obstacle(wrap.place):
                group.append(wrap)
            else:
                rest.append(self._wrap(wrap.place, wrap.remedy, form, is_certain=wrap.is_certain))
        return group, rest

    def _as_call(self, wrap: _Wrap) -> _Wrap | Refused:
        """The call form, for a statement that shares its line with others."""
        obstacle = lambda_obstacle(wrap.place)
        if wrap.remedy.is_async and not is_awaited(wrap.place):
            obstacle = "its coroutine is awaited by another call of the statement"
        if obstacle:
            return Refused(f"the statement shares its line with others, and {obstacle}", self._snippet(wrap))
        return self._wrap(wrap.place, wrap.remedy, _call_form(wrap), is_certain=wrap.is_certain)

    def _around_statement(self, wraps: list[_Wrap]) -> Outcome:
        items = list(dict.fromkeys(self._opening(w) for w in wraps))
        needs = tuple(dict.fromkeys(self._local(w) for w in wraps))
        edits = self._block_edits(wraps[0].place, f"with {', '.join(items)}:")
        applicability = Applicability.SAFE if all(w.is_certain for w in wraps) else Applicability.UNSAFE
        rewritten = Rewritten(edits, applicability, f"Wrap the statement in `{items[0]}`", needs)
        return Outcome(tuple(w.remedy for w in wraps), rewritten)

    def _opening(self, wrap: _Wrap) -> str:
        return f"{self._local(wrap)}({', '.join(wrap.args)})"

    def _local(self, wrap: _Wrap) -> str:
        """What the helper is called in the file."""
        return self._names.local(wrap.helper, wrap.place.start)

    def _is_alone(self, place: Place) -> bool:
        """The statement has its lines to itself, or is all that stands behind a colon."""
        statement = place.statement
        for neighbour in (statement.prev_sibling, statement.next_sibling):
            if neighbour is None or neighbour.type != ";":
                continue
            other = neighbour.next_sibling if neighbour == statement.next_sibling else neighbour.prev_sibling
            if other is not None and other.type != "comment" and _share_a_row(statement, other):
                return False
        return place.is_first_on_line or _colon(self._source, statement) is not None

    def _block_edits(self, place: Place, header: str) -> tuple[Edit, ...]:
        """The edits that make the statement the body of a new block."""
        source, statement = self._source, place.statement
        start, newline = statement.start_byte, source.newline
        if place.is_first_on_line:
            # Each line gets its indentation in front, so that other edits in the statement do not meet these.
            indentation = place.indentation
            step = self._step(indentation)
            first = Edit(start, start, f"{header}{newline}{indentation}{step}")
            return (first, *(Edit(at, at, step) for at in self._inner_lines(statement)))
        colon = _colon(source, statement)
        assert colon is not None
        assert colon.parent is not None
        indentation = source.indentation(colon.parent.start_byte)
        step = self._step(indentation)
        inner = f"{newline}{indentation}{step}"
        moved = Edit(colon.end_byte, start, f"{inner}{header}{inner}{step}")
        return (moved, *(Edit(at, at, step * 2) for at in self._inner_lines(statement)))

    def _step(self, indentation: str) -> str:
        step = self._source.indent
        if indentation and ("\t" in indentation) != ("\t" in step):
            return "\t" if "\t" in indentation else "    "
        return step

    def _inner_lines(self, statement: Node) -> Iterator[int]:
        """Where the further lines of a statement begin, those within a string and empty ones left out."""
        source = self._source
        strings = list(_strings(statement))
        at = source.next_line(statement.start_byte)
        while at < statement.end_byte:
            inside = any(start < at < end for start, end in strings)
            if not inside and source.text[at : source.line_end(at)].strip():
                yield at
            at = source.next_line(at)

    def _item(self, wrap: _Wrap) -> Outcome:
        source, place = self._source, wrap.place
        start = _item_start(place)
        line = source.line_start(start)
        own_line = not source.text[line:start].strip() and not source.text[:line].rstrip().endswith(b"\\")
        behind = f",{source.newline}{source.indentation(start)}" if own_line else ", "
        edit = Edit(start, start, self._opening(wrap) + behind)
        message = f"Enter `{wrap.helper}` in the same `with`"
        return Outcome((wrap.remedy,), Rewritten((edit,), _grade(wrap), message, (self._local(wrap),)))

    def _call(self, wrap: _Wrap) -> Outcome:
        place, local = wrap.place, self._local(wrap)
        before = f"{local}.{wrap.form.value}({', '.join((*wrap.call_args, 'lambda: '))}"
        edits = (Edit(place.start, place.start, before), Edit(place.end, place.end, ")"))
        message = f"Make the call through `{wrap.helper}.{wrap.form.value}`"
        return Outcome((wrap.remedy,), Rewritten(edits, _grade(wrap), message, (local,)))

    def _snippet(self, wrap: _Wrap) -> str:
        """The call as a statement of its own, under its helper."""
        place, source = wrap.place, self._source
        opening = f"{wrap.helper}({', '.join(wrap.args)})"
        awaited = "await " if _is_coroutine(wrap) else ""
        call = source.text_of(place.node).replace("\r\n", "\n")
        column = place.start - source.line_start(place.start)
        lines = call.split("\n")
        indentation = len(source.indentation(place.start))
        if column and all(not line[:indentation].strip() for line in lines[1:]):
            lines = [lines[0], *(line[indentation:] for line in lines[1:])]
        if len(lines) > _SNIPPET_LINES:
            lines = [*lines[:_SNIPPET_LINES], "…"]
        body = "\n".join(
            f"    {line}" if number else f"    result = {awaited}{line}" for number, line in enumerate(lines)
        )
        return f"with {opening}:\n{body}\n"


def _exchange(wrap: _Wrap) -> str:
    """What measures an open connection: a helper around each message and the wait for its answer."""
    return f"with {wrap.helper}({', '.join(wrap.args)}):\n    ...  # send, and receive what answers it\n"


def _is_coroutine(wrap: _Wrap) -> bool:
    # What is awaited is one, whatever is known of the client.
    return wrap.remedy.is_async or is_awaited(wrap.place)


def _call_form(wrap: _Wrap) -> Form:
    return Form.ACALL if _is_coroutine(wrap) else Form.CALL


def _grade(wrap: _Wrap) -> Applicability:
    return Applicability.SAFE if wrap.is_certain else Applicability.UNSAFE


def _is_inside(wrap: _Wrap, other: _Wrap) -> bool:
    return wrap is not other and other.place.start <= wrap.place.start and wrap.place.end <= other.place.end


def _item_start(place: Place) -> int:
    """Where the item of a ``with`` begins in which a call stands."""
    chain = (place.node, *place.ancestors)
    number = next(n for n, node in enumerate(chain) if node.type == "with_item")
    # Brackets around `as`, or before a comma, belong to the statement: `with (a() as x):`, `with (a(),):`.
    inner = chain[number - 2 : number] if number > 1 else ()
    if len(inner) == 2 and (
        inner[1].type == "tuple" or (inner[1].type == "parenthesized_expression" and inner[0].type == "as_pattern")
    ):
        return inner[0].start_byte
    return chain[number].start_byte


def _share_a_row(one: Node, other: Node) -> bool:
    return one.start_point.row <= other.end_point.row and other.start_point.row <= one.end_point.row


def _colon(source: Source, statement: Node) -> Node | None:
    """The colon on whose line a suite of one line stands; None where the statement is no such suite."""
    suite = statement.parent
    colon = suite.prev_sibling if suite is not None and suite.type == "block" else None
    if colon is None or colon.type != ":" or source.text[colon.end_byte : statement.start_byte].strip(b" \t"):
        return None
    return colon


def _strings(node: Node) -> Iterator[tuple[int, int]]:
    todo = [node]
    while todo:
        current = todo.pop()
        if current.start_point.row == current.end_point.row:
            continue
        if current.type == "string":
            yield current.start_byte, current.end_byte
        else:
            todo.extend(current.children)
