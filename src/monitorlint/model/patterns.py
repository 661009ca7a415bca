"""Regular expressions that are compiled when they are first used.

A run over one file uses a few of the two hundred, and compiling all of them took a sixth of its time.
"""

from __future__ import annotations

import re
from typing import AnyStr, Generic, cast


class _Uncompiled(Generic[AnyStr]):
    """Stands for a compiled expression, and becomes one: what was asked for once is an attribute of its own."""

    def __init__(self, text: AnyStr, flags: int) -> None:
        self._text: AnyStr = text
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(self._text, self._flags)
        for method in ("match", "fullmatch", "search", "findall", "finditer", "split", "sub", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The expression of a text, which is compiled at its first use.

    A mistake in it shows only then, so `tests/test_house.py` compiles all of them.
    """
    return cast("re.Pattern[AnyStr]", _Uncompiled(text, flags))
