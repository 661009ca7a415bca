"""Which bindings of a name may hold at a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding


def live_bindings(view: FileView, bindings: list[Binding], offset: int) -> list[Binding]:
    """The bindings of one name that may still hold at ``offset``: back to the last one that every path passes."""
    blocks = view.facts.blocks
    live: list[Binding] = []
    # `client = wrap(client)` reads what the name stood for before.
    others = [b for b in bindings if b.how != "augmented" and not _is_inside(view, b.value, offset)]
    for binding in reversed(others):
        if binding.start >= offset:
            continue
        live.append(binding)
        block = blocks[binding.block]
        if block.start <= offset < block.end and binding.how != "annotation":
            return live
    # A loop's body also sees what a later statement of the body bound on the turn before.
    return live or others


def _is_inside(view: FileView, value: Expr, offset: int) -> bool:
    """Whether a value is a call (or one of several) in which ``offset`` lies."""
    if not isinstance(value, (tuple, list)) or not value:
        return False
    if value[0] == "call":
        call = view.facts.calls[value[1]]
        return call.start <= offset < call.end
    return value[0] == "any" and any(_is_inside(view, part, offset) for part in value[1])


def is_certain(view: FileView, live: list[Binding], offset: int) -> bool:
    """Whether every path to ``offset`` passes the first of the bindings that may hold there."""
    block = view.facts.blocks[live[-1].block]
    return live[-1].start < offset and block.start <= offset < block.end
