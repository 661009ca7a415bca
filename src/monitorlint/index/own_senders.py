"""Methods of the project that requests pass through: ``request`` of a session's own class, ``send`` of its adapter.

``session.get(url)`` of a class that has a ``request`` of its own is a call of that method. What it sends is looked at
there, and so is how long it may take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.heirs import methods_named
from monitorlint.index.values import Defined, External, Instance, Parent
from monitorlint.index.verdict import Verdict
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from monitorlint.catalog import CallMatch
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_MOUNTING = "mount"
"""What a session is handed an adapter with, which sends for it."""
_LIMIT = "timeout"


class OwnSenders:
    """Tells through which methods of the project a request passes."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, found: FoundCall) -> Verdict:
        """What sees to a call that is made through a method of its client's own class, which sends for it."""
        for method in _overriding(self._project, found.view, found.number, found.match):
            view = self._project.view(method.file)
            if view is not None and self._sends(view, method.scope):
                row = view.facts.scopes[method.scope].row
                name = f"what monitors the request in {method.file}:{row + 1}"
                monitor = Monitor("callers", Level.ERRORS, name, method.file, row)
                return Verdict(monitor, (), "that is looked at by itself", is_own=True)
        return Verdict(None)

    def limit(self, found: FoundCall) -> bool:
        """Whether a method of the project that a request passes through may set a limit for it."""
        receiver = _receiver_of(self._project, found.view, found.number) if found.match.through else ()
        names = (found.match.method, *found.match.through)
        methods = [method for name in names for value in receiver for method in self._methods(value, name)]
        if any(map(self._is_limiting, (*methods, *self._mounted(found, receiver)))):
            return True
        return bool(receiver) and self._is_replaced(found, receiver, names)

    def _methods(self, value: object, name: str) -> Iterator[Defined]:
        """The methods of a name that the class of a value, and those of the project that it inherits from, have."""
        todo = [Defined(value.file, value.scope)] if isinstance(value, Instance) else []
        seen: set[Defined] = set()
        while todo:
            owner = todo.pop()
            view = self._project.view(owner.file)
            if owner in seen or view is None:
                continue
            seen.add(owner)
            yield from methods_named(view, owner.scope, name)
            todo.extend(v for v in self._project.resolver.bases(*owner) if isinstance(v, Defined))

    def _is_replaced(self, found: FoundCall, receiver: Values, names: Collection[str]) -> bool:
        """Whether an object has another function in a method's place: ``session.request = partial(…, timeout=5)``."""
        for view in self._makers(found, receiver):
            for row in view.facts.bindings:
                owner, _, name = row.name.rpartition(".")
                if owner and name in names and row.how == "assign":
                    scope = view.facts.blocks[row.block].scope
                    values = self._project.resolver.resolve(owner, view, scope, row.start)
                    if not set(receiver).isdisjoint(values):
                        return True
        return False

    def _makers(self, found: FoundCall, receiver: Values) -> Iterator[FileView]:
        """The files in which what a call is made on is set up."""
        paths = {found.view.path, *(v.origin[0] for v in receiver if isinstance(v, External) and v.origin)}
        paths |= {v.file for v in receiver if isinstance(v, Instance)}
        yield from filter(None, map(self._project.view, sorted(paths)))

    def _mounted(self, found: FoundCall, receiver: Values) -> Iterator[Defined]:
        """The methods by which adapters of the project send what the session of a call is asked for."""
        resolver = self._project.resolver
        for view in self._makers(found, receiver):
            for number in view.calls_by_tail.get(_MOUNTING, ()):
                call = view.facts.calls[number]
                owner = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
                if len(call.args) < 2 or not owner:
                    continue
                if not set(receiver).isdisjoint(resolver.resolve(owner, view, call.scope, call.start)):
                    adapters = resolver.argument(view, call, 1, "adapter")
                    yield from (m for adapter in adapters for m in self._methods(adapter, "send"))

    def _sends(self, view: FileView, scope: int) -> bool:
        """Whether a request stands in a function."""
        return any(
            isinstance(value, External) and self._project.catalogue.match_call(value.path) is not None
            for number, call in enumerate(view.facts.calls)
            if view.function_of(call.scope) == scope
            for value in self._project.resolver.callee(view, number)
        )

    def _is_limiting(self, method: Defined) -> bool:
        view = self._project.view(method.file)
        if view is None:
            return False
        calls = (call for call in view.facts.calls if view.function_of(call.scope) == method.scope)
        if any(_LIMIT in call.kwargs or ("lit", _LIMIT) in map(_frozen, call.args) for call in calls):
            return True
        blocks = view.facts.blocks
        here = (b for b in view.facts.bindings if view.function_of(blocks[b.block].scope) == method.scope)
        return any(b.name.endswith(f"[]{_LIMIT}") for b in here)


def _receiver_of(project: Project, view: FileView, number: int) -> Values:
    """What a call is made on."""
    call = view.facts.calls[number]
    owner: Expr = None
    if isinstance(call.callee, str):
        owner = call.callee.rpartition(".")[0] or None
    elif call.callee is not None and call.callee[0] == "attr":
        owner = call.callee[1]
    return project.resolver.resolve(owner, view, call.scope, call.start)


def _overriding(project: Project, view: FileView, number: int, match: CallMatch) -> tuple[Defined, ...]:
    """The methods of the project that all that a call is made on has in the place of its client's."""
    receiver = _receiver_of(project, view, number) if match.through else ()
    if not receiver or not all(isinstance(value, Instance) for value in receiver):
        return ()
    inner = match.through.index(match.method) + 1 if match.method in match.through else 0
    for name in match.through[inner:]:
        values = [v for value in receiver for v in project.resolver.attribute(value, name)]
        own = tuple(v for v in values if isinstance(v, Defined))
        if own and len(own) == len(values):
            return own
    return ()


def calls_through(
    project: Project, view: FileView, scope: int, able: Collection[str]
) -> Iterator[tuple[FileView, int]]:
    """The calls that are made through a method, where that stands in the place of one that a client has.

    :param able: The files that may know its class.
    """
    here = view.facts.scopes[scope]
    names, tails = project.catalogue.through
    if here.name not in names or here.parent <= 0 or view.facts.scopes[here.parent].kind != "class":
        return
    above = project.resolver.attribute(Parent(view.path, here.parent), here.name)
    matches = (project.catalogue.match_call(v.path) for v in above if isinstance(v, External))
    if not any(match is not None and here.name in match.through for match in matches):
        return
    for there in project.views():
        found = tails & there.calls_by_tail.keys() if there.path in able else ()
        for number in sorted(number for tail in found for number in there.calls_by_tail[tail]):
            callee = there.facts.calls[number].callee
            if isinstance(callee, str) and "." not in callee:
                continue
            for value in project.resolver.callee(there, number):
                match = project.catalogue.match_call(value.path) if isinstance(value, External) else None
                if match is not None and Defined(view.path, scope) in _overriding(project, there, number, match):
                    yield there, number
                    break


def _frozen(expr: object) -> object:
    """Facts from the cache are lists."""
    return tuple(expr) if isinstance(expr, list) else expr
