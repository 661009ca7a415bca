"""Functions that the project puts into a collection of its own, and the calls of what it takes out of that."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.lazily import parts_of
from monitorlint.index.values import Defined
from monitorlint.index.view import OWN_NAMES, tail_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_STORING = frozenset({"append", "add", "insert", "appendleft", "setdefault"})
MAX_HELPERS = 3
"""So many functions of the project may hand on what a decorator marks."""
# What gives the elements of a collection, or one of them.
_READING = frozenset({"get", "items", "values", "pop", "copy", "setdefault"})


class Registries:
    """Tells what may call a function that is kept for later: ``@register`` puts it in, a loop takes it out."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._stores: dict[Defined, frozenset[str]] = {}

    def calls(
        self, view: FileView, scope: int, handed: Iterable[tuple[FileView, int]]
    ) -> Iterator[tuple[FileView, int]]:
        """The calls of elements of the collections that a function is put into.

        :param handed: Calls that it is handed to.
        """
        resolver = self._project.resolver
        here = view.facts.scopes[scope]
        keepers = [v for at in handed for v in resolver.callee(*at)]
        for decorator in here.decorators:
            keepers.extend(resolver.resolve(view.callee_of(decorator), view, here.parent, here.start))
        found: dict[tuple[str, int], FileView] = {}
        for keeper in keepers:
            for name in self._stored_in(keeper) if isinstance(keeper, Defined) else ():
                able = self._reach.knowing(keeper.file)  # type: ignore[union-attr]
                found.update({(v.path, n): v for v, n in self._element_calls.get(name, ()) if v.path in able})
        for (_, number), caller in sorted(found.items()):
            yield caller, number

    def takes_out(self, view: FileView, name: str) -> bool:
        """Whether a file calls elements of a collection that it keeps under a name."""
        return any(caller is view for caller, _ in self._element_calls.get(name, ()))

    def is_marked(self, view: FileView, scope: int) -> bool:
        """Whether a decorator of the project sets something on a function, for whoever looks for it."""
        here = view.facts.scopes[scope]
        for decorator in here.decorators:
            for value in self._project.resolver.resolve(view.callee_of(decorator), view, here.parent, here.start):
                if isinstance(value, Defined) and self._marks(value, MAX_HELPERS):
                    return True
        return False

    def _marks(self, decorator: Defined, left: int) -> bool:
        """Whether a decorator, or what it hands the function to, sets something on it.

        :param left: So many functions may hand it on.
        """
        view = self._project.view(decorator.file)
        if view is None or view.facts.scopes[decorator.scope].kind != "function":
            return False
        family = _family(view, decorator.scope)
        names = {p.name for s in family for p in view.facts.scopes[s].params if p.name not in OWN_NAMES}
        if any(b.scope in family and b.name.partition(".")[0] in names and "." in b.name for b in view.facts.bindings):
            return True
        setting = (view.facts.calls[n] for n in view.calls_by_tail.get("setattr", ()))
        if any(c.scope in family and c.args and isinstance(c.args[0], str) and c.args[0] in names for c in setting):
            return True
        helpers = {v for n in self._handing_on(view, family, names) for v in self._project.resolver.callee(view, n)}
        return left > 0 and any(isinstance(v, Defined) and v != decorator and self._marks(v, left - 1) for v in helpers)

    @staticmethod
    def _handing_on(view: FileView, family: set[int], names: set[str]) -> Iterator[int]:
        """The calls in a decorator that are handed the function, or that make the decorator it returns."""
        returned = {
            part[1]
            for scope in family
            for expr in view.facts.scopes[scope].returns
            for part in parts_of(expr)
            if isinstance(part, (tuple, list)) and part[0] == "call"
        }
        for number, call in enumerate(view.facts.calls):
            if call.scope in family and (
                number in returned or any(isinstance(a, str) and a in names for a in call.args)
            ):
                yield number

    def _stored_in(self, keeper: Defined) -> frozenset[str]:
        """The last names of the collections in which a function puts what it is handed."""
        if keeper not in self._stores:
            self._stores[keeper] = frozenset(self._find_stores(keeper))
        return self._stores[keeper]

    def _find_stores(self, keeper: Defined) -> Iterator[str]:
        view = self._project.view(keeper.file)
        if view is None or view.facts.scopes[keeper.scope].kind != "function":
            return
        scopes = view.facts.scopes
        family = _family(view, keeper.scope)
        names = {p.name for s in family for p in scopes[s].params if p.name not in OWN_NAMES}
        bound = [b for b in view.facts.bindings if b.scope in family]
        # `wrapped = cache(function)` is what is kept.
        names |= {b.name for b in bound if b.how == "assign" and not names.isdisjoint(_given(view, b.value))}
        for binding in bound:
            collection, mark, _ = binding.name.partition("[]")
            if mark and isinstance(binding.value, str) and binding.value in names:
                yield tail_of(collection)
        for tail in _STORING & view.calls_by_tail.keys():
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                base = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
                if base and call.scope in family and any(isinstance(a, str) and a in names for a in call.args):
                    yield tail_of(base)

    @cached_property
    def _element_calls(self) -> dict[str, list[tuple[FileView, int]]]:
        """The calls of what was taken out of a collection, by its last name."""
        table: dict[str, list[tuple[FileView, int]]] = defaultdict(list)
        for view in self._project.views():
            for number, call in enumerate(view.facts.calls):
                if isinstance(call.callee, str):
                    rows = view.bindings.get((view.function_of(call.scope), call.callee), ())
                    taken = {name for row in rows if row.how != "def" for name in _collections(view, row.value)}
                elif call.callee is not None and call.callee[0] == "item":
                    taken = set(_collections(view, call.callee))
                else:
                    continue
                for name in taken:
                    table[name].append((view, number))
        return table


def _family(view: FileView, scope: int) -> set[int]:
    """A function and those that stand in it."""
    family = {scope}
    for number in range(scope + 1, len(view.facts.scopes)):
        if view.facts.scopes[number].parent in family:
            family.add(number)
    return family


def _given(view: FileView, expr: Expr) -> set[str]:
    """The names that a call is handed."""
    if not isinstance(expr, (tuple, list)) or not expr or expr[0] != "call":
        return set()
    return {a for a in view.facts.calls[expr[1]].args if isinstance(a, str)}


def _collections(view: FileView, expr: Expr) -> Iterator[str]:
    """The last names of the collections that an expression takes something out of."""
    for part in parts_of(expr):
        if isinstance(part, str):
            if part is not expr:
                yield tail_of(part)
        elif isinstance(part, (tuple, list)) and part[0] == "call":
            callee = view.facts.calls[part[1]].callee
            base, _, method = callee.rpartition(".") if isinstance(callee, str) else ("", "", "")
            if base and method in _READING:
                yield tail_of(base)
