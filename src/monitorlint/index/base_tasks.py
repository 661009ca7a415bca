"""Classes that tasks of Celery and commands of oclif are made from, which tell a monitor of what one raises.

``@app.task(base=Reporting)``, where ``Reporting`` is a ``Task`` with an ``on_failure``, or with a handler around the
call of the task in its ``__call__``. ``class Pull extends Reporting``, where ``Reporting`` is a ``Command`` with a
``catch``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.celery_tasks import MAKING
from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, External
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.captures import Captures
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

_RUNNING = frozenset({"__call__", "run"})
_TASKS = ("celery.Task", "celery.app.task.Task", "celery.task.Task", "celery.Celery().Task")
_COMMANDS = ("@oclif/core.Command", "@oclif/command.Command", "@oclif/command.default")
_TOLD = ("on_failure", "catch")
"""Methods of these that are handed what was raised."""


class BaseTasks:
    """Finds them, and what they tell."""

    def __init__(self, project: Project, captures: Captures, sends: Callable[[FileView, int], str]) -> None:
        """Take what is asked of a function: what it tells a monitor by (``""``: nothing)."""
        self._project = project
        self._captures = captures
        self._sends = sends
        self._told: dict[Defined, Monitor | None] = {}

    def around(self, view: FileView, call: Call, entry: Entry) -> Monitor | None:
        """The monitor that hears of what a call raises in the task that it stands in."""
        for owner in self._classes(view, view.function_of(call.scope)):
            if owner not in self._told:
                self._told[owner] = self._on_failure(owner)
            found = self._told[owner] or self._in_call(owner, entry)
            if found is not None:
                return found
        return None

    def _classes(self, view: FileView, scope: int) -> Iterator[Defined]:
        """The project's classes that a function is a task of."""
        here = view.facts.scopes[scope]
        for decorator in here.decorators:
            making = (
                view.facts.calls[decorator[1]]
                if isinstance(decorator, (tuple, list)) and decorator[0] == "call"
                else None
            )
            if making is not None and tail_of(making.callee) in MAKING and "base" in making.kwargs:
                values = self._project.resolver.resolve(making.kwargs["base"], view, here.parent, here.start)
                yield from (value for value in values if isinstance(value, Defined))
        if here.name == "run" and view.facts.scopes[here.parent].kind == "class":
            owner = Defined(view.path, here.parent)
            if self._is_task(owner):
                yield owner

    def _is_task(self, owner: Defined) -> bool:
        todo, seen = [owner], {owner}
        while todo:
            here = todo.pop()
            for base in self._project.resolver.bases(here.file, here.scope):
                if isinstance(base, External) and base.path in (*_TASKS, *_COMMANDS):
                    return True
                if isinstance(base, Defined) and base not in seen:
                    seen.add(base)
                    todo.append(base)
        return False

    def _methods(self, owner: Defined, name: str) -> Iterator[tuple[FileView, int]]:
        for value in self._project.resolver.attribute(owner, name):
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is not None and isinstance(value, Defined):
                yield there, value.scope

    def _on_failure(self, owner: Defined) -> Monitor | None:
        for view, scope in (method for name in _TOLD for method in self._methods(owner, name)):
            name = self._sends(view, scope)
            if name:
                return Monitor("auto", Level.ERRORS, name, view.path, view.facts.scopes[scope].row)
        return None

    def _in_call(self, owner: Defined, entry: Entry) -> Monitor | None:
        """The handler around the call of the task."""
        for view, scope in self._methods(owner, "__call__"):
            for number in view.calls_by_function.get(scope, ()):
                call = view.facts.calls[number]
                sent = self._captures.around(view, call, entry) if tail_of(call.callee) in _RUNNING else None
                if sent is not None and not sent.doubt:
                    return sent.monitor._replace(how="auto")
        return None
