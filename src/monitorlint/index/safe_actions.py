"""Server actions that next-safe-action makes, and the handler that its client tells what they raise.

``createSafeActionClient({ handleServerError: report })``, and from that ``client.schema(one).action(async () => …)``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.queries import is_of
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_PACKAGE: Final = "next-safe-action"
_MAKING: Final = "createSafeActionClient"
_TOLD: Final = ("handleServerError", "handleServerErrorLog")
_TAKING: Final = frozenset({"action", "stateAction"})


class SafeActions:
    """Tells which handler hears of what an action raises."""

    def __init__(
        self, project: Project, auto: AutoInstrumentation, sends: Callable[[FileView, Expr, int, int], str]
    ) -> None:
        """:param sends: What a handler tells a monitor by; ``""``: it tells none."""
        self._project = project
        self._auto = auto
        self._sends = sends

    @cached_property
    def are_there(self) -> bool:
        """Whether the application has such a handler."""
        return bool(self._handlers)

    def around(self, view: FileView, call: Call) -> Verdict:
        """The handler that hears of what the action raises in which a call stands."""
        number = call.parent if self._handlers else -1
        while number >= 0:
            outer = view.facts.calls[number]
            is_action = outer.scope != call.scope and tail_of(outer.callee) in _TAKING
            if is_action and is_of(self._project, view, number, (_PACKAGE,)):
                for handler in self._handlers:
                    doubt = self._auto.doubt_at(handler.path, view.path)
                    if doubt is not None:
                        return Verdict(handler, (), doubt)
            number = outer.parent
        return Verdict(None)

    @cached_property
    def _handlers(self) -> tuple[Monitor, ...]:
        """The handlers, where every client has one that tells a monitor."""
        made = list(self._find())
        return tuple(made) if made and all(monitor.name for monitor in made) else ()

    def _find(self) -> Iterator[Monitor]:
        for view in self._project.views():
            for number in view.calls_by_tail.get(_MAKING, ()) if self._project.is_app(view.path) else ():
                call = view.facts.calls[number]
                told = (call.kwargs[name] for name in _TOLD if name in call.kwargs)
                names = (self._sends(view, one, call.scope, call.start) for one in told)
                yield Monitor("wrapper", Level.ERRORS, next(filter(None, names), ""), view.path, call.row)
