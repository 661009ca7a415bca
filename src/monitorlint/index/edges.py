"""The calls of a function, each with the monitor around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.given_away import GivenAway
from monitorlint.index.lazily import names
from monitorlint.index.runners import Runners
from monitorlint.index.steps import Caller, Key
from monitorlint.index.verdict import higher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.around import Around
    from monitorlint.index.callers import CallGraph
    from monitorlint.index.handlers import Handlers
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView


class Edges:
    """Calls of functions: they are looked for as they are asked for."""

    def __init__(self, project: Project, reach: Reach, graph: CallGraph, around: Around, handlers: Handlers) -> None:
        self._project = project
        self._graph = graph
        self._around = around
        self._handlers = handlers
        self._runners = Runners(project, around)
        self.given = GivenAway(project, reach, graph)
        self._known: dict[Key, tuple[list[Caller], Iterator[Caller]]] = {}

    def caller(self, key: Key, number: int) -> Caller | None:
        """Caller ``number`` of a function; None when there are no more."""
        if key not in self._known:
            self._known[key] = ([], self._find(key))
        rows, more = self._known[key]
        while len(rows) <= number:
            row = next(more, None)
            if row is None:
                return None
            rows.append(row)
        return rows[number]

    def all(self, key: Key) -> list[Caller]:
        """All callers of a function, whoever has asked for some of them before."""
        if key not in self._known:
            self._known[key] = ([], self._find(key))
        rows, more = self._known[key]
        rows.extend(more)
        return rows

    def handed(self, key: Key) -> list[tuple[FileView, int]]:
        """The calls that a function is handed to under its own name, or that may be one of it.

        One that another function makes is handed over by the call of that: ``Spec(make_fetcher("rates"))``.
        """
        return [row.call for row in self.all(key) if not row.sure and not row.is_renamed] + self._handed_by_maker(key)

    def _handed_by_maker(self, key: Key) -> list[tuple[FileView, int]]:
        view = self._project.view(key[0])
        here = view.facts.scopes[key[1]] if view is not None else None
        above = view.facts.scopes[here.parent] if view is not None and here is not None and here.parent > 0 else None
        if view is None or here is None or above is None or above.kind != "function" or not here.name:
            return []
        if not any(names(given, here.name) for given in above.returns):
            return []
        made = (row.call for row in self.all((key[0], here.parent)) if row.sure)
        return [(by, call.parent) for by, n in made if (call := by.facts.calls[n]).parent >= 0]

    def _find(self, key: Key) -> Iterator[Caller]:
        view = self._project.view(key[0])
        if view is None:
            return
        is_given = self.given.knows(view, key[1])
        for site in self.given.calls(view, key[1]) if is_given else self._graph.callers(view, key[1]):
            call = site.view.facts.calls[site.number]
            caller = (site.view.path, self.given.holder(site.view, call.scope))
            place = (site.view.path, call.row)
            near = self._around.of(site.view, site.number)
            sure = site.how == "calls"
            if site.how == "hands on" and (runs_it := self._around.running(site.view, site.number)) is not None:
                yield Caller(caller, place, higher(near, runs_it), True, site[:2], site.is_virtual)
                continue
            if site.how == "hands on" and near is None:
                near = next(iter(self._runners.by_name(site.view, site.number)), None)
            if site.how == "hands on" and near is None and self._graph.is_node(site):
                # What a graph runs has the callbacks of whoever runs the graph.
                near = self._handlers.anywhere
            if site.how == "hands on" and (runs := self._runners.of(site.view, site.number)):
                lowest = min(runs, key=lambda m: m.level.rank if m is not None else -1)
                sure = near is not None or lowest is not None or not any(runs)
                near = higher(near, lowest if sure else next(filter(None, runs)))
            yield Caller(caller, place, near, sure, site[:2], site.is_virtual, site.is_renamed)
