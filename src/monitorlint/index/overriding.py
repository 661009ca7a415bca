"""Methods that classes have of the classes of the project that they inherit from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.heirs import methods_named, overridden
from monitorlint.index.values import Defined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

MAX_HEIRS = 6
"""So many files are read for another class that inherits from one."""
MAX_USERS = 24
"""So many files are looked at for the name of an interface that is there for all."""


class Overriding:
    """Tells which methods a method stands in for, and whether others do, too."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._shared: dict[Defined, bool] = {}
        self._promised: dict[tuple[str, int, str], list[str]] = {}

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(self._project.kept)

    def of(self, view: FileView, scope: int) -> Iterator[Defined]:
        """The methods of the project's base classes that this one overrides: a call of theirs may be one of it."""
        return overridden(self._project, self._project.resolver, view, scope)

    def promised(self, view: FileView, owner: int, name: str) -> list[str]:
        """The files that may call a method by an interface that its class says to follow.

        An interface has no methods to override, and what knows it need not know the class. One that nothing here
        defines is there for all files: then those that name it, and call a method of this name.
        """
        key = (view.path, owner, name)
        if key not in self._promised:
            self._promised[key] = list(self._by_interface(view, owner, name))
        return self._promised[key]

    def _by_interface(self, view: FileView, owner: int, name: str) -> Iterator[str]:
        for base in view.facts.scopes[owner].bases:
            values = self._project.resolver.resolve(base, view, view.facts.scopes[owner].parent, 0)
            kinds = [value for value in values if isinstance(value, Defined)]
            for kind in kinds:
                there = self._project.view(kind.file)
                if there is not None and not any(True for _ in methods_named(there, kind.scope, name)):
                    yield from self._project.store.calling(name, self._reach.knowing(kind.file))
            if values or not isinstance(base, str) or not base.isidentifier():
                continue
            word = base.encode()
            callers = self._project.store.calling(name, self._reach.running_with(view.path))
            yield from (path for path in callers[:MAX_USERS] if word in self._project.store.text(path))

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
