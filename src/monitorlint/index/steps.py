"""The ways up from a function through its callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.verdict import Verdict
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.index.forms import Monitor
    from monitorlint.index.view import FileView

Key = tuple[str, int]
"""A function: path and scope."""


class Caller(NamedTuple):
    """One call of a function."""

    caller: Key
    place: tuple[str, int]
    near: Monitor | None
    """The monitor around the call."""
    sure: bool
    call: tuple[FileView, int]
    is_virtual: bool
    """Another class's method may be what is called."""
    is_renamed: bool = False
    """The function is handed on under another name."""


class Step:
    """A function on the way up."""

    __slots__ = ("at", "called", "chain", "hint", "is_virtual", "key")

    def __init__(self, key: Key, chain: tuple[tuple[str, int], ...], *, is_virtual: bool = False) -> None:
        self.key = key
        self.chain = chain
        self.is_virtual = is_virtual
        """It may call another class's method than the one below it on the way."""
        self.at = 0
        self.called = False
        self.hint: tuple[Monitor, tuple[str, int]] | None = None
        """A monitor around something that may call the function."""

    def suspect(self, row: Caller, near: Monitor | None) -> str:
        """Takes a call that may be one of the function, and tells what that leaves in doubt."""
        if near is None:
            return f"{row.place[0]}:{row.place[1] + 1} may call it without"
        self.hint = self.hint or (near, row.place)
        return ""


def cut(path: list[Step], last: Step, uncovered: set[Key], *, whole: bool) -> str:
    """Takes a way up that no monitor covers off a path, down to where another class's method may be meant.

    Other ways to that method may have a monitor: they are still looked at.

    :param last: The uppermost function of that way.
    :param whole: No path to ``last`` itself is covered, either.
    :return: What that leaves in doubt; ``""``: nothing, the path is uncovered from its start.
    """
    steps = [*path, last]
    at = max((number for number, step in enumerate(steps) if step.is_virtual), default=0)
    uncovered.update(step.key for step in (steps if whole else path)[at:])
    if not at:
        return ""
    place = steps[at].chain[0]
    del path[at + 1 :]
    return f"{place[0]}:{place[1] + 1} may call it without"


def lower(worst: Verdict | None, monitor: Monitor, chain: tuple[tuple[str, int], ...]) -> Verdict:
    """The worst verdict on the ways so far, with one more that a monitor is on."""
    if worst is not None and worst.monitor is not None and monitor.level.rank >= worst.monitor.level.rank:
        return worst
    return Verdict(monitor._replace(how="callers"), chain)
