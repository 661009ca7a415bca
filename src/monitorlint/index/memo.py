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
    """Values by key. What is remembered for good does not depend on who asked first."""

    def __init__(self) -> None:
        self._memo: dict[tuple[object, ...], tuple[Any, ...]] = {}
        self._stack: dict[tuple[object, ...], int] = {}
        self._provisional: dict[tuple[object, ...], tuple[tuple[Any, ...], int, bool]] = {}
        self._so_far: dict[tuple[object, ...], tuple[Any, ...]] = {}
        """What the keys that are being computed, and have asked for themselves, came to without that."""
        self._order: list[tuple[object, ...]] = []
        self._lowest = MAX_DEPTH
        """Depth of the outermost key that an answer since the innermost key began had to do without."""
        self._is_cut = False
        """Whether an answer since then ended at the greatest depth."""
        self._cut: dict[tuple[object, ...], tuple[tuple[Any, ...], int]] = {}
        """Answers that did, and at which depth they were asked for: deeper down nothing more would come out."""

    def start_anew(self) -> None:
        """Drops the answers that ended at the greatest depth: they depend on what was known when they were made."""
        self._cut.clear()

    def once(self, key: tuple[object, ...], compute: Callable[[], Iterable[Answer]]) -> tuple[Answer, ...]:
        """The values for ``key``, computed once.

        A key that is asked for while it is being computed has no values yet, and is computed once more with those that
        it comes to then. What was computed with the help of such an answer is provisional: it holds until the key that
        began the cycle is done, and is then forgotten, so that the next one who asks gets the whole answer.
        """
        known = self._memo.get(key)
        if known is not None:
            return known
        depth = len(self._stack)
        known = self._for_now(key, depth)
        if known is not None:
            return known
        outer = self._lowest, self._is_cut
        mark = len(self._order)
        self._stack[key] = depth
        values: tuple[Answer, ...] = ()
        try:
            for _ in range(MAX_ROUNDS):
                self._lowest, self._is_cut = MAX_DEPTH, False
                before, values = values, tuple(dict.fromkeys(compute()))
                if self._is_cut or self._lowest != depth or values == before:
                    break
                # What it asked of itself was not known yet: once more, with what is known now.
                self._forget(mark)
                self._so_far[key] = values
        except BaseException:
            # Whoever catches this asks again with a clean slate: a half-made answer must not outlive its question.
            self._forget(mark)
            self._lowest, self._is_cut = outer
            raise
        finally:
            del self._stack[key]
            self._so_far.pop(key, None)
        if len(values) > MAX_VALUES:
            values = ()
        if self._lowest >= depth:
            self._forget(mark)
            if self._is_cut:
                self._cut[key] = (values, depth)
            else:
                self._memo[key] = values
            self._lowest = outer[0]
        else:
            self._provisional[key] = (values, self._lowest, self._is_cut)
            self._order.append(key)
            self._lowest = min(outer[0], self._lowest)
        self._is_cut |= outer[1]
        return values

    def _for_now(self, key: tuple[object, ...], depth: int) -> tuple[Any, ...] | None:
        """What has to do for a key, which nothing is remembered of for good; None where it is to be computed."""
        provisional = self._provisional.get(key)
        if provisional is not None:
            self._lowest = min(self._lowest, provisional[1])
            self._is_cut |= provisional[2]
            return provisional[0]
        if key in self._stack:
            self._lowest = min(self._lowest, self._stack[key])
            return self._so_far.get(key, ())
        cut = self._cut.get(key)
        if depth < MAX_DEPTH and (cut is None or cut[1] > depth):
            return None
        self._is_cut = True
        return cut[0] if cut is not None else ()

    def _forget(self, mark: int) -> None:
        """Drops the provisional answers since ``mark``."""
        for done in self._order[mark:]:
            del self._provisional[done]
        del self._order[mark:]
