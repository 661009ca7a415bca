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
import tree_sitter_python

from monitorlint.languages.python.bindings import BindingReader
from monitorlint.languages.python.expressions import Expressions
from monitorlint.languages.python.imports import read_import, read_import_from
from monitorlint.languages.python.loops import read_loops
from monitorlint.languages.python.query import QUERY
from monitorlint.languages.python.signatures import decorator_calls, read_decorators, read_parameters
from monitorlint.model.facts import Block, Call, CallFlag, FileFacts, Scope

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Import, Suppression, SyntaxProblem

_FLAGS = {
    "awaited": CallFlag.AWAITED,
    "statement": CallFlag.STATEMENT,
}
_SILENT = frozenset(
    "len str int float bool repr print isinstance issubclass hasattr range min max sum abs any all round ord chr id "
    "info debug warning strip lstrip rstrip lower upper split rsplit splitlines startswith endswith replace format "
    "title capitalize isoformat strftime strptime dumps loads exists mkdir makedirs dirname basename abspath is_file "
    "is_dir add_argument assertEqual assertTrue".split()
)
"""Calls whose arguments no value is followed through: nearly half of all calls, and reading arguments is what costs."""
_BODIES = {
    "def": "body",
    "class": "body",
    "lambda": "body",
    "with": "body",
    "for": "body",
    "while": "body",
    "else": "body",
    "try": "body",
    "if": "consequence",
    "elif": "consequence",
    "case": "consequence",
}
_SCOPES = frozenset({"def", "class", "lambda"})
_OPENERS = frozenset({*_BODIES, "except", "finally"})
_BLOCK_KINDS = {"for": "loop", "while": "loop", "elif": "if"}


@cache
def _machinery() -> tuple[tree_sitter.Parser, tree_sitter.Query]:
    language = tree_sitter.Language(tree_sitter_python.language())
    return tree_sitter.Parser(language), tree_sitter.Query(language, QUERY)


def extract(source: bytes) -> FileFacts:
    """The facts of one file.

    :param source: The file's bytes, UTF-8.
    """
    parser, query = _machinery()
    tree = parser.parse(source)
    captures = tree_sitter.QueryCursor(query).captures(tree.root_node)
    reader = _Reader(source, captures)
    reader.run()
    doubtful = tree.root_node.has_error or "old" in captures or reader.has_empty_suite
    problems = _problems(source) if doubtful else []
    return reader.facts(_suppressions(tree, source) if b"monitorlint:" in source else [], problems)


def _problems(source: bytes) -> list[SyntaxProblem]:
    from monitorlint.languages.python.syntax import syntax_problems  # noqa: PLC0415 - few files have any

    return list(syntax_problems(source))


def _suppressions(tree: tree_sitter.Tree, source: bytes) -> list[Suppression]:
    from monitorlint.languages.python.comments import read_suppressions  # noqa: PLC0415 - few files have any

    return read_suppressions(tree, source)


_Event = tuple[int, int, int, int, str, "Node"]
"""Start, negative end (of two that begin together the longer comes first), rank, running number, kind, node. A plain
tuple, because there are a hundred thousand of them, which sorts without a key: no two have the same number."""


_OpenCall = tuple[int, int, int]
"""Where a call ends, where its arguments begin, and its number."""


class _ScopeParts:
    """A scope while its body is being read."""

    __slots__ = ("fixed", "flags", "outer", "returns", "yields")

    def __init__(self, fixed: dict[str, Any], flags: int) -> None:
        self.fixed = fixed
        self.flags = flags
        self.returns: list[Expr] = []
        self.yields: list[Expr] = []
        self.outer: dict[str, int] = {}
        """Names declared ``global`` or ``nonlocal``: the scope they belong to."""


class _Reader:
    """Goes through the captured nodes of one file in source order."""

    def __init__(self, source: bytes, captures: dict[str, list[Node]]) -> None:
        self._source = source
        self._ascii = source.isascii()
        self.has_empty_suite = False
        """A header is followed by nothing that is indented."""
        self._events = self._ordered(captures)
        calls = [(e[0], -e[1]) for e in self._events if e[4] == "call"]
        self._call_ids = {place: number for number, place in enumerate(calls)}
        # Scopes are numbered in the order in which they open, so a lambda's number is known before it is reached.
        openers = [e for e in self._events if e[4] in _SCOPES]
        self._lambda_ids = {e[0]: i for i, e in enumerate(openers, 1) if e[4] == "lambda"}
        self._expr = Expressions(source, self._call_ids, self._lambda_ids)
        self._flags: dict[tuple[int, int], int] = {}
        for name, flag in _FLAGS.items():
            for node in captures.get(name, ()):
                self._flags[node.start_byte, node.end_byte] = flag
        for outer in captures.get("decorated", ()):
            for node in decorator_calls(outer):
                self._flags[node.start_byte, node.end_byte] = CallFlag.DECORATOR
        self._entered: set[int] = set()
        """Calls that are the context managers of a ``with``."""
        self._decorators = {
            d.start_byte: n
            for n in captures.get("decorated", ())
            if (d := n.child_by_field_name("definition")) is not None
        }
        self._loop_nodes = [*captures.get("while", ()), *captures.get("for", ()), *captures.get("clause", ())]
        self._scopes: list[_ScopeParts] = []
        self._blocks: list[Block] = []
        self._calls: list[Call | None] = [None] * len(calls)
        self._imports: list[Import] = []
        self._bindings = BindingReader(self._expr)
        self._pending: dict[tuple[int, int], Block] = {}
        self._open: list[tuple[int, int]] = []
        self._open_calls: list[_OpenCall] = []
        self._open_scope("module", "", None, 0)
        self._blocks.append(Block("body", -1, 0, 0, len(source) + 1, 0, []))
        self._open.append((len(source) + 1, 0))

    def _ordered(self, captures: dict[str, list[Node]]) -> list[_Event]:
        events: list[_Event] = []
        add = events.append
        for kind, nodes in captures.items():
            if kind in _FLAGS or kind in {"decorated", "old"}:
                continue
            rank = 0 if kind == "comprehension" else 1
            field = _BODIES.get(kind)
            if field is None and kind not in {"except", "finally"}:
                for node in nodes:
                    add((node.start_byte, -node.end_byte, rank, len(events), kind, node))
                continue
            for node in nodes:
                add((node.start_byte, -node.end_byte, rank, len(events), kind, node))
                body = _suite(node) if field is None else node.child_by_field_name(field)
                if body is not None:
                    start, end = body.start_byte, body.end_byte
                    self.has_empty_suite |= start == end
                    add((start, -end, 0, len(events), "enter", body))
        events.sort()
        return events

    def run(self) -> None:
        """Reads every event."""
        handlers = {
            "call": self._call,
            "def": self._definition,
            "class": self._class,
            "lambda": self._function_expression,
            "with": self._with,
            "comprehension": self._comprehension,
            "enter": self._enter,
            "import": self._import,
            "from": self._import,
            "return": self._return,
            "yield": self._yield,
            "raise": self._raise,
            "global": self._outer_names,
            "nonlocal": self._outer_names,
        }
        opened = self._open
        for start, _, _, _, kind, node in self._events:
            while opened[-1][0] <= start and len(opened) > 1:
                opened.pop()
            handler = handlers.get(kind)
            if handler is not None:
                handler(node)
            elif kind in BindingReader.KINDS:
                block = opened[-1][1]
                self._bindings.read(kind, node, self._blocks[block].scope, block)
            if kind in _OPENERS:
                self._announce(kind, node)

    def facts(self, suppressions: list[Any], problems: list[SyntaxProblem]) -> FileFacts:
        """Everything read, as facts."""
        scopes = [Scope(**p.fixed, flags=p.flags, returns=p.returns, yields=p.yields) for p in self._scopes]
        bindings = [
            b._replace(scope=outer)
            if (outer := self._scopes[b.scope].outer.get(b.name.partition("[")[0])) is not None
            else b
            for b in self._bindings.rows
        ]
        calls = [c for c in self._calls if c is not None]
        loops = read_loops(self._loop_nodes, self._source, self) if self._loop_nodes else []
        return FileFacts("python", self._imports, scopes, self._blocks, bindings, calls, loops, suppressions, problems)

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
        return self._call_ids.get((node.start_byte, node.end_byte))

    def _here(self) -> tuple[int, int]:
        block = self._open[-1][1]
        return self._blocks[block].scope, block

    def _announce(self, kind: str, node: Node) -> None:
        """Remembers the block that begins where the body of ``node`` does (functions have done so themselves)."""
        body = _suite(node) if kind in {"except", "finally"} else node.child_by_field_name(_BODIES[kind])
        if body is None:
            return
        key = (body.start_byte, body.end_byte)
        if key in self._pending:
            return
        scope, block = self._here()
        row = node.start_point.row
        items = [self._expr.read(caught)] if kind == "except" and (caught := _caught(node)) is not None else []
        start, end = key
        self._pending[key] = Block(_BLOCK_KINDS.get(kind, kind), block, scope, start, end, row, items)

    def _enter(self, node: Node) -> None:
        block = self._pending.pop((node.start_byte, node.end_byte), None)
        if block is not None:
            self._blocks.append(block)
            self._open.append((block.end, len(self._blocks) - 1))

    def _comprehension(self, node: Node) -> None:
        scope, block = self._here()
        kind = "generator" if node.type == "generator_expression" else "comprehension"
        self._blocks.append(Block(kind, block, scope, node.start_byte, node.end_byte, node.start_point.row, []))
        self._open.append((node.end_byte, len(self._blocks) - 1))

    def _open_scope(self, kind: str, name: str, node: Node | None, flags: int, **more: Any) -> int:
        parent, block = self._here() if self._open else (-1, -1)
        fixed: dict[str, Any] = {
            "kind": kind,
            "name": name,
            "parent": parent,
            "block": block,
            "start": node.start_byte if node else 0,
            "end": node.end_byte if node else len(self._source),
            "row": node.start_point.row if node else 0,
            "params": [],
            "decorators": [],
            "bases": [],
            "returned_type": None,
        }
        fixed.update(more)
        self._scopes.append(_ScopeParts(fixed, flags))
        return len(self._scopes) - 1

    def _await_body(self, node: Node, scope: int) -> None:
        """The body of a function or class opens a block of its own scope when it is reached."""
        body = node.child_by_field_name("body")
        if body is not None:
            _, block = self._here()
            self._pending[(body.start_byte, body.end_byte)] = Block(
                "body", block, scope, body.start_byte, body.end_byte, node.start_point.row, []
            )

    def _definition(self, node: Node) -> None:
        text = self._scope_name(node)
        is_async = self._source.startswith(b"async", node.start_byte)
        scope = self._open_scope(
            "function",
            text,
            node,
            int(is_async),
            params=read_parameters(node.child_by_field_name("parameters"), self._expr),
            decorators=read_decorators(self._decorators.get(node.start_byte), self._expr),
            returned_type=self._expr.annotation(node.child_by_field_name("return_type")),
        )
        self._bindings.define(text, scope, node, *self._here())
        self._await_body(node, scope)

    def _scope_name(self, node: Node) -> str:
        name = node.child_by_field_name("name")
        return self._expr.name(self._expr.text(name)) if name is not None else ""

    def _class(self, node: Node) -> None:
        text = self._scope_name(node)
        parents = node.child_by_field_name("superclasses")
        bases = (
            [self._expr.read(c) for c in parents.named_children if c.type not in {"comment", "keyword_argument"}]
            if parents
            else []
        )
        decorators = read_decorators(self._decorators.get(node.start_byte), self._expr)
        scope = self._open_scope(
            "class", text, node, 0, bases=[_unparametrised(b) for b in bases], decorators=decorators
        )
        self._bindings.define(text, scope, node, *self._here())
        self._await_body(node, scope)

    def _function_expression(self, node: Node) -> None:
        params = read_parameters(node.child_by_field_name("parameters"), self._expr)
        scope = self._open_scope("lambda", "<lambda>", node, 0, params=params)
        self._scopes[scope].returns.append(self._expr.read(node.child_by_field_name("body")))
        self._await_body(node, scope)

    def _with(self, node: Node) -> None:
        scope, block = self._here()
        body = node.child_by_field_name("body")
        items = self._bindings.read_with(node, scope, block)
        self._entered.update(item[1] for item in items if isinstance(item, tuple) and item[0] == "call")
        if body is not None:
            self._pending[(body.start_byte, body.end_byte)] = Block(
                "with", block, scope, body.start_byte, body.end_byte, node.start_point.row, items
            )

    def _import(self, node: Node) -> None:
        scope, block = self._here()
        read = read_import if node.type == "import_statement" else read_import_from
        self._imports.extend(read(node, self._expr, scope, block))

    def _return(self, node: Node) -> None:
        scope, _ = self._here()
        children = node.named_children
        if children:
            self._scopes[scope].returns.append(self._expr.read(children[0]))

    def _yield(self, node: Node) -> None:
        scope, _ = self._here()
        parts = self._scopes[scope]
        parts.flags |= 2
        children = node.named_children
        if children:
            value = self._expr.read(children[0])
            is_from = any(c.type == "from" for c in node.children)
            parts.yields.append(("item", value, "") if is_from and value is not None else value)

    def _raise(self, _node: Node) -> None:
        """Marks the handler that the statement stands in."""
        number = self._open[-1][1]
        while number > 0 and self._blocks[number].kind not in {"except", "body"}:
            number = self._blocks[number].parent
        if self._blocks[number].kind == "except":
            self._blocks[number] = self._blocks[number]._replace(kind="reraise")

    def _outer_names(self, node: Node) -> None:
        scope, _ = self._here()
        outer = 0 if node.type == "global_statement" else self._scopes[scope].fixed["parent"]
        for child in node.named_children:
            self._scopes[scope].outer[self._expr.name(self._expr.text(child))] = outer

    def _call(self, node: Node) -> None:
        start, end = node.start_byte, node.end_byte
        number = self._call_ids[(start, end)]
        arguments = node.child_by_field_name("arguments")
        open_calls = self._open_calls
        while open_calls and open_calls[-1][0] <= start:
            open_calls.pop()
        parent = -1
        for outer in reversed(open_calls):
            if outer[1] <= start:
                parent = outer[2]
                break
        open_calls.append((end, arguments.start_byte if arguments else end, number))
        scope, block = self._here()
        callee = self._expr.read(node.child_by_field_name("function"))
        silent = isinstance(callee, str) and callee.rpartition(".")[2] in _SILENT
        args, kwargs, spread = ([], {}, []) if silent else self._arguments(arguments)
        flags = self._flags.get((start, end), 0)
        if number in self._entered and not flags & CallFlag.AWAITED:
            flags |= CallFlag.WITH_ITEM
        row, column = node.start_point
        end_row, end_column = node.end_point
        self._calls[number] = Call(
            callee,
            args,
            kwargs,
            spread,
            scope,
            block,
            start,
            end,
            row,
            column if self._ascii else self._code_points(start, column),
            end_row,
            end_column if self._ascii else self._code_points(end, end_column),
            flags,
            parent,
        )

    def _arguments(self, node: Node | None) -> tuple[list[Expr], dict[str, Expr], list[Expr]]:
        args: list[Expr] = []
        kwargs: dict[str, Expr] = {}
        spread: list[Expr] = []
        if node is None:
            return args, kwargs, spread
        read = self._expr.read
        if node.type == "generator_expression":
            return [read(node)], kwargs, spread
        for child in node.named_children:
            kind = child.type
            if kind == "keyword_argument":
                name = child.child_by_field_name("name")
                if name is not None:
                    kwargs[self._expr.name(self._expr.text(name))] = read(child.child_by_field_name("value"))
            elif kind == "dictionary_splat":
                spread.insert(0, read(child.named_children[0]) if child.named_children else None)
            elif kind == "list_splat":
                spread.append(None)
            elif kind != "comment":
                args.append(read(child))
        return args, kwargs, spread

    def _code_points(self, offset: int, column: int) -> int:
        # A byte order mark is no part of the first line.
        return len(self._source[offset - column : offset].decode("utf-8-sig", "replace"))


def _caught(node: Node) -> Node | None:
    """The types that an ``except`` names, without the name they are bound to."""
    first = next((c for c in node.named_children if c.type not in {"comment", "block"}), None)
    return first.named_children[0] if first is not None and first.type == "as_pattern" else first


def _suite(node: Node) -> Node | None:
    for child in reversed(node.named_children):
        if child.type == "block":
            return child
    return None


def _unparametrised(base: Expr) -> Expr:
    """``Base`` for ``Base[T]``."""
    return base[1] if isinstance(base, tuple) and base[0] == "item" else base
