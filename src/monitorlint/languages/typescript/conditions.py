"""The tests of `if` statements: those that ask whether the program runs for those who develop it have one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from monitorlint.model.expr import Expr

_FOR_DEVELOPMENT = "env.is_development"
_PART = pattern(
    rb"[\s(]*(?:import\.meta\.env\.DEV|(?:(?:globalThis\.)?process\.env\.|import\.meta\.env\.)?(?:NODE_ENV|MODE)"
    rb"\s*===?\s*[\"'`](?:development|dev|local)[\"'`])[\s)]*"
)


def read_test(condition: Node | None, read: Callable[[Node | None], Expr]) -> list[Expr]:
    """What a block's row says of the condition under which it runs.

    :param read: Reads any other expression.
    """
    text = condition.text if condition is not None else None
    if text and (b"_ENV" in text or b".env." in text) and _asks_for_development(text):
        return [_FOR_DEVELOPMENT]
    return [read(condition)]


def _asks_for_development(text: bytes) -> bool:
    """Whether one of the parts between ``&&`` holds for developers alone."""
    return b"||" not in text and any(_PART.fullmatch(part) for part in text.split(b"&&"))
