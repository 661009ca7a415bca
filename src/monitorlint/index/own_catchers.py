"""Decorators and context managers that send, or keep, what they catch: the project's own, and those of loggers.

``@reported`` of a function that runs what it decorates in a ``try``, ``with reporting():`` of one with a ``try`` around
its ``yield``, or of a class whose ``__exit__`` is handed the error, ``@logger.catch`` of loguru's: what they are put
around needs no handler.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.captures import Captured, handlers_of
from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, External, Generated, Instance
from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.captures import Captures
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Block, Call

_SUPPRESSING: Final = "contextlib.suppress"
_MANAGERS: Final = frozenset({"contextmanager", "asynccontextmanager"})
_LEAVING: Final = ("__exit__", "__aexit__")
_YIELD: Final = pattern(rb"^[ \t]*(?:[\w.]+[ \t]*=[ \t]*)?\(?(?:await[ \t]+)?yield\b", re.MULTILINE)
_ASKED: Final = pattern(rb"if[ \t]+\(?(\w+)(?:[ \t]+is[ \t]+not[ \t]+None)?\)?[ \t]*:[^\n]*\n?[ \t]*$")
_ALL: Final[tuple[list[Expr], ...]] = ([], ["Exception"], ["BaseException"])
_PARTLY: Final = frozenset({"exception", "exclude", "level"})
_MAX_DECORATORS: Final = 8


class OwnCatchers:
    """Finds them, and what they send by."""

    def __init__(self, project: Project, auto: AutoInstrumentation, captures: Captures) -> None:
        self._project = project
        self._auto = auto
        self._captures = captures
        self._memo: dict[tuple[object, str], Captured | None] = {}
        self._decorating: dict[tuple[str, int, str], Captured | None] = {}
        self._keeping: dict[tuple[str, int, str], bool] = {}

    def keeps(self, view: FileView, at: int, call: Call, entry: Entry) -> bool:
        """Whether the decorator of a call's function, or the ``with`` that a block is, keeps what the call raises."""
        block = view.facts.blocks[at]
        is_with = block.kind == "with" and bool(block.items)
        is_own = block.kind == "body" and block.scope != 0 and block.scope == view.function_of(call.scope)
        if not is_with and not (is_own and view.facts.scopes[block.scope].decorators):
            return False
        key = (view.path, at, entry.package)
        if key not in self._keeping:
            self._keeping[key] = False
            self._keeping[key] = (
                any(self._is_kept_by(view, item, block, entry) for item in block.items)
                if is_with
                else self._is_kept_around(view, block.scope, entry)
            )
        return self._keeping[key]

    def _is_kept_around(self, view: FileView, scope: int, entry: Entry) -> bool:
        here = view.facts.scopes[scope]
        for decorator in here.decorators[:_MAX_DECORATORS] if not here.is_generator else ():
            values = self._project.resolver.resolve(decorator, view, here.parent, here.start)
            functions = [v for v in values if isinstance(v, Defined)]
            if functions and all(self._swallows(f, entry, waits=here.is_async) for f in functions):
                return True
        return False

    def _swallows(self, function: Defined, entry: Entry, *, waits: bool) -> bool:
        """Whether a decorator keeps whatever the function raises that it runs."""
        there = self._project.view(function.file)
        runs = self._captures.catching.runs(function, 0, waits=waits) if there is not None else []
        return there is not None and bool(runs) and all(self._captures.swallowed(there, c, entry) for c in runs)

    def _is_kept_by(self, view: FileView, item: Expr, block: Block, entry: Entry) -> bool:
        for value in self._project.resolver.resolve(view.callee_of(item), view, block.scope, block.start):
            if isinstance(value, External) and value.path == _SUPPRESSING and isinstance(item, (tuple, list)):
                types = view.facts.calls[item[1]].args if item[0] == "call" else []
                if any(self._captures.is_base(view, block.scope, block.start, t, entry) for t in types):
                    return True
        for value in self._project.resolver.resolve(item, view, block.scope, block.start):
            there = self._project.view(value.file) if isinstance(value, Generated) else None
            if there is not None and isinstance(value, Generated) and _is_manager(there, value.scope):
                tried = list(self._around_yields(there, value.scope))
                if tried and all(any(self._keeps(there, at, entry) for at in attempts) for attempts in tried):
                    return True
        return False

    def _keeps(self, view: FileView, attempt: int, entry: Entry) -> bool:
        wide = self._wide(view, attempt, entry)
        return wide is not None and self._captures.keeps(view, wide)

    def _wide(self, view: FileView, attempt: int, entry: Entry) -> int | None:
        """The first handler of a ``try`` that sees whatever a call of some package raises there."""
        return next((h for h in handlers_of(view, attempt) if self._captures.is_wide(view, h, entry)), None)

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
            found = [self._captures.catching.run_in(f, 0, entry, waits=here.is_async) for f in functions]
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
        best: Captured | None = None
        for tried in self._around_yields(view, scope):
            wide = (self._wide(view, at, entry) for at in tried)
            found = next(filter(None, (self._captures.sends(view, h) for h in wide if h is not None)), None)
            if found is None:
                return None
            best = best or found
        return best

    def _around_yields(self, view: FileView, scope: int) -> Iterator[list[int]]:
        """The ``try`` blocks around each ``yield`` of a function, the innermost first."""
        here, blocks = view.facts.scopes[scope], view.facts.blocks
        for met in _YIELD.finditer(self._project.store.text(view.path), here.start, here.end):
            yield [
                number
                for number in reversed(range(len(blocks)))
                if blocks[number].kind == "try"
                and blocks[number].scope == scope
                and blocks[number].start <= met.end() <= blocks[number].end
            ]

    def _told_in(self, view: FileView, scope: int) -> Iterator[tuple[Call, Captured]]:
        """The calls of a function that send something by themselves, or by a function of the project."""
        sent = (
            (c, form, path) for c, form, path in self._captures.outright(view) if c.scope == scope and not form.is_taken
        )
        for call, form, path in sent:
            yield call, Captured(Monitor("wrapper", form.level, path, view.path, call.row), None, "")
        for number in view.calls_by_function.get(scope, ()):
            call, reporter = view.facts.calls[number], self._captures.reporters.called(view, number)
            if reporter is not None and call.scope == scope:
                monitor = Monitor("wrapper", reporter.form.level, reporter.path, view.path, call.row)
                yield call, Captured(monitor, None, "")

    def _on_leaving(self, view: FileView, scope: int) -> Captured | None:
        """What the leaving of a ``with`` tells a monitor, of whatever error it is handed."""
        blocks = view.facts.blocks
        names = {param.name.encode() for param in view.facts.scopes[scope].params}
        for call, captured in self._told_in(view, scope):
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
