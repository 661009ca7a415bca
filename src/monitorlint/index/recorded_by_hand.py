"""AI calls of which a project tells a monitor itself, once they have answered: PostHog's event ``$ai_generation``.

What it asked, what came back and how long that took is recorded then; an error need not be. So the verdict is open.
Source: PostHog's documentation, "Manual capture" of AI observability. The texts are asked where a call is left over.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import family_of
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.edges import Edges
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

_EVENT: Final = pattern(rb"[\"'](\$ai_(?:generation|embedding))[\"']")
_WORD: Final = b"$ai_"
_LOGS: Final = "braintrust."


class RecordedByHand:
    """Finds what tells a monitor of an AI call in the function of the call, or in every one that calls that."""

    def __init__(self, project: Project, auto: AutoInstrumentation, edges: Callable[[], Edges]) -> None:
        self._project = project
        self._auto = auto
        self._edges = edges
        self._known: dict[tuple[str, int], tuple[str, int, str] | None] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What the project records of a call by itself."""
        view = found.view
        scope = view.function_of(view.facts.calls[found.number].scope)
        if found.match.entry.kind != "ai" or scope <= 0 or not self._anywhere:
            return Verdict(None)
        told = self._told(view, scope) or self._above(view, scope)
        if told is None:
            return Verdict(None)
        path, row, name = told
        return Verdict(Monitor("span", Level.TRACED, name, path, row), (), f"{path}:{row + 1} tells of it by hand")

    @cached_property
    def _anywhere(self) -> bool:
        # It is told by a request of the project's own, or by an SDK.
        files = filter(self._project.is_app, {*self._project.kept, *self._auto.monitoring_files})
        store = self._project.store
        return any("braintrust" in store.packages(path) or _WORD in store.text(path) for path in files)

    def _above(self, view: FileView, scope: int) -> tuple[str, int, str] | None:
        """What every function that is seen to call one tells a monitor of."""
        callers = self._edges().all((view.path, scope))
        callers = [row for row in callers if self._project.is_app(row.call[0].path)]
        found: list[tuple[str, int, str]] = []
        for row in callers:
            there, number = row.call
            above = there.function_of(there.facts.calls[number].scope)
            told = self._told(there, above) if row.sure and above > 0 else None
            if told is None:
                return None
            found.append(told)
        return found[0] if found else None

    def _told(self, view: FileView, scope: int) -> tuple[str, int, str] | None:
        """Where a function tells a monitor of what it asked a model, itself or by a function of the project's."""
        key = (view.path, scope)
        if key not in self._known:
            self._known[key] = self._event_in(view, scope) or self._by_helper(view, scope)
        return self._known[key]

    def _event_in(self, view: FileView, scope: int) -> tuple[str, int, str] | None:
        there = view.facts.scopes[scope]
        event = _EVENT.search(self._project.store.text(view.path), there.start, there.end)
        if event is None:
            return None
        text = self._project.store.text(view.path)
        return view.path, text.count(b"\n", 0, event.start()), event[1].decode()

    def _by_helper(self, view: FileView, scope: int) -> tuple[str, int, str] | None:
        family = set(family_of(view, scope))
        for number, call in enumerate(view.facts.calls):
            if call.scope not in family:
                continue
            for value in self._project.resolver.callee(view, number):
                there = self._project.view(value.file) if isinstance(value, Defined) else None
                if isinstance(value, Defined) and there is not None and value.scope > 0:
                    if (value.file, value.scope) != (view.path, scope) and self._event_in(there, value.scope):
                        return view.path, call.row, "$ai_generation"
                elif isinstance(value, External) and value.path.startswith(_LOGS) and value.path.endswith(".log"):
                    return view.path, call.row, value.path
        return None
