"""Facts as JSON and back: for the cache, and on the way from one process to another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from monitorlint.model.facts import (
    Binding,
    Block,
    Call,
    FileFacts,
    Import,
    Param,
    Scope,
    Suppression,
    SyntaxProblem,
)
from monitorlint.model.loops import Loop

if TYPE_CHECKING:
    from typing import Any


_PARAMS = Scope._fields.index("params")
_new = tuple.__new__


def encode(facts: FileFacts) -> str:
    """One line of JSON."""
    return json.dumps(facts, separators=(",", ":"))


def decode(text: str) -> FileFacts:
    """The facts that ``encode`` wrote.

    :raises ValueError, TypeError, IndexError: the text is no such line.
    """
    language, imports, scopes, blocks, bindings, calls, loops, suppressions, problems = json.loads(text)
    return FileFacts(
        language,
        [Import._make(r) for r in imports],
        [_scope(r) for r in scopes],
        [Block._make(r) for r in blocks],
        [Binding._make(r) for r in bindings],
        [Call._make(r) for r in calls],
        [Loop.decode(r) for r in loops],
        [Suppression._make(r) for r in suppressions],
        [SyntaxProblem._make(r) for r in problems],
    )


def _scope(row: list[Any]) -> Scope:
    scope = Scope._make(row)
    return scope._replace(params=[Param._make(p) for p in scope.params]) if scope.params else scope


def pack(facts: FileFacts) -> tuple[Any, ...]:
    """The facts in plain tuples and lists, which `marshal` takes: on the way between our own processes.

    Five times as fast as JSON, and unsafe with anything that another program may have written.
    """
    scopes = [(*s[:_PARAMS], list(map(tuple, s.params)), *s[_PARAMS + 1 :]) for s in facts.scopes]
    rows = (facts.imports, scopes, facts.blocks, facts.bindings, facts.calls)
    rare = json.dumps((facts.loops, facts.suppressions, facts.problems)) if _has_rare(facts) else ""
    return (facts.language, *(list(map(tuple, part)) for part in rows), rare)


def unpack(packed: tuple[Any, ...]) -> FileFacts:
    """The facts that ``pack`` made."""
    language, imports, scopes, blocks, bindings, calls, rare = packed
    loops, suppressions, problems = json.loads(rare) if rare else ((), (), ())
    return FileFacts(
        language,
        [_new(Import, row) for row in imports],
        [_scope(row) for row in scopes],
        [_new(Block, row) for row in blocks],
        [_new(Binding, row) for row in bindings],
        [_new(Call, row) for row in calls],
        [Loop.decode(row) for row in loops],
        [Suppression._make(row) for row in suppressions],
        [SyntaxProblem._make(row) for row in problems],
    )


def _has_rare(facts: FileFacts) -> bool:
    return bool(facts.loops or facts.suppressions or facts.problems)
