"""What the parameters of functions stand for: by annotation, default, and what callers hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.handed import Handed
from monitorlint.index.values import Collected, Defined, Instance, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.resolve import Project, Resolver
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Param


# Types of which a client is one of many things: what is handed over tells more.
_GENERAL = frozenset({"@langchain/core.runnables.Runnable()", "@langchain/core.runnables.RunnableInterface()"})


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
            return ()
        annotated = self._resolver.resolve(param.annotation, view, here.parent, here.start)
        if any(not isinstance(v, (Literal, Collected)) and getattr(v, "path", "") not in _GENERAL for v in annotated):
            return annotated
        values = [*annotated, *self._resolver.resolve(param.default, view, here.parent, here.start)]
        position = [p.name for p in here.params].index(param.name)
        if position == 0 and here.kind == "lambda":
            values.extend(self._loaded(view, scope))
        values.extend(self._from_callers(view, scope, param.name, position))
        return tuple(dict.fromkeys(v for v in values if not isinstance(v, Literal)))

    def _loaded(self, view: FileView, scope: int) -> Iterator[Value]:
        """The module that a function is handed when it is there: ``import("m").then((m) => …)``."""
        for number in view.calls_by_tail.get("then", ()):
            call = view.facts.calls[number]
            callee, first = call.callee, call.args[0] if call.args else None
            if not isinstance(callee, (tuple, list)) or callee[0] != "attr" or list(first or ()) != ["fn", scope]:
                continue
            if isinstance(callee[1], (tuple, list)) and callee[1][0] == "module":
                yield from self._resolver.resolve(callee[1], view, call.scope, call.start)

    def _from_callers(self, view: FileView, scope: int, name: str, position: int) -> Iterator[Value]:
        here = view.facts.scopes[scope]
        is_method = view.facts.scopes[here.parent].kind == "class" if here.parent >= 0 else False
        shift = 1 if is_method and not view.is_static(scope) else 0
        # A literal is no value that a parameter is followed to.
        handed = Handed(name, position - shift, literals=False)
        for caller, call in self._project.callers(view.path, scope, handed):
            yield from self._resolver.resolve(handed.of(call), caller, call.scope, call.start)

    def field(self, view: FileView, scope: int, name: str) -> Iterator[Value]:
        """A dataclass field that the annotation says nothing of: what the constructor's callers hand over."""
        handed = Handed(name, -1, literals=True)
        for caller, call in self._project.callers(view.path, scope, handed):
            yield from self._resolver.resolve(handed.of(call), caller, call.scope, call.start)
