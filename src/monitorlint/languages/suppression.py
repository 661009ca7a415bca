"""Suppression comments, as every language writes them.

``monitorlint: ignore[MON101, unmonitored-fetch] reason`` and ``monitorlint: ignore-file[…] reason`` after the
language's comment sign; without brackets every rule is meant. Other tools' comments may stand before or behind.
"""

from __future__ import annotations

import re

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

# The sign must open the comment or follow white space, so that prose which quotes the form is left alone.
_FORM = pattern(
    r"(?:^|(?<=\s))(?:\#+|//+|/\*+|\*)\s*monitorlint:\s*(?P<verb>ignore-file|ignore)(?![\w-])"
    r"(?:\s*\[(?P<codes>[^\]]*)\]?)?(?P<reason>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NEXT_COMMENT = pattern(r"\s(?:#|//)\s")
_CODE = pattern(r"mon\d+", re.IGNORECASE)


class ParsedSuppression(NamedTuple):
    codes: tuple[str, ...]
    """Codes in capitals, names in small letters; empty: every rule; ``("",)`` for empty brackets."""
    reason: str
    whole_file: bool


def parse_suppression(text: str) -> ParsedSuppression | None:
    """Read one comment, its sign included (``# …``, ``// …``, ``/* … */``); None when it is not for monitorlint.

    A bracket that is never closed takes the rest of the comment for codes: they are then reported as unknown,
    which tells the author more than a comment that silently does nothing.
    """
    form = _FORM.search(text)
    if form is None:
        return None
    reason = (
        _NEXT_COMMENT.split(form["reason"], maxsplit=1)[0].strip().removesuffix("*/").strip(" \t\r\n-:\u2013\u2014")
    )
    codes: tuple[str, ...] = ()
    if form["codes"] is not None:
        codes = tuple(_normal(code) for code in re.split(r"[,\s]+", form["codes"]) if code) or ("",)
    return ParsedSuppression(codes, reason, form["verb"].lower() == "ignore-file")


def _normal(code: str) -> str:
    return code.upper() if _CODE.fullmatch(code) else code.lower()
