"""URL patterns of named wrappers (``[[wrappers]] url = "/lessons/{id}"``), and texts that they may fit."""

from __future__ import annotations

import re
from typing import Final

from monitorlint.model.patterns import pattern

HELPERS: Final = {"ai": "monitor_ai_generation", "http": "monitor_fetch"}
"""The helper that a wrapper of a kind stands in for; other kinds: ``monitor_operation``."""
HOLE: Final = pattern(r"\{(\w+)\}")
_PLACEHOLDER = pattern("\0([0-9]+)\0")
_BASE = "(?:https?://[^/\0]*|\0[0-9]+\0)?"
"""What may stand before a path: the host, or a name that holds it."""


def placeholder(expression: str, expressions: list[str]) -> str:
    """What stands for an expression in a text that is matched; the expression is appended to the list."""
    expressions.append(expression)
    return f"\0{len(expressions) - 1}\0"


def matched(url: str, text: str) -> dict[str, str | int] | None:
    """What fills each hole of a URL pattern: a text, or the number of an expression; None where it is another URL."""
    pattern = "".join(
        f"(?P<{part[1:-1]}>[^/?#]+)" if HOLE.fullmatch(part) else re.escape(part)
        for part in re.split(r"(\{\w+\})", url)
    )
    base = "" if "://" in url else _BASE
    found = re.fullmatch(f"{base}{pattern}(?:[?#].*)?", text, re.DOTALL)
    if found is None:
        return None
    values: dict[str, str | int] = {}
    for hole, value in found.groupdict().items():
        whole = _PLACEHOLDER.fullmatch(value)
        if whole is None and "\0" in value:
            return None
        values[hole] = int(whole[1]) if whole is not None else value
    return values
