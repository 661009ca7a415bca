"""Spans that helpers of the project's own begin and end: ``span = createSpan(parent, "rank")``, and ``endSpan(span)``.

The helpers lie in a file that imports a monitor, and call ``parent.span(…)`` on something of which a type of the
project's says no more than that it has such a method: what it is in the end is not followed. The functions between such
a span and a call need not let its errors out: the span tells how long it took.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.around import MONITORS
from monitorlint.index.forms import Monitor
from monitorlint.index.lazily import parts_of
from monitorlint.index.values import Defined, External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import family_of, tail_of, words_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.edges import Edges
    from monitorlint.index.project import Project
    from monitorlint.index.steps import Key
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Binding

_OPENING: Final = MONITORS | {"generation", "observation", "transaction", "segment"}
"""What is in the names of spans, and of what begins them."""
_ENDING: Final = frozenset("end ended finish close stop complete".split())
_CLIENTS: Final = frozenset("span generation startspan startobservation starttransaction startsegment".split())
"""Methods of what monitors give, in lower case: a helper calls one."""
MAX_FUNCTIONS: Final = 60
"""So many functions above a call are looked at."""


class OwnSpans:
    """Finds them around a call, or on every way to its function."""

    def __init__(self, project: Project, auto: AutoInstrumentation, edges: Callable[[], Edges]) -> None:
        self._project = project
        self._auto = auto
        self._edges = edges
        self._near: dict[tuple[str, int], Monitor | None] = {}
        self._above: dict[Key, Monitor | None] = {}
        self._helpers: dict[Defined, bool] = {}
        self._openings: dict[str, list[tuple[Binding, int]]] = {}

    def of(self, found: FoundCall) -> Verdict:
        """The span around a call, or around every call of its function."""
        view = found.view
        if not self._project.is_app(view.path):
            return Verdict(None)
        near = self._around(view, found.number)
        scope = view.function_of(view.facts.calls[found.number].scope)
        if near is None and scope > 0 and self._auto.may_be_called_monitored(view.path):
            near = self._on_all_ways((view.path, scope))
        if near is None:
            return Verdict(None)
        return Verdict(near, (), f"{near.path}:{near.row + 1} begins a span by a helper of the project's own")

    def _on_all_ways(self, start: Key) -> Monitor | None:
        """The span around a call on each way to a function; None: some way has none."""
        if start not in self._above:
            self._above[start] = self._find_above(start)
        return self._above[start]

    def _find_above(self, start: Key) -> Monitor | None:
        met: Monitor | None = None
        todo, seen = [start], {start}
        while todo:
            rows = [row for row in self._edges().all(todo.pop()) if row.sure and self._project.is_app(row.call[0].path)]
            if not rows:
                return None
            for row in rows:
                own = self._around(*row.call)
                near = own or row.near
                met = met or own
                if near is None and (row.caller[1] <= 0 or len(seen) >= MAX_FUNCTIONS):
                    return None
                if near is None and row.caller not in seen:
                    seen.add(row.caller)
                    todo.append(row.caller)
        return met

    def _around(self, view: FileView, number: int) -> Monitor | None:
        """The span that is begun before a call, and ended behind it, in one function."""
        key = (view.path, number)
        if key not in self._near:
            self._near[key] = next(self._begun(view, number), None)
        return self._near[key]

    def _begun(self, view: FileView, number: int) -> Iterator[Monitor]:
        call = view.facts.calls[number]
        function = view.function_of(call.scope)
        for row, opening in self._named(view):
            if row.start >= call.start or view.function_of(view.facts.blocks[row.block].scope) != function:
                continue
            if _is_ended(view, row.name, number, function):
                values = self._project.resolver.callee(view, opening)
                if any(isinstance(value, Defined) and self._is_helper(value) for value in values):
                    yield Monitor("span", Level.TRACED, row.name, view.path, row.row)

    def _named(self, view: FileView) -> list[tuple[Binding, int]]:
        """What a file binds to a call that is named as if it began a span, and the number of that."""
        if view.path not in self._openings:
            rows = (row for row in view.facts.bindings if row.how == "assign" and row.name.isidentifier())
            parts = ((row, part) for row in rows for part in parts_of(row.value))
            self._openings[view.path] = [
                (row, part[1])
                for row, part in parts
                if isinstance(part, (tuple, list))
                and part[0] == "call"
                and not _OPENING.isdisjoint(words_of(tail_of(view.callee_of(part))))
            ]
        return self._openings[view.path]

    def _is_helper(self, function: Defined) -> bool:
        """Whether a function, in a file with a monitor at hand, begins a span on what nothing more is known of."""
        if function not in self._helpers:
            self._helpers[function] = self._find_helper(function)
        return self._helpers[function]

    def _find_helper(self, function: Defined) -> bool:
        view = self._project.view(function.file) if self._auto.may_hold_monitor(function.file) else None
        family = set(family_of(view, function.scope)) if view is not None else set()
        for number, call in enumerate(view.facts.calls) if view is not None else ():
            if call.scope in family and tail_of(call.callee).lower() in _CLIENTS and view is not None:
                values = self._project.resolver.callee(view, number)
                if not any(isinstance(value, External) for value in values):
                    return True
        return False


def _is_ended(view: FileView, name: str, number: int, function: int) -> bool:
    """Whether what a name stands for is ended behind a call: ``span.end()``, ``endSpan(span, …)``."""
    start = view.facts.calls[number].end
    for ended in view.facts.calls:
        if ended.start < start or view.function_of(ended.scope) != function or not isinstance(ended.callee, str):
            continue
        owner, _, tail = ended.callee.rpartition(".")
        is_ending = not _ENDING.isdisjoint(words_of(tail))
        if is_ending and (owner == name or name in ended.args):
            return True
    return False
