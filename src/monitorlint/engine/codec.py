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
