"""Decorators and context managers that send what they catch: the project's own, and those of loggers.

``@reported`` of a function that runs what it decorates in a ``try``, ``with reporting():`` of one with a ``try`` around
its ``yield``, or of a class whose ``__exit__`` is handed the error, ``@logger.catch`` of loguru's: what they are put
around needs no handler.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.captures import Captured
from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, External, Generated, Instance
from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.catching import Catching
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Block, Call

_MANAGERS: Final = frozenset({"contextmanager", "asynccontextmanager"})
_LEAVING: Final = ("__exit__", "__aexit__")
_YIELD: Final = pattern(rb"^[ \t]*(?:[\w.]+[ \t]*=[ \t]*)?\(?(?:await[ \t]+)?yield\b", re.MULTILINE)
_ASKED: Final = pattern(rb"if[ \t]+\(?(\w+)(?:[ \t]+is[ \t]+not[ \t]+None)?\)?[ \t]*:[^\n]*\n?[ \t]*$")
_ALL: Final[tuple[list[Expr], ...]] = ([], ["Exception"], ["BaseException"])
_PARTLY: Final = frozenset({"exception", "exclude", "level"})
_MAX_DECORATORS: Final = 8


class OwnCatchers:
    """Finds them, and what they send by."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        catching: Catching,
        caught: Callable[[FileView, int, Entry], Captured | None],
        told: Callable[[FileView, int], Iterator[tuple[Call, Captured]]],
    ) -> None:
        """Take what is asked of a ``try`` block (who sends what it catches) and of a function (what it tells).

        :param caught: Of the block with a number; None: nobody surely does.
        :param told: Of the function with the number of a scope: calls that send by themselves, wherever they stand.
        """
        self._project = project
        self._auto = auto
        self._catching = catching
        self._caught = caught
        self._told = told
        self._memo: dict[tuple[object, str], Captured | None] = {}
        self._decorating: dict[tuple[str, int, str], Captured | None] = {}

    def decorating(self, view: FileView, scope: int, entry: Entry) -> Captured | None:
        """The handler in a decorator of a function, in which that runs; None where none surely sends."""
        key = (view.path, scope, entry.package)
        if key not in self._decorating:
            self._decorating[key] = None
            self._decorating[key] = self._find_decorating(view, scope, entry)
        return self._decorating[key]

    def _find_decorating(self, view: FileView, scope: int, entry: Entry) -> Captured | None:
        here = view.facts.scopes[scope]
        for decorator in reversed(here.decorators[:_MAX_DECORATORS]):
            if (logged := self._by_logger(view, decorator, here.parent, here.start, here.row)) is not None:
                return logged
            if here.is_generator:
                # It raises when it is read, and a decorator of the project's has returned by then.
                continue
            values = self._project.resolver.resolve(decorator, view, here.parent, here.start)
            functions = [v for v in values if isinstance(v, Defined)]
            found = [self._catching.run_in(f, 0, entry, waits=here.is_async) for f in functions]
            found.extend(self._of(v, entry) for v in values if isinstance(v, Generated) and not here.is_async)
            sure = [captured for captured in found if captured is not None]
            if sure and len(sure) == len(values):
                return max(sure, key=lambda captured: bool(captured.doubt))
        return None

    def entered(self, view: FileView, block: Block, entry: Entry) -> Captured | None:
        """What one of the context managers of a ``with`` sends what is raised in that by."""
        for item in reversed(block.items):
            if (logged := self._by_logger(view, item, block.scope, block.start, block.row)) is not None:
                return logged
            for value in self._project.resolver.resolve(item, view, block.scope, block.start):
                if isinstance(value, (Generated, Instance)):
                    key = (value, entry.package)
                    if key not in self._memo:
                        self._memo[key] = None
                        self._memo[key] = self._of(value, entry)
                    if (found := self._memo[key]) is not None:
                        return found
        return None

    def _by_logger(self, view: FileView, expr: Expr, scope: int, offset: int, row: int) -> Captured | None:
        """What a logger that catches by itself tells a monitor that takes on what is logged."""
        callee = view.callee_of(expr)
        if not self._catches or tail_of(callee) not in self._catches:
            return None
        call = view.facts.calls[expr[1]] if isinstance(expr, (tuple, list)) and expr[0] == "call" else None
        # One that is told which errors, or how loud to be, may leave out some.
        if call is not None and (call.spread or call.args[:1] not in _ALL or not _PARTLY.isdisjoint(call.kwargs)):
            return None
        for value in self._project.resolver.resolve(callee, view, scope, offset):
            for form in self._project.catalogue.captures(value.path) if isinstance(value, External) else ():
                running = self._auto.takes_on(form, view.path) if form.catches else None
                if running is not None:
                    name = form.member.rpartition(".")[0] or form.member
                    monitor = Monitor("wrapper", form.level, name, view.path, row)
                    return Captured(monitor, (running[0].path, running[0].row), running[1])
        return None

    @cached_property
    def _catches(self) -> frozenset[str]:
        """The last names of loggers' methods that catch by themselves."""
        forms = (form for form in self._project.catalogue.log_captures if form.catches)
        return frozenset(form.path.rpartition(".")[2] for form in forms)

    def _of(self, value: Generated | Instance, entry: Entry) -> Captured | None:
        view = self._project.view(value.file)
        if view is None:
            return None
        if isinstance(value, Generated):
            return self._around_yield(view, value.scope, entry) if _is_manager(view, value.scope) else None
        for method in _LEAVING:
            for row in view.members.get(value.scope, {}).get(method, ()):
                if isinstance(row.value, (tuple, list)) and row.value[0] == "fn":
                    return self._on_leaving(view, row.value[1])
        return None

    def _around_yield(self, view: FileView, scope: int, entry: Entry) -> Captured | None:
        """The handler around every ``yield`` of a function."""
        here, blocks = view.facts.scopes[scope], view.facts.blocks
        text = self._project.store.text(view.path)
        best: Captured | None = None
        for met in _YIELD.finditer(text, here.start, here.end):
            tried = (
                number
                for number, block in enumerate(blocks)
                if block.kind == "try" and block.scope == scope and block.start <= met.end() <= block.end
            )
            found = next(filter(None, (self._caught(view, at, entry) for at in tried)), None)
            if found is None:
                return None
            best = best or found
        return best

    def _on_leaving(self, view: FileView, scope: int) -> Captured | None:
        """What the leaving of a ``with`` tells a monitor, of whatever error it is handed."""
        blocks = view.facts.blocks
        names = {param.name.encode() for param in view.facts.scopes[scope].params}
        for call, captured in self._told(view, scope):
            around = view.blocks_around(call)
            block = blocks[around[0]]
            if block.kind == "if" and blocks[block.parent].kind == "body":
                text = self._project.store.text(view.path)[max(0, block.start - 200) : block.start]
                asked = _ASKED.search(text[text.rfind(b"if ") :])
                if asked is not None and asked[1] in names:
                    return captured
            elif block.kind == "body" and block.scope == scope:
                return captured
        return None


def _is_manager(view: FileView, scope: int) -> bool:
    return not _MANAGERS.isdisjoint(view.decorator_names(scope))
