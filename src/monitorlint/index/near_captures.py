"""Functions of a project's own that a handler tells of an error, in whose file errors are captured, one way or another.

``logger.error("payment failed", err)``, and the logger's ``error(...args)`` looks for an error among what it is handed,
and has Sentry loaded when it needs it: what becomes of this error is not followed that far, and the verdict is open.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.listed_errors import ListedErrors
from monitorlint.index.nest_loggers import NestLoggers
from monitorlint.index.nuxt_provided import NuxtProvided
from monitorlint.index.unanswered import LOUD
from monitorlint.index.values import Defined
from monitorlint.index.view import family_of, tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

_CAPTURING: Final = (b"captureException(", b"capture_exception(")
_TELLING: Final = frozenset({*LOUD, "report"})
"""What loggers, and those who tell others of errors, are told them by."""
_NAME: Final = rb"(?:e|ex|err|error|exc|exception|cause|reason|\w+(?:_err|_error|_exc|_exception|Err|Error|Exception))"
_ERROR: Final = pattern(
    rb"[(,]\s*%s\s*[,)]|[{,]\s*%s\s*[,}]|\?\s*%s\s*:\s*(?:undefined|null|new\s+Error\b)" % (_NAME, _NAME, _NAME)
)
"""What caught errors are called, as an argument: ``{ error }`` and ``e instanceof Error ? e : undefined``, too."""
MAX_STEPS: Final = 4
"""So many functions of a file are followed to the one that captures errors."""


class NearCaptures:
    """Tells what a handler tells such functions by, and what it hands to others that may send it."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._listed = ListedErrors(project)
        self._nest_loggers = NestLoggers(project, auto)
        self._nuxt_provided = NuxtProvided(project, auto)

    def of(self, view: FileView, handler: int) -> tuple[Monitor, str] | None:
        """What tells a monitor of what a handler caught, and what is in doubt."""
        return self._called(view, handler) or self._listed.of(view, handler)

    def _called(self, view: FileView, handler: int) -> tuple[Monitor, str] | None:
        block = view.facts.blocks[handler]
        for number, call in enumerate(view.facts.calls):
            if not block.start <= call.start < block.end:
                continue
            if (plug_in := self._nuxt_provided.told(view, number)) and isinstance(call.callee, str):
                monitor = Monitor("wrapper", Level.ERRORS, call.callee, view.path, call.row)
                return monitor, f"{plug_in} gives something of that name"
            if not _tells(self._project, view, call):
                continue
            for value in chain(self._project.resolver.callee(view, number), self._nest_loggers.by(view, number)):
                if not isinstance(value, Defined) or value.file == view.path:
                    continue
                if not _is_method(self._project, value) and not self._captures_below(value, MAX_STEPS):
                    continue
                if any(word in self._project.store.text(value.file) for word in _CAPTURING):
                    name = call.callee if isinstance(call.callee, str) else "a function"
                    monitor = Monitor("wrapper", Level.ERRORS, name, view.path, call.row)
                    return monitor, f"{value.file} captures errors, and it is not followed which"
        return None

    def _captures_below(self, function: Defined, left: int) -> bool:
        """Whether a function captures errors, or calls another one of its file that does.

        What gives loggers away has them made of functions: ``return { error: (m, e) => logger.error(m, e) }``.
        """
        there = self._project.view(function.file)
        if there is None or there.facts.scopes[function.scope].kind == "class":
            return False
        scope = there.facts.scopes[function.scope]
        text = self._project.store.text(function.file)[scope.start : scope.end]
        if any(word in text for word in _CAPTURING):
            return True
        family = set(family_of(there, function.scope)) if left else set()
        called = (n for n, call in enumerate(there.facts.calls) if call.scope in family)
        values = {value for number in called for value in self._project.resolver.callee(there, number)}
        near = (value for value in values if isinstance(value, Defined) and value.file == function.file)
        return any(value != function and self._captures_below(value, left - 1) for value in near)


def _is_method(project: Project, value: Defined) -> bool:
    there = project.view(value.file)
    return there is not None and there.facts.scopes[there.facts.scopes[value.scope].parent].kind == "class"


def _tells(project: Project, view: FileView, call: Call) -> bool:
    """Whether a call tells of what is called like an error; what loggers are handed is no part of the facts."""
    if tail_of(call.callee) not in _TELLING:
        return False
    return _ERROR.search(project.store.text(view.path)[call.start : call.end]) is not None
