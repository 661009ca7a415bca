"""Answers that are computed once, where one may lead back to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


Answer = TypeVar("Answer")
MAX_DEPTH = 40
MAX_ROUNDS = 3
"""So often is computed what asks for itself: with nothing known, and with what it came to before."""
MAX_VALUES = 48
"""A name that may stand for more things than this stands for nothing in particular."""


class Memo:
    """Values by key. What is remembered does not depend on who asked first."""

    def __init__(self) -> None:
        self._memo: dict[tuple[object, ...], tuple[Any, ...]] = {}
        self._stack: dict[tuple[object, ...], int] = {}
        self._provisional: dict[tuple[object, ...], tuple[tuple[Any, ...], int]] = {}
        self._so_far: dict[tuple[object, ...], tuple[Any, ...]] = {}
        """What the keys that are being computed, and have asked for themselves, came to without that."""
        self._order: list[tuple[object, ...]] = []
        self._lowest = MAX_DEPTH + 1
        """Depth of the outermost key that an answer since the innermost key began had to do without."""

    def once(self, key: tuple[object, ...], compute: Callable[[], Iterable[Answer]]) -> tuple[Answer, ...]:
        """The values for ``key``, computed once.

        A key that is asked for while it is being computed has no values yet, and is computed once more with those that
        it comes to then. What was computed with the help of such an answer is provisional: it holds until the key that
        began the cycle is done, and is then forgotten, so that the next one who asks gets the whole answer.
        """
        known = self._memo.get(key)
        if known is not None:
            return known
        provisional = self._provisional.get(key)
        if provisional is not None:
            self._lowest = min(self._lowest, provisional[1])
            return provisional[0]
        depth = len(self._stack)
        if key in self._stack:
            self._lowest = min(self._lowest, self._stack[key])
            return self._so_far.get(key, ())
        if depth >= MAX_DEPTH:
            self._lowest = -1
            return ()
        outer = self._lowest
        mark = len(self._order)
        self._stack[key] = depth
        values: tuple[Answer, ...] = ()
        try:
            for _ in range(MAX_ROUNDS):
                self._lowest = MAX_DEPTH + 1
                before, values = values, tuple(dict.fromkeys(compute()))
                if self._lowest != depth or values == before:
                    break
                # What it asked of itself was not known yet: once more, with what is known now.
                self._forget(mark)
                self._so_far[key] = values
        except BaseException:
            # Whoever catches this asks again with a clean slate: a half-made answer must not outlive its question.
            self._forget(mark)
            self._lowest = outer
            raise
        finally:
            del self._stack[key]
            self._so_far.pop(key, None)
        if len(values) > MAX_VALUES:
            values = ()
        if self._lowest >= depth or depth == 0:
            self._forget(mark)
            if self._lowest >= depth:
                self._memo[key] = values
            self._lowest = outer
        else:
            self._provisional[key] = (values, self._lowest)
            self._order.append(key)
            self._lowest = min(outer, self._lowest)
        return values

    def _forget(self, mark: int) -> None:
        """Drops the provisional answers since ``mark``."""
        for done in self._order[mark:]:
            del self._provisional[done]
        del self._order[mark:]
