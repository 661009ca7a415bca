"""Requests that are made for somebody else, whose own calls are looked at.

A client of a package makes them through a function of the project: ``new OpenAI({ fetch: logged })``. A service worker
hands on what a page asks for: ``event.respondWith(fetch(event.request))``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_OPTION = "fetch"
"""What the clients of OpenAI, Anthropic, the AI SDK, Supabase and others call the function that sends for them."""


_ASKED = pattern(r"(?:\w+\.)?req(?:uest)?")
"""How a service worker calls what a page asks for."""
_FETCH = (("lit", "fetch"), ["lit", "fetch"])
_SELF = ("addEventListener", "self.addEventListener")


class Transports:
    """Tells whether a request is one that a client sends: the client's own calls are what is to be monitored."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._handed: dict[str, list[tuple[int, Expr]]] = {}
        """By file: the calls that are handed a function to send with, and the function."""

    def of(self, found: FoundCall) -> Verdict:
        """What the calls of the client come under, where the request stands in a function that one is handed."""
        view = found.view
        if found.match.entry.kind == "http" and _hands_on(view, found.number):
            monitor = Monitor("callers", Level.ERRORS, "what monitors the page", view.path, 0)
            return Verdict(monitor, (), "the service worker only hands on what the page asks for")
        if found.match.entry.kind != "http" or not self._of_file(view):
            return Verdict(None)
        around = set(view.scopes_around(view.facts.calls[found.number].scope))
        for number, expr in self._of_file(view):
            call = view.facts.calls[number]
            values = self._project.resolver.resolve(expr, view, call.scope, call.start)
            own = [v for v in values if isinstance(v, Defined) and v.file == view.path and v.scope in around]
            if own and not any(self._is_called(view, value) for value in own):
                name = f"what monitors the calls of the client that is made at {view.path}:{call.row + 1}"
                monitor = Monitor("callers", Level.ERRORS, name, view.path, call.row)
                return Verdict(monitor, (), "these are looked at by themselves")
        return Verdict(None)

    def _is_called(self, view: FileView, function: Defined) -> bool:
        """Whether the file calls the function itself, too."""
        name = view.facts.scopes[function.scope].name
        return any(function in self._project.resolver.callee(view, n) for n in view.calls_by_tail.get(name, ()))

    def _of_file(self, view: FileView) -> list[tuple[int, Expr]]:
        if view.path not in self._handed:
            self._handed[view.path] = list(self._find(view))
        return self._handed[view.path]

    def _find(self, view: FileView) -> Iterator[tuple[int, Expr]]:
        for number, call in enumerate(view.facts.calls):
            for name, expr in call.kwargs.items():
                if tail_of(name) == _OPTION and self._is_client(view, number):
                    yield number, expr
        for row in view.facts.bindings:
            base, dot, name = row.name.rpartition(".")
            if dot and name == _OPTION and row.how == "assign":
                # ``options.fetch = logged``, and then ``new OpenAI(options)``.
                for number, call in enumerate(view.facts.calls):
                    if base in call.args and self._is_client(view, number):
                        yield number, row.value

    def _is_client(self, view: FileView, number: int) -> bool:
        """Whether a call makes a client of the catalogue's, or is a site itself."""
        catalogue = self._project.catalogue
        return any(
            catalogue.client(f"{value.path}()") is not None or catalogue.match_call(value.path) is not None
            for value in self._project.resolver.callee(view, number)
            if isinstance(value, External)
        )


def _hands_on(view: FileView, number: int) -> bool:
    """Whether a call in a service worker asks for what a page asked it for."""
    first = view.facts.calls[number].args[:1]
    if not first or not isinstance(first[0], str) or not _ASKED.fullmatch(first[0]):
        return False
    listening = (view.facts.calls[n] for n in view.calls_by_tail.get("addEventListener", ()))
    return "respondWith" in view.calls_by_tail and any(
        call.callee in _SELF and bool(call.args) and call.args[0] in _FETCH for call in listening
    )
