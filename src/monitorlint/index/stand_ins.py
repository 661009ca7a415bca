"""Methods of the project's own that may be called in the place of a package's: a client, or what wraps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.around import MONITORS
from monitorlint.index.forms import Monitor
from monitorlint.index.lazily import parts_of
from monitorlint.index.values import Defined
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import words_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView


_FETCH = frozenset(f"{owner}.fetch" for owner in ("globalThis", "window", "self", "global"))


class StandIns:
    """Tells whether a call may go to a wrapper that has a monitor at hand. What that does is not looked at."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._for_fetch: dict[str, frozenset[int]] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What may be called instead: ``client = tracer.wrap(client) if tracer else client``."""
        for value in self._project.resolver.callee(found.view, found.number):
            view = self._project.view(value.file) if isinstance(value, Defined) else None
            if view is not None and isinstance(value, Defined) and self._monitors(view):
                row = view.facts.scopes[value.scope].row
                monitor = Monitor("wrapper", Level.TRACED, view.symbol(value.scope), view.path, row)
                return Verdict(monitor, (), f"{view.path}:{row + 1} may be called in its place")
        return self._passed_on(found) or self._wrapped(found)

    def _passed_on(self, found: FoundCall) -> Verdict | None:
        """A request that somebody asked the global function for, in what stands in its place."""
        view = found.view
        if view.path not in self._for_fetch:
            self._for_fetch[view.path] = frozenset(_standing_for_fetch(view))
        scope = view.facts.calls[found.number].scope
        while scope > 0 and scope not in self._for_fetch[view.path]:
            scope = view.facts.scopes[scope].parent
        if scope <= 0:
            return None
        monitor = Monitor("callers", Level.ERRORS, "whoever calls fetch", view.path, view.facts.scopes[scope].row)
        return Verdict(monitor, (), "it stands in its place, and passes on what is asked of it")

    def _wrapped(self, found: FoundCall) -> Verdict:
        """What is named like a monitor, not known, and handed what is called: ``tracer.wrap(client)``."""
        view = found.view
        call = view.facts.calls[found.number]
        name = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
        for row in view.bindings.get((view.function_of(call.scope), name), ()) if name else ():
            for part in parts_of(row.value) if row.start < call.start else ():
                made = view.facts.calls[part[1]] if isinstance(part, (tuple, list)) and part[0] == "call" else None
                if made is None or not isinstance(made.callee, str) or not made.args:
                    continue
                words = words_of(made.callee)
                if not MONITORS.isdisjoint(words) and not self._project.resolver.callee(view, part[1]):  # type: ignore[index, arg-type]
                    monitor = Monitor("wrapper", Level.TRACED, made.callee, view.path, made.row)
                    return Verdict(monitor, (), f"{made.callee} is named like a monitor")
        return Verdict(None)

    def _monitors(self, view: FileView) -> bool:
        return any("monitor" in self._project.catalogue.roots_match(row.target) for row in view.facts.imports)


def _standing_for_fetch(view: FileView) -> Iterator[int]:
    """The functions that a file puts in the place of the global one: ``window.fetch = watched``."""
    for row in view.facts.bindings:
        if row.name not in _FETCH:
            continue
        values = [row.value]
        if isinstance(row.value, str):
            values = [b.value for key in ((row.scope, row.value), (0, row.value)) for b in view.bindings.get(key, ())]
        yield from (v[1] for v in values if isinstance(v, (tuple, list)) and v and v[0] == "fn")
