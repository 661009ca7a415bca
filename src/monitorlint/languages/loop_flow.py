"""How control flows through the body of a loop: its ways out, its ways to the next turn, its handlers.

What is the same in every language is kept here; the readers of the languages go through their own statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from monitorlint.languages.loop_effects import LoopEffects
from monitorlint.languages.loop_terms import flat, join, satisfies
from monitorlint.model.loops import Back, Handler, Stop
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from monitorlint.languages.loop_terms import Clauses
    from monitorlint.model.loops import Atom, Inner, LoopCall, Write

_Effects = TypeVar("_Effects", bound=LoopEffects)
# A loop with more ways out than this is a state machine; the first ones tell what it is.
_MOST_STOPS = 60


class State(NamedTuple):
    """A point that control can reach."""

    known: Clauses
    must: frozenset[str]
    """Names that every way here has written."""
    modes: frozenset[int]
    """Handlers through which a way here leads, -1 for none. Empty: the loop's own condition is met by now."""


START = State([[]], frozenset(), frozenset({-1}))


def merge(before: State, branches: Sequence[State | None]) -> State | None:
    """Where branches meet again; None when none of them falls through.

    :param before: The point at which they part.
    """
    falling = [b for b in branches if b is not None]
    if not falling:
        return None
    if len(falling) == 1:
        return falling[0]
    must = frozenset.intersection(*(b.must for b in falling))
    return State(before.known, must, frozenset().union(*(b.modes for b in falling)))


def written(state: State, names: Sequence[str]) -> State:
    """The point after ``names`` were certainly written."""
    return state._replace(must=state.must | frozenset(names)) if names else state


class Attempt(NamedTuple):
    """A ``try`` whose body is being read."""

    number: int
    types: list[list[str]]
    """Of each of its handlers; empty: everything."""
    row: int


class LoopFlow(Generic[_Effects]):
    """The ways through one loop, filled by a language's reader.

    :param flags: Names that the loop's condition tests alone, each with the atom that ends the loop.
    """

    def __init__(self, effects: _Effects, flags: dict[str, Atom]) -> None:
        self._effects = effects
        self._flags = flags
        self._reset = False
        """An inner loop sets a flag so that the loop goes on after all."""
        self.stops: list[Stop] = []
        self.handlers: list[Handler] = []
        self.backs: list[Back] = []
        self.inners: list[Inner] = []
        self._back_musts: list[frozenset[str]] = []
        self._tries: list[Attempt] = []
        self._caught: list[Stop] = []
        """Raised inside the loop and caught inside it: a stop when the handler leaves."""
        self._attempts = 0
        self._parents: dict[int, int] = {}

    @property
    def yields(self) -> int:
        return self._effects.yields

    @property
    def awaits(self) -> bool:
        return self._effects.awaits

    def calls(self) -> list[LoopCall]:
        """Every call of test and body, in source order."""
        return self._effects.calls

    def writes(self) -> list[Write]:
        """Every write, with what is known of its certainty."""
        always = frozenset.intersection(*self._back_musts) if self._back_musts else frozenset()
        return [w._replace(always=w.name in always) for w in self._effects.writes]

    def finish(self, end: State | None) -> None:
        """The whole body is read.

        :param end: Its end, None when control does not reach it.
        """
        if end is not None:
            self._back(end, explicit=False)
        reached = {b.handler for b in self.backs}
        self.handlers = [h._replace(leaves=i not in reached) for i, h in enumerate(self.handlers)]
        keeping = {h.attempt for h in self.handlers if not h.leaves}
        self.stops += [s for s in self._caught if s.attempt not in keeping]
        self.stops = [s._replace(attempt=self._keeping(s.attempt, keeping)) for s in self.stops]
        self._effects.calls = [c._replace(attempt=self._keeping(c.attempt, keeping)) for c in self._effects.calls]

    def _keeping(self, attempt: int, keeping: set[int]) -> int:
        while attempt >= 0 and attempt not in keeping:
            attempt = self._parents[attempt]
        return attempt

    def _back(self, state: State, *, explicit: bool) -> None:
        self._back_musts.append(state.must)
        self.backs.extend(Back(mode, explicit, flat(state.known)) for mode in sorted(state.modes))

    def _stop(self, how: str, state: State, node: Node) -> None:
        attempt = self._tries[-1].number if self._tries else -1
        for atoms in state.known:
            if len(self.stops) < _MOST_STOPS:
                self.stops.append(Stop(how, atoms, attempt, node.start_point.row))

    def _set_literal(self, state: State, atom: Atom, literal: str, node: Node, *, inner: bool) -> State:
        """A flag gets a literal: an exit in all but name, or its revocation.

        :param inner: An inner loop is nearer.
        """
        if satisfies(atom, literal):
            self._stop("flag", state, node)
            return state._replace(modes=frozenset())
        self._reset |= inner
        return state._replace(modes=state.modes or frozenset({-1}))

    def _set_condition(self, state: State, clauses: Clauses, node: Node) -> None:
        """A flag gets the value of a condition.

        :param clauses: When that value ends the loop.
        """
        self._stop("flag", state._replace(known=join(state.known, clauses)), node)

    def _set_result(self, state: State, atom: Atom, node: Node) -> State:
        """``while result is None: try: result = fetch()``: the assignment is the success that ends the loop."""
        if not self._tries or atom.op not in {"true", "is not"}:
            return state
        self._stop("flag", state, node)
        return state._replace(modes=frozenset())

    def _stop_caught(self, state: State, attempt: int, node: Node) -> None:
        """Something is raised that a handler inside the loop catches."""
        self._caught += [Stop("raise", atoms, attempt, node.start_point.row) for atoms in state.known]

    def _open_try(self, types: list[list[str]], node: Node) -> int:
        number = self._attempts
        self._attempts += 1
        self._parents[number] = self._tries[-1].number if self._tries else -1
        self._tries.append(Attempt(number, types, node.start_point.row))
        self._effects.attempt = number
        return number

    def _close_try(self) -> None:
        self._tries.pop()
        self._effects.attempt = self._tries[-1].number if self._tries else -1

    def _handler(self, types: list[str], attempt: int, node: Node) -> int:
        self.handlers.append(Handler(types, attempt, False, node.start_point.row))
        return len(self.handlers) - 1
