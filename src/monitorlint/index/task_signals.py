"""Handlers of Celery's signal for tasks that fail: ``@task_failure.connect``, ``task_failure.connect(report)``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.celery_tasks import CeleryTasks
from monitorlint.index.forms import Monitor
from monitorlint.index.values import External
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_SIGNAL: Final = "celery.signals.task_failure.connect"
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

    def around(self, view: FileView, scope: int) -> tuple[Monitor, str] | None:
        """The monitor that is told when the task that a function is fails, and what leaves that in doubt."""
        if not self._tasks.is_task(view, scope):
            return None
        best: tuple[Monitor, str] | None = None
        for monitor in self._handlers:
            doubt = "" if self._auto.holds_in_tasks(monitor.path) else self._auto.doubt_at(monitor.path, view.path)
            if doubt is not None and (best is None or (best[1] and not doubt)):
                best = monitor, doubt
        return best

    @cached_property
    def _handlers(self) -> tuple[Monitor, ...]:
        # What stands for a part of a framework is no file.
        paths = (path for path in sorted(self._auto.beside_monitors) if not path.endswith(")"))
        views = (self._project.view(path) for path in paths if _WORD in self._project.store.text(path))
        return tuple(monitor for view in views if view is not None for monitor in self._in(view))

    def _in(self, view: FileView) -> Iterator[Monitor]:
        for number, scope in enumerate(view.facts.scopes):
            for decorator in scope.decorators:
                connecting = view.callee_of(decorator)
                if tail_of(connecting) != "connect" or not self._is_signal(view, connecting, scope.parent, scope.start):
                    continue
                if name := self._sends(view, ("fn", number), scope.parent, scope.start):
                    yield Monitor("auto", Level.ERRORS, name, view.path, scope.row)
        for number in view.calls_by_tail.get("connect", ()):
            call = view.facts.calls[number]
            is_told = bool(call.args) and self._is_signal(view, call.callee, call.scope, call.start)
            if is_told and (name := self._sends(view, call.args[0], call.scope, call.start)):
                yield Monitor("auto", Level.ERRORS, name, view.path, call.row)

    def _is_signal(self, view: FileView, connecting: Expr, scope: int, offset: int) -> bool:
        values = self._project.resolver.resolve(connecting, view, scope, offset)
        return any(isinstance(value, External) and value.path == _SIGNAL for value in values)
