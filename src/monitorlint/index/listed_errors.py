"""Errors that a handler puts into a list, where what is in such a list is sent by whoever gets it.

``catch (error) { errors.push({ message, cause: error }); } return { count, errors };``, and in another file
``for (const one of result.errors) captureException(one.cause);``. Who gets the list is not followed: the two go by
one name, and the verdict is open.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

_PUTTING: Final = frozenset({"push", "append", "unshift", "add"})
_CAPTURING: Final = (b"captureException(", b"capture_exception(")
_LOOPS: Final = pattern(
    rb"\bfor\s*\(\s*(?:const|let|var)\s+(?P<one>\w+)\s+of\s+(?:[\w.?!]*\.)?(?P<all>\w+)\s*\)"
    rb"|\bfor\s+(?P<it>\w+)\s+in\s+(?:[\w.]*\.|[\w.]*\[['\"])?(?P<list>\w+)(?:['\"]\])?\s*:"
    rb"|\b(?P<each>\w+)\??\.(?:forEach|map)\(\s*\(?\s*(?P<given>\w+)"
)
_CAUGHT: Final = pattern(rb"\bcatch\s*\(\s*([\w$]+)|\bexcept\b[^\n:]*\bas\s+(\w+)\s*:")
_NEAR: Final = 160
_BODY: Final = 600
"""Bytes behind the head of a loop in which what it sends stands."""


class ListedErrors:
    """Knows the names of lists of errors that are sent."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, view: FileView, handler: int) -> tuple[Monitor, str] | None:
        """What a handler puts what it caught into a list by, and what is in doubt."""
        block = view.facts.blocks[handler]
        putting = [
            call
            for tail in _PUTTING & view.calls_by_tail.keys()
            for number in view.calls_by_tail[tail]
            if block.start <= (call := view.facts.calls[number]).start < block.end and isinstance(call.callee, str)
        ]
        if not putting:
            return None
        text = self._project.store.text(view.path)
        heads = _CAUGHT.finditer(text, max(block.start - _NEAR, 0), block.start + _NEAR)
        caught = [m[1] or m[2] for m in heads if m.start() <= block.start][-1:]
        for call in putting if caught else ():
            name = tail_of(str(call.callee).rpartition(".")[0])
            if not re.search(rb"\b%s\b" % re.escape(caught[0]), text[call.start : call.end]):
                continue
            if place := self._sent.get(name):
                monitor = Monitor("wrapper", Level.ERRORS, str(call.callee), view.path, call.row)
                return monitor, f"{place} sends what is in {name}, and who gets this one is not followed"
        return None

    @cached_property
    def _sent(self) -> dict[str, str]:
        """The names of lists, with a file that sends what is in one."""
        return {name: path for path, name in sorted(self._find(), reverse=True)}

    def _find(self) -> Iterator[tuple[str, str]]:
        for view in self._project.views():
            text = self._project.store.text(view.path)
            if not self._project.is_app(view.path) or not any(word in text for word in _CAPTURING):
                continue
            for loop in _LOOPS.finditer(text):
                one = loop["one"] or loop["it"] or loop["given"]
                name = loop["all"] or loop["list"] or loop["each"]
                sending = rb"(?:captureException|capture_exception)\(\s*[^;\n]{0,60}\b%s\b" % re.escape(one)
                if re.compile(sending).search(text, loop.end(), loop.end() + _BODY):
                    yield view.path, name.decode()
