"""Functions of the project that run what they are handed, and send what it raises.

``const safely = async (work) => { try { return await work(); } catch (error) { captureException(error); } }``
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import Defined
from monitorlint.index.view import OWN_NAMES, family_of, tail_of
from monitorlint.model.facts import CallFlag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.captures import Captured
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_LOOKING = frozenset(
    "wraps update_wrapper iscoroutinefunction isasyncgenfunction isgeneratorfunction isfunction ismethod signature "
    "getattr hasattr setattr callable isinstance id str repr print".split()
)
"""What is asked about a function, and does not run it."""
MAX_HELPERS = 3
"""So many functions may hand a function on before one runs it."""


class Catching:
    """Tells which calls run a function under a handler that sends."""

    def __init__(self, project: Project, around: Callable[[FileView, Call, Entry], Captured | None]) -> None:
        """:param around: What finds the handler around a call."""
        self._project = project
        self._around = around
        self._memo: dict[tuple[Defined, int | str, str], Captured | None] = {}
        self._depth = 0

    def running(self, view: FileView, call: Call, scope: int, entry: Entry) -> Captured | None:
        """The handler in what is handed the function ``scope``, in which ``call`` stands."""
        here = view.facts.scopes[scope]
        number = call.parent
        while number >= 0:
            outer = view.facts.calls[number]
            if outer.start < here.start and outer.end >= here.end:
                place = _place_of(outer, lambda expr: _is_function(expr, scope))
                return self.run_by(view, number, place, entry) if place is not None else None
            number = outer.parent
        return None

    def place(self, view: FileView, number: int, function: Defined) -> int | str | None:
        """Where call ``number`` is handed a function: the position or the name of the argument; None: it is not."""
        call = view.facts.calls[number]
        there = self._project.view(function.file)
        here = there.facts.scopes[function.scope] if there is not None else None
        if here is None or not (call.args or call.kwargs):
            return None
        nameless = here.kind == "lambda"
        known = {here.name, *(i.local for i in view.facts.imports if i.target.rpartition(".")[2] == here.name)}

        def is_meant(expr: Expr) -> bool:
            # One without a name is what some call gives, or has the name that this is bound to.
            if isinstance(expr, str):
                may_be = nameless or expr.rpartition(".")[2] in known
            else:
                may_be = nameless and expr is not None and expr[0] == "call"
            return may_be and function in self._project.resolver.resolve(expr, view, call.scope, call.start)

        return _place_of(call, is_meant)

    def run_by(self, view: FileView, number: int, place: int | str, entry: Entry) -> Captured | None:
        """The handler under which call ``number`` runs what it is handed at a place; in each that it may call."""
        values = self._project.resolver.callee(view, number)
        functions = [value for value in values if isinstance(value, Defined)]
        if not functions or len(functions) != len(values):
            return None
        found = [self._in(function, place, view.facts.calls[number], entry) for function in functions]
        return found[0] if all(found) else None

    def run_in(self, function: Defined, place: int, entry: Entry, *, waits: bool) -> Captured | None:
        """The handler under which a function runs what it is handed at a place, whoever hands it that.

        :param waits: That gives a coroutine: it has run where that is awaited.
        """
        return self._in(function, place, None, entry, waits=waits)

    def _in(
        self, function: Defined, place: int | str, call: Call | None, entry: Entry, *, waits: bool = False
    ) -> Captured | None:
        key = (function, place, f"{entry.package} waits" if waits else entry.package)
        if key not in self._memo:
            # One that hands a function to itself runs nothing by that.
            self._memo[key] = None
            if self._depth < MAX_HELPERS:
                self._depth += 1
                self._memo[key] = self._run_in(function, place, call, entry, waits=waits)
                self._depth -= 1
        return self._memo[key]

    def _run_in(
        self, function: Defined, place: int | str, handing: Call | None, entry: Entry, *, waits: bool
    ) -> Captured | None:
        """The handler in a function around all that runs what it is handed; None where something runs it without."""
        view = self._project.view(function.file)
        names = self._named(function, place, handing)
        best: Captured | None = None
        if view is None:
            return None
        own = self._taking(view, function, names, waits=waits)
        for number, call in own:
            if _runs(call, names):
                found = self._around(view, call, entry)
            elif (at := _place_of(call, lambda expr: isinstance(expr, str) and expr in names)) is not None:
                found = self._around(view, call, entry) or self.run_by(view, number, at, entry)
            else:
                continue
            if found is None:
                return None
            best = best or found
        return best

    def runs(self, function: Defined, place: int, *, waits: bool) -> list[Call]:
        """The calls by which a function runs what it is handed at a place; none where it hands that on, too."""
        view = self._project.view(function.file)
        names = self._named(function, place, None)
        own = self._taking(view, function, names, waits=waits) if view is not None else []
        return [call for _, call in own] if all(_runs(call, names) for _, call in own) else []

    def _named(self, function: Defined, place: int | str, handing: Call | None) -> set[str]:
        """What a function calls that which it is handed at a place."""
        view = self._project.view(function.file)
        if view is None or view.facts.scopes[function.scope].kind == "class":
            return set()
        family = set(family_of(view, function.scope))
        names = set(_names(view, function.scope, place, handing))
        others = (b for b in view.facts.bindings if b.scope in family and isinstance(b.value, str))
        return names.union(b.name for b in others if b.value in names)

    @staticmethod
    def _taking(view: FileView, function: Defined, names: set[str], *, waits: bool) -> list[tuple[int, Call]]:
        """The calls of a function that run one of what has some names, or are handed it."""
        family = set(family_of(view, function.scope)) if names else set()
        own = [(n, c) for n, c in enumerate(view.facts.calls) if c.scope in family and _takes(c, names)]
        # One that is made for functions of both kinds runs the others elsewhere.
        return [(n, c) for n, c in own if not (waits and _runs(c, names)) or c.flags & CallFlag.AWAITED]


def _takes(call: Call, names: set[str]) -> bool:
    """Whether a call runs one of what has some names, or is handed it for more than a look."""
    handed = (*call.args, *call.kwargs.values())
    is_handed = any(isinstance(expr, str) and expr in names for expr in handed)
    return _runs(call, names) or (is_handed and tail_of(call.callee) not in _LOOKING)


def _runs(call: Call, names: set[str]) -> bool:
    return isinstance(call.callee, str) and call.callee in names


def _is_function(expr: Expr, scope: int) -> bool:
    return isinstance(expr, (tuple, list)) and bool(expr) and expr[0] == "fn" and expr[1] == scope


def _place_of(call: Call, is_meant: Callable[[Expr], bool]) -> int | str | None:
    """The position of an argument, or its name; None where it is not among them by itself."""
    place: int | str | None = next((at for at, expr in enumerate(call.args) if is_meant(expr)), None)
    return place if place is not None else next((name for name, expr in call.kwargs.items() if is_meant(expr)), None)


def _names(view: FileView, scope: int, place: int | str, call: Call | None) -> Iterator[str]:
    """What a function calls that which it is handed at a place."""
    scopes = view.facts.scopes
    params = scopes[scope].params
    bound = bool(params) and params[0].name in OWN_NAMES and not view.is_static(scope)
    positional = [p for p in params[bound:] if p.kind == ""]
    if isinstance(place, int):
        if place < len(positional) and positional[place].name:
            yield positional[place].name
        return
    if any(p.name == place for p in params):
        yield place
    # The last object among the arguments is handed over as a whole.
    args = call.args if call is not None else []
    at = next((n for n in reversed(range(len(args))) if _is_object(args[n])), len(positional))
    if at < len(positional) and positional[at].name:
        yield f"{positional[at].name}.{place}"


def _is_object(expr: Expr) -> bool:
    return isinstance(expr, (tuple, list)) and bool(expr) and expr[0] == "map"
