"""Requests that are made for somebody else, whose own calls are looked at.

A client of a package makes them through a function of the project: ``new OpenAI({ fetch: logged })``, wherever that
lies, and whatever it has send for it. A service worker hands on what a page asks for:
``event.respondWith(fetch(event.request))``. A class of the project's is a model of LangChain's, and asks by the method
that the package calls: it is the runs of the model that are monitored.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, External, Instance
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.edges import Edges
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_OPTION = pattern(r"fetch(?:fn|impl|implementation|api|function)?|customfetch", re.IGNORECASE)
"""What the clients of OpenAI, the AI SDK, Supabase, tRPC and others call the function that sends for them."""
_GIVEN = pattern(rb"(?i)\b(?:customfetch|fetch(?:fn|impl|implementation|api|function)?)\b\s*(?:[:,}=]|\([^()]*\)\s*\{)")
"""How a file writes that option."""
_SERVERS = pattern(r"(?:.*[._])?(?:serve|server|createServer|listen|Elysia|Hono|Server)(?:\(\))?")
"""What has an option of that name for the function that answers requests."""
_MODEL = pattern(r"@?langchain.*\.\w*(?:Chat\w*|LLM|LanguageModel|Embeddings)")
_ASKING = frozenset(
    "_call _generate _stream _streamResponseChunks _streamChatModelEvents embedQuery embedDocuments".split()
)
"""What LangChain has a model ask by."""
_MANY = 40
"""So many functions are looked at between a client and a request."""


_ASKED = pattern(r"(?:\w+\.)?req(?:uest)?")
"""How a service worker calls what a page asks for."""
_FETCH = (("lit", "fetch"), ["lit", "fetch"])
_SELF = ("addEventListener", "self.addEventListener")


class Transports:
    """Tells whether a request is one that a client sends: the client's own calls are what is to be monitored."""

    def __init__(self, project: Project, reach: Reach, edges: Callable[[], Edges]) -> None:
        self._project = project
        self._reach = reach
        self._edges = edges
        self._handed: dict[str, list[tuple[int, Expr]]] = {}
        """By file: the calls that are handed a function to send with, and the function."""
        self._known: dict[Key, tuple[str, int] | None] = {}
        self._models: set[tuple[str, int]] = set()
        """The models of the project's own that were met so far."""

    def of(self, found: FoundCall) -> Verdict:
        """What the calls of the client come under, where the request stands in a function that one is handed."""
        view = found.view
        if found.match.entry.kind != "http" or self._project.store.loads_by_name:
            return Verdict(None)
        if _hands_on(view, found.number):
            monitor = Monitor("callers", Level.ERRORS, "what monitors the page", view.path, 0)
            return Verdict(monitor, (), "the service worker only hands on what the page asks for")
        place = self._handed_to(view, found.number, set())
        if place is None:
            return Verdict(None)
        what = "model" if place in self._models else "client that is made"
        name = f"what monitors the calls of the {what} at {place[0]}:{place[1] + 1}"
        monitor = Monitor("callers", Level.ERRORS, name, *place)
        return Verdict(monitor, (), "these are looked at by themselves")

    def _handed_to(self, view: FileView, number: int, seen: set[Key]) -> tuple[str, int] | None:
        """The client that is handed the function in which a call stands, or all that call that; None: there is none."""
        call = view.facts.calls[number]
        for scope in view.scopes_around(call.scope):
            if self._asks_for_model(view, scope):
                return view.path, view.facts.scopes[view.facts.scopes[scope].parent].row
            for there, client in self._senders.get((view.path, scope), ()):
                is_meant = self._is_client(there, client) or _is_asked_for(view, number, scope)
                if is_meant and not self._is_called(view, Defined(view.path, scope)):
                    return there.path, there.facts.calls[client].row
        function = view.function_of(call.scope)
        if function <= 0 or self._beginning.isdisjoint(self._reach.importers(view.path)):
            return None
        return self._by_callers((view.path, function), seen)

    def _asks_for_model(self, view: FileView, scope: int) -> bool:
        """Whether a function is what LangChain has a model of the project's ask by."""
        here = view.facts.scopes[scope]
        if here.name not in _ASKING or here.parent <= 0 or view.facts.scopes[here.parent].kind != "class":
            return False
        bases = self._project.resolver.bases(view.path, here.parent)
        is_model = any(isinstance(base, External) and _MODEL.fullmatch(base.path) for base in bases)
        if is_model:
            self._models.add((view.path, view.facts.scopes[here.parent].row))
        return is_model

    @cached_property
    def _beginning(self) -> frozenset[str]:
        """The files with something of the kind."""
        return frozenset((*(path for path, _ in self._senders), *self._looked_through[1]))

    @cached_property
    def _looked_through(self) -> tuple[list[str], list[str]]:
        """The files that may hand a function on to send with, and those that may have a model of LangChain's."""
        giving: list[str] = []
        models: list[str] = []
        for path in sorted(self._reach.application()):
            text = self._project.store.text(path)
            # A search that passes over case takes a hundred times as long.
            if b"etch" in text and _GIVEN.search(text):
                giving.append(path)
            if b"langchain" in text and any(name.encode() in text for name in _ASKING):
                models.append(path)
        return giving, models

    @cached_property
    def _senders(self) -> dict[Key, list[tuple[FileView, int]]]:
        """The functions of the project that are handed to clients to send with, and the calls that make these."""
        found: dict[Key, list[tuple[FileView, int]]] = {}
        for path in self._looked_through[0]:
            view = self._project.view(path)
            for number, expr in self._of_file(view) if view is not None else ():
                call = view.facts.calls[number]  # type: ignore[union-attr]
                for value in self._project.resolver.resolve(expr, view, call.scope, call.start):  # type: ignore[arg-type]
                    if isinstance(value, Defined):
                        found.setdefault((value.file, value.scope), []).append((view, number))  # type: ignore[arg-type]
        return found

    def _by_callers(self, key: Key, seen: set[Key]) -> tuple[str, int] | None:
        """Likewise for a function that others call with what they are to send."""
        if key in self._known:
            return self._known[key]
        if key in seen or len(seen) >= _MANY:
            return None
        is_asked_for = not seen
        seen.add(key)
        place: tuple[str, int] | None = None
        rows = [row for row in self._edges().all(key) if self._project.is_app(row.call[0].path)]
        for row in rows:
            near = self._handed_to(*row.call, seen) if row.sure or row.near is None else None
            if near is None and row.near is None:
                place = None
                break
            place = place or near
        if is_asked_for:
            self._known[key] = place
        return place

    def _is_called(self, view: FileView, function: Defined) -> bool:
        """Whether the project calls the function itself, too."""
        name = view.facts.scopes[function.scope].name
        if any(function in self._project.resolver.callee(view, n) for n in view.calls_by_tail.get(name, ())):
            return True
        rows = self._edges().all((view.path, function.scope)) if name else []
        return any(row.sure and tail_of(row.call[0].facts.calls[row.call[1]].callee) == name for row in rows)

    def _of_file(self, view: FileView) -> list[tuple[int, Expr]]:
        if view.path not in self._handed:
            self._handed[view.path] = list(self._find(view))
        return self._handed[view.path]

    def _find(self, view: FileView) -> Iterator[tuple[int, Expr]]:
        for number, call in enumerate(view.facts.calls):
            for name, expr in call.kwargs.items():
                if _OPTION.fullmatch(tail_of(name)) and self._may_send(view, number):
                    yield number, expr
        for row in view.facts.bindings:
            base, dot, name = row.name.rpartition(".")
            if dot and _OPTION.fullmatch(name) and row.how == "assign":
                # ``options.fetch = logged``, and then ``new OpenAI(options)``.
                for number, call in enumerate(view.facts.calls):
                    if base in call.args and self._is_client(view, number):
                        yield number, row.value

    def _may_send(self, view: FileView, number: int) -> bool:
        """Whether a call makes a client, out of a package or of a class of the project's that hands on what it gets."""
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, External):
                return _SERVERS.fullmatch(value.path) is None
            if isinstance(value, (Defined, Instance)):
                bases = self._project.resolver.bases(value.file, value.scope)
                if any(isinstance(base, External) for base in bases):
                    return True
                there = self._project.view(value.file) if value.file != view.path else None
                if there is not None and _GIVEN.search(self._project.store.text(value.file)) and self._of_file(there):
                    return True
        return False

    def _is_client(self, view: FileView, number: int) -> bool:
        """Whether a call makes a client of the catalogue's, or is a site itself."""
        catalogue = self._project.catalogue
        return any(
            catalogue.client(f"{value.path}()") is not None or catalogue.match_call(value.path) is not None
            for value in self._project.resolver.callee(view, number)
            if isinstance(value, External)
        )


def _is_asked_for(view: FileView, number: int, scope: int) -> bool:
    """Whether a function asks for what it is told to, or hands that on: its first parameter."""
    params = view.facts.scopes[scope].params[:1]
    first = view.facts.calls[number].args[:1]
    return bool(params and first) and isinstance(first[0], str) and first[0].partition(".")[0] == params[0].name


def _hands_on(view: FileView, number: int) -> bool:
    """Whether a call in a service worker asks for what a page asked it for."""
    first = view.facts.calls[number].args[:1]
    if not first or not isinstance(first[0], str) or not _ASKED.fullmatch(first[0]):
        return False
    listening = (view.facts.calls[n] for n in view.calls_by_tail.get("addEventListener", ()))
    return "respondWith" in view.calls_by_tail and any(
        call.callee in _SELF and bool(call.args) and call.args[0] in _FETCH for call in listening
    )
