"""Functions of the project that tell a monitor of the error they are handed: ``reportError(error)``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from monitorlint.index.values import Defined, External
from monitorlint.index.view import OWN_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.catalog import Form
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

MAX_HELPERS = 3
"""So many functions may hand an error on before one sends it."""


class Reporter(NamedTuple):
    """What a function of the project sends by."""

    form: Form
    path: str
    """Canonical path of what it calls in the end."""
    argument: int
    """Position of the argument that is sent."""


class Reporters:
    """Finds the functions, and the calls of them."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._auto = auto

    def called(self, view: FileView, number: int) -> Reporter | None:
        """The reporter that a call calls, and hands something; None where it calls none."""
        given = len(view.facts.calls[number].args)
        for value in self._project.resolver.callee(view, number):
            found = self._all.get(value) if isinstance(value, Defined) else None
            # Of calls that look like those of a logger, the facts hold no arguments.
            if found is not None and (found.argument < given or not given):
                return found
        return None

    def names(self, view: FileView) -> frozenset[str]:
        """The last names by which a file may call a reporter."""
        return _names_in_file(view, self._names)

    @cached_property
    def _names(self) -> frozenset[str]:
        return self._names_of(self._all)

    def _names_of(self, reporters: Iterable[Defined]) -> frozenset[str]:
        views = ((self._project.view(one.file), one.scope) for one in reporters)
        return frozenset(view.facts.scopes[scope].name for view, scope in views if view is not None)

    @cached_property
    def _all(self) -> dict[Defined, Reporter]:
        found = dict(self._sending())
        new = dict(found)
        for _ in range(MAX_HELPERS):
            new = {one: sent for one, sent in self._handing_to(new) if one not in found}
            if not new:
                break
            found.update(new)
        return found

    def _sending(self) -> Iterator[tuple[Defined, Reporter]]:
        """The functions that send what they are handed."""
        catalogue = self._project.catalogue
        tails = catalogue.capture_tails
        paths = {p for tail in tails for p in self._project.store.calling(tail, self._auto.beside_monitors)}
        for view in filter(None, map(self._project.view, sorted(paths))):
            for tail in sorted(tails & view.calls_by_tail.keys()):
                for number in view.calls_by_tail[tail]:
                    handing = _handing(view, view.facts.calls[number], 0)
                    if handing is None:
                        continue
                    for value in self._project.resolver.callee(view, number):
                        form = catalogue.capture(value.path) if isinstance(value, External) else None
                        if form is not None and isinstance(value, External) and not form.member and not form.when:
                            yield handing[0], Reporter(form, catalogue.reduce(value.path), handing[1])

    def _handing_to(self, new: dict[Defined, Reporter]) -> Iterator[tuple[Defined, Reporter]]:
        """The functions that hand what they are handed to one of some reporters."""
        names = self._names_of(new)
        near = {path for one in new for path in (one.file, *self._auto.directly_importing(one.file))}
        paths = {p for name in names for p in self._project.store.calling(name, near) if self._project.is_app(p)}
        for view in filter(None, map(self._project.view, sorted(paths))):
            for tail in sorted(_names_in_file(view, names) & view.calls_by_tail.keys()):
                for number in view.calls_by_tail[tail]:
                    for value in self._project.resolver.callee(view, number):
                        sent = new.get(value) if isinstance(value, Defined) else None
                        handing = _handing(view, view.facts.calls[number], sent.argument) if sent is not None else None
                        if sent is not None and handing is not None:
                            yield handing[0], sent._replace(argument=handing[1])


def _names_in_file(view: FileView, names: frozenset[str]) -> frozenset[str]:
    """Some names, and what a file's imports make of them."""
    renamed = {i.local for i in view.facts.imports if i.target.rpartition(".")[2] in names}
    return names | renamed


def _handing(view: FileView, call: Call, position: int) -> tuple[Defined, int] | None:
    """The function that a call stands in, and which of its own parameters is handed over at a position."""
    number = view.function_of(call.scope)
    here = view.facts.scopes[number]
    if here.kind != "function" or position >= len(call.args):
        return None
    given = set(_names_in(call.args[position]))
    own = [p.name for p in here.params if p.name not in OWN_NAMES]
    return next(((Defined(view.path, number), at) for at, name in enumerate(own) if name in given), None)


def _names_in(expr: Expr) -> Iterator[str]:
    """The name that an argument is, or those of which it is one."""
    if isinstance(expr, str):
        yield expr
    elif isinstance(expr, (tuple, list)) and expr and expr[0] == "any":
        for part in expr[1]:
            yield from _names_in(part)
