"""What is handed to a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.expressions import Expressions
    from monitorlint.model.expr import Expr

SILENT = frozenset(
    "log warn error debug info trace expect describe it test beforeEach afterEach toString toFixed toLowerCase "
    "toUpperCase trim split join slice substring indexOf includes startsWith endsWith replace replaceAll padStart "
    "parseInt parseFloat Number String Boolean isArray keys stringify toISOString useState now round floor ceil "
    "min max random abs has charCodeAt preventDefault stopPropagation toBe toEqual".split()
)
"""Calls whose arguments no value is followed through: reading arguments is what costs."""


def read_arguments(node: Node | None, expr: Expressions) -> tuple[list[Expr], dict[str, Expr], list[Expr]]:
    """The arguments, what the last object among them holds by name, and what is spread into either.

    Options that are objects themselves are there with their parts, too: ``headers.authorization``.
    """
    args: list[Expr] = []
    kwargs: dict[str, Expr] = {}
    spread: list[Expr] = []
    if node is None or node.type != "arguments":
        return args, kwargs, spread
    options: list[tuple[str, Expr]] = []
    for child in node.named_children:
        kind = child.type
        if kind == "spread_element":
            spread.append(None)
        elif kind != "comment":
            value = expr.read(child)
            args.append(value)
            if isinstance(value, tuple) and value[0] == "map":
                options = list(value[1])
    for key, value in options:
        if key == "**":
            spread.append(value)
        elif key:
            kwargs[key] = value
            if isinstance(value, tuple) and value[0] == "map":
                kwargs.update({f"{key}.{inner}": part for inner, part in value[1] if inner not in {"", "**"}})
    return args, kwargs, spread
