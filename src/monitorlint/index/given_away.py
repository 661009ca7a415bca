"""Functions without a name that the function around them gives to others: who calls those.

``const load = useCallback(async () => { … }, []); load()``; ``const loader = (id) => () => fetch(id); run(loader(1))``
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.callers import CallSite, called_values
from monitorlint.index.lazily import names, stored_as
from monitorlint.index.values import Defined
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.callers import CallGraph
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding

_KEEPING: Final = frozenset({"useCallback"})
"""What gives back the function that it is handed."""
MAX_IMPORTERS = 20
"""Files that are looked through for calls of what another one keeps in a table."""


class GivenAway:
    """Finds the calls of such functions."""

    def __init__(self, project: Project, reach: Reach, graph: CallGraph) -> None:
        self._project = project
        self._reach = reach
        self._graph = graph

    def knows(self, view: FileView, scope: int) -> bool:
        """Whether a function is one of these."""
        here = view.facts.scopes[scope]
        return here.kind == "lambda" and (
            ("fn", scope) in map(_tuple, view.facts.scopes[here.parent].returns)
            or _kept_as(view, scope) is not None
            or stored_as(view, scope) is not None
            or self._graph.commands.takes(view, scope)
        )

    def holder(self, view: FileView, scope: int) -> int:
        """The function whose ways are those to what a scope holds: a named one, or one that a command line runs."""
        here = scope if self._graph.commands.are_there else 0
        while here > 0 and view.facts.scopes[here].kind == "lambda":
            if self._graph.commands.takes(view, here):
                return here
            here = view.facts.scopes[here].parent
        return view.function_of(scope)

    def calls(self, view: FileView, scope: int) -> Iterator[CallSite]:
        """The calls of a function that `knows` knows."""
        here = view.facts.scopes[scope]
        if runs := self._graph.commands.running(view, scope) if self._graph.commands.are_there else ():
            yield from (CallSite(there, number, "calls") for there, number in runs)
            return
        kept = _kept_as(view, scope)
        if kept is not None:
            yield from self._calls_of(view, scope, kept)
            return
        stored = stored_as(view, scope)
        if stored is not None:
            yield from self._calls_of_stored(view, scope, stored.name.rpartition(".")[2])
            return
        for site in self._graph.callers(view, view.function_of(here.parent)):
            yield from self._uses(site, view, scope) if site.how == "calls" else (site,)

    def _calls_of(self, view: FileView, scope: int, kept: Binding) -> Iterator[CallSite]:
        """The calls by the name under which a component, or a hook, has a function."""
        here = view.facts.scopes[kept.scope]
        made = CallSite(view, kept.value[1], "may call")  # type: ignore[index, arg-type]
        if f"={{{kept.name}}}".encode() in self._project.store.text(view.path)[here.start : here.end]:
            # An element has it for its handler.
            yield made
        paths = {view.path}
        is_returned = any(names(expr, kept.name) for expr in here.returns)
        if is_returned:
            paths.update(self._project.store.calling(kept.name, self._reach.knowing(view.path)))
        for path in sorted(paths):
            for site in self._graph.in_file(path, view, scope, kept.name):
                is_inside = path == view.path and here.start <= view.facts.calls[site.number].start < here.end
                is_returned = is_returned and is_inside
                yield site
        if is_returned:
            # Nobody is seen to call what is given to whoever calls the hook.
            yield made

    def _calls_of_stored(self, view: FileView, scope: int, name: str) -> Iterator[CallSite]:
        """The calls of what a variable, an attribute or a table of functions holds, here and where that is imported."""
        target = Defined(view.path, scope)
        for path in sorted({view.path, *sorted(self._reach.directly_importing(view.path))[:MAX_IMPORTERS]}):
            there = self._project.view(path)
            if there is None or (self._project.is_app(view.path) and not self._project.is_app(path)):
                continue
            numbers = sorted({*called_values(there), *there.calls_by_tail.get(name, ())})
            for number in numbers:
                if target in self._project.resolver.callee(there, number):
                    yield CallSite(there, number, "calls")

    def _uses(self, made: CallSite, view: FileView, scope: int) -> Iterator[CallSite]:
        """The calls of what one call of the function around gives."""
        there, number = made.view, made.number
        expr = ("call", number)
        parent = there.facts.calls[number].parent
        is_used = False
        if parent >= 0:
            outer = there.facts.calls[parent]
            if expr in map(_tuple, (*outer.args, *outer.kwargs.values())):
                is_used = True
                yield CallSite(there, parent, "hands on")
        for other, call in enumerate(there.facts.calls):
            if _tuple(call.callee) == expr:
                is_used = True
                yield CallSite(there, other, "calls")
        for row in there.facts.bindings:
            if _tuple(row.value) == expr:
                for site in self._graph.in_file(there.path, view, scope, row.name):
                    is_used = True
                    yield site
        if not is_used:
            yield CallSite(there, number, "may call")


def _kept_as(view: FileView, scope: int) -> Binding | None:
    """The name of what a hook gives back of a function: ``const load = useCallback(() => …)``."""
    here = view.facts.scopes[scope]
    for row in view.facts.bindings:
        if row.scope == here.parent and row.start < here.start and isinstance(row.value, (tuple, list)) and row.value:
            call = view.facts.calls[row.value[1]] if row.value[0] == "call" else None
            is_kept = call is not None and tail_of(call.callee) in _KEEPING and bool(call.args)
            if call is not None and is_kept and _tuple(call.args[0]) == ("fn", scope):
                return row
    return None


def _tuple(expr: Expr) -> Expr:
    """An expression that comes from the cache is a list."""
    return tuple(expr) if isinstance(expr, list) else expr
