"""Functions that are tasks of Celery: by its own decorators, or by one of the project's that gives what those give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.values import Defined, External
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

MAKING: Final = frozenset({"task", "shared_task", "periodic_task"})
"""Decorators that make a task of a function."""


def _is_celery(path: str) -> bool:
    return path.partition(".")[0] == "celery"


class CeleryTasks:
    """Tells which functions are tasks."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._own: dict[Defined, bool] = {}
        """Whether functions of the project make tasks."""
        self._files: dict[str, bool] = {}

    def any_in(self, path: str) -> bool:
        """Whether a file of the application that imports Celery holds a task."""
        if path not in self._files:
            packages = self._project.store.packages(path) if self._project.is_app(path) else ()
            view = self._project.view(path) if any(_is_celery(name) for name in packages) else None
            scopes = view.facts.scopes if view is not None else ()
            self._files[path] = any(self.is_task(view, n) for n in range(len(scopes)))  # type: ignore[arg-type]
        return self._files[path]

    def is_task(self, view: FileView, scope: int) -> bool:
        """Whether a function is a task."""
        here = view.facts.scopes[scope]
        if here.kind != "function" or not here.decorators:
            return False
        return any(
            self._makes(view, making, here.parent, here.start) for making in map(view.callee_of, here.decorators)
        )

    def _makes(self, view: FileView, making: Expr, scope: int, offset: int) -> bool:
        for value in self._project.resolver.resolve(making, view, scope, offset):
            if isinstance(value, External) and tail_of(making) in MAKING and _is_celery(value.path):
                return True
            if isinstance(value, Defined):
                if value not in self._own:
                    # One that gives itself makes nothing by that.
                    self._own[value] = False
                    self._own[value] = any(self._given_by(value))
                if self._own[value]:
                    return True
        return False

    def _given_by(self, function: Defined) -> Iterator[bool]:
        """Whether what a function gives back makes tasks, or is one: ``return shared_task(**options)``."""
        view = self._project.view(function.file)
        here = view.facts.scopes[function.scope] if view is not None else None
        for given in here.returns if here is not None and here.kind == "function" else ():
            making = view.callee_of(view.callee_of(given))  # type: ignore[union-attr]
            if making != given and tail_of(making) in MAKING:
                yield self._makes(view, making, function.scope, here.end)  # type: ignore[arg-type, union-attr]
