"""Whether a loop can take a turn on which nothing changes: what is the same in every language.

Strict on purpose. Everything on the way from the loop's head back to it must be free of side effects and
depend on local names alone, and exactly one condition (or one failing call) may stand between the turn and
its progress; in every other case the answer is no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitorlint.model.loops import Atom, Write

LOGGING = frozenset("debug info warning warn error exception critical log print echo".split())
"""Functions that tell of the turn and take no part in it."""
_PLAIN = frozenset({"=", "part", "arith", "for"})


class Names(NamedTuple):
    tested: set[str]
    """Names that the loop's condition reads."""
    carried: set[str]
    """Names whose value lives from one turn to the next."""


def names_of(test: Sequence[Atom], writes: Sequence[Write]) -> Names | None:
    """The names that progress would show in; None when the condition depends on more than local names."""
    tested = {n.removesuffix(".length") for a in test for side in (a.left, a.right) for n in side.all_names}
    if not tested or any("." in n for n in tested) or any(a.left.calls or a.right.calls for a in test):
        return None
    carried = {w.name for w in writes if w.how not in _PLAIN or w.name in w.value.all_names or w.name in tested}
    return Names(tested, carried) if carried & tested else None
