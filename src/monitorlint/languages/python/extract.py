"""One Python file, read into facts.

A tree-sitter query (in C) picks the few node kinds that matter; they are then gone through in source
order, with a stack of the blocks that are open, so that no Python code runs for the other nine tenths of
the tree.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import tree_sitter

from monitorlint.languages.python.bindings import BindingReader
from monitorlint.languages.python.conditions import conjuncts, tests_for_development, tests_of_options
from monitorlint.languages.python.expressions import (
    BODY,
    COMMENT,
    NAME,
    SPLAT,
    VALUE,
    Expressions,
)
from monitorlint.languages.python.grammar import LANGUAGE, PARSER, field, kind
from monitorlint.languages.python.imports import read_import, read_import_from
from monitorlint.languages.python.loops import read_loops
from monitorlint.languages.python.query import QUERY
from monitorlint.languages.python.signatures import decorator_calls, metaclasses, read_decorators, read_parameters
from monitorlint.model.facts import Block, Call, CallFlag, FileFacts, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Import, Param, Suppression, SyntaxProblem

_FLAGS = {
    "awaited": CallFlag.AWAITED,
    "statement": CallFlag.STATEMENT,
}
_SILENT = frozenset(
    "len str int float bool repr print isinstance issubclass hasattr range min max sum abs any all round ord chr id "
    "info debug strip lstrip rstrip lower upper split rsplit splitlines startswith endswith replace format "
    "title capitalize isoformat strftime strptime dumps loads exists mkdir makedirs dirname basename abspath is_file "
    "is_dir add_argument assertEqual assertTrue".split()
)
"""Calls whose arguments no value is followed through: nearly half of all calls, and reading arguments is what costs."""
_CONSEQUENCE = field("consequence")
_BODIES = {
    **dict.fromkeys(("def", "class", "lambda", "with", "for", "while", "else", "try"), BODY),
    **dict.fromkeys(("if", "elif", "case"), _CONSEQUENCE),
}
_SCOPES = frozenset({"def", "class", "lambda"})
_UNNAMED = frozenset({"except", "finally"})
"""Their bodies have no field."""
_OPENERS = frozenset({*_BODIES, *_UNNAMED})
_BLOCK_KINDS = {"for": "loop", "while": "loop", "elif": "if"}
_FUNCTION = field("function")
_ARGUMENTS = field("arguments")
_PARAMETERS = field("parameters")
_RETURN_TYPE = field("return_type")
_SUPERCLASSES = field("superclasses")
_DEFINITION = field("definition")
_KEYWORD_ARGUMENT = kind("keyword_argument")
_LIST_SPLAT = kind("list_splat")
_GENERATOR = kind("generator_expression")
_BLOCK = kind("block")
_IMPORT = kind("import_statement")
_GLOBAL = kind("global_statement")
_AS_PATTERN = kind("as_pattern")
_NO_BASES = frozenset({COMMENT, _KEYWORD_ARGUMENT})
_new = tuple.__new__
_NOTHING: list[Expr] = []
_NO_KEYWORDS: dict[str, Expr] = {}
"""Of calls without arguments, shared by all: facts are never written."""


@cache
def _query() -> tree_sitter.Query:
    return tree_sitter.Query(LANGUAGE, QUERY)


def extract(source: bytes) -> FileFacts:
    """The facts of one file.

    :param source: The file's bytes, UTF-8.
    """
    tree = PARSER.parse(source)
    captures = tree_sitter.QueryCursor(_query()).captures(tree.root_node)
    reader = _Reader(source, captures)
    reader.run()
    doubtful = tree.root_node.has_error or "old" in captures or reader.has_empty_suite
    problems = _problems(source) if doubtful else []
    return reader.facts(_suppressions(tree, source) if b"monitorlint:" in source else [], problems)


def extract_parts(source: bytes) -> FileFacts | None:
    """The facts of what was cut out of a file; None where it does not parse alone.

    :param source: UTF-8.
    """
    tree = PARSER.parse(source)
    if tree.root_node.has_error:
        return None
    reader = _Reader(source, tree_sitter.QueryCursor(_query()).captures(tree.root_node))
    reader.run()
    return reader.facts([], [])


def _problems(source: bytes) -> list[SyntaxProblem]:
    from monitorlint.languages.python.syntax import syntax_problems  # noqa: PLC0415 - few files have any

    return list(syntax_problems(source))


def _suppressions(tree: tree_sitter.Tree, source: bytes) -> list[Suppression]:
    from monitorlint.languages.python.comments import read_suppressions  # noqa: PLC0415 - few files have any

    return read_suppressions(tree, source)


_Event = tuple[int, int, int, int, str, "Node"]
"""Start, negative end (of two that begin together the longer comes first), rank, running number, kind, node. A plain
tuple, because there are a hundred thousand of them, which sorts without a key: no two have the same number."""


_OpenCall = tuple[int, int, int, int]
"""Where a call ends, where its arguments begin, its number, and that of the call that it is an argument of."""


class _ScopeParts:
    """A scope while its body is being read."""

    __slots__ = ("flags", "outer", "place", "returns", "signature", "yields")

    def __init__(self, place: tuple[str, str, int, int, int, int, int], flags: int, signature: _Signature) -> None:
        self.place = place
        """The first fields of the scope, up to its row."""
        self.flags = flags
        self.signature = signature
        self.returns: list[Expr] = []
        self.yields: list[Expr] = []
        self.outer: dict[str, int] = {}
        """Names declared ``global`` or ``nonlocal``: the scope they belong to."""

    def row(self) -> Scope:
        params, decorators, bases, returned_type = self.signature
        parts = (*self.place, self.flags, params, decorators, bases, self.returns, self.yields, returned_type)
        return _new(Scope, parts)


_Signature = tuple[list["Param"], list["Expr"], list["Expr"], "Expr"]
"""Parameters, decorators, bases, and the annotation of what is returned."""


class _Reader:
    """Goes through the captured nodes of one file in source order."""

    def __init__(self, source: bytes, captures: dict[str, list[Node]]) -> None:
        self._source = source
        self._ascii = source.isascii()
        self.has_empty_suite = False
        """A header is followed by nothing that is indented."""
        self._told = tests_for_development(source) | tests_of_options(source)
        """Where the conditions begin that are kept, with the ``if`` before them."""
        self._bodies: dict[int, tuple[int, int]] = {}
        """Where the bodies of the nodes that have one begin and end, by the node's id."""
        self._events = self._ordered(captures)
        self._call_ids = {node.id: at for at, node in enumerate(e[5] for e in self._events if e[4] == "call")}
        # Scopes are numbered in the order in which they open, so a lambda's number is known before it is reached.
        openers = [e for e in self._events if e[4] in _SCOPES]
        self._lambda_ids = {e[0]: i for i, e in enumerate(openers, 1) if e[4] == "lambda"}
        self._expr = Expressions(source, self._call_ids, self._lambda_ids)
        self._flags: dict[int, int] = {}
        for name, flag in _FLAGS.items():
            for node in captures.get(name, ()):
                self._flags[node.id] = flag
        self._decorators: dict[int, Node] = {}
        """Decorated definitions by where what they define begins."""
        for outer in captures.get("decorated", ()):
            for node in decorator_calls(outer):
                self._flags[node.id] = CallFlag.DECORATOR
            if (defined := outer.child_by_field_id(_DEFINITION)) is not None:
                self._decorators[defined.start_byte] = outer
        self._entered: set[int] = set()
        """Calls that are the context managers of a ``with``."""
        self._loop_nodes = [*captures.get("while", ()), *captures.get("for", ()), *captures.get("clause", ())]
        self._scopes: list[_ScopeParts] = []
        self._has_outer = False
        """Some scope declares a name ``global`` or ``nonlocal``."""
        self._blocks: list[Block] = []
        self._calls: list[Call] = []
        self._imports: list[Import] = []
        self._bindings = BindingReader(self._expr)
        self._pending: dict[tuple[int, int], Block] = {}
        self._open: list[tuple[int, int, int]] = []
        """Blocks that are open: where they end, their number, and that of their scope."""
        self._open_calls: list[_OpenCall] = []
        place = ("module", "", -1, -1, 0, len(source), 0)
        self._scopes.append(_ScopeParts(place, 0, ([], [], [], None)))
        self._blocks.append(Block("body", -1, 0, 0, len(source) + 1, 0, []))
        self._open.append((len(source) + 1, 0, 0))

    def _ordered(self, captures: dict[str, list[Node]]) -> list[_Event]:
        events: list[_Event] = []
        add = events.append
        for name, nodes in captures.items():
            if name in _FLAGS or name in {"decorated", "old"}:
                continue
            rank = 0 if name == "comprehension" else 1
            if name not in _OPENERS:
                first = len(events)
                events += [(n.start_byte, -n.end_byte, rank, at, name, n) for at, n in enumerate(nodes, first)]
                continue
            number = _BODIES.get(name)
            for node in nodes:
                add((node.start_byte, -node.end_byte, rank, len(events), name, node))
                body = _suite(node) if number is None else node.child_by_field_id(number)
                if body is not None:
                    start, end = body.start_byte, body.end_byte
                    self.has_empty_suite |= start == end
                    self._bodies[node.id] = (start, end)
                    add((start, -end, 0, len(events), "enter", body))
        events.sort()
        return events

    def run(self) -> None:
        """Reads every event."""
        handlers: dict[str, Callable[[Node], None]] = {
            "def": self._definition,
            "class": self._class,
            "lambda": self._function_expression,
            "with": self._with,
            "comprehension": self._comprehension,
            "import": self._import,
            "from": self._import,
            "return": self._return,
            "yield": self._yield,
            "raise": self._raise,
            "global": self._outer_names,
            "nonlocal": self._outer_names,
        }
        opened = self._open
        bindings = self._bindings
        for start, negative, _, _, name, node in self._events:
            while opened[-1][0] <= start:  # the module's own block ends behind everything
                opened.pop()
            if name == "call":
                self._call(node, start, -negative)
                continue
            if name == "enter":
                self._enter((start, -negative))
                continue
            handler = handlers.get(name)
            if handler is not None:
                handler(node)
            elif name in BindingReader.KINDS:
                _, block, scope = opened[-1]
                bindings.read(name, node, scope, block)
            if name in _OPENERS:
                self._announce(name, node)

    def facts(self, suppressions: list[Any], problems: list[SyntaxProblem]) -> FileFacts:
        """Everything read, as facts."""
        scopes = [parts.row() for parts in self._scopes]
        bindings = self._bindings.rows
        if self._has_outer:
            outer = [parts.outer for parts in self._scopes]
            names = [b.name.partition("[")[0] for b in bindings]
            bindings = [
                b._replace(scope=outer[b.scope][name]) if name in outer[b.scope] else b
                for b, name in zip(bindings, names, strict=True)
            ]
        loops = read_loops(self._loop_nodes, self._source, self) if self._loop_nodes else []
        return FileFacts(
            "python", self._imports, scopes, self._blocks, bindings, self._calls, loops, suppressions, problems
        )

    def scope_of(self, offset: int) -> int:
        """Number of the innermost scope around a byte offset."""
        return self._blocks[self.block_of(offset)].scope

    def block_of(self, offset: int) -> int:
        """Number of the innermost block around a byte offset."""
        number = max(bisect_right(self._block_starts, offset) - 1, 0)
        while number > 0 and offset >= self._blocks[number].end:
            number = self._blocks[number].parent
        return number

    @cached_property
    def _block_starts(self) -> list[int]:
        """Where the blocks begin, in source order; asked for when all are known."""
        return [block.start for block in self._blocks]

    def call_id(self, node: Node) -> int | None:
        """Number of the call at ``node``."""
        return self._call_ids.get(node.id)

    def _announce(self, name: str, node: Node) -> None:
        """Remembers the block that begins where the body of ``node`` does (functions have done so themselves)."""
        body = self._bodies.get(node.id)
        if body is None or body in self._pending:
            return
        _, block, scope = self._open[-1]
        row = node.start_point.row
        items: list[Expr] = []
        if name == "except":
            items = [self._expr.read(caught)] if (caught := _caught(node)) is not None else []
        elif self._told and node.start_byte in self._told:
            items = [self._expr.read(part) for part in conjuncts(node)]
        self._pending[body] = Block(_BLOCK_KINDS.get(name, name), block, scope, *body, row, items)

    def _enter(self, place: tuple[int, int]) -> None:
        block = self._pending.pop(place, None)
        if block is not None:
            self._blocks.append(block)
            self._open.append((block.end, len(self._blocks) - 1, block.scope))

    def _comprehension(self, node: Node) -> None:
        _, block, scope = self._open[-1]
        how = "generator" if node.kind_id == _GENERATOR else "comprehension"
        end = node.end_byte
        self._blocks.append(Block(how, block, scope, node.start_byte, end, node.start_point.row, []))
        self._open.append((end, len(self._blocks) - 1, scope))

    def _open_scope(self, how: str, name: str, node: Node, flags: int, signature: _Signature) -> int:
        _, block, parent = self._open[-1]
        place = (how, name, parent, block, node.start_byte, node.end_byte, node.start_point.row)
        self._scopes.append(_ScopeParts(place, flags, signature))
        return len(self._scopes) - 1

    def _await_body(self, node: Node, scope: int) -> None:
        """The body of a function or class opens a block of its own scope when it is reached."""
        body = self._bodies.get(node.id)
        if body is not None:
            block = self._open[-1][1]
            self._pending[body] = Block("body", block, scope, *body, node.start_point.row, [])

    def _definition(self, node: Node) -> None:
        text = self._scope_name(node)
        is_async = self._source.startswith(b"async", node.start_byte)
        signature: _Signature = (
            read_parameters(node.child_by_field_id(_PARAMETERS), self._expr),
            read_decorators(self._decorators.get(node.start_byte), self._expr),
            [],
            self._expr.annotation(node.child_by_field_id(_RETURN_TYPE)),
        )
        number = self._open_scope("function", text, node, int(is_async), signature)
        _, block, scope = self._open[-1]
        self._bindings.define(text, number, node, scope, block)
        self._await_body(node, number)

    def _scope_name(self, node: Node) -> str:
        name = node.child_by_field_id(NAME)
        return self._expr.name(self._expr.text(name)) if name is not None else ""

    def _class(self, node: Node) -> None:
        text = self._scope_name(node)
        parents = node.child_by_field_id(_SUPERCLASSES)
        bases = [self._expr.read(c) for c in parents.named_children if c.kind_id not in _NO_BASES] if parents else []
        decorators = read_decorators(self._decorators.get(node.start_byte), self._expr)
        decorators += (self._expr.read(value) for value in metaclasses(parents))
        signature: _Signature = ([], decorators, [_unparametrised(b) for b in bases], None)
        number = self._open_scope("class", text, node, 0, signature)
        _, block, scope = self._open[-1]
        self._bindings.define(text, number, node, scope, block)
        self._await_body(node, number)

    def _function_expression(self, node: Node) -> None:
        params = read_parameters(node.child_by_field_id(_PARAMETERS), self._expr)
        scope = self._open_scope("lambda", "<lambda>", node, 0, (params, [], [], None))
        self._scopes[scope].returns.append(self._expr.read(node.child_by_field_id(BODY)))
        self._await_body(node, scope)

    def _with(self, node: Node) -> None:
        _, block, scope = self._open[-1]
        items = self._bindings.read_with(node, scope, block)
        self._entered.update(item[1] for item in items if isinstance(item, tuple) and item[0] == "call")
        body = self._bodies.get(node.id)
        if body is not None:
            self._pending[body] = Block("with", block, scope, *body, node.start_point.row, items)

    def _import(self, node: Node) -> None:
        _, block, scope = self._open[-1]
        read = read_import if node.kind_id == _IMPORT else read_import_from
        self._imports.extend(read(node, self._expr, scope, block))

    def _return(self, node: Node) -> None:
        children = node.named_children
        if children:
            self._scopes[self._open[-1][2]].returns.append(self._expr.read(children[0]))

    def _yield(self, node: Node) -> None:
        parts = self._scopes[self._open[-1][2]]
        parts.flags |= 2
        children = node.named_children
        if children:
            value = self._expr.read(children[0])
            is_from = any(c.type == "from" for c in node.children)
            parts.yields.append(("item", value, "") if is_from and value is not None else value)

    def _raise(self, node: Node) -> None:
        """Marks the handler that the statement stands in."""
        number = self._open[-1][1]
        while number > 0 and self._blocks[number].kind not in {"except", "rethrow", "body"}:
            number = self._blocks[number].parent
        if self._blocks[number].kind in {"except", "rethrow"}:
            kind = "rethrow" if _raises_what_it_caught(node) else "reraise"
            self._blocks[number] = self._blocks[number]._replace(kind=kind)

    def _outer_names(self, node: Node) -> None:
        self._has_outer = True
        here = self._scopes[self._open[-1][2]]
        outer = 0 if node.kind_id == _GLOBAL else here.place[2]
        for child in node.named_children:
            here.outer[self._expr.name(self._expr.text(child))] = outer

    def _call(self, node: Node, start: int, end: int) -> None:
        number = len(self._calls)
        arguments = node.child_by_field_id(_ARGUMENTS)
        first = arguments.start_byte if arguments is not None else end
        open_calls = self._open_calls
        while open_calls and open_calls[-1][0] <= start:
            open_calls.pop()
        _, inside, outer, around = open_calls[-1] if open_calls else (0, 0, -1, -1)
        parent = outer if inside <= start else around
        open_calls.append((end, first, number, parent))
        _, block, scope = self._open[-1]
        callee = self._expr.read(node.child_by_field_id(_FUNCTION))
        if arguments is None or end - first <= 2 or (type(callee) is str and callee.rpartition(".")[2] in _SILENT):
            args, kwargs, spread = _NOTHING, _NO_KEYWORDS, _NOTHING
        else:
            args, kwargs, spread = self._arguments(arguments)
        flags = self._flags.get(node.id, 0)
        if number in self._entered and not flags & CallFlag.AWAITED:
            flags |= CallFlag.WITH_ITEM
        row, column = node.start_point
        end_row, end_column = node.end_point
        if not self._ascii:
            column, end_column = self._code_points(start, column), self._code_points(end, end_column)
        place = (scope, block, start, end, row, column, end_row, end_column, flags, parent)
        self._calls.append(_new(Call, (callee, args, kwargs, spread, *place)))

    def _arguments(self, node: Node) -> tuple[list[Expr], dict[str, Expr], list[Expr]]:
        read = self._expr.read
        if node.kind_id == _GENERATOR:
            return [read(node)], _NO_KEYWORDS, _NOTHING
        args: list[Expr] = []
        kwargs: dict[str, Expr] = {}
        spread: list[Expr] = []
        for child in node.named_children:
            number = child.kind_id
            if number == _KEYWORD_ARGUMENT:
                name = child.child_by_field_id(NAME)
                if name is not None:
                    kwargs[self._expr.names[self._expr.text(name)]] = read(child.child_by_field_id(VALUE))
            elif number == SPLAT:
                spread.insert(0, read(child.named_children[0]) if child.named_children else None)
            elif number == _LIST_SPLAT:
                spread.append(None)
            elif number != COMMENT:
                args.append(read(child))
        return args, kwargs, spread

    def _code_points(self, offset: int, column: int) -> int:
        before = self._source[offset - column : offset]
        # A byte order mark is no part of the first line.
        return column if before.isascii() else len(before.decode("utf-8-sig", "replace"))


def _caught(node: Node) -> Node | None:
    """The types that an ``except`` names, without the name they are bound to."""
    first = next((c for c in node.named_children if c.kind_id not in {COMMENT, _BLOCK}), None)
    return first.named_children[0] if first is not None and first.kind_id == _AS_PATTERN else first


def _raises_what_it_caught(node: Node) -> bool:
    """Whether a ``raise`` raises what the handler around it caught: it names nothing, or the name that this has."""
    raised, handler = node.named_children[:1], node.parent
    while raised and handler is not None and handler.type not in {"except_clause", "except_group_clause"}:
        handler = handler.parent
    caught = [c for c in handler.named_children if c.kind_id == _AS_PATTERN] if handler is not None else []
    return not raised or any(c.named_children[-1].text == raised[0].text for c in caught)


def _suite(node: Node) -> Node | None:
    for child in reversed(node.named_children):
        if child.kind_id == _BLOCK:
            return child
    return None


def _unparametrised(base: Expr) -> Expr:
    """``Base`` for ``Base[T]``."""
    return base[1] if isinstance(base, tuple) and base[0] == "item" else base
