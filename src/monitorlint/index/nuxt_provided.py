"""What a plug-in of Nuxt's gives all of an application to tell a monitor of errors by.

``provide: { report: Sentry.captureException }`` is ``useNuxtApp().$report(error)`` elsewhere, and so is
``nuxtApp.provide("report", …)``. Nothing imports the plug-in, so what is called is found by its name, and nothing is
proved.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.values import Defined
from monitorlint.index.view import family_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

_FOLDER: Final = "plugin"
"""Of the paths of plug-ins."""
_OF_NUXT: Final = b"defineNuxtPlugin"
_CAPTURING: Final = pattern(
    rb"\bcapture(?:Exception|Error)\b|\b(?:rollbar|bugsnag)\w*\.(?:error|notify)\b", re.IGNORECASE
)
# A key and what is given for it, or the name alone, up to the end of its line.
_KEY: Final = pattern(rb"[{,\n]\s*(\w+)\s*(?::([^\n,]*))?(?=[,}\n])|\(\s*[\"'](\w+)[\"']\s*,([^\n]*)")
_GIVEN: Final = pattern(rb"\bprovide(?=\s*:\s*\{|\()")
_TELLING: Final = pattern(rb"capture(?:Exception|Error)|report|notify|\bnotice", re.IGNORECASE)
_PROVIDED: Final = pattern(r"(?:^|\.)\$(\w+)")
_LONGEST: Final = 1500
MAX_HELPERS: Final = 3
"""So many functions may hand an error on before one is called that a plug-in gives."""


class NuxtProvided:
    """Finds them, and the functions that call them."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._auto = auto
        self._known: dict[tuple[Defined, int], str] = {}

    def told(self, view: FileView, number: int, depth: int = 0) -> str:
        """The plug-in that gives what a call calls, or what that calls in the end; ``""``: none does."""
        if not self._names:
            return ""
        given = self._given(view.facts.calls[number])
        if given or depth >= MAX_HELPERS:
            return given
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, Defined) and (given := self._called_in(value, depth)):
                return given
        return ""

    def _called_in(self, function: Defined, depth: int) -> str:
        key = (function, depth)
        if key not in self._known:
            self._known[key] = ""
            self._known[key] = self._find_called(function, depth)
        return self._known[key]

    def _find_called(self, function: Defined, depth: int) -> str:
        view = self._project.view(function.file)
        if view is None or view.facts.scopes[function.scope].kind == "class":
            return ""
        family = set(family_of(view, function.scope))
        inside = (n for n, call in enumerate(view.facts.calls) if call.scope in family)
        return next(filter(None, (self.told(view, n, depth + 1) for n in inside)), "")

    def _given(self, call: Call) -> str:
        met = _PROVIDED.search(call.callee) if isinstance(call.callee, str) else None
        return self._names.get(met[1], "") if met is not None else ""

    @cached_property
    def _names(self) -> dict[str, str]:
        """The names by which plug-ins give something that tells a monitor, and the file of each."""
        found: dict[str, str] = {}
        for path in self._auto.reach.application():
            text = self._project.store.text(path) if _FOLDER in path else b""
            for given in _GIVEN.finditer(text) if _OF_NUXT in text and _CAPTURING.search(text) else ():
                end = (
                    given.end() + _LONGEST
                    if text[given.end() : given.end() + 1] != b"("
                    else text.find(b"\n", given.end())
                )
                for met in _KEY.finditer(text, given.end(), end if end > 0 else len(text)):
                    name = met[1] or met[3]
                    if _TELLING.search(name) or _TELLING.search(met[2] or met[4] or b""):
                        found[name.decode()] = path
        return found
