"""Answers that are computed once, and what an error on the way leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitorlint.index.memo import MAX_DEPTH, Memo
from monitorlint.index.values import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.values import Value

ONE, TWO = Literal(1), Literal(2)


def test_who_is_asked_first_does_not_decide() -> None:
    def answers(first: str, second: str) -> dict[str, set[Value]]:
        memo = Memo()

        def a() -> Iterator[Value]:
            yield ONE
            yield from memo.once(("b",), b)

        def b() -> Iterator[Value]:
            yield TWO
            yield from memo.once(("a",), a)

        ways = {"a": a, "b": b}
        return {name: set(memo.once((name,), ways[name])) for name in (first, second)}

    assert answers("a", "b") == answers("b", "a") == {"a": {ONE, TWO}, "b": {ONE, TWO}}


def test_what_an_answer_makes_of_itself_is_in_it_whoever_is_asked_first() -> None:
    def answers(first: str, second: str) -> dict[str, set[Value]]:
        memo = Memo()

        def a() -> Iterator[Value]:
            yield ONE
            yield from memo.once(("b",), b)

        def b() -> Iterator[Value]:
            if memo.once(("a",), a):
                yield TWO

        ways = {"a": a, "b": b}
        return {name: set(memo.once((name,), ways[name])) for name in (first, second)}

    assert answers("a", "b") == answers("b", "a") == {"a": {ONE, TWO}, "b": {TWO}}


def test_an_error_leaves_no_half_made_answer() -> None:
    memo = Memo()
    broken = True

    def a() -> Iterator[Value]:
        yield ONE
        yield from memo.once(("b",), b)
        if broken:
            raise RecursionError

    def b() -> Iterator[Value]:
        yield TWO
        yield from memo.once(("a",), a)

    with pytest.raises(RecursionError):
        memo.once(("a",), a)
    broken = False
    assert set(memo.once(("b",), b)) == {ONE, TWO}


def test_what_ends_at_the_greatest_depth_is_made_once_until_all_begins_anew() -> None:
    memo = Memo()
    made: list[int] = []

    def of(number: int) -> Callable[[], Iterator[Value]]:
        def compute() -> Iterator[Value]:
            made.append(number)
            yield ONE
            yield from memo.once((number + 1,), of(number + 1))

        return compute

    def asked(name: str) -> tuple[Value, ...]:
        return memo.once((name,), lambda: memo.once((1,), of(1)))

    assert asked("a") == asked("b") == (ONE,)
    assert len(made) == len(set(made)) == MAX_DEPTH - 1
    memo.start_anew()
    assert asked("c") == (ONE,)
    assert len(made) == 2 * (MAX_DEPTH - 1)
