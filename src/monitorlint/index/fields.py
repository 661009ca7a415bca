"""Functions that are kept in a field of a record of the project's, and the calls of what that field holds.

``Spec(name="rates", handler=fetch_rates)``, and elsewhere ``spec.handler(url)``: which record that is, only the program
knows while it runs. The same goes for what a function gives, ``handler=make_fetcher("rates")``, and for a name that is
given what the field holds: ``run = spec.handler``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.callers import fits
from monitorlint.index.lazily import names
from monitorlint.index.unknown import is_unknown
from monitorlint.index.values import Defined, External
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CONSTRUCTOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.callers import CallGraph
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_TYPES = ("typing.", "collections.abc.", "typing_extensions.")
"""What says of a field that it can be called, and nothing of what is."""


class Fields:
    """Finds them in one project."""

    def __init__(self, project: Project, reach: Reach, graph: CallGraph) -> None:
        self._project = project
        self._reach = reach
        self._graph = graph

    def calls(self, key: Key, handed: Iterable[tuple[FileView, int]]) -> Iterator[tuple[FileView, int]]:
        """The calls of what a field holds that may be ones of a function.

        :param handed: Calls that the function is handed to.
        """
        view = self._project.view(key[0])
        fields = self._of(view, key[1], handed) if view is not None else set()
        if view is None or not fields:
            return
        together = self._reach.running_with(view.path)
        for there in self._project.views():
            if there.area == "app" and (there.path in together or there.path == view.path):
                for number in _calls_of(there, fields):
                    called = self._project.resolver.callee(there, number)
                    if self._may_be_other(called) and fits(view, key[1], there, number, loosely=True):
                        yield there, number

    def _of(self, view: FileView, scope: int, handed: Iterable[tuple[FileView, int]]) -> set[str]:
        """The fields that a function, or what gives it, is put into."""
        here = view.facts.scopes[scope]
        fields = {field for there, number in handed for field in self._fields(there, number, here.name)}
        above = view.facts.scopes[here.parent]
        if above.kind == "function" and any(names(given, here.name) for given in above.returns):
            for site in self._graph.callers(view, here.parent):
                made = site.view.facts.calls[site.number]
                if site.how == "calls" and made.parent >= 0:
                    fields.update(self._fields(site.view, made.parent, ("call", site.number)))
        return fields

    def _fields(self, view: FileView, number: int, wanted: Expr) -> Iterator[str]:
        """The fields of a record of the project's that a call, which makes it, puts something into."""
        call = view.facts.calls[number]
        classes = [v for v in self._project.resolver.callee(view, number) if isinstance(v, Defined)]
        for value in classes:
            there = self._project.view(value.file)
            if there is None or there.facts.scopes[value.scope].kind != "class":
                continue
            order = _order(there, value.scope)
            yield from (field for field, given in call.kwargs.items() if _is(given, wanted))
            yield from (field for field, given in zip(order, call.args, strict=False) if _is(given, wanted))

    def _may_be_other(self, called: Values) -> bool:
        """Whether what is called may be another function: only its type is known, or some that the field holds."""
        if all(isinstance(v, External) and v.path.startswith(_TYPES) for v in called):
            return True
        if not all(isinstance(v, Defined) for v in called):
            return is_unknown(self._project, called)
        views = [(self._project.view(v.file), v.scope) for v in called if isinstance(v, Defined)]
        return all(
            view is not None and view.facts.scopes[view.facts.scopes[scope].parent].kind != "class"
            for view, scope in views
        )


def _is(expr: Expr, wanted: Expr) -> bool:
    if isinstance(wanted, str):
        return isinstance(expr, str) and expr.rpartition(".")[2] == wanted
    return isinstance(expr, (tuple, list)) and tuple(expr) == wanted


def _order(view: FileView, scope: int) -> list[str]:
    """What the arguments of a class are called that stand by their places."""
    rows = [(row.start, name, row.how) for name, rows in view.members.get(scope, {}).items() for row in rows]
    if any(name == CONSTRUCTOR for _, name, _ in rows):
        made = next(s for s in view.facts.scopes if s.parent == scope and s.name == CONSTRUCTOR)
        return [param.name for param in made.params[1:]]
    return [name for _, name, how in sorted(rows) if how == "annotation"]


def _calls_of(view: FileView, fields: set[str]) -> Iterator[int]:
    """The calls in a file of what a field holds: on the record, or under a name that is given it."""
    for field in sorted(fields & view.calls_by_tail.keys()):
        yield from (n for n in view.calls_by_tail[field] if view.facts.calls[n].callee != field)
    for row in view.facts.bindings:
        is_given = row.how == "assign" and isinstance(row.value, str) and "." in row.value
        if is_given and tail_of(row.value) in fields and "." not in row.name:
            function = view.facts.blocks[row.block].scope
            for number in view.calls_by_tail.get(row.name, ()):
                call = view.facts.calls[number]
                if call.callee == row.name and function in view.scopes_around(call.scope):
                    yield number
