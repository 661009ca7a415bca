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
_DEFAULT = "default"
_INSTRUMENTATION = pattern(r"((?:.*/)?(?=src/)|(?:.*/)?)(?:src/)?instrumentation\.[cm]?[jt]s")
# A directive stands at the top, behind comments at most.
_DIRECTIVE = pattern(rb"""(?:\s++|//[^\n]*+\n|/\*(?:[^*]|\*(?!/))*+\*/)*+["']use (client|server)["']""")


# What a page exports beside itself, and only the server gets: Next.js 15, Remix 2 and React Router 7. Those of clients
# (``clientLoader``) have names of their own.
_OF_SERVERS = frozenset("getServerSideProps getStaticProps getStaticPaths loader action headers".split())


class Convention(NamedTuple):
    """What one framework calls."""

    handler: re.Pattern[str]
    """Files that may hold the handler; the first group is the folder of the application."""
    name: str
    """What the handler is exported as."""
    served: re.Pattern[str]
    """Files whose functions the framework calls, relative to that folder."""
    functions: frozenset[str]
    """The names of these functions; ``default``: what the file exports as such."""
    holder: str = ""
    """What holds more of such functions, each under a name of its own."""
    runs_actions: bool = False
    """The handler gets what functions raise that a file says a server runs, whichever they are."""


# Sources: what SvelteKit 2 says of hooks, Remix 2 and React Router 7 of entry.server, Next.js 15 of instrumentation.
CONVENTIONS = (
    Convention(
        pattern(r"((?:.*/)?)src/hooks(?:\.server)?\.[cm]?[jt]s"),
        "handleError",
        pattern(r"src/routes/(?:.*/)?\+(?:server|page\.server|layout\.server)\.[cm]?[jt]s"),
        _METHODS | {"fallback", "load"},
        "actions",
    ),
    Convention(
        pattern(r"((?:.*/)?)app/entry\.server\.[jt]sx?"),
        "handleError",
        pattern(r"app/(?:root|routes/.*)\.[jt]sx?"),
        frozenset({"loader", "action"}),
    ),
    Convention(
        _INSTRUMENTATION, "onRequestError", pattern(r"(?:src/)?app/(?:.*/)?route\.[jt]sx?"), _METHODS, runs_actions=True
    ),
    Convention(
        _INSTRUMENTATION,
        "onRequestError",
        pattern(r"(?:src/)?app/(?:.*/)?(?:page|layout|template|default)\.[jt]sx?"),
        frozenset({_DEFAULT, "generateMetadata"}),
    ),
)


def serves(convention: Convention, folder: str, view: FileView, call: Call, text: bytes) -> bool:
    """Whether a call stands in a function that the framework calls on a server, of the application in a folder.

    :param text: That of the file.
    """
    if not view.path.startswith(folder):
        return False
    if convention.holder and convention.served.fullmatch(view.path.removeprefix(folder)):
        held = view.facts.scopes[call.scope].parent == 0 and _is_held(view, call.scope, convention.holder)
        if held:
            return True
    scope = view.function_of(call.scope)
    here = view.facts.scopes[scope]
    if here.kind != "function" or here.parent != 0:
        return False
    directive = _DIRECTIVE.match(text) if b"use client" in text or b"use server" in text else None
    if directive is not None:
        return directive[1] == b"server" and convention.runs_actions and here.is_async
    if not convention.served.fullmatch(view.path.removeprefix(folder)):
        return False
    return here.name in convention.functions or (_DEFAULT in convention.functions and _is_default(view, scope))


def is_for_servers(view: FileView, call: Call) -> bool:
    """Whether a call stands in a function of a page that browsers never get, in an application with both sides."""
    scope = view.function_of(call.scope)
    while view.facts.scopes[scope].parent > 0:
        scope = view.facts.scopes[scope].parent
    here = view.facts.scopes[scope]
    return here.kind == "function" and here.name in _OF_SERVERS


def _is_held(view: FileView, scope: int, holder: str) -> bool:
    """Whether a function is a value of an object: ``export const actions = { default: async () => … }``."""
    values = (row.value for row in view.facts.bindings if row.name == holder and row.scope == 0)
    maps = (value[1] for value in values if isinstance(value, (tuple, list)) and value and value[0] == "map")
    return any(list(one) == ["fn", scope] for pairs in maps for _, one in pairs if isinstance(one, (tuple, list)))


def _is_default(view: FileView, scope: int) -> bool:
    here = view.facts.scopes[scope]
    values = (row.value for row in view.facts.bindings if row.name == _DEFAULT and row.scope == 0)
    return any(
        value == here.name
        or (isinstance(value, (tuple, list)) and bool(value) and value[0] == "fn" and value[1] == scope)
        for value in values
    )
