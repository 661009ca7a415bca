"""What ``from … import *`` brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import Module

if TYPE_CHECKING:
    from monitorlint.index.resolve import Project, Resolver
    from monitorlint.index.values import Values


def brings(project: Project, resolver: Resolver, modules: Values, name: str) -> bool:
    """Whether a name is bound in one of the project's modules, or in one that these import all of.

    A package is not asked: it seems to have any name.
    """
    todo = [m.file for m in modules if isinstance(m, Module)]
    seen: set[str] = set()
    while todo:
        file = todo.pop()
        view = project.view(file) if file not in seen else None
        seen.add(file)
        if view is None:
            continue
        if (0, name) in view.imports or (0, name) in view.bindings:
            return True
        for target in view.starred:
            todo.extend(m.file for m in resolver.imported(view, target) if isinstance(m, Module))
    return False
