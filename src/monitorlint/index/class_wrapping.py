"""Code of the project that puts a monitor around the methods of classes: metaclasses, class decorators, patches."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.values import Defined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.forms import Forms
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding

MAX_BASES = 12
"""So many classes that one inherits from are looked at."""

_Place = tuple["FileView", int, int]
"""File, scope and row."""


class ClassWrapping:
    """Tells what may put a monitor around a method. What it wraps, and when, is not looked at: it proves nothing."""

    def __init__(self, project: Project, forms: Forms, may_hold_monitor: Callable[[str], bool]) -> None:
        self._project = project
        self._forms = forms
        self._may_hold_monitor = may_hold_monitor
        self._memo: dict[Defined, tuple[FileView, int] | None] = {}
        self._listed: dict[str, dict[str, tuple[Defined, ...]]] = {}

    def around(self, view: FileView, scope: int) -> tuple[FileView, int] | None:
        """Where (0-based row) a monitor may be put around the method that a scope is, or stands in."""
        if not self._places:
            return None
        scopes = view.facts.scopes
        while scope > 0 and scopes[scopes[scope].parent].kind != "class":
            scope = scopes[scope].parent
        if scope <= 0:
            return None
        owner = Defined(view.path, scopes[scope].parent)
        if owner not in self._memo:
            self._memo[owner] = next(self._wrapping(owner), None)
        return self._memo[owner]

    def _wrapping(self, owner: Defined) -> Iterator[tuple[FileView, int]]:
        todo, seen = [owner], {owner}
        while todo and len(seen) <= MAX_BASES:
            here = todo.pop()
            view = self._project.view(here.file)
            if view is None:
                continue
            scope = view.facts.scopes[here.scope]
            for decorator in scope.decorators:
                called = view.callee_of(decorator)
                for value in self._project.resolver.resolve(called, view, scope.parent, scope.start):
                    if isinstance(value, Defined):
                        yield from self._inside(value)
            if here != owner:
                for row in view.members.get(here.scope, {}).get("__init_subclass__", ()):
                    if isinstance(row.value, (tuple, list)) and row.value[0] == "fn":
                        yield from self._inside(Defined(here.file, row.value[1]))
            yield from self._set_on(here)
            for base in self._project.resolver.bases(here.file, here.scope):
                if isinstance(base, Defined) and base not in seen:
                    seen.add(base)
                    todo.append(base)

    def _inside(self, value: Defined) -> Iterator[tuple[FileView, int]]:
        """The places in a function, or in the methods of a class."""
        for view, scope, row in self._places:
            if view.path == value.file and _stands_in(view, scope, value.scope):
                yield view, row

    def _set_on(self, owner: Defined) -> Iterator[tuple[FileView, int]]:
        """``setattr(cls, name, wrapper)`` where the class is named, or one of a list that a file holds."""
        for view, scope, row in self._places:
            names = {name for name, found in self._classes_in(view).items() if owner in found}
            if names and scope >= 0 and (view.path != owner.file or not _stands_in(view, scope, owner.scope)):
                yield view, row

    def _classes_in(self, view: FileView) -> dict[str, tuple[Defined, ...]]:
        """The classes of the project that stand in literal collections of a file, or are handed over there."""
        if view.path not in self._listed:
            found: dict[str, tuple[Defined, ...]] = {}
            facts = view.facts
            exprs: list[tuple[Expr, int, int]] = [
                (b.value, facts.blocks[b.block].scope, b.start) for b in facts.bindings if b.how in {"assign", "for"}
            ]
            exprs += [(e, c.scope, c.start) for c in facts.calls for e in (*c.args, *c.kwargs.values())]
            for expr, scope, start in exprs:
                for name in _class_names(expr):
                    values = self._project.resolver.resolve(name, view, scope, start)
                    found[name] = tuple(v for v in values if isinstance(v, Defined))
            self._listed[view.path] = found
        return self._listed[view.path]

    @cached_property
    def _places(self) -> tuple[_Place, ...]:
        """Where the application sets something by a made-up name to what a monitor of its own makes of a function."""
        found: list[_Place] = []
        for view in self._project.views():
            if view.area != "app" or not self._may_hold_monitor(view.path):
                continue
            for number in view.calls_by_tail.get("setattr", ()):
                call = view.facts.calls[number]
                if len(call.args) == 3 and self._is_monitored(call.args[2], view, call.scope, call.start):
                    found.append((view, call.scope, call.row))
            for row in view.facts.bindings:
                if row.how == "assign" and ("[]" in row.name or _is_attribute_of_parameter(view, row)):
                    scope = view.facts.blocks[row.block].scope
                    if self._is_wrapped(row.value, view, scope, row.start):
                        found.append((view, scope, row.row))
        return tuple(found)

    def _is_monitored(self, expr: Expr, view: FileView, scope: int, offset: int) -> bool:
        """Whether an expression is a function that a monitor is put around, or one that opens a span itself."""
        if self._is_wrapped(expr, view, scope, offset):
            return True
        values = self._project.resolver.resolve(expr, view, scope, offset) if isinstance(expr, str) else ()
        return any(isinstance(v, Defined) and self._forms.opens_span(v) for v in values)

    def _is_wrapped(self, expr: Expr, view: FileView, scope: int, offset: int) -> bool:
        if not isinstance(expr, (tuple, list)) or not expr or expr[0] != "call":
            return False
        call = view.facts.calls[expr[1]]
        return bool(call.args) and self._forms.decorator(call.callee, view, scope, offset) is not None


def _stands_in(view: FileView, scope: int, outer: int) -> bool:
    scopes = view.facts.scopes
    while scope > 0 and scope != outer:
        scope = scopes[scope].parent
    return scope == outer


def _is_attribute_of_parameter(view: FileView, row: Binding) -> bool:
    first, dot, _ = row.name.partition(".")
    return bool(dot) and any(p.name == first for p in view.facts.scopes[row.scope].params)


def _class_names(expr: Expr) -> Iterator[str]:
    if isinstance(expr, str):
        if expr.rpartition(".")[2][:1].isupper():
            yield expr
    elif expr and expr[0] in {"seq", "map", "item"}:
        parts = expr[1] if expr[0] == "seq" else [v for _, v in expr[1]] if expr[0] == "map" else [expr[1]]
        for part in parts:
            yield from _class_names(part)
