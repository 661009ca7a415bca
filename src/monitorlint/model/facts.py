"""What a front end says about one file, in words that hold for every language.

The rows are ``NamedTuple`` s: a run makes hundreds of thousands, and they go to the cache as JSON
arrays and come back with one ``_make`` each. Offsets are bytes; rows and columns are 0-based here
(columns count Unicode code points) and become 1-based in reports.
"""

from __future__ import annotations

from typing import Final

from monitorlint.model.expr import Expr
from monitorlint.model.loops import Loop
from monitorlint.model.rows import NamedTuple

EVERYTHING: Final = "**"
"""Behind a package (``app.plugins.**``) that a file loads by name: every module below it."""
ENDING: Final = "|"
"""Between a folder and what the names of all that is loaded of it end with (``./jobs.|/run.**``)."""
ANYTHING: Final = "?"
"""A module that is loaded, and of which nothing can be said."""
TYPES: Final = "^"
"""Before a module of which a file imports types alone, which run nothing."""
LAZILY: Final = "|"
"""Before a module that only one command of a program's command line imports. No specifier begins with it."""
CONSTRUCTOR: Final = "__init__"
"""The name of the scope that makes an instance of its class, whatever the language calls it."""


class CallFlag:
    """How a call stands in its statement: bits of ``Call.flags``. Plain numbers: they are asked for once per call."""

    AWAITED: Final = 1
    """The call is the operand of ``await``."""
    WITH_ITEM: Final = 2
    """The call is a context manager of a ``with`` statement."""
    STATEMENT: Final = 4
    """The call, not awaited, is a whole statement; its value is thrown away."""
    DECORATOR: Final = 8
    """The call is a decorator's factory: it runs when the function is defined."""


class Import(NamedTuple):
    """One name that an import statement binds."""

    scope: int
    local: str
    """The bound name; ``*`` for a star import."""
    target: str
    """Dotted origin, such as ``openai.OpenAI``; leading dots for a relative import.

    ``import a.b`` binds ``a`` to ``a`` and has a second row with ``local`` empty and ``a.b`` as its target.
    """
    start: int
    row: int
    block: int


class Param(NamedTuple):
    name: str
    annotation: Expr
    default: Expr
    kind: str
    """``""``, ``"*"`` or ``"**"``; ``"k"`` for keyword-only."""


class Scope(NamedTuple):
    """The module, a class, a function or a lambda; number 0 is the module."""

    kind: str
    """``module``, ``class``, ``function`` or ``lambda``."""
    name: str
    parent: int
    block: int
    """The block in which the definition stands."""
    start: int
    end: int
    row: int
    flags: int
    """1 async, 2 generator (``yield`` in the body)."""
    params: list[Param]
    decorators: list[Expr]
    """Outermost first. Of a class, its metaclass is the last: that makes the class, and may change it as well."""
    bases: list[Expr]
    returns: list[Expr]
    yields: list[Expr]
    returned_type: Expr
    """The return annotation."""

    @property
    def is_async(self) -> bool:
        return bool(self.flags & 1)

    @property
    def is_generator(self) -> bool:
        return bool(self.flags & 2)


class Block(NamedTuple):
    """A stretch of a scope that runs, or not, as a whole. Number 0 is the module's body."""

    kind: str
    """One of ``body`` (of a scope), ``with loop if else try except reraise rethrow finally case comprehension``, or
    ``generator``.

    ``reraise`` is an ``except`` that raises something, ``rethrow`` one that raises what it caught and nothing else;
    ``generator`` a comprehension that runs when it is read.
    """
    parent: int
    scope: int
    start: int
    end: int
    row: int
    items: list[Expr]
    """Of a ``with``: its context managers. Of an ``if``: its test; in Python the parts of it between ``and``, where
    it asks for development or for an option that is off. Of an ``except``: its types."""


class Binding(NamedTuple):
    """A name that gets a value: ``x``, ``self.x``, ``cls.x``, or an element: ``x[]``, ``x[]KEY`` by a literal key."""

    scope: int
    name: str
    value: Expr
    start: int
    row: int
    block: int
    how: str
    """``assign``, ``annotation``, ``for``, ``with``, ``def``, ``class``, ``except``, ``augmented``, ``other``."""


class Call(NamedTuple):
    """One call expression."""

    callee: Expr
    args: list[Expr]
    kwargs: dict[str, Expr]
    spread: list[Expr]
    """What ``**`` and ``*`` unpack into the arguments (``**`` first)."""
    scope: int
    block: int
    start: int
    end: int
    row: int
    column: int
    end_row: int
    end_column: int
    flags: int
    parent: int
    """The call of which this one is (part of) an argument, or -1."""


class Suppression(NamedTuple):
    """A comment that silences findings."""

    row: int
    column: int
    codes: list[str]
    """Empty: every code."""
    reason: str
    whole_file: bool
    own_line: bool
    """The comment has its line to itself and so speaks of the next line of code."""
    target_row: int
    """The last row of code it speaks of when it stands on its own line, else ``row``."""


class SyntaxProblem(NamedTuple):
    row: int
    column: int
    message: str


class FileFacts(NamedTuple):
    """All facts of one file."""

    language: str
    imports: list[Import]
    scopes: list[Scope]
    blocks: list[Block]
    bindings: list[Binding]
    calls: list[Call]
    loops: list[Loop]
    suppressions: list[Suppression]
    problems: list[SyntaxProblem]
