"""Tasks of an event loop whose errors somebody asks for later, and tells a monitor.

``worker = asyncio.create_task(work())``, and elsewhere ``capture_exception(worker.exception())``. Which tasks are asked
is told by what keeps them, and that is not looked at: nothing is proved by it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.mentions import mentioning
from monitorlint.index.values import Defined
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_ASKING: Final = "exception"
_WAITING: Final = frozenset({"run", "run_until_complete", "run_coroutine_threadsafe"})
"""What a coroutine is handed to that raises what it raises, at once or when it is asked for its result."""


class WatchedTasks:
    """Finds where tasks are asked, and what may be one of them."""

    def __init__(self, project: Project, auto: AutoInstrumentation, captured: Callable[[FileView, int], str]) -> None:
        """Take what is asked of a call: what it tells a monitor by (``""``: nothing)."""
        self._project = project
        self._auto = auto
        self._captured = captured

    @cached_property
    def askers(self) -> tuple[Monitor, ...]:
        """Where the application asks tasks for their errors, and sends these."""
        views = mentioning(self._project, self._auto, b".exception()")
        return tuple(asker for view in views for asker in self._in(view))

    def doubt_of(self, monitor: Monitor) -> str:
        """What leaves in doubt that such a monitor hears of a task; ``""``: it is none of these."""
        if not any((a.name, a.path, a.row) == (monitor.name, monitor.path, monitor.row) for a in self.askers):
            return ""
        return f"{monitor.path}:{monitor.row + 1} asks tasks for what they raise, perhaps not all"

    def around(self, view: FileView, number: int) -> Verdict:
        """What may be told of what a coroutine raises that a call makes: one that is handed on, and not awaited."""
        call = view.facts.calls[number]
        if not self.askers or call.parent < 0 or call.flags & CallFlag.AWAITED:
            return Verdict(None)
        outer = view.facts.calls[call.parent]
        if outer.flags & CallFlag.AWAITED or tail_of(outer.callee) in _WAITING or not self._is_coroutine(view, number):
            return Verdict(None)
        for asker in self.askers:
            if self._auto.doubt_at(asker.path, view.path) is not None:
                return Verdict(asker, (), self.doubt_of(asker))
        return Verdict(None)

    def _is_coroutine(self, view: FileView, number: int) -> bool:
        for value in self._project.resolver.callee(view, number):
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is not None and isinstance(value, Defined) and there.facts.scopes[value.scope].is_async:
                return True
        return False

    def _in(self, view: FileView) -> Iterator[Monitor]:
        asking = set(view.calls_by_tail.get(_ASKING, ()))
        names = {
            (row.scope, row.name)
            for row in view.facts.bindings
            if _call_of(row.value) in asking and row.how == "assign"
        }
        for number, call in enumerate(view.facts.calls):
            first = call.args[0] if call.args else None
            is_asked = _call_of(first) in asking or (isinstance(first, str) and (call.scope, first) in names)
            if is_asked and (name := self._captured(view, number)):
                yield Monitor("wrapper", Level.ERRORS, name, view.path, call.row)


def _call_of(expr: Expr) -> int:
    """The number of the call that an expression is; -1: it is none."""
    return expr[1] if isinstance(expr, (tuple, list)) and expr and expr[0] == "call" else -1
