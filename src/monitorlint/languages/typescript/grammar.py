"""Which grammar reads a file, and the text that it is given."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import tree_sitter
import tree_sitter_typescript

from monitorlint.languages.typescript.query import QUERY

if TYPE_CHECKING:
    from tree_sitter import Parser, Query

_TYPED = (".ts", ".mts", ".cts")
_COMPONENTS = (".vue", ".svelte")
_SCRIPT = re.compile(rb"<script\b([^>]*)>", re.IGNORECASE)
_END = re.compile(rb"</script\s*>", re.IGNORECASE)
_LANGUAGE = re.compile(rb"""\blang\s*=\s*["']?(tsx?|jsx|typescript)\b""")
_OTHER = re.compile(rb"[^\n\r]")


class Grammar(NamedTuple):
    """A parser with the query that picks what is read."""

    parser: Parser
    query: Query


@cache
def _grammar(name: str) -> Grammar:
    pointer = tree_sitter_typescript.language_tsx() if name == "tsx" else tree_sitter_typescript.language_typescript()
    language = tree_sitter.Language(pointer)
    return Grammar(tree_sitter.Parser(language), tree_sitter.Query(language, QUERY))


def grammar_of(path: str, data: bytes) -> Grammar:
    """The grammar for a file: type assertions (``<T>x``) and elements (``<T/>``) exclude each other.

    :param path: Its name tells the grammar; a component's script says it itself.
    :param data: The whole file.
    """
    if path.endswith(_TYPED):
        return _grammar("typescript")
    if path.endswith(_COMPONENTS):
        languages = {found.group(1) for tag in _SCRIPT.finditer(data) if (found := _LANGUAGE.search(tag.group(1)))}
        return _grammar("typescript" if languages & {b"ts", b"typescript"} else "tsx")
    return _grammar("tsx")


def is_component(path: str) -> bool:
    """Whether a file is a single-file component, of which the scripts are read."""
    return path.endswith(_COMPONENTS)


def script_of(path: str, data: bytes) -> bytes:
    """What of a file is code: all of it, or a component's scripts with blanks for the rest, so that offsets stay."""
    if not path.endswith(_COMPONENTS):
        return data
    parts: list[bytes] = []
    at = 0
    for tag in _SCRIPT.finditer(data):
        end = _END.search(data, tag.end())
        if tag.start() < at or end is None:
            continue
        parts += (_OTHER.sub(b" ", data[at : tag.end()]), data[tag.end() : end.start()])
        at = end.start()
    parts.append(_OTHER.sub(b" ", data[at:]))
    return b"".join(parts)
