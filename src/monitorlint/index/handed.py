"""What the callers of a function say of one of its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call


class Handed(NamedTuple):
    """An argument of the calls of one function."""

    name: str
    place: int
    """Its position among the arguments that are written down; -1: it is handed over by its name alone."""
    literals: bool
    """Whether a literal says anything of it."""
    whole: bool = False
    """Whether all arguments are asked for."""

    def of(self, call: Call) -> Expr:
        """What a call hands over; None where that is nothing, or nothing known."""
        if self.name in call.kwargs:
            return call.kwargs[self.name]
        return call.args[self.place] if 0 <= self.place < len(call.args) else None

    def says(self, call: Call) -> bool:
        """Whether a call says anything of the argument."""
        if self.whole:
            return bool(call.args or call.kwargs)
        expr = self.of(call)
        return expr is not None and (self.literals or isinstance(expr, str) or expr[0] != "lit")
