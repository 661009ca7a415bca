"""What is called behind our back: instances that a package is handed, and functions that elements of a page have.

Elements are in no facts: their text tells of ``<button onClick={load}>``, ``on:click={load}`` and ``@click="load"``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.index.values import External, Instance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key
    from monitorlint.index.view import FileView

MAX_ARGUMENTS = 400
"""Arguments that are looked at for an instance of one class."""


class Handouts:
    """Tells where ``__call__`` of an instance may run behind the project's back."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach

    def of(self, keys: Iterable[Key]) -> str:
        """What calls one of some functions behind our back: ``__call__`` of an instance, or a handler of an element."""
        for path, scope in sorted(keys):
            view = self._project.view(path)
            here = view.facts.scopes[scope] if view is not None else None
            if view is None or here is None:
                continue
            if here.kind == "function" and (row := self._element(view, scope)):
                return f"an element has it for its handler, see {path}:{row}"
            if here.name != "__call__" or here.parent <= 0:
                continue
            place = self._handing(path, here.parent)
            if place:
                return f"{place} hands it to a package that may call it"
        return ""

    def _element(self, view: FileView, scope: int) -> int:
        """The 1-based row of an element that has a function for the handler of an event; 0: none in its file."""
        here = view.facts.scopes[scope]
        text = self._project.store.text(view.path)
        name = here.name.encode()
        if not here.name.isidentifier() or (b"={%s}" % name not in text and b'="%s' % name not in text):
            return 0
        around = view.facts.scopes[here.parent]
        handler = rb"""\s(?:on[:A-Za-z][\w:|]*=\{%s\}|@[\w.:-]+="%s(?:\(\))?")""" % (name, name)
        found = re.compile(handler).search(text, around.start, around.end if here.parent else len(text))
        return text.count(b"\n", 0, found.end()) + 1 if found is not None else 0

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
