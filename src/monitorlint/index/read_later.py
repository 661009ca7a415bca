"""Generators that are not read where they are made: their code runs when somebody reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.lazily import keeps, parts_of
from monitorlint.index.values import Defined
from monitorlint.model.facts import Call, CallFlag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.values import Value
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

MAX_GIVEN_ON = 3
"""So many functions may give a generator on."""
# Generators with these are called, and run, by what they are handed to.
_RUN = frozenset({"contextmanager", "asynccontextmanager", "fixture"})


def is_given_on_unread(project: Project, view: FileView, number: int) -> bool:
    """Whether a call gives a generator of the project's, and its function returns that.

    So it does where it hands it to a class and returns the instance: ``return StreamingResponse(pages())``.
    """
    return _is_returned(view, number) and any(
        _gives_generator(project, value, MAX_GIVEN_ON) for value in project.resolver.callee(view, number)
    )


def readings(project: Project, view: FileView, number: int) -> Iterator[tuple[FileView, Call]]:
    """Where functions of the project read a generator that a call gives, and their function hands them.

    Each is a stand-in for a call at the place of the loop that reads it: ``for page in pages:``.
    """
    calls = view.facts.calls
    call = calls[number]
    if call.flags & (CallFlag.AWAITED | CallFlag.STATEMENT) or view.facts.scopes[call.scope].kind != "function":
        return
    made = ("call", number)
    names = {row.name for row in view.facts.bindings if row.scope == call.scope and made in _plain(row.value)}
    for outer in view.calls_by_function.get(view.function_of(call.scope), ()) if names or call.parent >= 0 else ():
        taking = calls[outer]
        if outer == number or taking.end < call.end:
            continue
        handed: list[tuple[int | str, Expr]] = [*enumerate(taking.args), *taking.kwargs.items()]
        places = [at for at, expr in handed if (isinstance(expr, str) and expr in names) or made in _plain(expr)]
        if places and any(_gives_generator(project, v, MAX_GIVEN_ON) for v in project.resolver.callee(view, number)):
            for value in project.resolver.callee(view, outer):
                yield from _loops(project, value, places)


def _plain(expr: Expr) -> Iterator[tuple[object, ...]]:
    """The parts of an expression that are calls."""
    return (tuple(part) for part in parts_of(expr) if isinstance(part, (tuple, list)))


def _loops(project: Project, value: Value, places: list[int | str]) -> Iterator[tuple[FileView, Call]]:
    """The loops over what a function is handed at some places, by position or keyword."""
    view = project.view(value.file) if isinstance(value, Defined) else None
    if view is None or not isinstance(value, Defined) or view.facts.scopes[value.scope].kind != "function":
        return
    here = view.facts.scopes[value.scope]
    bound = int(view.facts.scopes[here.parent].kind == "class" and not view.is_static(value.scope))
    params = [p.name for p in here.params if not p.kind][bound:]
    taken = {_name_at(params, at) for at in places}
    for row in view.facts.bindings:
        if row.how == "for" and row.scope == value.scope and _item_of(row.value) in taken:
            place = (row.scope, row.block, row.start, row.start, row.row, 0, row.row, 0)
            yield view, Call(None, [], {}, [], *place, 0, -1)


def _item_of(expr: Expr) -> str:
    """The name of what an expression is an element of."""
    is_item = isinstance(expr, (tuple, list)) and expr[0] == "item" and isinstance(expr[1], str)
    return expr[1] if is_item else ""  # type: ignore[index]


def _name_at(names: list[str], place: int | str) -> str:
    if isinstance(place, str):
        return place
    return names[place] if place < len(names) else ""


def _is_returned(view: FileView, number: int) -> bool:
    calls = view.facts.calls
    call = calls[number]
    scope = view.facts.scopes[call.scope]
    if scope.kind != "function" or not scope.returns or call.flags & CallFlag.AWAITED:
        return False
    returned = set(_calls_in(scope.returns))
    while number not in returned:
        number = calls[number].parent
        if number < 0 or not keeps(calls[number]):
            return False
    return True


def _gives_generator(project: Project, value: Value, left: int) -> bool:
    """Whether a function is a generator, or returns what one gives."""
    view = project.view(value.file) if isinstance(value, Defined) else None
    if view is None or not isinstance(value, Defined) or not left:
        return False
    here = view.facts.scopes[value.scope]
    if here.kind != "function" or here.is_generator:
        return here.kind == "function" and _RUN.isdisjoint(view.decorator_names(value.scope))
    made = (value for number in _calls_in(here.returns) for value in project.resolver.callee(view, number))
    return any(_gives_generator(project, value, left - 1) for value in made)


def _calls_in(expressions: Iterable[Expr]) -> Iterator[int]:
    """The numbers of the calls among the parts of some expressions."""
    for expr in expressions:
        for part in parts_of(expr):
            if isinstance(part, (tuple, list)) and part[0] == "call":
                yield part[1]
