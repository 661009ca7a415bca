"""What Mastra runs as a tool of an agent, or as a step of a workflow: it makes a span of that, with its error.

``createTool({ id: "tides", execute: async ({ context }) => fetch(…) })``. What the function raises ends the span, where
Mastra is told of observability (rules/monitors/mastra-observability.toml); where that goes is not read, and so the
verdict is open. What the tool keeps and answers itself is told to nobody.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.around import Around
from monitorlint.index.forms import Monitor
from monitorlint.index.values import External
from monitorlint.index.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.edges import Edges
    from monitorlint.index.project import Project
    from monitorlint.index.switches import Switch
    from monitorlint.index.view import FileView

_PACKAGE: Final = "@mastra/core"
_MAKING: Final = frozenset({f"{_PACKAGE}.tools.createTool", f"{_PACKAGE}.workflows.createStep"})
MAX_STEPS: Final = 4
"""So many functions are followed up to the tool that calls them."""


class ToolsOfMastra:
    """Tells whether a call stands in such a function, or every way to it begins in one."""

    def __init__(
        self, project: Project, auto: AutoInstrumentation, captures: Captures, edges: Callable[[], Edges]
    ) -> None:
        self._project = project
        self._auto = auto
        self._captures = captures
        self._edges = edges

    def of(self, found: FoundCall) -> Verdict:
        """What sees to a call that a tool makes."""
        switch = self._switch
        if switch is None or not self._is_run(found.view, found.number, found.match.entry, MAX_STEPS):
            return Verdict(None)
        monitor = Monitor("span", switch.auto.level, switch.auto.target, switch.path, switch.row)
        return Verdict(monitor, (), "it runs in a tool, and where that is told to is not read")

    @cached_property
    def _switch(self) -> Switch | None:
        return self._auto.anywhere(_PACKAGE, "generate")

    def _is_run(self, view: FileView, number: int, entry: Entry, left: int) -> bool:
        call = view.facts.calls[number]
        if self._captures.swallowed(view, call, entry) or not self._project.is_app(view.path):
            return False
        if any(self._makes(view, outer) for outer in Around.run_in(view, number)):
            return True
        scope = view.function_of(call.scope)
        callers = self._edges().all((view.path, scope)) if scope > 0 and left else []
        return bool(callers) and all(row.sure and self._is_run(*row.call, entry, left - 1) for row in callers)

    def _makes(self, view: FileView, number: int) -> bool:
        values = self._project.resolver.callee(view, number)
        return any(isinstance(value, External) and value.path in _MAKING for value in values)
