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
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView


class StandIns:
    """Tells whether a call may go to a wrapper that has a monitor at hand. What that does is not looked at."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, found: FoundCall) -> Verdict:
        """What may be called instead: ``client = tracer.wrap(client) if tracer else client``."""
        for value in self._project.resolver.callee(found.view, found.number):
            view = self._project.view(value.file) if isinstance(value, Defined) else None
            if view is not None and isinstance(value, Defined) and self._monitors(view):
                row = view.facts.scopes[value.scope].row
                monitor = Monitor("wrapper", Level.TRACED, view.symbol(value.scope), view.path, row)
                return Verdict(monitor, (), f"{view.path}:{row + 1} may be called in its place")
        return self._wrapped(found)

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
