"""What a program calls with the error that ends it: ``sys.excepthook = report``, which tells a monitor.

What a script, a command or the start of a server raises comes there where nothing between keeps it. Not all of that is
looked at: the verdict is open.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.mentions import mentioning
from monitorlint.index.values import Defined
from monitorlint.index.verdict import Verdict
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.outside import Outside
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding

_HOOKS: Final = ("sys.excepthook", "threading.excepthook")


class LastResort:
    """Finds it, and the calls of which it may hear."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        captures: Captures,
        outside: Outside,
        sends: Callable[[FileView, Expr, int, int], str],
    ) -> None:
        """:param sends: What a handler tells a monitor by; ``""``: it tells none."""
        self._project = project
        self._auto = auto
        self._captures = captures
        self._outside = outside
        self._sends = sends

    def of(self, found: FoundCall) -> Verdict:
        """The function that hears of what a call raises outside any request or job, unless something keeps that."""
        view = found.view
        hooks = [hook for hook in self._hooks if self._auto.doubt_at(hook.path, view.path) is not None]
        if not hooks or self._captures.swallowed(view, view.facts.calls[found.number], found.match.entry):
            return Verdict(None)
        if self._outside.of(found, ()) is not None:
            return Verdict(None)
        hook = hooks[0]
        return Verdict(hook, (), f"{hook.path}:{hook.row + 1} hears of it only where nothing on the way keeps it")

    @cached_property
    def _hooks(self) -> tuple[Monitor, ...]:
        views = mentioning(self._project, self._auto, b"excepthook")
        return tuple(hook for view in views if self._project.is_app(view.path) for hook in self._in(view))

    def _in(self, view: FileView) -> Iterator[Monitor]:
        for binding in view.facts.bindings:
            if binding.name not in _HOOKS or binding.how != "assign":
                continue
            told = self._sends(view, binding.value, binding.scope, binding.start) or self._logged(view, binding)
            if told:
                yield Monitor("wrapper", Level.ERRORS, told, view.path, binding.row)

    def _logged(self, view: FileView, binding: Binding) -> str:
        """What takes on what the function logs, which need not be handed the error as its only argument."""
        for value in self._project.resolver.resolve(binding.value, view, binding.scope, binding.start):
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is not None and isinstance(value, Defined):
                return self._captures.logged_in(there, value.scope)
        return ""
