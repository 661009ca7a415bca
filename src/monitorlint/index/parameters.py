"""What the parameters of functions stand for: by annotation, default, and what callers hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.handed import Handed
from monitorlint.index.values import Collected, Defined, Instance, Literal, frozen
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.resolve import Project, Resolver
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call, Param


# Types of which a client is one of many things: what is handed over tells more.
_GENERAL = frozenset({"@langchain/core.runnables.Runnable()", "@langchain/core.runnables.RunnableInterface()"})


# Methods that call a function for each element of what they are called on.
_OVER_ELEMENTS = frozenset("map forEach filter flatMap some every find findIndex findLast".split())


class Parameters:
    """Resolves parameters, for a resolver."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project = project
        self._resolver = resolver

    def of(self, view: FileView, scope: int, param: Param) -> Values:
        """What a parameter of a function may be."""
        here = view.facts.scopes[scope]
        if (
            here.params
            and here.params[0].name == param.name
            and (owner := view.instance_of(scope, param.name)) is not None
        ):
            is_class = view.is_class_method(scope) or here.name in {"__new__", "__init_subclass__", "__class_getitem__"}
            return (Defined(view.path, owner) if is_class else Instance(view.path, owner),)
        if param.kind in {"*", "**"}:
            return tuple(dict.fromkeys(self._collected(view, scope, param)))
        annotated = self._resolver.resolve(param.annotation, view, here.parent, here.start)
        if any(not isinstance(v, (Literal, Collected)) and getattr(v, "path", "") not in _GENERAL for v in annotated):
            return annotated
        values = [*annotated, *self._resolver.resolve(param.default, view, here.parent, here.start)]
        position = [p.name for p in here.params].index(param.name)
        if here.kind == "lambda":
            values.extend(self._loaded(view, scope) if position == 0 else ())
            if param.kind == "k" and not here.params[0].name:
                values.extend(self._loaded(view, scope, param.name))
            values.extend(self._from_what_runs_it(view, scope, Handed(param.name, position, literals=False)))
        else:
            values.extend(self._from_decorators(view, scope, Handed(param.name, position, literals=False)))
        values.extend(self._from_callers(view, scope, param.name, position))
        return tuple(dict.fromkeys(v for v in values if not isinstance(v, Literal)))

    def _collected(self, view: FileView, scope: int, param: Param) -> Iterator[Value]:
        """What ``*args`` and ``**options`` hold: what callers hand over that no other parameter takes."""
        here = view.facts.scopes[scope]
        if view.facts.scopes[here.parent].kind in {"function", "lambda"}:
            # What a decorator puts in a function's place is called by the function's name.
            return
        taken = {p.name for p in here.params}
        first = sum(p.kind == "" for p in here.params) - self._shift(view, scope)
        for caller, call in self._project.callers(view.path, scope, Handed(param.name, -1, literals=True, whole=True)):
            if param.kind == "*":
                expr: Expr = ("seq", tuple(call.args[first:]))
            else:
                # Other callers may hand over more.
                named = ((name, value) for name, value in call.kwargs.items() if name not in taken)
                expr = ("map", (*named, ("**", None)))
            if expr[1]:  # type: ignore[index]
                yield Collected(caller.path, call.scope, call.start, frozen(expr))

    def _loaded(self, view: FileView, scope: int, part: str = "") -> Iterator[Value]:
        """The module that a function is handed when it is there: ``import("m").then((m) => …)``, or a part."""
        for number in view.calls_by_tail.get("then", ()):
            call = view.facts.calls[number]
            callee, first = call.callee, call.args[0] if call.args else None
            if not isinstance(callee, (tuple, list)) or callee[0] != "attr" or list(first or ()) != ["fn", scope]:
                continue
            if isinstance(callee[1], (tuple, list)) and callee[1][0] == "module":
                module = ("attr", callee[1], part) if part else callee[1]
                yield from self._resolver.resolve(module, view, call.scope, call.start)

    def _from_what_runs_it(self, view: FileView, scope: int, wanted: Handed) -> Iterator[Value]:
        """What a function without a name is called with by what it is handed to.

        A function of the project calls its parameter (``with_client(lambda client: …)``), a method of a list or a map
        hands its elements over, one by one (``clients.map((client) => …)``).
        """
        handed = view.handing.get(scope)
        if handed is None:
            return
        number, place = handed
        call = view.facts.calls[number]
        tail = tail_of(call.callee)
        if (wanted.place == 0 and tail in _OVER_ELEMENTS) or (wanted.place == 1 and tail == "reduce"):
            each = _receiver(call.callee) or (call.args[1] if place == 0 and len(call.args) > 1 else None)
            over = self._resolver.resolve(each, view, call.scope, call.start)
            yield from self._resolver.elements.of(over, "", None, view, call.scope)
        for value in self._resolver.callee(view, number):
            if isinstance(value, Defined):
                yield from self._from_runs(value, place, wanted)

    def _from_decorators(self, view: FileView, scope: int, wanted: Handed) -> Iterator[Value]:
        """What a function is called with by what a decorator of the project makes of it."""
        here = view.facts.scopes[scope]
        for decorator in here.decorators:
            for value in self._resolver.resolve(decorator, view, here.parent, here.start):
                if isinstance(value, Defined):
                    # In the body of a class, `@authorized` calls a function that is no method yet.
                    place = -1 if isinstance(decorator, str) and "." not in decorator else 0
                    yield from self._from_runs(value, place, wanted)

    def _from_runs(self, function: Defined, place: int | str, wanted: Handed) -> Iterator[Value]:
        """What is handed over where a function of the project calls what it takes as an argument itself."""
        view = self._project.view(function.file)
        if view is None:
            return
        name = _parameter(view, function.scope, place)
        for number in view.calls_by_tail.get(name, ()) if name else ():
            run = view.facts.calls[number]
            if run.callee == name and wanted.says(run) and function.scope in view.scopes_around(run.scope):
                yield from self._resolver.resolve(wanted.of(run), view, run.scope, run.start)

    def _from_callers(self, view: FileView, scope: int, name: str, position: int) -> Iterator[Value]:
        # A literal is no value that a parameter is followed to.
        handed = Handed(name, position - self._shift(view, scope), literals=False)
        for caller, call in self._project.callers(view.path, scope, handed):
            yield from self._resolver.resolve(handed.of(call), caller, call.scope, call.start)

    def texts(self, view: FileView, call: Call, position: int) -> Iterator[str]:
        """What the text that is handed to a call may be, where its function is handed that by those who call it."""
        expr, scope = call.args[position], view.function_of(call.scope)
        names = [p.name for p in view.facts.scopes[scope].params if p.kind == ""]
        if not isinstance(expr, str) or expr not in names:
            return
        handed = Handed(expr, names.index(expr) - self._shift(view, scope), literals=True)
        for caller, found in self._project.callers(view.path, scope, handed):
            for value in self._resolver.resolve(handed.of(found), caller, found.scope, found.start):
                if isinstance(value, Literal) and isinstance(value.value, str):
                    yield value.value

    @staticmethod
    def _shift(view: FileView, scope: int) -> int:
        """How many parameters stand before those that a call writes down."""
        above = view.facts.scopes[scope].parent
        is_method = above >= 0 and view.facts.scopes[above].kind == "class"
        return 1 if is_method and not view.is_static(scope) else 0

    def field(self, view: FileView, scope: int, name: str) -> Iterator[Value]:
        """A dataclass field that the annotation says nothing of: what the constructor's callers hand over."""
        handed = Handed(name, -1, literals=True)
        for caller, call in self._project.callers(view.path, scope, handed):
            yield from self._resolver.resolve(handed.of(call), caller, call.scope, call.start)


def _receiver(callee: Expr) -> Expr:
    """What a method is called on."""
    if isinstance(callee, str):
        return callee.rpartition(".")[0] or None
    if callee is None or callee[0] != "attr":
        return None
    path = callee[2].rpartition(".")[0]
    return ("attr", callee[1], path) if path else callee[1]


def _parameter(view: FileView, scope: int, place: int | str) -> str:
    """The name of the parameter that takes an argument, by its position or keyword; ``""``: none of its own.

    :param place: -1: the first of a function, and of a method that is called as a function.
    """
    here = view.facts.scopes[scope]
    if here.kind == "class":
        return ""
    if isinstance(place, str):
        return place
    is_method = here.parent >= 0 and view.facts.scopes[here.parent].kind == "class" and not view.is_static(scope)
    at = max(place + is_method, 0)
    return here.params[at].name if at < len(here.params) and here.params[at].kind == "" else ""
