"""The logger that an application of Nest's is given: whatever ``new Logger(name)`` of Nest's is told goes to that.

``app.useLogger(new AppLogger())`` or ``NestFactory.create(AppModule, { logger: new AppLogger() })``, where
``AppLogger`` is a class of the project's (a ``ConsoleLogger``, a ``LoggerService``) that sends errors on. The files
that log know nothing of it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.values import Defined, External, Instance
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_LOGGER: Final = "@nestjs/common.Logger"
"""Nest's class: an instance, and the class itself, pass on what they are told."""
_GIVING: Final = "useLogger"
_MAKING: Final = frozenset({"create", "createMicroservice", "createApplicationContext"})
_FACTORY: Final = "NestFactory."
_OPTION: Final = "logger"
_ASKING: Final = frozenset({"get", "resolve"})
"""``app.get(AppLogger)``."""


class NestLoggers:
    """Finds its methods. There are none where it is Nest's own, or of another package."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._auto = auto

    def by(self, view: FileView, number: int) -> Iterator[Defined]:
        """The methods of the application's logger that hear of what a call tells Nest's logger."""
        tail = tail_of(view.facts.calls[number].callee)
        if not any(row.target == _LOGGER for row in view.facts.imports) or not self._classes:
            return
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, External) and value.path in {f"{_LOGGER}.{tail}", f"{_LOGGER}().{tail}"}:
                for path, made in self._classes:
                    # What is started by itself, a thread or a process, has Nest's own.
                    is_given = self._auto.doubt_at(path, view.path) is not None
                    found = self._project.resolver.attribute(made, tail) if is_given else ()
                    yield from (one for one in found if isinstance(one, Defined))
                return

    @cached_property
    def _classes(self) -> tuple[tuple[str, Instance], ...]:
        """What the application is given to log by, and the file in which it is."""
        found: dict[tuple[str, Instance], None] = {}
        application = [path for path in self._auto.reach.application() if self._is_nest(path)]
        for tail in (_GIVING, *sorted(_MAKING)):
            for path in self._project.store.calling(tail, application):
                view = self._project.view(path)
                if view is not None:
                    found.update(((path, given), None) for given in self._given(view, tail))
        return tuple(found)

    def _is_nest(self, path: str) -> bool:
        return any(package.startswith("@nestjs/") for package in self._project.store.packages(path))

    def _given(self, view: FileView, tail: str) -> Iterator[Instance]:
        for number in view.calls_by_tail.get(tail, ()):
            call = view.facts.calls[number]
            given = call.args[:1] if tail == _GIVING else [call.kwargs.get(_OPTION)]
            if tail == _GIVING or str(call.callee).startswith(_FACTORY):
                for expr in given:
                    yield from self._instances(expr, view, call.scope, call.start)

    def _instances(self, expr: Expr, view: FileView, scope: int, offset: int) -> Iterator[Instance]:
        if expr is None:
            return
        resolve = self._project.resolver.resolve
        yield from (value for value in resolve(expr, view, scope, offset) if isinstance(value, Instance))
        if isinstance(expr, (tuple, list)) and expr[0] == "call":
            asked = view.facts.calls[expr[1]]
            for named in asked.args[:1] if tail_of(asked.callee) in _ASKING else ():
                values = resolve(named, view, scope, offset)
                yield from (Instance(value.file, value.scope) for value in values if isinstance(value, Defined))
