"""Suggestions for misspelt words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that looks most like ``word``, upper and lower case being equal, or None."""
    import difflib  # noqa: PLC0415 - needed only after a mistake; start-up does not pay for it

    by_folded = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str], *, otherwise: str) -> str:
    """The second half of an error message: ``did you mean "x"?``, or ``otherwise`` when nothing is near."""
    best = closest(word, choices)
    return f'did you mean "{best}"?' if best is not None else otherwise
