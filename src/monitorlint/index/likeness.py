"""Whether two calls of a file ask for the very same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call


def are_same(view: FileView, one: Call, other: Call) -> bool:
    """Whether two calls are of one thing, with the same arguments."""
    return (
        one.kwargs.keys() == other.kwargs.keys()
        and _are_equal(view, one.callee, other.callee)
        and _are_all_equal(view, one.args, other.args)
        and _are_all_equal(view, one.spread, other.spread)
        and all(_are_equal(view, value, other.kwargs[name]) for name, value in one.kwargs.items())
    )


def _are_all_equal(view: FileView, some: Iterable[Expr], others: Iterable[Expr]) -> bool:
    some, others = list(some), list(others)
    return len(some) == len(others) and all(_are_equal(view, *pair) for pair in zip(some, others, strict=True))


def _are_equal(view: FileView, one: Expr, other: Expr) -> bool:
    """Whether two expressions say the same, whatever the numbers of the calls in them."""
    if not isinstance(one, (tuple, list)) or not isinstance(other, (tuple, list)):
        return one == other
    if one[0] != other[0]:
        return False
    match one[0]:
        case "call":
            calls = view.facts.calls
            return are_same(view, calls[one[1]], calls[other[1]])
        case "any" | "seq" | "pipe":
            return _are_all_equal(view, one[1], other[1])
        case "map":
            names, others = [name for name, _ in one[1]], [name for name, _ in other[1]]
            return names == others and _are_all_equal(view, [e for _, e in one[1]], [e for _, e in other[1]])
        case "attr" | "item" | "of" | "entered":
            return list(one[2:]) == list(other[2:]) and _are_equal(view, one[1], other[1])
    return list(one[1:]) == list(other[1:])
