"""Terms in which the loops of every language are told: what a condition needs, and how conditions combine."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Protocol

from monitorlint.model.loops import Reading
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.model.loops import Atom

Clauses = list[list["Atom"]]
"""A condition as alternatives, any of which suffices, each a list of atoms that must hold together."""

# Beyond this many alternatives a condition is kept as one lump: it is too mixed to prove anything with.
_MOST_ALTERNATIVES = 12
# Of more atoms than this the last ones count, which stand nearest.
_MOST_ATOMS = 150
OPPOSITE = {
    "<": ">=",
    ">": "<=",
    "<=": ">",
    ">=": "<",
    "==": "!=",
    "!=": "==",
    "<>": "==",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
    "true": "false",
    "false": "true",
    "match": "match",
    "except": "except",
}
_SPACE = pattern(r"\s+")
_FALSY = frozenset({"False", "None", "0", "''", '""', "``", "[]", "{}", "()"})

NOTHING = Reading([], [], [], None)


class LoopContext(Protocol):
    """What the reader of a file knows of the places in it."""

    def scope_of(self, offset: int) -> int:
        """Number of the innermost scope around a byte offset."""

    def block_of(self, offset: int) -> int:
        """Number of the innermost block around a byte offset."""

    def call_id(self, node: Node) -> int | None:
        """Number of the call at ``node``, None where it has none."""


def text_of(node: Node, source: bytes, limit: int = 200) -> str:
    """A node's source, white space folded, at most ``limit`` characters."""
    text = _SPACE.sub(" ", source[node.start_byte : node.end_byte].decode("utf-8", "replace")).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def join(left: Clauses, right: Clauses) -> Clauses:
    """Both conditions hold."""
    if len(left) * len(right) > _MOST_ALTERNATIVES:
        # Each atom once: alternatives share most of theirs, and twenty tests in a row would double them twenty times.
        return [list({repr(a): a for clause in (*left, *right) for a in clause}.values())[-_MOST_ATOMS:]]
    return [[*a, *b][-_MOST_ATOMS:] for a, b in product(left, right)]


def flat(clauses: Clauses) -> list[Atom]:
    """The atoms of all alternatives."""
    return [a for clause in clauses for a in clause]


def satisfies(atom: Atom, literal: str) -> bool | None:
    """Whether giving the tested name this literal makes the atom hold; None when that cannot be told."""
    falsy = literal in _FALSY
    if atom.op in {"true", "false"}:
        return falsy == (atom.op == "false")
    if atom.right.literal is None:
        return None
    if atom.op in {"==", "is"}:
        return atom.right.literal == literal
    if atom.op in {"!=", "is not"}:
        return atom.right.literal != literal
    return None


def is_flag(atom: Atom) -> bool:
    """A condition on one plain name."""
    right = atom.right
    names = atom.left.names
    return len(names) == 1 and not atom.left.inputs and not atom.left.calls and not right.all_names and not right.calls
