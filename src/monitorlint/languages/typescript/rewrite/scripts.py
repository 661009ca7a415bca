"""The script blocks of single-file components: Vue's and Svelte's."""

from __future__ import annotations

import re
from typing import NamedTuple

from monitorlint.languages.typescript.grammar import is_component

_OPENING = re.compile(rb"<!--|<script(?=[\s>])((?:[^>\"']|\"[^\"]*\"|'[^']*'){0,2000}+)>", re.IGNORECASE)
_CLOSING = re.compile(rb"</script\s{0,100}>", re.IGNORECASE)
_LANGUAGE = re.compile(rb"\slang\s{0,9}=\s{0,9}[\"']?(\w+)")
_OTHER_TYPE = re.compile(rb"\s(?:type\s{0,9}=\s{0,9}[\"']?(?!module|text/javascript|text/typescript)|src\s{0,9}=)")


class Script(NamedTuple):
    """What stands between the tags."""

    start: int
    end: int
    language: str
    """``ts``, ``tsx``, ``js`` or ``jsx``."""
    attributes: bytes


def scripts_of(path: str, text: bytes) -> tuple[Script, ...]:
    """The script blocks of a component; none of any other file."""
    found: list[Script] = []
    at = 0 if is_component(path) else len(text)
    while (opening := _OPENING.search(text, at)) is not None:
        if opening[1] is None:
            end = text.find(b"-->", opening.end())
            at = len(text) if end < 0 else end + 3
            continue
        closing = _CLOSING.search(text, opening.end())
        if closing is None:
            break
        named = _LANGUAGE.search(opening[1])
        language = {b"typescript": "ts"}.get(named[1], named[1].decode()) if named else "js"
        if not _OTHER_TYPE.search(opening[1]):
            found.append(Script(opening.end(), closing.start(), language, opening[1]))
        at = closing.end()
    return tuple(found)
