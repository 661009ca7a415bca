"""What handlers in Python catch of a request that nobody answers, and what they tell something called a logger.

``except (ClientConnectionError, asyncio.TimeoutError)`` keeps nearly all that a request raises, though neither is what
every error of the client is. ``logger.error(...)`` on a parameter without a type may well be told a monitor.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.reporters import types_of
from monitorlint.index.values import Collected, External
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

LOUD: Final = ("error", "exception", "critical", "fatal")
"""What loggers are told errors by."""
_LOGGER: Final = pattern(r"_*(?:log|logger)", re.IGNORECASE)
_NOBODY: Final = pattern(r"(?:Client|New)?Connect(?:ion|or)?Error|TransportError|NetworkError|URLError|RequestError")
"""What the errors of clients are called by which nobody answers."""
_TOO_LATE: Final = pattern(r"\w*Timeout(?:Error|Exception)?|TransportError|URLError|RequestError")
"""Likewise where nobody answers in time; some are of both kinds."""


def caught_by(project: Project, view: FileView, handler: int) -> Iterator[tuple[FileView, int, int, Expr]]:
    """What a handler catches, and where it is named: in the ``except``, or in a constant that is named there."""
    block = view.facts.blocks[handler]
    for expr in types_of(block.items):
        yield view, block.scope, block.start, expr
        is_constant = isinstance(expr, str) and tail_of(expr).isupper()
        for value in project.resolver.resolve(expr, view, block.scope, block.start) if is_constant else ():
            there = project.view(value.file) if isinstance(value, Collected) else None
            if there is not None and isinstance(value, Collected):
                yield from ((there, value.scope, value.offset, part) for part in types_of([value.expr]))


def keeps_most(project: Project, caught: Iterable[tuple[FileView, int, int, Expr]]) -> bool:
    """Whether what a handler catches is all that a request raises that gets no answer: nobody there, and not in time.

    :param caught: The errors, and where each is named.
    """
    caught = list(caught)
    if not any(_TOO_LATE.fullmatch(tail_of(expr)) for _, _, _, expr in caught):
        return False
    for there, scope, offset, expr in caught:
        # That of Python itself is raised by no client of HTTP.
        if _NOBODY.fullmatch(tail_of(expr)):
            values = project.resolver.resolve(expr, there, scope, offset)
            if any(isinstance(v, External) and not v.path.startswith("builtins") for v in values):
                return True
    return False


def told_to_a_logger(project: Project, view: FileView, handler: int) -> Monitor | None:
    """What a handler tells something that is called a logger, and no more is known of it: a parameter, say."""
    for tail in LOUD:
        for number in view.calls_by_tail.get(tail, ()):
            call = view.facts.calls[number]
            name = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
            if _LOGGER.fullmatch(name.rpartition(".")[2]) is None or view.blocks_around(call)[0] != handler:
                continue
            if call.flags & CallFlag.STATEMENT and not project.resolver.callee(view, number):
                return Monitor("wrapper", Level.ERRORS, f"{name}.{tail}", view.path, call.row)
    return None
