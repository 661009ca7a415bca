"""What an expression may stand for when the program runs."""

from __future__ import annotations

from typing import TypeAlias

from monitorlint.model.expr import Expr
from monitorlint.model.rows import NamedTuple


class Tag(NamedTuple):
    """A monitor that a client has on it."""

    how: str
    """``client``, ``callback`` or ``option``; ``before``: call ``row`` is handed what runs around a handler."""
    vendor: str
    name: str
    """Canonical path of the wrapper, class or handler."""
    group: str
    """Which of the vendor's ``covers`` rows apply; ``*`` all calls of the client."""
    level: str
    path: str
    row: int
    """0-based."""


class External(NamedTuple):
    """Something that a package outside the project defines, by its catalogue path."""

    path: str
    origin: tuple[str, int] | None = None
    """File and number of the call that made the client this hangs on."""
    tags: tuple[Tag, ...] = ()


class Defined(NamedTuple):
    """A function or class of the project."""

    file: str
    scope: int


class Instance(NamedTuple):
    """An instance of a class of the project."""

    file: str
    scope: int


class Parent(NamedTuple):
    """``super()`` inside a class of the project."""

    file: str
    scope: int


class Module(NamedTuple):
    """A module of the project."""

    file: str


class Generated(NamedTuple):
    """What calling a generator function of the project gives."""

    file: str
    scope: int


class Collected(NamedTuple):
    """A literal collection: its elements are resolved when somebody asks for one."""

    file: str
    scope: int
    offset: int
    expr: Expr


class CollectionMethod(NamedTuple):
    """A method of a literal collection, such as ``registry.get``."""

    collection: Collected
    name: str


class Literal(NamedTuple):
    value: str | int | float | bool | None


Value: TypeAlias = External | Defined | Instance | Parent | Module | Generated | Collected | CollectionMethod | Literal
Values: TypeAlias = tuple[Value, ...]


def frozen(expr: Expr) -> Expr:
    """``expr`` with tuples for lists, so that it can be a key."""
    if isinstance(expr, (list, tuple)):
        return tuple(frozen(e) for e in expr)
    return expr
