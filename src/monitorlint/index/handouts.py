"""Instances of the project's classes that a package is handed, and may call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import External, Instance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key

MAX_ARGUMENTS = 400
"""Arguments that are looked at for an instance of one class."""


class Handouts:
    """Tells where ``__call__`` of an instance may run behind the project's back."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach

    def of(self, keys: Iterable[Key]) -> str:
        """What a package may call behind our back: ``__call__`` of an instance that it is handed."""
        for path, scope in sorted(keys):
            view = self._project.view(path)
            here = view.facts.scopes[scope] if view is not None else None
            if view is None or here is None or here.name != "__call__" or here.parent <= 0:
                continue
            place = self._handing(path, here.parent)
            if place:
                return f"{place} hands it to a package that may call it"
        return ""

    def _handing(self, path: str, owner: int) -> str:
        """Where an instance of a class, or of one that inherits from it, goes to a package."""
        resolver = self._project.resolver
        family = {(path, owner)}
        todo = list(self._project.subclasses(path, owner))
        while todo:
            heir = todo.pop()
            if (heir.file, heir.scope) not in family:
                family.add((heir.file, heir.scope))
                todo.extend(self._project.subclasses(heir.file, heir.scope))
        able = self._reach.importers(path)
        left = MAX_ARGUMENTS
        for view in self._project.views():
            if view.path not in able:
                continue
            for number, call in enumerate(view.facts.calls):
                exprs = [e for e in (*call.args, *call.kwargs.values()) if isinstance(e, str)]
                if not exprs or not any(isinstance(v, External) for v in resolver.callee(view, number)):
                    continue
                left -= len(exprs)
                if left < 0:
                    return ""
                for expr in exprs:
                    for value in resolver.resolve(expr, view, call.scope, call.start):
                        if isinstance(value, Instance) and (value.file, value.scope) in family:
                            return f"{view.path}:{call.row + 1}"
        return ""
