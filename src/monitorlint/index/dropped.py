"""Tasks of an event loop that nobody waits for: ``asyncio.create_task(work())``, whose result goes nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.facts import CallFlag

if TYPE_CHECKING:
    from monitorlint.index.view import FileView

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
    return isinstance(start.callee, str) and start.callee in _STARTING and bool(start.flags & CallFlag.STATEMENT)
