"""Loops of which no row of the decision table speaks, as far as the function around them tells.

Most files that hold a loop hold nothing else of interest, and nearly all of those loops are bounded, or wait for
somebody, by what stands in their own function. Such a file is read when what the loop calls turns out to matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.loops import classify
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitorlint.model.facts import Call, FileFacts
    from monitorlint.model.loops import Loop

_KINDS = frozenset({"while", "async-for"})
"""The others depend on what is imported, or on other functions of the file."""
_OUTSIDE = ("http", "ai")
"""What answers from outside the program, as far as loops are told apart by it."""
_OF_VALUES = frozenset(
    "append extend add insert pop popleft appendleft update remove discard clear sort reverse split rsplit strip "
    "lstrip rstrip join startswith endswith lower upper replace items keys values setdefault isdigit isspace len "
    "range int str push shift unshift splice slice substring indexOf lastIndexOf charAt charCodeAt has entries set "
    "trim startsWith endsWith includes toLowerCase toUpperCase test exec Number String".split()
)
"""What texts, numbers and collections do."""


class _Assumed:
    """The calls of one file, of which nothing is known but their text, all but the simplest of one kind."""

    def __init__(self, facts: FileFacts, kind: str | None) -> None:
        self._facts = facts
        self._kind = kind
        self._targets = imported_names(facts)

    def kind_of(self, call: int) -> str | None:
        return None if tail_of(self._facts.calls[call].callee) in _OF_VALUES else self._kind

    def path_of(self, call: int) -> str | None:
        callee = self._facts.calls[call].callee
        if not isinstance(callee, str):
            return None
        first, dot, rest = callee.partition(".")
        target = self._targets.get(first)
        return None if target is None else f"{target}{dot}{rest}"

    def is_guard(self, call: int) -> bool:  # noqa: ARG002 - a guard only makes a loop more silent
        return False

    def named(self, name: str) -> Sequence[Call]:
        return [call for call in self._facts.calls if tail_of(call.callee) == name]


def imported_names(facts: FileFacts) -> dict[str, str]:
    """What the names stand for that a file imports."""
    return {row.local: row.target for row in facts.imports if row.local not in {"", "*"}}


def loops_ask(facts: FileFacts) -> frozenset[str] | None:
    """The last names of the calls on which the silence of a file's loops depends.

    :param facts: At least those of the functions around the loops, and of the file's imports.
    :return: None where a loop is not silent, or is when more is known.
    """
    asked: set[str] = set()
    targets = imported_names(facts)
    for loop in facts.loops:
        if loop.plain:
            continue
        if loop.kind not in _KINDS or not _is_silent(loop, facts, None):
            return None
        if not loop.calls or all(_is_silent(loop, facts, kind) for kind in _OUTSIDE):
            continue
        for row in loop.calls:
            name = tail_of(facts.calls[row.call].callee)
            if not name:
                return None
            if name not in _OF_VALUES:
                asked |= {name, targets.get(name, name).rpartition(".")[2]}
    return frozenset(asked)


def _is_silent(loop: Loop, facts: FileFacts, kind: str | None) -> bool:
    return classify(loop, facts, _Assumed(facts, kind)).status != "unbounded"


def names_asking(facts: FileFacts, tails: frozenset[str]) -> Iterable[str]:
    """The functions of a file that may hold a call that leaves the project.

    :param tails: The last names of such calls.
    """
    for call in facts.calls:
        if tail_of(call.callee) in tails:
            scope = call.scope
            while scope > 0 and facts.scopes[scope].kind != "function":
                scope = facts.scopes[scope].parent
            yield facts.scopes[scope].name
