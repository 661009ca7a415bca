"""Handlers of the project's own that send what is logged: ``class ChatHandler(logging.Handler)``, which posts it.

Likewise functions that loguru hands it to: ``logger.add(send, level="ERROR")``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

_ADDING, _ADDED_TO = "add", "loguru.logger.add"
_HANDLERS: Final = ("logging.Handler", "logging.StreamHandler", "logging.handlers.")


class LogHandlers:
    """Finds these handlers, and the calls that they send by."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def name(self) -> str:
        """The name of one that sends by a call of the catalogue's; ``""``: the application has none."""
        for view in self._project.views():
            for scope, owner in self._classes(view) if self._project.is_app(view.path) else ():
                if self._sends(view, scope):
                    return owner
        return next(self._sinks(), "")

    def _sinks(self) -> Iterator[str]:
        for view in self._project.views():
            for number in view.calls_by_tail.get(_ADDING, ()) if self._project.is_app(view.path) else ():
                call = view.facts.calls[number]
                values = self._project.resolver.callee(view, number) if call.args else ()
                if not any(isinstance(value, External) and value.path == _ADDED_TO for value in values):
                    continue
                for sink in self._project.resolver.resolve(call.args[0], view, call.scope, call.start):
                    there = self._project.view(sink.file) if isinstance(sink, Defined) else None
                    if there is not None and isinstance(sink, Defined) and self._sends(there, sink.scope):
                        yield there.symbol(sink.scope)

    def of(self, found: FoundCall) -> Verdict:
        """What sees to a call by which such a handler sends: a monitor that listens to the log would call it again."""
        view = found.view
        call = view.facts.calls[found.number]
        around = set(view.scopes_around(call.scope))
        owner = next((name for scope, name in self._classes(view) if scope in around), "")
        if not owner:
            return Verdict(None)
        monitor = Monitor("callers", Level.ERRORS, f"what reads the log of {owner}", view.path, call.row)
        return Verdict(monitor, (), "it sends what is logged, and what watches it may log that in turn")

    def _classes(self, view: FileView) -> list[tuple[int, str]]:
        """The classes of a file that are handlers of logs."""
        return [
            (number, scope.name)
            for number, scope in enumerate(view.facts.scopes)
            if scope.kind == "class"
            and any(tail_of(base).endswith("Handler") for base in scope.bases)
            and any(
                isinstance(base, External) and base.path.startswith(_HANDLERS)
                for base in self._project.resolver.bases(view.path, number)
            )
        ]

    def _sends(self, view: FileView, owner: int) -> bool:
        catalogue = self._project.catalogue
        return any(
            isinstance(value, External)
            and (catalogue.match_call(value.path) is not None or catalogue.capture(value.path) is not None)
            for number, call in enumerate(view.facts.calls)
            if owner in view.scopes_around(call.scope)
            for value in self._project.resolver.callee(view, number)
        )
