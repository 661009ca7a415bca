"""Calls of functions that are known only while the program runs: kept somewhere, or taken by a name that is made up."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.lazily import parts_of
from monitorlint.index.values import Defined
from monitorlint.index.view import tail_of
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

BY_NAME = "getattr"
"""What takes a method by its name."""
# What gives an element of a collection, or of a queue.
_TAKING = frozenset("get pop popleft popitem get_nowait next shift".split())
STORING = frozenset("append add insert appendleft put put_nowait setdefault update register subscribe push set".split())
"""What a collection, or a queue, is handed it keeps."""


class Dispatch(NamedTuple):
    """A call of what is not known before the program runs."""

    view: FileView
    number: int
    named: int
    """Number of the call that took it by a name that is made up; -1: it was kept for this."""
    names: frozenset[str] = frozenset()
    """The last names of what it was set to, where these are written out: ``ask = self.model.ask``."""

    @property
    def place(self) -> tuple[str, int]:
        """Its file, and its 0-based row."""
        return self.view.path, self.view.facts.calls[self.number].row


class Dispatches:
    """Finds them, and what is kept for them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._tables: dict[str, list[tuple[str, int, int, str]]] = {}

    @cached_property
    def all(self) -> tuple[Dispatch, ...]:
        """Those in the files of the application that are looked through."""
        return tuple(found for view in self._project.views() if view.area == "app" for found in in_file(view))

    def stored(self, target: Defined) -> list[tuple[FileView, str]]:
        """Where a function is put into a collection: the file, and the last name of the collection."""
        view = self._project.view(target.file)
        if view is None:
            return []
        name = view.facts.scopes[target.scope].name
        resolve = self._project.resolver.resolve
        return [(place[1], kept) for *place, kept in self._stored.get(name, ()) if target in resolve(*place)]  # type: ignore[arg-type, misc]

    def attributes(self, target: Defined) -> frozenset[str]:
        """The last names of the attributes that a function is set as, in its own file."""
        view = self._project.view(target.file)
        if view is None:
            return frozenset()
        name = view.facts.scopes[target.scope].name
        rows = (r for r in view.facts.bindings if r.how == "assign" and r.value == name and "[]" not in r.name)
        return frozenset(tail_of(row.name) for row in rows if "." in row.name)

    def holds(self, view: FileView, target: Defined, name: str) -> bool:
        """Whether a collection that is written out in a file has a function in it.

        :param name: The function's name; the file may import it by another.
        """
        if view.path not in self._tables:
            self._tables[view.path] = list(_stored_in(view))
        names = {name, *(row.local for row in view.facts.imports if row.target.rpartition(".")[2] in {name, "default"})}
        resolve = self._project.resolver.resolve
        return any(
            tail_of(part) in names and target in resolve(part, view, scope, start)
            for part, scope, start, _ in self._tables[view.path]
        )

    @cached_property
    def _stored(self) -> dict[str, list[tuple[str, FileView, int, int, str]]]:
        """What stands in literal collections, and what elements are set to, by its last name.

        Each with its place, and the last name of what holds it.
        """
        table: dict[str, list[tuple[str, FileView, int, int, str]]] = {}
        for view in self._project.views():
            for part, scope, start, kept in _stored_in(view):
                table.setdefault(tail_of(part), []).append((part, view, scope, start, kept))
        return table


def _stored_in(view: FileView) -> Iterator[tuple[str, int, int, str]]:
    """The names that the collections of a file hold, each with its place and the last name of what holds it."""
    for row in view.facts.bindings:
        if row.how == "assign":
            kept = tail_of(row.name.partition("[]")[0])
            for part in _kept_parts(row.name, row.value):
                yield part, view.facts.blocks[row.block].scope, row.start, kept
    for call in view.facts.calls:
        for expr in (*call.args, *call.kwargs.values()):
            for part in _kept_parts("", expr):
                yield part, call.scope, call.start, ""


def _kept_parts(name: str, value: Expr) -> Iterator[str]:
    """The names that a collection holds, or gets."""
    if isinstance(value, str):
        if "[]" in name:
            yield value
    elif value and value[0] == "any":
        # What is written down, and what its type says: ``const all: Find[] = [find]``.
        for one in value[1]:
            if not isinstance(one, str):
                yield from _kept_parts(name, one)
    elif value and value[0] in {"map", "seq"}:
        yield from (part for part in parts_of(value) if isinstance(part, str))


def in_file(view: FileView) -> Iterator[Dispatch]:
    """Those in one file."""
    bound = _bound(view)
    for number, call in enumerate(view.facts.calls):
        callee = call.callee
        if isinstance(callee, str):
            first, dot, rest = callee.partition(".")
            if not dot:
                if first in view.parameters or first in bound:
                    names = _names_of(view, call, first)
                    named = -1 if names else _taken(view, call, first)
                    if named is not None:
                        yield Dispatch(view, number, named, names)
            elif "." not in rest and (call.spread or _is_set_from_outside(view, call, first, rest)):
                yield Dispatch(view, number, -1)
        elif callee is not None and callee[0] == "item":
            yield Dispatch(view, number, -1)
        elif callee is not None and callee[0] == "call" and _is_by_name(view.facts.calls[callee[1]]):
            yield Dispatch(view, number, callee[1])


def _bound(view: FileView) -> frozenset[str]:
    """The plain names that something other than a definition binds, outside classes."""
    return frozenset(b.name for b in view.facts.bindings if b.how in {"assign", "for"})


def _taken(view: FileView, call: Call, name: str) -> int | None:
    """How a name that is called came to hold a function: the number of the call that took it by name, or -1."""
    scopes = view.facts.scopes
    scope = own = view.function_of(call.scope)
    while scope > 0:
        for row in view.bindings.get((scope, name), ()):
            value = row.value
            if row.how == "for":
                return -1
            if row.how != "assign" or not isinstance(value, (tuple, list)) or not value:
                continue
            if value[0] == "item":
                return -1
            if value[0] == "call":
                taking = view.facts.calls[value[1]]
                if _is_by_name(taking):
                    return int(value[1])
                if tail_of(taking.callee) in _TAKING:
                    return -1
        if any(p.name == name for p in scopes[scope].params):
            # A decorator's inner function calls what the decorator is handed: that is no dispatch.
            return -1 if scope == own and scopes[scopes[scope].parent].kind != "function" else None
        scope = scopes[scope].parent
    return None


def _names_of(view: FileView, call: Call, name: str) -> frozenset[str]:
    """The last names of what a variable of the function is set to, where these are names."""
    rows = view.bindings.get((view.function_of(call.scope), name), ())
    parts = (part for row in rows if row.how == "assign" and row.start < call.start for part in parts_of(row.value))
    return frozenset(tail_of(part) for part in parts if isinstance(part, str))


def _is_by_name(call: Call) -> bool:
    return tail_of(call.callee) == BY_NAME and len(call.args) > 1


def _is_set_from_outside(view: FileView, call: Call, first: str, attribute: str) -> bool:
    """Whether an attribute of the object itself is set to what a method of its is handed."""
    owner = view.instance_of(call.scope, first)
    for row in view.members.get(owner, {}).get(attribute, ()) if owner is not None else ():
        if row.how == "def":
            return False
        params = view.facts.scopes[view.function_of(view.facts.blocks[row.block].scope)].params
        if isinstance(row.value, str) and any(p.name == row.value for p in params):
            return True
    return False
