"""Handlers of Celery's signal for tasks that fail: ``@task_failure.connect``, ``task_failure.connect(report)``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.celery_tasks import CeleryTasks
from monitorlint.index.forms import Monitor
from monitorlint.index.mentions import mentioning
from monitorlint.index.values import External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_SIGNAL: Final = "celery.signals.task_failure.connect"
_SENDER: Final = "sender"
"""The argument that names the only task of which a handler is told."""
_WORD: Final = b"task_failure"


class TaskSignals:
    """Finds the handlers, and what they hear of."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        sends: Callable[[FileView, Expr, int, int], str],
    ) -> None:
        """Take what is asked of a handler (an expression): what it tells a monitor by (``""``: nothing)."""
        self._project = project
        self._auto = auto
        self._sends = sends
        self._tasks = CeleryTasks(project)

    def around(self, view: FileView, call: Call) -> Verdict:
        """The handler that is told when the task fails in which a call stands."""
        best = Verdict(None)
        for monitor in self._handlers if self._tasks.is_task(view, view.function_of(call.scope)) else ():
            doubt = "" if self._auto.holds_in_tasks(monitor.path) else self._auto.doubt_at(monitor.path, view.path)
            if doubt is not None and (best.monitor is None or (best.undecided and not doubt)):
                best = Verdict(monitor, (), doubt)
        return best

    @property
    def anywhere(self) -> bool:
        """Whether the application has such a handler."""
        return bool(self._handlers)

    @cached_property
    def _handlers(self) -> tuple[Monitor, ...]:
        views = mentioning(self._project, self._auto, _WORD)
        return tuple(monitor for view in views for monitor in self._in(view))

    def _in(self, view: FileView) -> Iterator[Monitor]:
        for number, scope in enumerate(view.facts.scopes):
            for decorator in scope.decorators:
                connecting = view.callee_of(decorator)
                is_told = tail_of(connecting) == "connect" and not _is_for_one(view, decorator)
                if not is_told or not self._is_signal(view, connecting, scope.parent, scope.start):
                    continue
                if name := self._sends(view, ("fn", number), scope.parent, scope.start):
                    yield Monitor("auto", Level.ERRORS, name, view.path, scope.row)
        for number in view.calls_by_tail.get("connect", ()):
            call = view.facts.calls[number]
            is_told = (
                bool(call.args)
                and _SENDER not in call.kwargs
                and self._is_signal(view, call.callee, call.scope, call.start)
            )
            if is_told and (name := self._sends(view, call.args[0], call.scope, call.start)):
                yield Monitor("auto", Level.ERRORS, name, view.path, call.row)

    def _is_signal(self, view: FileView, connecting: Expr, scope: int, offset: int) -> bool:
        values = self._project.resolver.resolve(connecting, view, scope, offset)
        return any(isinstance(value, External) and value.path == _SIGNAL for value in values)


def _is_for_one(view: FileView, decorator: Expr) -> bool:
    """Whether a decorator that connects a handler names the task of which it is told."""
    is_call = isinstance(decorator, (tuple, list)) and decorator[0] == "call"
    return is_call and _SENDER in view.facts.calls[decorator[1]].kwargs  # type: ignore[index]
