"""What the query found, in the order of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.shapes import OPENERS, body_place

if TYPE_CHECKING:
    from tree_sitter import Node

Event = tuple[int, int, int, int, str, "Node"]
"""Start, negative end (of two that begin together the longer comes first), rank, running number, kind, node."""
FLAGS = frozenset({"await", "statement"})
"""Kinds that say something of another node."""
MAX_NESTING = 2000
"""Of nodes within nodes that are read: to ask one for its parent takes as long as it lies deep. Nobody writes this."""
MAX_DEPTH = 12_000
"""Levels of the tree that the query goes down: a node that it finds takes a few. The cost grows by their square."""


def in_order(captures: dict[str, list[Node]]) -> tuple[list[Event], Node | None]:
    """The nodes and the bodies that open with them, and the first node that lies too deep to be read."""
    events: list[Event] = []
    add = events.append
    for kind, nodes in captures.items():
        if kind in FLAGS:
            continue
        for node in nodes:
            add((node.start_byte, -node.end_byte, 1, len(events), kind, node))
            if kind in OPENERS and (place := body_place(kind, node)) is not None:
                add((place[0], -place[1], 0, len(events), "enter", node))
    events.sort()
    return (events, None) if len(events) <= MAX_NESTING else _shallow(events)


def _shallow(events: list[Event]) -> tuple[list[Event], Node | None]:
    kept: list[Event] = []
    ends: list[int] = []
    passed: Node | None = None
    for event in events:
        while ends and ends[-1] <= event[0]:
            ends.pop()
        if len(ends) < MAX_NESTING:
            ends.append(-event[1])
            kept.append(event)
        elif passed is None:
            passed = event[5]
    return kept, passed
