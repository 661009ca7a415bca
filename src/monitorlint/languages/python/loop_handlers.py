"""``try`` statements, and ``with suppress(…)``, inside and around a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.loop_flow import Attempt
    from monitorlint.languages.python.loop_conditions import Conditions

_CLAUSES = frozenset({"except_clause", "except_group_clause"})
_NO_EXCEPTIONS = frozenset({"SystemExit", "KeyboardInterrupt", "GeneratorExit", "CancelledError"})
_FUNCTIONS = frozenset({"function_definition", "lambda", "class_definition", "module"})


class Clause(NamedTuple):
    types: list[str]
    """Empty: everything."""
    body: Node | None
    node: Node


def catches(attempt: Attempt, raised: str | None) -> bool:
    """Whether raising ``raised`` (None: something unnamed) inside a ``try`` leads to one of its handlers."""
    tail = raised.rpartition(".")[2] if raised else ""
    for types in attempt.types:
        tails = {t.rpartition(".")[2] for t in types}
        if not types or "BaseException" in tails or tail in tails:
            return True
        if "Exception" in tails and tail not in _NO_EXCEPTIONS:
            return True
    return False


def read_handlers(node: Node, conditions: Conditions) -> list[Clause]:
    """The ``except`` clauses of a ``try`` statement."""
    clauses = []
    for clause in node.named_children:
        if clause.type in _CLAUSES:
            body = next((c for c in clause.named_children if c.type == "block"), None)
            value = next((c for c in clause.named_children if c.type not in {"block", "comment"}), None)
            clauses.append(Clause(list(_types(value, conditions)), body, clause))
    return clauses


def _types(value: Node | None, conditions: Conditions) -> Iterator[str]:
    if value is None:
        return
    if value.type == "as_pattern":
        yield from _types(value.named_children[0] if value.named_children else None, conditions)
    elif value.type in {"tuple", "parenthesized_expression"}:
        for child in value.named_children:
            yield from _types(child, conditions)
    elif value.type != "comment":
        yield conditions.text(value, 60)


def suppressed_types(node: Node, conditions: Conditions) -> list[str] | None:
    """The exceptions that ``with contextlib.suppress(…)`` swallows; None for any other ``with``."""
    clause = next((c for c in node.named_children if c.type == "with_clause"), None)
    for item in clause.named_children if clause is not None else ():
        call = item.child_by_field_name("value")
        function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
        if function is not None and conditions.dotted(function) in {"suppress", "contextlib.suppress"}:
            arguments = call.child_by_field_name("arguments") if call is not None else None
            return [conditions.text(a, 60) for a in arguments.named_children] if arguments is not None else []
    return None


def caught_around(loop: Node, conditions: Conditions) -> list[str]:
    """Exception types that the ``try`` statements around a loop catch, up to its function."""
    caught: list[str] = []
    inner, outer = loop, loop.parent
    while outer is not None and outer.type not in _FUNCTIONS:
        if outer.type == "try_statement" and outer.child_by_field_name("body") == inner:
            for clause in read_handlers(outer, conditions):
                caught.extend(clause.types or ["BaseException"])
        inner, outer = outer, outer.parent
    return caught
