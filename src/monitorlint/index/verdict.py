"""What is known of who monitors a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.index.forms import Monitor

KEPT: Final = "a handler on the way there keeps what it catches"
"""What leaves in doubt a monitor that is told of errors alone."""


class Verdict(NamedTuple):
    monitor: Monitor | None
    chain: tuple[tuple[str, int], ...] = ()
    """Path and 0-based row of the calls between the monitor and the site, outermost first."""
    undecided: str = ""
    """What could not be decided; then ``monitor`` is what may hold."""
    by_hand: bool = False
    """What is in doubt is whether the call belongs to the programs of the project at all."""
    is_own: bool = False
    """It is a call of a method of the project: the request is made, and looked at, there."""


def higher(first: Monitor | None, second: Monitor | None) -> Monitor | None:
    """The monitor of the higher level, the first of two equal ones."""
    if first is None or second is None:
        return first or second
    return second if second.level.rank > first.level.rank else first
