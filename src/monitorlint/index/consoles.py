"""What a handler writes to the console, or tells a logger of pino's, where a monitor makes errors of that."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

_WATCHING = ("captureConsoleIntegration", "CaptureConsole")
"""What has Sentry capture what is written to the console: an error with its stack, or a text."""
_WRITING = ("error", "warn")
_LOGGED = "pinoIntegration"
"""Likewise, of what is logged, where it is told which levels are errors: ``pinoIntegration({ error: { levels } })``."""
_AS_ERRORS = "error"
_PINO = frozenset({"pino", "nestjs-pino", "pino-http", "fastify"})
"""What makes loggers of pino's."""
# Sources: rules/monitors/pino-sentry.toml; pino's documentation: all that a logger is told goes to `hooks.logMethod`.
_TRANSPORT = pattern(rb"""\btarget:\s*["'`](pino-sentry-transport)["'`]""")
_HOOK = "logMethod"
_LOUD = ("error", "fatal")


class Consoles:
    """Finds such handlers. At which levels the console is watched is not read, and so nothing is proved."""

    def __init__(self, project: Project, auto: AutoInstrumentation, sends_in: Callable[[Defined], bool]) -> None:
        """:param sends_in: Whether something is sent in a function."""
        self._project = project
        self._auto = auto
        self._sends_in = sends_in

    @cached_property
    def places(self) -> tuple[tuple[str, int, str], ...]:
        """Where the application has its console, or its loggers, watched: file, 0-based row, and by what."""
        views = [view for view in self._project.views() if self._project.is_app(view.path)]
        found = (
            (view.path, view.facts.calls[number], name)
            for view in views
            for name in (*_WATCHING, _LOGGED)
            for number in view.calls_by_tail.get(name, ())
        )
        watched = [(path, call.row, name) for path, call, name in found if name != _LOGGED or _AS_ERRORS in call.kwargs]
        return (*watched, *chain.from_iterable(map(self._of_pino, views)))

    def _of_pino(self, view: FileView) -> Iterator[tuple[str, int, str]]:
        """What the loggers that a file makes send what they are told by."""
        if _PINO.isdisjoint(self._project.store.packages(view.path)):
            return
        text = self._project.store.text(view.path)
        for named in _TRANSPORT.finditer(text):
            yield view.path, text.count(b"\n", 0, named.start()), named[1].decode()
        for number, scope in enumerate(view.facts.scopes) if b"logMethod" in text else ():
            if scope.name == _HOOK and self._sends_in(Defined(view.path, number)):
                yield view.path, scope.row, _HOOK

    def told(self, view: FileView, handler: int) -> Monitor | None:
        """The monitor that may be told what a handler writes."""
        for tail in (*_WRITING, *_LOUD[1:]) if self.places else ():
            for number in view.calls_by_tail.get(tail, ()):
                call = view.facts.calls[number]
                if handler not in view.blocks_around(call):
                    continue
                callee = call.callee if isinstance(call.callee, str) else ""
                is_logged = tail in _LOUD and callee.endswith((f"ogger.{tail}", f"log.{tail}"))
                for path, row, name in self.places:
                    is_told = callee == f"console.{tail}" if name in _WATCHING else is_logged
                    if is_told and self._auto.doubt_at(path, view.path) is not None:
                        return Monitor("auto", Level.ERRORS, name, path, row)
        return None
