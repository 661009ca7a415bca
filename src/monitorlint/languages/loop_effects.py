"""What evaluating the parts of a loop does, told at the place where its reader is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from monitorlint.model.loops import LoopCall, Reading, Write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitorlint.model.loops import Atom


class LoopEffects:
    """Collects the calls and writes of one loop, at the place (inner loop, handler, try body) where the reader is."""

    def __init__(self) -> None:
        self.calls: list[LoopCall] = []
        self.writes: list[Write] = []
        self.yields = 0
        self.awaits = False
        self.depth = 0
        self.handler = -1
        self.attempt = -1
        self._tests = 0
        self.known: list[Atom] = []
        """Conditions that hold where the reader is."""

    @contextmanager
    def under_test(self, text: str) -> Iterator[None]:
        """What is scanned inside stands under a condition."""
        # ``if n % 100 == 0`` is how a guard is thinned out: it does not make the guard conditional.
        conditional = "%" not in text
        self._tests += conditional
        yield
        self._tests -= conditional

    def add_call(self, number: int, inputs: list[str]) -> None:
        """A call is made."""
        steady = self.depth == 0 and self._tests == 0 and self.handler < 0
        self.calls.append(LoopCall(number, inputs, self.depth > 0, steady, self.handler, self.attempt))

    def add_write(self, name: str, how: str, value: Reading, row: int, condition: list[Atom]) -> None:
        """A name gets a value.

        :param condition: The atoms of the value where it is a condition.
        """
        known = self.known if value.literal is not None else condition
        self.writes.append(Write(name, how, value, False, row, known))

    @staticmethod
    def together(readings: Sequence[Reading]) -> Reading:
        """What several expressions read."""
        return Reading(
            [n for r in readings for n in r.names],
            [n for r in readings for n in r.inputs],
            [c for r in readings for c in r.calls],
            None,
        )
