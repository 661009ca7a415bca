"""Methods of a package's object that the project puts its own in place of: ``logger.error = (…) => { … }``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.values import Defined, Module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_DEFAULT: Final = "default"
MAX_STEPS = 6
"""So many names, imports and calls lie at most between a call and where the object is made."""


class Replaced:
    """Finds what is called instead of a package's method."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def by(self, view: FileView, number: int) -> Iterator[Defined]:
        """The functions of the project that were put in place of the method that a call calls."""
        call = view.facts.calls[number]
        name, dot, method = call.callee.partition(".") if isinstance(call.callee, str) else ("", "", "")
        if dot and "." not in method:
            yield from self._put(name, method, view, call.scope, MAX_STEPS)

    def _put(self, expr: Expr, method: str, view: FileView, scope: int, left: int) -> Iterator[Defined]:
        """The functions that were put in place of a method of what an expression gives."""
        if not left:
            return
        if isinstance(expr, str):
            yield from self._put_on_name(expr, method, view, scope, left - 1)
        elif expr and expr[0] == "call":
            for value in self._project.resolver.callee(view, expr[1]):
                exported = self._project.resolver.attribute(value, _DEFAULT) if isinstance(value, Module) else (value,)
                for function in exported:
                    there = self._project.view(function.file) if isinstance(function, Defined) else None
                    if there is not None and isinstance(function, Defined):
                        for given in there.facts.scopes[function.scope].returns:
                            yield from self._put(given, method, there, function.scope, left - 1)

    def _put_on_name(self, name: str, method: str, view: FileView, scope: int, left: int) -> Iterator[Defined]:
        resolver = self._project.resolver
        declared = _declaring(view, name, scope)
        for row in view.facts.bindings:
            if row.name == f"{name}.{method}" and _declaring(view, name, row.scope) == declared:
                values = resolver.resolve(row.value, view, view.facts.blocks[row.block].scope, row.start)
                yield from (value for value in values if isinstance(value, Defined))
        for bound in view.bindings.get((declared, name), ()):
            yield from self._put(bound.value, method, view, declared, left)
        for taken in view.imports.get((declared, name), ()):
            module, names = self._project.modules.find(view.path, taken.target)
            there = self._project.view(module) if module is not None else None
            if there is not None:
                yield from self._put(names[0] if names else _DEFAULT, method, there, 0, left)


def _declaring(view: FileView, name: str, scope: int) -> int:
    """The scope that declares a name as it is read in another one."""
    while scope > 0 and (scope, name) not in view.bindings and (scope, name) not in view.imports:
        if any(param.name == name for param in view.facts.scopes[scope].params):
            break
        scope = view.facts.scopes[scope].parent
    return scope
