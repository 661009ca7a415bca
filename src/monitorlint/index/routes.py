"""Functions that answer requests, and how they are handed to a router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call, Param

_ROUTES: Final = frozenset("get post put patch delete all options route openapi query mutation subscription".split())
"""Methods of an application, a router or a procedure that take the function which answers a request."""
_ANSWER: Final = pattern(r"_*(?:res|response|reply)\w*")
"""What the second of them is called."""
_BEFORE_NEXT: Final = 2
"""Parameters of a handler of Express before the one by which it goes on."""
_PATCHING: Final = ("express-async-errors", "express-async-await", "@awaitjs/express", "express-promise-router")
"""Packages that make Express, or its routers, look at the promises of handlers."""
BARE, WRAPPED = "by itself", "made into another one"
"""How a router gets the function."""


def route_of(view: FileView, call: Call) -> str:
    """How a function that a call stands in is handed to a router: by itself, or made into another one first.

    ``""``: it is handed to none, where it is made or by a decorator.
    """
    for decorator in view.facts.scopes[view.function_of(call.scope)].decorators:
        routing = (
            view.facts.calls[decorator[1]] if isinstance(decorator, (tuple, list)) and decorator[0] == "call" else None
        )
        if routing is not None and tail_of(routing.callee) in _ROUTES and is_path(routing):
            return WRAPPED
    between: set[int] = set()
    outer = call.parent
    while outer >= 0:
        around = view.facts.calls[outer]
        if around.scope != call.scope:
            if is_route(around):
                return WRAPPED if around.scope in between else BARE
            between.add(around.scope)
        outer = around.parent
    return ""


def is_route(call: Call) -> bool:
    """Whether a call is one of the methods that take a function which answers requests."""
    return tail_of(call.callee) in _ROUTES and call.callee != "Promise.all"


def answers(params: list[Param]) -> bool:
    """Whether parameters are those of a handler of Express."""
    return len(params) >= _BEFORE_NEXT and _ANSWER.fullmatch(params[_BEFORE_NEXT - 1].name) is not None


def takes_next(view: FileView, scope: int) -> bool:
    """Whether a function, or one around it, has the parameter by which a handler of Express goes on."""
    while scope > 0:
        here = view.facts.scopes[scope]
        if any(param.name == "next" for param in here.params[_BEFORE_NEXT:]):
            return True
        scope = here.parent
    return False


def is_path(call: Call) -> bool:
    """Whether a call is handed the path of a request."""
    first = call.args[0] if call.args else None
    return isinstance(first, (tuple, list)) and first[0] == "lit" and str(first[1]).startswith("/")


def loses_rejections(surroundings: Surroundings, path: str) -> bool:
    """Whether a file's Express takes no promise from a handler: before version 5 it looks at none."""
    if surroundings.satisfies("express", ">=5", path):
        return False
    return not any(surroundings.is_importable(name, path) for name in _PATCHING)
