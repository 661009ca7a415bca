"""What an application keeps for its handlers: ``app.state.client = …`` is ``request.app.state.client`` elsewhere."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitorlint.index.resolve import Project, Resolver
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Binding

_STATE = ".state."


class States:
    """Resolves the attributes of states, for a resolver."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project = project
        self._resolver = resolver

    def of(self, text: str) -> tuple[Values, str]:
        """What is kept under the name that follows ``.state.`` in a dotted path, and the rest of the path."""
        name, _, rest = text.partition(_STATE)[2].partition(".")
        key = ("state", name)
        return (self._resolver.once(key, lambda: self._bound(name)) if name in self._kept else ()), rest

    def _bound(self, name: str) -> list[Value]:
        return [value for view, row in self._kept[name] for value in self._resolver.bound(view, row)]

    @cached_property
    def _kept(self) -> dict[str, list[tuple[FileView, Binding]]]:
        """What the project's files assign to attributes of a state, by their name."""
        table: dict[str, list[tuple[FileView, Binding]]] = defaultdict(list)
        for view in self._project.views():
            for row in view.facts.bindings:
                _, found, name = row.name.partition(_STATE)
                if found and name.isidentifier():
                    table[name].append((view, row))
        return dict(table)
