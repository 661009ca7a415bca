"""One TypeScript or JavaScript file, read into facts.

As in the Python front end, a query (in C) picks the few node kinds that matter; they are then gone through in source
order, with a stack of the blocks that are open.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Any

import tree_sitter

from monitorlint.languages.typescript import shapes
from monitorlint.languages.typescript.arguments import SILENT, read_arguments
from monitorlint.languages.typescript.bindings import BindingReader
from monitorlint.languages.typescript.conditions import read_test
from monitorlint.languages.typescript.events import MAX_DEPTH, in_order
from monitorlint.languages.typescript.expressions import Expressions
from monitorlint.languages.typescript.grammar import grammar_of, is_component, script_of
from monitorlint.languages.typescript.imports_read import imported_by_call, read_export, read_import
from monitorlint.languages.typescript.loops import read_loops
from monitorlint.languages.typescript.names import named_after, stands_in_class
from monitorlint.languages.typescript.signatures import THIS, decorators_of, property_parameters, read_parameters
from monitorlint.languages.typescript.types import interface_members, named_type, named_value, value_of_type
from monitorlint.model.facts import (
    CONSTRUCTOR,
    Binding,
    Block,
    Call,
    CallFlag,
    FileFacts,
    Import,
    Scope,
    SyntaxProblem,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Suppression

_LAST_RESORT = "<anonymous>"
_CATCHING = (b".catch", b".then")


def extract(path: str, source: bytes) -> FileFacts:
    """The facts of one file.

    :param path: Its name says which grammar reads it.
    :param source: The file's bytes, UTF-8.
    """
    parser, query = grammar_of(path, source)
    code = script_of(path, source)
    tree = parser.parse(code)
    reader = _read(code, tree, query)
    problems = _problems(tree, code) if tree.root_node.has_error else []
    if reader.too_deep is not None:
        row, column = reader.too_deep.start_point
        problems.append(SyntaxProblem(row, column, "nested too deeply to read"))
    return reader.facts(_suppressions(tree, code) if b"monitorlint:" in code else [], problems)


def extract_parts(path: str, source: bytes) -> FileFacts | None:
    """The facts of what was cut out of a file; None where it does not parse alone.

    :param path: Its name says which grammar reads it.
    :param source: UTF-8.
    """
    if is_component(path):
        return None
    parser, query = grammar_of(path, source)
    tree = parser.parse(source)
    if tree.root_node.has_error:
        return None
    reader = _read(source, tree, query)
    return reader.facts([], []) if reader.too_deep is None else None


def _read(source: bytes, tree: tree_sitter.Tree, query: tree_sitter.Query) -> _Reader:
    cursor = tree_sitter.QueryCursor(query)
    cursor.set_max_start_depth(MAX_DEPTH)
    reader = _Reader(source, cursor.captures(tree.root_node))
    reader.run()
    return reader


def _problems(tree: tree_sitter.Tree, source: bytes) -> list[SyntaxProblem]:
    from monitorlint.languages.typescript.syntax import syntax_problems  # noqa: PLC0415 - few files have any

    return list(syntax_problems(tree, source))


def _suppressions(tree: tree_sitter.Tree, source: bytes) -> list[Suppression]:
    from monitorlint.languages.typescript.comments import read_suppressions  # noqa: PLC0415 - few files have any

    return read_suppressions(tree, source)


class _ScopeParts:
    """A scope while its body is being read."""

    __slots__ = ("fixed", "flags", "returns", "yields")

    def __init__(self, fixed: dict[str, Any], flags: int) -> None:
        self.fixed = fixed
        self.flags = flags
        self.returns: list[Expr] = []
        self.yields: list[Expr] = []


class _Reader:
    """Goes through the captured nodes of one file in source order."""

    def __init__(self, source: bytes, captures: dict[str, list[Node]]) -> None:
        self._source = source
        self._ascii = source.isascii()
        self._events, self.too_deep = in_order(captures)
        calls = [(e[0], -e[1]) for e in self._events if e[4] == "call"]
        self._call_ids = {place: number for number, place in enumerate(calls)}
        # Scopes are numbered in the order in which they open, so a function's number is known before it is reached.
        openers = (e[5] for e in self._events if e[4] in {"def", "class", "interface"})
        self._scope_ids = {node.id: number for number, node in enumerate(openers, 1)}
        self._expr = Expressions(source, self._call_ids, self._scope_ids)
        self._flags = self._read_flags(captures)
        self._loop_nodes: list[Node] = []
        self._scopes: list[_ScopeParts] = []
        self._blocks: list[Block] = []
        self._calls: list[Call | None] = [None] * len(calls)
        self._imports: list[Import] = []
        self._bindings = BindingReader(self._expr, self._imports)
        self._pending: dict[tuple[int, int], Block] = {}
        self._properties: dict[tuple[int, int], list[Binding]] = {}
        self._open: list[tuple[int, int]] = []
        self._open_calls: list[tuple[int, int, int, int]] = []
        """End, beginning of the arguments, number, and number of the call that it is an argument of."""
        self._handling: list[Block] = []
        """What handles the rejection of a promise, the last first: opened when its place is reached."""
        self._open_scope("module", "", None, 0)
        self._blocks.append(Block("body", -1, 0, 0, len(source) + 1, 0, []))
        self._open.append((len(source) + 1, 0))

    def _read_flags(self, captures: dict[str, list[Node]]) -> dict[tuple[int, int], int]:
        flags: dict[tuple[int, int], int] = {}
        for kind, flag in (("await", CallFlag.AWAITED), ("statement", CallFlag.STATEMENT)):
            for node in captures.get(kind, ()):
                inner = shapes.operand(node)
                if inner is not None:
                    flags[inner.start_byte, inner.end_byte] = flag
        return flags

    def run(self) -> None:
        """Reads every event."""
        handlers = {
            "call": self._call,
            "def": self._definition,
            "class": self._class,
            "interface": self._interface,
            "declared": self._declared,
            "field": self._field,
            "assign": self._assignment,
            "augmented": self._augmented,
            "import": self._import,
            "export": self._export,
            "return": self._return,
            "yield": self._yield,
            "raise": self._raise,
            "loop": self._loop,
        }
        opened, handling = self._open, self._handling
        for start, end, _, _, kind, node in self._events:
            while handling and handling[-1].start <= start:
                self._close_until(handling[-1].start)
                self._open_block(handling.pop())
            while opened[-1][0] <= start and len(opened) > 1:
                opened.pop()
            if kind == "enter":
                self._enter((start, -end))
                continue
            handler = handlers.get(kind)
            if handler is not None:
                handler(node)
            if kind in shapes.OPENERS:
                self._announce(kind, node)

    def facts(self, suppressions: list[Suppression], problems: list[SyntaxProblem]) -> FileFacts:
        """Everything read, as facts."""
        scopes = [Scope(**p.fixed, flags=p.flags, returns=p.returns, yields=p.yields) for p in self._scopes]
        bindings = self._placed(scopes)
        calls = [c for c in self._calls if c is not None]
        loops = read_loops(self._loop_nodes, self._source, self) if self._loop_nodes else []
        return FileFacts(
            "typescript", self._imports, scopes, self._blocks, bindings, calls, loops, suppressions, problems
        )

    def _placed(self, scopes: list[Scope]) -> list[Binding]:
        """The bindings, those of plain assignments in the scope that declares their name."""
        rows = self._bindings.rows
        if not self._bindings.assigned:
            return rows
        plain = set(self._bindings.assigned)
        declared = {(b.scope, b.name) for number, b in enumerate(rows) if number not in plain}
        declared.update((i.scope, i.local) for i in self._imports)
        declared.update((number, p.name) for number, scope in enumerate(scopes) for p in scope.params)
        for number in plain:
            scope = rows[number].scope
            name = rows[number].name.partition("[")[0]
            while scope > 0 and (scope, name) not in declared:
                scope = scopes[scope].parent
            rows[number] = rows[number]._replace(scope=max(scope, 0))
        return rows

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
        place = shapes.body_place(kind, node)
        if place is None or place in self._pending:
            return
        scope, block = self._here()
        items = read_test(node.child_by_field_name("condition"), self._expr.read) if kind == "if" else []
        self._pending[place] = Block(kind, block, scope, *place, node.start_point.row, items)

    def _enter(self, place: tuple[int, int]) -> None:
        """Opens the block that was announced for a place, if any."""
        block = self._pending.pop(place, None)
        if block is not None:
            self._open_block(block)
            number = len(self._blocks) - 1
            self._bindings.rows.extend(row._replace(block=number) for row in self._properties.pop(place, ()))

    def _keep_properties(self, constructor: Node, scope: int) -> None:
        """Remembers ``constructor(private readonly client: C)``, which gives ``this.client`` its value in the body."""
        place = shapes.body_place("def", constructor)
        if place is not None:
            self._properties[place] = [
                Binding(scope, f"this.{name}", name, at.start_byte, at.start_point.row, 0, "assign")
                for name, at in property_parameters(constructor, self._expr)
            ]

    def _open_block(self, block: Block) -> None:
        self._blocks.append(block)
        self._open.append((block.end, len(self._blocks) - 1))

    def _close_until(self, offset: int) -> None:
        while self._open[-1][0] <= offset and len(self._open) > 1:
            self._open.pop()

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
            self._pending[body.start_byte, body.end_byte] = Block(
                "body", block, scope, body.start_byte, body.end_byte, node.start_point.row, []
            )

    def _definition(self, node: Node) -> None:
        kind = node.type
        body = node.child_by_field_name("body")
        is_method = kind in {"method_definition", "abstract_method_signature"}
        name, named = named_after(node, self._expr)
        in_class = stands_in_class(node)
        words = {c.type for c in node.children if not c.is_named} if kind != "arrow_function" else {"async"}
        is_async = "async" in words and self._source.startswith(b"async", shapes.first_word(node))
        decorators: list[Expr] = [self._expr.read(d) for d in decorators_of(node)] if in_class else []
        params = read_parameters(node, self._expr)
        if in_class:
            params.insert(0, THIS)
            if not is_method and node.parent is not None:
                words = {c.type for c in node.parent.children if not c.is_named}
            if name == "constructor":
                name = CONSTRUCTOR
            if words & {"get"}:
                decorators.append("property")
            if words & {"static"}:
                decorators.append("classmethod")
        scope = self._open_scope(
            "function" if named else "lambda",
            name or _LAST_RESORT,
            node,
            int(is_async) | (2 if "*" in words or kind.startswith("generator") else 0),
            params=params,
            decorators=decorators,
            returned_type=value_of_type(node.child_by_field_name("return_type"), self._expr),
        )
        here, block = self._here()
        if is_method and in_class:
            self._bind_function(name, scope, node, here, block, node.start_byte)
            if name == CONSTRUCTOR:
                self._keep_properties(node, scope)
        elif kind in {"function_declaration", "generator_function_declaration"} and name:
            # A declaration is there from the beginning of its block on.
            self._bind_function(name, scope, node, here, block, self._blocks[block].start)
        if body is not None and body.type != "statement_block":
            self._scopes[scope].returns.append(self._expr.read(body))
        self._await_body(node, scope)

    def _bind_function(self, name: str, scope: int, node: Node, here: int, block: int, start: int) -> None:
        self._bindings.rows.append(Binding(here, name, ("fn", scope), start, node.start_point.row, block, "def"))

    def _class(self, node: Node) -> None:
        name, _ = named_after(node, self._expr)
        bases: list[Expr] = []
        for heritage in node.named_children:
            if heritage.type == "class_heritage":
                for clause in heritage.named_children:
                    if clause.type == "extends_clause":
                        bases.append(self._expr.read(clause.child_by_field_name("value")))
                    elif clause.type == "implements_clause":
                        bases.extend(named_type(kind, self._expr) for kind in clause.named_children)
                    else:
                        bases.append(self._expr.read(clause))
        decorators = [self._expr.read(d) for d in decorators_of(node)]
        scope = self._open_scope("class", name or _LAST_RESORT, node, 0, bases=bases, decorators=decorators)
        here, block = self._here()
        if node.type != "class" and name:
            self._bind_function(name, scope, node, here, block, node.start_byte)
        self._await_body(node, scope)

    def _interface(self, node: Node) -> None:
        """An interface is a class of annotations; one that stands for another type returns that, as it were."""
        named = node.child_by_field_name("name")
        name = self._expr.name(self._expr.text(named)) if named is not None else _LAST_RESORT
        members, bases = interface_members(node, self._expr)
        other = named_value(node.child_by_field_name("value"), self._expr)
        scope = self._open_scope("class", name, node, 0, bases=bases, returned_type=other)
        here, block = self._here()
        self._bind_function(name, scope, node, here, block, node.start_byte)
        start, row = node.start_byte, node.start_point.row
        for member, value in members.items():
            self._bindings.rows.append(Binding(scope, member, value, start, row, block, "annotation"))

    def _declared(self, node: Node) -> None:
        self._bindings.declared(node, *self._here())

    def _field(self, node: Node) -> None:
        """A field of a class."""
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if name is None or name.type == "computed_property_name":
            return
        scope, block = self._here()
        annotation = value_of_type(node.child_by_field_name("type"), self._expr)
        read = self._expr.read(value)
        if annotation is not None:
            read = annotation if read is None else ("any", (read, annotation))
        how = "annotation" if value is None else "assign"
        row = node.start_point.row
        self._bindings.rows.append(Binding(scope, self._expr.key(name), read, node.start_byte, row, block, how))

    def _assignment(self, node: Node) -> None:
        self._bindings.assignment(node, *self._here())

    def _augmented(self, node: Node) -> None:
        self._bindings.augmented(node, *self._here())

    def _loop(self, node: Node) -> None:
        self._loop_nodes.append(node)
        if node.type == "for_in_statement":
            self._bindings.loop(node, *self._here())

    def _import(self, node: Node) -> None:
        self._imports.extend(read_import(node, self._expr, *self._here()))

    def _export(self, node: Node) -> None:
        for row in read_export(node, self._expr, self._here()[1]):
            if isinstance(row, Import):
                self._imports.append(row)
            else:
                self._bindings.rows.append(row)

    def _return(self, node: Node) -> None:
        for value in node.named_children[:1]:
            self._scopes[self._here()[0]].returns.append(self._expr.read(value))

    def _yield(self, node: Node) -> None:
        scope, _ = self._here()
        parts = self._scopes[scope]
        parts.flags |= 2
        for child in node.named_children[:1]:
            value = self._expr.read(child)
            is_all = any(c.type == "*" for c in node.children)
            parts.yields.append(("item", value, "") if is_all and value is not None else value)

    def _raise(self, node: Node) -> None:
        """Marks the handler that a statement stands in, or the call of a method that raises."""
        number = self._open[-1][1]
        while number > 0 and self._blocks[number].kind not in {"except", "rethrow", "body"}:
            number = self._blocks[number].parent
        if self._blocks[number].kind == "body" and self._scopes[self._blocks[number].scope].fixed["kind"] == "lambda":
            # The handler of a promise that rejects is handed over as a function.
            number = self._blocks[number].parent
        if number >= 0 and self._blocks[number].kind in {"except", "rethrow"}:
            kind = "rethrow" if shapes.raises_what_it_caught(node) else "reraise"
            self._blocks[number] = self._blocks[number]._replace(kind=kind)

    def _call(self, node: Node) -> None:
        start, end = node.start_byte, node.end_byte
        number = self._call_ids[start, end]
        arguments = node.child_by_field_name("arguments")
        open_calls = self._open_calls
        while open_calls and open_calls[-1][0] <= start:
            open_calls.pop()
        _, inside, outer, around = open_calls[-1] if open_calls else (0, 0, -1, -1)
        parent = outer if inside <= start else around
        open_calls.append((end, arguments.start_byte if arguments else end, number, parent))
        scope, block = self._here()
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        callee = self._expr.read(function)
        is_import = callee is None and function is not None and function.type == "import"
        if is_import or (callee == "require" and shapes.is_alone(node)):
            self._load(node, scope, block)
        last = callee.rpartition(".")[2] if isinstance(callee, str) else ""
        if last == "throw":
            # Koa's `ctx.throw(502, 'no answer')`.
            self._raise(node)
        args, kwargs, spread = ([], {}, []) if last in SILENT else read_arguments(arguments, self._expr)
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
            self._flags.get((start, end), 0),
            parent,
        )
        if arguments is not None and self._source.endswith(_CATCHING, start, arguments.start_byte):
            self._attempt(function, arguments, scope, block)

    def _attempt(self, function: Node | None, arguments: Node, scope: int, block: int) -> None:
        """``attempt().catch(handler)`` is a ``try`` and its handler, and so is ``attempt().then(go_on, handler)``."""
        tried = function.child_by_field_name("object") if function is not None else None
        handler = shapes.handler_of_rejection(arguments, self._source)
        if tried is not None and handler is not None:
            place = handler.start_byte, arguments.end_byte, handler.start_point.row
            self._open_block(Block("try", block, scope, tried.start_byte, tried.end_byte, tried.start_point.row, []))
            self._handling.append(Block("except", block, scope, *place, []))

    def _load(self, node: Node, scope: int, block: int) -> None:
        """``import("m")``, or ``require("m")``, whose result no name is bound to."""
        specifier = imported_by_call(node, self._expr)
        if specifier is not None:
            self._imports.append(Import(scope, "", specifier, node.start_byte, node.start_point.row, block))

    def _code_points(self, offset: int, column: int) -> int:
        # A byte order mark is no part of the first line.
        return len(self._source[offset - column : offset].decode("utf-8-sig", "replace"))
