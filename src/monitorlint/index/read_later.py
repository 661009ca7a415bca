"""Generators that the function in which they are made gives on: their code runs when somebody reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.lazily import keeps, parts_of
from monitorlint.index.values import Defined
from monitorlint.model.facts import CallFlag

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
