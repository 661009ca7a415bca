"""Dotted paths with globs.

``*`` stands for any run of characters within one part, ``**`` for any number of whole parts (none included).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Generic, TypeVar

T = TypeVar("T")


@cache
def regex(pattern: str) -> re.Pattern[str]:
    """Compile a path with globs; it is meant for ``fullmatch``."""
    parts: list[str] = []
    names = pattern.split(".")
    for position, name in enumerate(names):
        last = position == len(names) - 1
        if name == "**":
            parts.append(".+" if last else r"(?:[^.]+\.)*")
            continue
        parts.append("[^.()]*".join(re.escape(piece) for piece in name.split("*")) + ("" if last else r"\."))
    return re.compile("".join(parts))


def matches(pattern: str, path: str) -> bool:
    """Tell whether a path fits; ``*`` alone fits everything."""
    if pattern in {path, "*"}:
        return True
    return "*" in pattern and regex(pattern).fullmatch(path) is not None


class Table(Generic[T]):
    """Values by path; what is written out wins over globs, longer globs over shorter ones."""

    __slots__ = ("_compiled", "_exact", "_globs")

    def __init__(self) -> None:
        self._exact: dict[str, T] = {}
        self._globs: dict[str, T] = {}
        self._compiled: list[tuple[re.Pattern[str], T]] | None = None

    def add(self, path: str, value: T) -> bool:
        """Take a value; False where the path has one already, which stays."""
        target = self._globs if "*" in path else self._exact
        return target.setdefault(path, value) is value

    def get(self, path: str) -> T | None:
        found = self._exact.get(path)
        if found is not None or not self._globs:
            return found
        if self._compiled is None:
            longest_first = sorted(self._globs, key=len, reverse=True)
            self._compiled = [(regex(glob), self._globs[glob]) for glob in longest_first]
        for pattern, value in self._compiled:
            if pattern.fullmatch(path):
                return value
        return None

    def __bool__(self) -> bool:
        return bool(self._exact or self._globs)
