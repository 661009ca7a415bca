"""What is surely wrong with a file's syntax.

The grammar is behind the language (``export type *``, ``typeof import("m")``), so that it stumbles is no proof. What no
version of the language allows is: brackets that do not match, and the marks of an unfinished merge. Where it
stumbles it passes over brackets, too: nothing is said where the text opens as many of a kind as it closes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.facts import SyntaxProblem
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Tree

_CLOSING = {"(": ")", "[": "]", "{": "}", "${": "}", "{|": "|}"}
_PAIRS = tuple((bytes([one]), bytes([other])) for one, other in (b"()", b"[]", b"{}"))
_QUIET = pattern(rb""""(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/""")
"""Strings and comments, as far as they can be told without reading the rest."""
_CONFLICT = tuple(pattern(mark, re.MULTILINE) for mark in (rb"^<{7} ", rb"^={7}$", rb"^>{7} "))


def syntax_problems(tree: Tree, source: bytes) -> Iterator[SyntaxProblem]:
    """The first thing that is surely wrong in a file that the grammar did not read without errors."""
    conflict = _conflict(source)
    if conflict >= 0:
        yield SyntaxProblem(source.count(b"\n", 0, conflict), 0, "a merge conflict is left unresolved")
        return
    opened: list[Node] = []
    for token in _brackets(tree):
        if token.type in _CLOSING:
            opened.append(token)
            continue
        last = opened.pop() if opened else None
        if last is not None and _CLOSING[last.type] == token.type:
            continue
        if last is not None and any(_CLOSING[node.type] == token.type for node in opened):
            yield from _problem(last, source, f"this {last.type} is never closed")
        else:
            yield from _problem(token, source, f"this {token.type} closes nothing")
        return
    if opened:
        yield from _problem(opened[-1], source, f"this {opened[-1].type} is never closed")


def _conflict(source: bytes) -> int:
    """Where the marks of a merge begin, which stand in their order; -1 without."""
    places: list[int] = []
    for mark in _CONFLICT:
        found = mark.search(source, places[-1] + 1 if places else 0)
        if found is None:
            return -1
        places.append(found.start())
    return places[0]


def _problem(node: Node, source: bytes, message: str) -> Iterator[SyntaxProblem]:
    kind = node.type.strip("$|").encode()
    opening, closing = next(pair for pair in _PAIRS if kind in pair)
    if any(text.count(opening) == text.count(closing) for text in (source, _QUIET.sub(b"", source))):
        return
    row, column = node.start_point
    line = source[node.start_byte - column : node.start_byte]
    yield SyntaxProblem(row, len(line.decode("utf-8-sig", "replace")), message)


def _brackets(tree: Tree) -> Iterator[Node]:
    """The brackets of a file, in source order; those within strings, comments and text are no tokens."""
    closing = frozenset(_CLOSING.values())
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.child_count:
            stack.extend(reversed(node.children))
        elif (node.type in _CLOSING or node.type in closing) and node.end_byte > node.start_byte:
            yield node
