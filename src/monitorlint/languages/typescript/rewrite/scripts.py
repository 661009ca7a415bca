"""The script blocks of single-file components: Vue's and Svelte's."""

from __future__ import annotations

from monitorlint.languages.typescript.grammar import is_component, scripts_in
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

_LANGUAGE = pattern(rb"\slang\s{0,9}=\s{0,9}[\"']?(\w+)")
_OTHER_TYPE = pattern(rb"\s(?:type\s{0,9}=\s{0,9}[\"']?(?!module|text/javascript|text/typescript)|src\s{0,9}=)")


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
    for attributes, start, end in scripts_in(text) if is_component(path) else ():
        if not _OTHER_TYPE.search(attributes):
            named = _LANGUAGE.search(attributes)
            language = {b"typescript": "ts"}.get(named[1], named[1].decode()) if named else "js"
            found.append(Script(start, end, language, attributes))
    return tuple(found)
