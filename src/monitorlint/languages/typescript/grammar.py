"""Which grammar reads a file, and the text that it is given."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import tree_sitter

from monitorlint.languages.grammars import grammar
from monitorlint.languages.typescript.query import QUERY
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Parser, Query

_TYPED = (".ts", ".mts", ".cts")
_COMPONENTS = (".vue", ".svelte")
# Svelte has code in braces for values: ``on:load={() => { ready = true; }}``. A brace without its end is a character.
_IN_BRACES = rb"\{(?:[^{}]{1,500}+|\{(?:[^{}]{1,500}+|\{[^{}]{0,500}+\}){0,50}+\}){0,50}+\}|\{"
_OPENING = pattern(rb"<!--|<script(?=[\s>])((?:[^>\"'{]|\"[^\"]*\"|'[^']*'|%s){0,500}+)>" % _IN_BRACES, re.IGNORECASE)
_CLOSING = pattern(rb"</script\s{0,100}>", re.IGNORECASE)
_LANGUAGE = pattern(rb"""\blang\s*=\s*["']?(tsx?|jsx|typescript)\b""")
# What a page loads from elsewhere, and what is no code: ``type="application/ld+json"``.
_APART = pattern(
    rb"""\s(?:src\s*=|type\s*=\s*["']?(?!(?:module|(?:text|application)/(?:java|ecma)script|text/typescript|ts)\b)[\w/])"""
)
_OTHER = pattern(rb"[^\n\r]")


class Grammar(NamedTuple):
    """A parser with the query that picks what is read."""

    parser: Parser
    query: Query


@cache
def _grammar(name: str) -> Grammar:
    binding = grammar("tree_sitter_typescript")
    language = tree_sitter.Language(binding.language_tsx() if name == "tsx" else binding.language_typescript())
    return Grammar(tree_sitter.Parser(language), tree_sitter.Query(language, QUERY))


def grammar_of(path: str, data: bytes) -> Grammar:
    """The grammar for a file: type assertions (``<T>x``) and elements (``<T/>``) exclude each other.

    :param path: Its name tells the grammar; a component's script says it itself.
    :param data: The whole file.
    """
    if path.endswith(_TYPED):
        return _grammar("typescript")
    if path.endswith(_COMPONENTS):
        languages = {found.group(1) for attributes, _, _ in scripts_in(data) if (found := _LANGUAGE.search(attributes))}
        return _grammar("typescript" if languages & {b"ts", b"typescript"} else "tsx")
    return _grammar("tsx")


def is_component(path: str) -> bool:
    """Whether a file is a single-file component, of which the scripts are read."""
    return path.endswith(_COMPONENTS)


def script_of(path: str, data: bytes) -> bytes:
    """What of a file is code: all of it, or a component's scripts with blanks for the rest, so that offsets stay."""
    data = data.replace(b"\0", b" ")  # where the grammar sees the end of the file
    if not path.endswith(_COMPONENTS):
        return data
    parts: list[bytes] = []
    at = 0
    for _, start, end in scripts_in(data):
        parts += (_OTHER.sub(b" ", data[at:start]), data[start:end])
        at = end
    parts.append(_OTHER.sub(b" ", data[at:]))
    return b"".join(parts)


def scripts_in(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The script blocks of a component, those in comments left out: attributes, and where the code begins and ends."""
    at = 0
    while (opening := _OPENING.search(data, at)) is not None:
        if opening[1] is None:
            end = data.find(b"-->", opening.end())
            at = len(data) if end < 0 else end + 3
            continue
        closing = _CLOSING.search(data, opening.end())
        if closing is None:
            return
        if not _APART.search(opening[1]):
            yield opening[1], opening.end(), closing.start()
        at = closing.end()
