"""What a loop's message says of the conditions that end it, or ask for another turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index import loop_words as words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.model.loops import Atom, Stop

_LONGEST = 60
# What is written where each of these holds: its own sign, and not that of its opposite.
_OTHERS = {"in": ("not in",), "is": ("is not",), "==": ("!=", "<>"), "<": ("<=", ">"), ">": (">=", "<")}
_OWN = {"not in": ("not in",), "is not": ("is not",), "!=": ("!=", "<>"), "<=": ("<=",), ">=": (">=",), "true": ("",)}


def cut(text: str) -> str:
    """A text that is short enough to stand in a sentence."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def holds(atom: Atom) -> bool:
    """Whether a condition holds as it is written: of ``if not ok`` and ``else`` the opposite does."""
    if atom.op in _OTHERS:
        return not any(sign in atom.text for sign in _OTHERS[atom.op])
    return any(sign in atom.text for sign in _OWN.get(atom.op, ()))


def ending(stops: Iterable[Stop]) -> tuple[str, Atom | None]:
    """The condition that ends the loop, for a message: one that speaks of pages if there is one, no error's if not.

    Of several, the first: what refuses an answer comes last.

    :returns: How the loop ends there, as in :class:`Stop`, and the condition; None where there is none to tell.
    """
    ordered = sorted(stops, key=lambda stop: stop.how == "raise")
    told = [(s.how, a) for s in ordered for a in reversed(s.atoms) if a.op not in {"except", "match"}]
    return min(told, key=lambda row: _rank(row[1].text), default=("", None))


def _rank(text: str) -> int:
    """How far a condition is from speaking of pages."""
    if words.CURSOR.search(text):
        return 0
    return 2 if words.REFUSED.search(text) else 1


def clause(stops: Iterable[Stop], until: str, during: str, *, header: str = "", unknown: str = "") -> str:
    """What a sentence that begins with the loop's header goes on with.

    :param until: With ``{}`` for the condition that ends the loop.
    :param during: Likewise, where the loop goes on as long as the condition holds.
    :param header: Instead of either, where the header itself says what ends the loop.
    :param unknown: Where there is no condition to tell.
    """
    how, atom = ending(stops)
    if atom is None:
        return unknown
    return header if how == "test" else (until if holds(atom) else during).format(f"`{cut(atom.text)}`")
