"""What the classes that inherit from one make of its methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import Defined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.resolve import Project, Resolver
    from monitorlint.index.values import Value
    from monitorlint.index.view import FileView

MAX_HEIRS = 20
"""What so many classes give is asked for; a method that more of them override says little of any."""


def given_by_heirs(project: Project, resolver: Resolver, method: Defined) -> Iterator[Value]:
    """What an abstract method gives: that which the classes of the project give that have one of its name.

    Abstract is what returns nothing: its body is a docstring, ``raise NotImplementedError`` or ``...``.
    """
    view = project.view(method.file)
    if view is None:
        return
    here = view.facts.scopes[method.scope]
    if here.returns or here.parent <= 0 or view.facts.scopes[here.parent].kind != "class":
        return
    seen = {Defined(method.file, here.parent)}
    todo = list(seen)
    while todo and len(seen) <= MAX_HEIRS:
        for heir in project.subclasses(*todo.pop()):
            there = project.view(heir.file)
            if heir in seen or there is None:
                continue
            seen.add(heir)
            own = list(methods_named(there, heir.scope, here.name))
            for overriding in own:
                yield from resolver.returned(overriding)
            if not own:
                todo.append(heir)


def overridden(project: Project, resolver: Resolver, view: FileView, scope: int) -> Iterator[Defined]:
    """The methods of the project's base classes that a method overrides: a call of theirs may be one of it."""
    here = view.facts.scopes[scope]
    if here.parent <= 0 or view.facts.scopes[here.parent].kind != "class":
        return
    todo = [v for v in resolver.bases(view.path, here.parent) if isinstance(v, Defined)]
    seen: set[Defined] = set()
    while todo:
        base = todo.pop()
        if base in seen:
            continue
        seen.add(base)
        there = project.view(base.file)
        if there is None:
            continue
        yield from methods_named(there, base.scope, here.name)
        todo.extend(v for v in resolver.bases(base.file, base.scope) if isinstance(v, Defined))


def methods_named(view: FileView, scope: int, name: str) -> Iterator[Defined]:
    """The methods of a name that stand in a class itself."""
    for row in view.members.get(scope, {}).get(name, ()):
        if row.how == "def" and isinstance(row.value, (tuple, list)):
            yield Defined(view.path, row.value[1])
