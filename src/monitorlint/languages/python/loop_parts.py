"""The parts of a Python file that hold its loops: enough to tell that they end, without reading the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.languages.lines import cut, line_of, openers_of
from monitorlint.languages.python.source import ASYNC_FOR, WHILE, may_count, places_in_lines
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

_FUNCTION = (b"def ", b"async def ")
_CONTINUED = pattern(rb"\s*(?:else|elif|except|finally|case)\b")
_IMPORTS = pattern(rb"^(?:import|from)\b[^\n(]*(?:\([^()]*\))?[^\n]*\n?", re.MULTILINE)


def loop_parts(source: bytes, imports: Iterable[str]) -> bytes | None:
    """The functions around the loops, the headers of what these stand in, and the imports.

    :param imports: What the file imports.
    :return: None where that is not to be told from the text.
    """
    if may_count(source, imports):
        return None
    places = sorted((*places_in_lines(source, b"while", WHILE), *places_in_lines(source, b"async", ASYNC_FOR)))
    parts = [found.span() for found in _IMPORTS.finditer(source)]
    for openers in filter(None, openers_of(source, places, (b"#",))):
        functions = [n for n, one in enumerate(openers) if source.startswith(_FUNCTION, one.first + one.indent)]
        inner = functions[-1] if functions else 0
        for opener in openers[: inner + 1]:
            if _CONTINUED.match(source, opener.first):
                return None
            parts.append((opener.first, line_of(source, opener.start)[1]))
        function = openers[inner]
        parts.append((function.first, function.end if function.end >= 0 else len(source)))
    return cut(source, parts)
