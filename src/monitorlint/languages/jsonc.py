"""JSON as people write it for tools: with comments and trailing commas (``tsconfig.json``)."""

from __future__ import annotations

import json
import re
from typing import Any

from monitorlint.model.patterns import pattern

# A string or comment that does not end takes the rest, so that nothing is looked for in it again.
_STRING = r'"(?:[^"\\\n]++|\\.)*+"?'
_COMMENT = pattern(_STRING + r"|(//[^\n]*+|/\*(?:.*?\*/|.*))", re.DOTALL)
_COMMA = pattern(_STRING + r"|(,)(?=\s*[}\]])", re.DOTALL)


def blanked(text: str) -> str:
    """The text as plain JSON: spaces where comments and trailing commas were, so that every offset stays."""
    if "//" in text or "/*" in text:
        text = _COMMENT.sub(_blank, text)
    return _COMMA.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    whole = found.group()
    return whole if found.group(1) is None else "".join("\n" if char == "\n" else " " for char in whole)


def read_jsonc(text: str) -> Any:
    """The value that a text holds.

    :raises ValueError: it is no JSON, comments and trailing commas forgiven, or nests too deep.
    """
    text = text.removeprefix("\ufeff")
    try:
        try:
            return json.loads(text)
        except ValueError:
            return json.loads(blanked(text), strict=False)
    except RecursionError:
        raise ValueError("nests too deep") from None
