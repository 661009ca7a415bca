"""Files that ask nobody but the machine they run on: what they name is ``localhost``, written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_URL: Final = pattern(r"(?:https?|wss?)://(.*)")
_OWN: Final = pattern(r"(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])(?![\w.-]).*")
_CONFIGURED: Final = frozenset("getenv get env config setdefault Field".split())
"""These are told another address where the file is deployed; what they are handed is for those who develop it."""


def asks_it_alone(view: FileView) -> bool:
    """Whether the addresses that a file holds are all of the machine that it runs on, and it holds one."""
    hosts = list(_hosts(view))
    return bool(hosts) and all(_OWN.fullmatch(host) for host in hosts)


def _hosts(view: FileView) -> Iterator[str]:
    """What follows the scheme in the addresses of a file; ``""`` for one that a setting may replace."""
    for call in view.facts.calls:
        is_configured = tail_of(call.callee) in _CONFIGURED
        for expr in (*call.args, *call.kwargs.values()):
            yield from ("" if is_configured else host for host in _in(expr))
    for row in view.facts.bindings:
        yield from _in(row.value)
    for scope in view.facts.scopes:
        for param in scope.params:
            yield from _in(param.default)


def _in(expr: Expr) -> Iterator[str]:
    if not isinstance(expr, (tuple, list)) or not expr:
        return
    if expr[0] == "lit":
        found = _URL.match(expr[1]) if isinstance(expr[1], str) else None
        if found is not None:
            yield found.group(1)
    elif expr[0] in {"any", "seq"}:
        for part in expr[1]:
            yield from _in(part)
    elif expr[0] == "map":
        for _, part in expr[1]:
            yield from _in(part)
