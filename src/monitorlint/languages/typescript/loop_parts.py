"""The parts of a TypeScript file that hold its loops: enough to tell that they end, without reading the rest."""

from __future__ import annotations

import re

from monitorlint.languages.lines import cut, line_of, openers_of
from monitorlint.languages.typescript.loop_screen import loop_places
from monitorlint.model.patterns import pattern

_FUNCTION = pattern(rb"[^\n]{0,500}(?:=>|\)[^(){}=;\n]{0,200})\s*\{\s*\n")
"""The last line of a function's header, or of a statement's."""
_STATEMENT = pattern(rb"[}\s]*(?:if|else|for|while|do|switch|try|catch|finally|with)\b")
_IMPORTS = pattern(rb"^import\b[^;'\"]{0,2000}['\"][^'\"\n]*['\"];?[ \t]*\r?\n?", re.MULTILINE)


def loop_parts(source: bytes) -> bytes | None:
    """The functions around the loops, first and last lines of what these stand in, and the imports.

    :return: None where that is not to be told from the text.
    """
    parts = [found.span() for found in _IMPORTS.finditer(source)]
    # A line of a block comment begins with a star.
    for openers in filter(None, openers_of(source, loop_places(source), (b"//", b"*"))):
        functions = [
            n
            for n, one in enumerate(openers)
            if _FUNCTION.match(source, one.start) and not _STATEMENT.match(source, one.start)
        ]
        inner = functions[-1] if functions else 0
        for opener in openers[:inner]:
            if not opener.continued:
                return None
            parts += [(opener.first, line_of(source, opener.start)[1]), line_of(source, opener.end)]
        function = openers[inner]
        end = function.end if function.end >= 0 else len(source)
        parts.append((function.first, line_of(source, end)[1] if function.continued else end))
    return cut(source, parts)
