"""Methods that classes have of the classes of the project that they inherit from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.heirs import overridden
from monitorlint.index.values import Defined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

MAX_HEIRS = 6
"""So many files are read for another class that inherits from one."""


class Overriding:
    """Tells which methods a method stands in for, and whether others do, too."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._shared: dict[Defined, bool] = {}

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(self._project.kept)

    def of(self, view: FileView, scope: int) -> Iterator[Defined]:
        """The methods of the project's base classes that this one overrides: a call of theirs may be one of it."""
        return overridden(self._project, self._project.resolver, view, scope)

    def is_shared(self, method: Defined) -> bool:
        """Whether several classes inherit from the one that a method belongs to."""
        view = self._project.view(method.file)
        owner = Defined(method.file, view.facts.scopes[method.scope].parent) if view is not None else None
        if view is None or owner is None or owner.scope <= 0:
            return False
        if owner not in self._shared:
            heirs = set(self._project.subclasses(*owner))
            # Classes that do nothing of interest lie in files that are not looked through.
            self._shared[owner] = len(heirs) > 1 or (len(heirs) == 1 and self._has_heirs_beside(view, owner))
        return self._shared[owner]

    def _has_heirs_beside(self, view: FileView, owner: Defined) -> bool:
        """Whether a class inherits from one in a file that is not looked through: it does nothing of interest."""
        name = view.facts.scopes[owner.scope].name
        near = self._reach.directly_importing(view.path) - self._kept
        is_app = self._project.is_app(view.path)
        paths = [p for p in self._project.store.importing(name, near) if self._project.is_app(p) or not is_app]
        for path in paths[:MAX_HEIRS]:
            there = self._project.view(path)
            for number, scope in enumerate(there.facts.scopes) if there is not None else ():
                if scope.bases and owner in self._project.resolver.bases(path, number):
                    return True
        return False
