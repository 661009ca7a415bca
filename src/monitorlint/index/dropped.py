"""Tasks of an event loop that nobody waits for: ``asyncio.create_task(work())``, whose result goes nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.facts import CallFlag

if TYPE_CHECKING:
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

OUTLIVES = "it runs in a task that nobody waits for, which may outlive what is around its start"
# The functions of the event loop alone: a task group waits for its tasks.
_STARTING = frozenset(
    f"{owner}{name}" for owner in ("", "asyncio.", "loop.") for name in ("create_task", "ensure_future")
)


def is_dropped(view: FileView, number: int) -> bool:
    """Whether what a call gives runs in a task that is started and forgotten.

    What a span, or a handler of exceptions, around the start sees of it is the start.
    """
    outer = view.facts.calls[number].parent
    if outer < 0:
        return False
    start = view.facts.calls[outer]
    if not isinstance(start.callee, str) or start.callee not in _STARTING or start.flags & CallFlag.AWAITED:
        return False
    return bool(start.flags & CallFlag.STATEMENT) or _is_left(view, outer)


def _is_left(view: FileView, start: int) -> bool:
    """Whether a function returns the task that it starts, or keeps it in a collection until it is done."""
    scope = view.facts.calls[start].scope
    made = ("call", start)
    names = {row.name for row in view.facts.bindings if row.scope == scope and _is_call(row.value, made)}
    if any(_is_call(given, made) or (isinstance(given, str) and given in names) for given in _returns(view, scope)):
        return True
    watched = (view.facts.calls[n] for n in view.calls_by_tail.get("add_done_callback", ()))
    return any(
        isinstance(call.callee, str)
        and call.callee.rpartition(".")[0] in names
        and any(isinstance(given, str) and given.endswith(".discard") for given in call.args)
        for call in watched
        if call.scope == scope
    )


def _returns(view: FileView, scope: int) -> tuple[Expr, ...]:
    return tuple(view.facts.scopes[view.function_of(scope)].returns)


def _is_call(expr: Expr, made: tuple[str, int]) -> bool:
    """Whether an expression is the very call; facts out of the cache are lists."""
    return not isinstance(expr, str) and expr is not None and tuple(expr) == made
