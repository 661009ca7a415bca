"""What a front end says about one loop: enough to decide who stops it, and nothing of how it was written.

All rows are ``NamedTuple`` s of plain values, so they go to the cache as JSON arrays; :meth:`Loop.decode`
makes rows of them again. Names are dotted texts as written (``self.cursor``); calls are numbers of
:class:`monitorlint.model.facts.Call` rows of the same file.
"""

from __future__ import annotations

from typing import Any, Literal

from monitorlint.model.rows import NamedTuple

LoopKind = Literal["while", "for", "async-for", "iterator", "comprehension", "generator"]
"""``iterator`` is a ``for`` over what may never end; a ``comprehension`` or ``generator`` goes through one."""


class Reading(NamedTuple):
    """What an expression reads."""

    names: list[str]
    """Names whose value decides directly; arguments of side-effect-free builtins such as a length are among them."""
    inputs: list[str]
    """Names that only reach the value through a call: its receiver and its arguments."""
    calls: list[int]
    literal: str | None
    """The expression's own text when it is a literal; ``True``, ``False`` and ``None`` in every language."""

    @property
    def all_names(self) -> list[str]:
        """Every name that the value depends on."""
        return [*self.names, *self.inputs]

    @classmethod
    def decode(cls, row: list[Any]) -> Reading:
        """The row that JSON made a list of."""
        return cls(*row)


class Atom(NamedTuple):
    """One elementary condition."""

    op: str
    """A comparison (``<``, ``==``, ``in``, ``is not`` …), ``true``, ``false``, ``match``, or ``except``."""
    left: Reading
    """Of ``except``: ``names`` holds the exception types."""
    right: Reading
    text: str

    @classmethod
    def decode(cls, row: list[Any]) -> Atom:
        """The row that JSON made a list of."""
        op, left, right, text = row
        return cls(op, Reading.decode(left), Reading.decode(right), text)


class Stop(NamedTuple):
    """One way in which the loop ends: all of ``atoms`` hold together. No atoms: nothing stands before it."""

    how: str
    """``test`` (the loop's condition), ``flag`` (a name of it is set), ``break``, ``return``, ``raise``, ``exit``."""
    atoms: list[Atom]
    attempt: int
    """The innermost ``try`` body it stands in whose handler keeps the loop going, or -1."""
    row: int

    @classmethod
    def decode(cls, row: list[Any]) -> Stop:
        """The row that JSON made a list of."""
        how, atoms, attempt, line = row
        return cls(how, [Atom.decode(a) for a in atoms], attempt, line)


class Write(NamedTuple):
    """A name that the loop changes."""

    name: str
    how: str
    """``=``, an augmented operator such as ``+=``, ``part`` (an element or slice of the value), ``arith`` (computed by
    arithmetic), ``again`` (a search that begins at the start whenever it is made), ``for``, ``count`` (the target of an
    endless iterator), ``with``, ``del``, ``[]`` (an element is set), or ``.method`` (that method of it is called)."""
    value: Reading
    always: bool
    """Written on every path that reaches the next turn."""
    row: int
    known: list[Atom] = []  # noqa: RUF012 - a NamedTuple's default is shared and never written
    """Where a literal is assigned, the conditions that hold there; where a condition is, its atoms."""

    @classmethod
    def decode(cls, row: list[Any]) -> Write:
        """The row that JSON made a list of."""
        name, how, value, always, line, known = row
        return cls(name, how, Reading.decode(value), always, line, [Atom.decode(a) for a in known])


class LoopCall(NamedTuple):
    """A call in the test or body, side-effect-free builtins excepted."""

    call: int
    inputs: list[str]
    """Names read by receiver and arguments."""
    inner: bool
    """An inner loop is nearer."""
    steady: bool
    """Runs every turn, or under nothing but an ``n % k`` test."""
    handler: int
    """The handler it stands in, or -1."""
    attempt: int
    """The ``try`` body it stands in, or -1."""

    @classmethod
    def decode(cls, row: list[Any]) -> LoopCall:
        """The row that JSON made a list of."""
        return cls(*row)


class Handler(NamedTuple):
    """An ``except``/``catch`` inside the loop."""

    types: list[str]
    """Exception types as written; empty: everything. Where handlers name no types: what every error is, ``Error``."""
    attempt: int
    """The ``try`` body that it guards."""
    leaves: bool
    """It never reaches the next turn."""
    row: int

    @classmethod
    def decode(cls, row: list[Any]) -> Handler:
        """The row that JSON made a list of."""
        return cls(*row)


class Back(NamedTuple):
    """A way to the next turn."""

    handler: int
    """The handler it came through, or -1."""
    explicit: bool
    """By ``continue``, not by reaching the end of the body."""
    atoms: list[Atom]
    """Conditions known to hold there."""

    @classmethod
    def decode(cls, row: list[Any]) -> Back:
        """The row that JSON made a list of."""
        handler, explicit, atoms = row
        return cls(handler, explicit, [Atom.decode(a) for a in atoms])


class Inner(NamedTuple):
    """A loop inside the loop: what it goes through."""

    is_async: bool
    iterated: Reading

    @classmethod
    def decode(cls, row: list[Any]) -> Inner:
        """The row that JSON made a list of."""
        is_async, iterated = row
        return cls(is_async, Reading.decode(iterated))


class Loop(NamedTuple):
    """One loop. Offsets are bytes; rows and columns are 0-based, columns count code points."""

    kind: LoopKind
    plain: bool
    """A ``for`` over a collection: a site only where batch loops are asked for. Nothing but its place is recorded."""
    scope: int
    block: int
    start: int
    end: int
    row: int
    column: int
    end_row: int
    end_column: int
    body_start: int
    body_end: int
    header: str
    """Source of the header, white space folded, at most 200 characters."""
    const: bool = False
    """The condition is a truthy literal, or there is none."""
    iterated: Reading | None = None
    """Of ``for`` and comprehensions: what they go through."""
    stops: list[Stop] = []  # noqa: RUF012
    writes: list[Write] = []  # noqa: RUF012
    calls: list[LoopCall] = []  # noqa: RUF012
    handlers: list[Handler] = []  # noqa: RUF012
    backs: list[Back] = []  # noqa: RUF012
    inners: list[Inner] = []  # noqa: RUF012
    around: list[str] = []  # noqa: RUF012
    """Exception types that ``try`` statements around the loop, in the same function, catch."""
    yields: int = 0
    awaits: bool = False
    idle: str = ""
    """A turn on which nothing that the loop reads changes is possible: the condition whose failure leads there."""

    @property
    def exits(self) -> list[Stop]:
        """Stops other than the loop's own condition."""
        return [s for s in self.stops if s.how not in {"test", "flag"}]

    @classmethod
    def decode(cls, row: list[Any]) -> Loop:
        """The loop that JSON made a list of.

        :raises ValueError: ``row`` was written by another version.
        """
        const, iterated, stops, writes, calls, handlers, backs, inners, *rest = row[_PLACE:]
        return cls._make(
            [
                *row[:_PLACE],
                const,
                None if iterated is None else Reading.decode(iterated),
                [Stop.decode(r) for r in stops],
                [Write.decode(r) for r in writes],
                [LoopCall.decode(r) for r in calls],
                [Handler.decode(r) for r in handlers],
                [Back.decode(r) for r in backs],
                [Inner.decode(r) for r in inners],
                *rest,
            ]
        )


# Fields that need no decoding: all before the first with a default.
_PLACE = len(Loop._fields) - len(Loop._field_defaults)
