"""What is told of the jobs of Nest's queues that fail: methods of the class that works on them, or of another one.

``@OnWorkerEvent('failed')`` is told of the jobs of its own class, as each has a worker of its own. ``@OnQueueFailed()``
of Bull is told of all jobs of the queue in its process, ``@OnGlobalQueueFailed()`` and BullMQ's
``@QueueEventsListener(queue)`` with ``@OnQueueEvent('failed')`` of those of other processes, too.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.jobs import PROCESSOR, nest_job
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.captures import Captures
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_OWN: Final = frozenset({"OnWorkerEvent", "OnQueueFailed", "OnGlobalQueueFailed"})
_HERE: Final = frozenset({"OnQueueFailed"})
_ANYWHERE: Final = frozenset({"OnGlobalQueueFailed", "OnQueueEvent", "OnGlobalQueueEvent"})
_NAMED: Final = frozenset({"OnWorkerEvent", "OnQueueEvent", "OnGlobalQueueEvent"})
"""Decorators that are handed the name of the event."""
_FAILED: Final = "failed"
"""The event of a job that fails; ``error`` is one of the connection."""
_LISTENING: Final = (PROCESSOR, "QueueEventsListener")
"""Decorators of classes, which are handed the queue."""
_NAME: Final = "name"


class _Listener(NamedTuple):
    monitor: Monitor
    queue: tuple[str, int, Expr]
    """The file, the number of the call of the decorator, and what that is handed."""
    is_anywhere: bool
    """It is told of the jobs of other processes, too."""


class QueueListeners:
    """Finds them."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        captures: Captures,
        paths: tuple[str, ...],
        told_in: Callable[[FileView, int], str],
    ) -> None:
        """Take the files that may have a monitor in their hands, and what tells what a function calls to tell one."""
        self._project = project
        self._auto = auto
        self._captures = captures
        self._paths = paths
        self._told_in = told_in

    def of(self, view: FileView, scope: int) -> Verdict:
        """What is told of what a job raises that a method works on."""
        scopes = view.facts.scopes
        here = scopes[scope]
        is_job = here.name == "process" or "Process" in view.decorator_names(scope)
        if scope <= 0 or not is_job or scopes[here.parent].kind != "class":
            return Verdict(None)
        for number, other in enumerate(scopes):
            if other.parent == here.parent and _tells(view, number, _OWN) and (name := self._told_in(view, number)):
                return Verdict(Monitor("auto", Level.ERRORS, name, view.path, other.row))
        return (
            self._of_others(view, here.parent)
            if self._listeners and nest_job(self._project, view, scope)[0]
            else Verdict(None)
        )

    def _of_others(self, view: FileView, owner: int) -> Verdict:
        best = Verdict(None)
        queue = _queue(view, owner, _LISTENING[:1])
        for told in self._listeners if queue is not None else ():
            if queue is None or not self._is_same(told.queue, queue):
                continue
            monitor = told.monitor
            doubt = "" if told.is_anywhere else self._auto.doubt_at(monitor.path, view.path)
            if doubt is not None and (best.monitor is None or (best.undecided and not doubt)):
                best = Verdict(monitor, (), doubt or self._captures.doubt_of(monitor.name))
        return best

    @cached_property
    def _listeners(self) -> tuple[_Listener, ...]:
        return tuple(self._find())

    def _find(self) -> Iterator[_Listener]:
        words = (*_HERE, *_ANYWHERE)
        for path in self._paths:
            text = self._project.store.text(path)
            view = self._project.view(path) if any(f"@{word}".encode() in text for word in words) else None
            for number, scope in enumerate(view.facts.scopes) if view is not None else ():
                if view is None or not _tells(view, number, _HERE | _ANYWHERE):
                    continue
                queue, name = _queue(view, scope.parent, _LISTENING), self._told_in(view, number)
                if queue is not None and name:
                    is_anywhere = not _HERE.intersection(view.decorator_names(number))
                    yield _Listener(Monitor("auto", Level.ERRORS, name, path, scope.row), queue, is_anywhere)

    def _is_same(self, one: tuple[str, int, Expr], other: tuple[str, int, Expr]) -> bool:
        texts = [queue[2][1] for queue in (one, other) if isinstance(queue[2], (tuple, list)) and queue[2][0] == "lit"]
        if texts:
            return len(texts) > 1 and texts[0] == texts[1]
        values = [self._resolved(*queue) for queue in (one, other)]
        return bool(values[0]) and not values[0].isdisjoint(values[1])

    def _resolved(self, path: str, number: int, expr: Expr) -> frozenset[str]:
        """What a queue may be called, or is named by: the same constant is the same queue."""
        view = self._project.view(path)
        if view is None:
            return frozenset()
        call = view.facts.calls[number]
        return frozenset(map(repr, self._project.resolver.resolve(expr, view, call.scope, call.start)))


def _tells(view: FileView, scope: int, names: frozenset[str]) -> bool:
    """Whether a method is told of jobs that fail, by a decorator of these."""
    for decorator in view.facts.scopes[scope].decorators:
        name = tail_of(view.callee_of(decorator))
        if name not in names:
            continue
        call = _call(view, decorator)
        first = call.args[0] if call is not None and call.args else None
        # What is no text is a constant, mostly of an enumeration; what it is called says enough.
        event = first[1] if isinstance(first, (tuple, list)) and first[0] == "lit" else str(first).lower()
        if name not in _NAMED or _FAILED in str(event):
            return True
    return False


def _queue(view: FileView, owner: int, names: tuple[str, ...]) -> tuple[str, int, Expr] | None:
    """The queue that a class works on, or listens to."""
    for decorator in view.facts.scopes[owner].decorators if view.facts.scopes[owner].kind == "class" else ():
        call = _call(view, decorator)
        if call is not None and tail_of(call.callee) in names and isinstance(decorator, (tuple, list)):
            expr = call.kwargs.get(_NAME, call.args[0] if call.args else None)
            return (view.path, decorator[1], expr) if expr is not None else None
    return None


def _call(view: FileView, decorator: Expr) -> Call | None:
    is_call = isinstance(decorator, (tuple, list)) and bool(decorator) and decorator[0] == "call"
    return view.facts.calls[decorator[1]] if is_call else None  # type: ignore[index]
