"""Errors that a function gives back as a part of its result, and that whoever calls it tells a monitor.

``catch (error) { return { ok: false, error }; }``, and above it ``const made = await load(); if (!made.ok)
captureException(made.error);``. Which results are told is not followed: the verdict is open where every caller tells of
some.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.lazily import parts_of
from monitorlint.index.verdict import Verdict
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.edges import Edges
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Block, Call

_CAUGHT: Final = pattern(rb"\bcatch\s*\(\s*([\w$]+)")
_GIVING: Final = rb"\breturn\s*(?:\{|\[|[\w.]*(?:err|fail|failure|error)\w*\()[^;]{0,300}?\b%s\b"
"""What a handler returns that holds the error: an object, a pair, ``err(error)``."""
_NEAR: Final = 60
_ERROR: Final = re.compile(r"(?:.*\.)?(?:err|error|e|reason|cause|failure)", re.IGNORECASE)


class ToldResults:
    """Finds such functions, and asks all that call them."""

    def __init__(self, project: Project, captures: Captures, edges: Callable[[], Edges]) -> None:
        self._project = project
        self._captures = captures
        self._edges = edges

    def of(self, found: FoundCall) -> Verdict:
        """What the callers of a function tell of the errors that it gives back."""
        view = found.view
        call = view.facts.calls[found.number]
        scope = view.function_of(call.scope)
        if scope <= 0 or self._project.store.loads_by_name or not self._project.is_app(view.path):
            return Verdict(None)
        handler = self._captures.handler_of(view, call, found.match.entry)
        if handler is None or not self._gives(view, view.facts.blocks[handler]):
            return Verdict(None)
        told: Monitor | None = None
        for row in self._edges().all((view.path, scope)):
            if not row.sure or not self._project.is_app(row.call[0].path):
                continue
            told = self._told(*row.call)
            if told is None:
                return Verdict(None)
        if told is None:
            return Verdict(None)
        return Verdict(
            told, (), f"{told.path}:{told.row + 1} is told of some errors that {view.symbol(scope)} gives back"
        )

    def _gives(self, view: FileView, block: Block) -> bool:
        """Whether a handler gives back what it caught."""
        text = self._project.store.text(view.path)
        caught = [
            m for m in _CAUGHT.finditer(text, max(block.start - _NEAR, 0), block.end) if m.start() <= block.start + 8
        ]
        if not caught:
            return False
        return re.search(_GIVING % re.escape(caught[-1][1]), text[block.start : block.end]) is not None

    def _told(self, view: FileView, number: int) -> Monitor | None:
        """What a function that has the result of a call tells a monitor of that."""
        call = view.facts.calls[number]
        function = view.function_of(call.scope)
        held = {row.name for row in view.facts.bindings if any(_is(part, number) for part in parts_of(row.value))}
        for sent, name in self._sent(view):
            if sent.start > call.end and view.function_of(sent.scope) == function:
                given = [a for a in (*sent.args, *sent.kwargs.values()) if isinstance(a, str)]
                if any(a.partition(".")[0] in held and (_ERROR.fullmatch(a) or a in held) for a in given):
                    return Monitor("callers", Level.ERRORS, name, view.path, sent.row)
        return None

    def _sent(self, view: FileView) -> Iterator[tuple[Call, str]]:
        for call, _, path in self._captures.outright(view):
            yield call, path
        for number, call in enumerate(view.facts.calls):
            if call.args and (reporter := self._captures.reporters.called(view, number)) is not None:
                yield call, reporter.path


def _is(part: Expr, number: int) -> bool:
    """Whether an expression is a call."""
    return isinstance(part, (tuple, list)) and part[0] == "call" and part[1] == number
