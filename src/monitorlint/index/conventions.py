"""Handlers of errors that a framework finds by their place and name, and the functions whose errors they get."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())


class Convention(NamedTuple):
    """What one framework calls."""

    handler: re.Pattern[str]
    """Files that may hold the handler; the first group is the folder of the application."""
    name: str
    """What the handler is exported as."""
    served: re.Pattern[str]
    """Files whose functions the framework calls, relative to that folder."""
    functions: frozenset[str]
    """The names of these functions."""


# Sources: what SvelteKit 2 says of hooks, Remix 2 and React Router 7 of entry.server, Next.js 15 of instrumentation.
CONVENTIONS = (
    Convention(
        pattern(r"((?:.*/)?)src/hooks(?:\.server)?\.[cm]?[jt]s"),
        "handleError",
        pattern(r"src/routes/(?:.*/)?\+(?:server|page\.server|layout\.server)\.[cm]?[jt]s"),
        _METHODS | {"fallback", "load"},
    ),
    Convention(
        pattern(r"((?:.*/)?)app/entry\.server\.[jt]sx?"),
        "handleError",
        pattern(r"app/(?:root|routes/.*)\.[jt]sx?"),
        frozenset({"loader", "action"}),
    ),
    Convention(
        pattern(r"((?:.*/)?(?=src/)|(?:.*/)?)(?:src/)?instrumentation\.[cm]?[jt]s"),
        "onRequestError",
        pattern(r"(?:src/)?app/(?:.*/)?route\.[jt]sx?"),
        _METHODS,
    ),
)


def serves(convention: Convention, folder: str, view: FileView, call: Call) -> bool:
    """Whether a call stands in a function that the framework calls, of the application in a folder."""
    if not view.path.startswith(folder) or not convention.served.fullmatch(view.path.removeprefix(folder)):
        return False
    here = view.facts.scopes[view.function_of(call.scope)]
    return here.kind == "function" and here.parent == 0 and here.name in convention.functions
