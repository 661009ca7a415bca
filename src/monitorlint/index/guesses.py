"""Guesses at what may call a function: those under way, and what the others came to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from monitorlint.index.steps import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from monitorlint.index.forms import Monitor
    from monitorlint.index.verdict import Verdict

    Hint: TypeAlias = tuple[Monitor, tuple[str, int]]
    """A monitor, and where something stands that may call a function under it."""

MAX_MADE = 200
"""Guesses made for the calls of one file; from then on each is made once, whatever it had to do without."""
_NOTHING = 1 << 30


class Guesses:
    """Makes each guess once, as far as it did not have to do without another one that was under way.

    Two functions that may call each other are no monitor for each other, and each may have one elsewhere: what comes
    out for the inner one while the outer one is not known yet holds for that moment alone.
    """

    def __init__(self) -> None:
        self._known: dict[object, Hint | int | None] = {}
        """What guesses came to; the depth of those under way."""
        self._looking: list[Key] = []
        """The functions above which guesses look for a monitor, outermost first."""
        self._lowest = _NOTHING
        """Depth of the outermost guess that the innermost one has had to do without."""
        self._left = MAX_MADE

    def forget(self) -> None:
        """Starts anew, for the calls of another file."""
        self._known.clear()
        self._left = MAX_MADE

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """While something is found out that is remembered for good: what is being looked at has no say in it."""
        before = self._known, self._looking, self._lowest, self._left
        self._known, self._looking, self._lowest, self._left = {}, [], _NOTHING, MAX_MADE
        try:
            yield
        finally:
            self._known, self._looking, self._lowest, self._left = before

    def once(self, key: object, guess: Callable[[], Hint | None]) -> Hint | None:
        """The guess for ``key``; None where it is under way."""
        if key in self._known:
            known = self._known[key]
            if not isinstance(known, int):
                return known
            self._lowest = min(self._lowest, known)
            return None
        depth = self._known[key] = len(self._looking)
        outer, self._lowest = self._lowest, _NOTHING
        found = self._known[key] = guess()
        self._left -= 1
        if found is None and self._lowest < depth and self._left > 0:
            del self._known[key]
        self._lowest = min(outer, self._lowest)
        return found

    def goes_on(self, most: int) -> bool:
        """Whether there are fewer than ``most`` guesses on the way."""
        if len(self._looking) < most:
            return True
        self._lowest = 0
        return False

    def above(self, function: Key, uncovered: set[Key], search: Callable[[Key, set[Key]], Verdict]) -> Monitor | None:
        """The monitor on every way to a function; None where it is being looked at already.

        :param uncovered: Functions to which a path without a monitor is known; added to, where what comes out holds
            for good.
        """
        if function in self._looking:
            self._lowest = min(self._lowest, self._looking.index(function))
            return None
        depth, outer = len(self._looking), self._lowest
        self._lowest = _NOTHING
        found = set(uncovered)
        self._looking.append(function)
        verdict = search(function, found)
        self._looking.pop()
        if self._lowest > depth:
            uncovered |= found
        self._lowest = min(outer, self._lowest)
        return verdict.monitor
