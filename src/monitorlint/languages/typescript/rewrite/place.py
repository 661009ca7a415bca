"""One file that is to be rewritten, and the places in it: text and tree side by side.

All offsets are bytes of ``Source.text``, the file as UTF-8; they are those of findings and of edits.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from monitorlint.languages.typescript.grammar import grammar_of, is_component, script_of
from monitorlint.languages.typescript.rewrite.scripts import scripts_of
from monitorlint.languages.typescript.source import to_utf8
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Tree

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)
CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
LOOPS = frozenset({"while_statement", "do_statement", "for_statement", "for_in_statement"})
CALLS = frozenset({"call_expression", "new_expression"})
LISTS = frozenset({"program", "statement_block", "switch_case", "switch_default", "class_static_block"})
"""Nodes whose children are statements."""
_SUBSTATEMENTS = frozenset(
    {"if_statement", "else_clause", "labeled_statement", "with_statement", "export_statement", *LOOPS}
)
"""Nodes that a statement may be part of without a block."""
_UNTYPED = (".js", ".jsx", ".mjs", ".cjs")
_WORD = pattern(rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*")
_KEY = pattern(r"[^\W\d][\w$./ -]*")
"""A property's name in quotes that is made of words: ``'spell-check'``."""
_INDENTED = pattern(rb"^([ \t]+)\S", re.MULTILINE)
INDENT = "  "
"""What a file is indented with that has no indented block."""


class Source:
    """One file's text and tree."""

    def __init__(self, path: str, data: bytes) -> None:
        """Read a file for rewriting.

        :param path: Relative to the project root, with ``/``.
        :param data: The bytes on disk.
        :raises UndecodableError: the bytes are no UTF-8.
        """
        self.path = path
        self.data = data
        self.text = to_utf8(data)
        self.is_component = is_component(path)
        self.scripts = scripts_of(path, data)

    def encoded(self, text: bytes) -> bytes:
        """``text`` (UTF-8) as the file is to be written: such files are always UTF-8."""
        return text

    @cached_property
    def is_typed(self) -> bool:
        """The TypeScript compiler reads the file strictly, so that what it infers matters."""
        if self.is_component:
            return any(script.language in {"ts", "tsx"} for script in self.scripts)
        return not self.path.endswith(_UNTYPED)

    @cached_property
    def code(self) -> bytes:
        """The text with all that is not script blanked."""
        return script_of(self.path, self.text)

    @cached_property
    def tree(self) -> Tree:
        return grammar_of(self.path, self.text).parser.parse(self.code)

    @cached_property
    def newline(self) -> str:
        """What ends the first line."""
        at = re.search(rb"\r\n|\n", self.text)
        return at.group().decode() if at else "\n"

    @cached_property
    def has_lone_returns(self) -> bool:
        """A carriage return without a line feed ends a line for the language, and for few editors."""
        return re.search(rb"\r(?!\n)", self.text) is not None

    @cached_property
    def indent(self) -> str:
        """One step of indentation: that of the first indented block, which is the file's habit."""
        todo = [self.tree.root_node]
        while todo:
            node = todo.pop()
            first = node.named_children[0] if node.type == "statement_block" and node.named_child_count else None
            if first is not None and first.start_point.row > node.start_point.row:
                inner, outer = self.indentation(first.start_byte), self.indentation(node.start_byte)
                if len(inner) > len(outer) and inner.startswith(outer):
                    return inner[len(outer) :]
            todo.extend(reversed(node.named_children))
        found = _INDENTED.search(self.code)
        return "\t" if found is not None and found[1].startswith(b"\t") else INDENT

    @cached_property
    def has_semicolons(self) -> bool:
        """The file ends its statements with semicolons; one that has no statement is taken to."""
        ends = [n.children[-1].type == ";" for n in self._simple_statements() if n.child_count]
        return not ends or sum(ends) * 2 >= len(ends)

    @property
    def semicolon(self) -> str:
        return ";" if self.has_semicolons else ""

    @cached_property
    def quote(self) -> str:
        """The quote of the file's imports, else of most of its strings."""
        marks: list[bytes] = []
        for node in self.tree.root_node.named_children:
            if node.type in {"import_statement", "export_statement"}:
                source = node.child_by_field_name("source")
                if source is not None:
                    marks.append(self.text[source.start_byte : source.start_byte + 1])
        if not marks:
            marks = [self.text[n.start_byte : n.start_byte + 1] for n in self._strings()]
        return '"' if marks.count(b'"') > marks.count(b"'") else "'"

    def _simple_statements(self) -> Iterator[Node]:
        kinds = {"expression_statement", "lexical_declaration", "variable_declaration", "return_statement"}
        todo = [self.tree.root_node]
        while todo:
            node = todo.pop()
            if node.type in {*kinds, "import_statement"}:
                yield node
            todo.extend(node.named_children)

    def _strings(self) -> Iterator[Node]:
        todo = [self.tree.root_node]
        while todo:
            node = todo.pop()
            if node.type == "string" and (node.parent is None or node.parent.type != "jsx_attribute"):
                yield node
            todo.extend(node.named_children)

    def slice(self, start: int, end: int) -> str:
        """The text between two offsets."""
        return self.text[start:end].decode("utf-8")

    def text_of(self, node: Node) -> str:
        """A node's source."""
        return self.text[node.start_byte : node.end_byte].decode("utf-8")

    def line_start(self, offset: int) -> int:
        """Where the line of ``offset`` begins; behind the byte order mark in the first."""
        at = self.text.rfind(b"\n", 0, offset) + 1
        return 3 if at == 0 and self.text.startswith(b"\xef\xbb\xbf") else at

    def line_end(self, offset: int) -> int:
        """Where the line of ``offset`` ends, before what ends it."""
        at = self.text.find(b"\n", offset)
        if at < 0:
            return len(self.text)
        return at - 1 if at > offset and self.text[at - 1 : at] == b"\r" else at

    def next_line(self, offset: int) -> int:
        """Where the line after that of ``offset`` begins, or the text ends."""
        at = self.text.find(b"\n", offset)
        return len(self.text) if at < 0 else at + 1

    def indentation(self, offset: int) -> str:
        """The white space that the line of ``offset`` begins with."""
        start = self.line_start(offset)
        end = start
        while end < len(self.text) and self.text[end] in b" \t":
            end += 1
        return self.text[start:end].decode()

    def is_first_on_line(self, offset: int) -> bool:
        """Nothing but white space stands before ``offset`` on its line."""
        return not self.text[self.line_start(offset) : offset].strip()

    def call(self, start: int, end: int) -> Place | None:
        """The call expression that stands exactly there, if one does."""
        node = self.tree.root_node.descendant_for_byte_range(start, end)
        while node is not None and node.start_byte == start and node.end_byte == end:
            if node.type in CALLS:
                return Place(self, node)
            node = node.parent
        return None

    def loop(self, start: int) -> Place | None:
        """The loop whose first keyword stands there, if one does."""
        node = self.tree.root_node.descendant_for_byte_range(start, start + 1)
        while node is not None and node.type not in LOOPS and node.start_byte == start:
            node = node.parent
        return Place(self, node) if node is not None and node.type in LOOPS and node.start_byte == start else None

    def words(self, node: Node | None) -> frozenset[str]:
        """Every word in the source of ``node`` (None: of the file): more than its names, and never less."""
        key = (0, len(self.text)) if node is None else (node.start_byte, node.end_byte)
        if key not in self._words:
            self._words[key] = frozenset(w.decode("utf-8", "replace") for w in _WORD.findall(self.text, *key))
        return self._words[key]

    @cached_property
    def _words(self) -> dict[tuple[int, int], frozenset[str]]:
        return {}

    def occurrences(self, name: str, start: int = 0, end: int | None = None) -> Iterator[Node]:
        """The nodes of the tree that are exactly this word."""
        word = name.encode()
        limit = len(self.text) if end is None else end
        at = self.code.find(word, start, limit)
        while at >= 0:
            node = self.tree.root_node.descendant_for_byte_range(at, at + len(word))
            if node is not None and (node.start_byte, node.end_byte) == (at, at + len(word)):
                yield node
            at = self.code.find(word, at + len(word), limit)


class Place:
    """A call or loop in a file, and what stands around it."""

    def __init__(self, source: Source, node: Node) -> None:
        self.source = source
        self.node = node

    @property
    def start(self) -> int:
        return self.node.start_byte

    @property
    def end(self) -> int:
        return self.node.end_byte

    @cached_property
    def ancestors(self) -> tuple[Node, ...]:
        """The nodes around this one, innermost first; the program is the last."""
        found: list[Node] = []
        node = self.node.parent
        while node is not None:
            found.append(node)
            node = node.parent
        return tuple(found)

    @cached_property
    def statement(self) -> Node:
        """The innermost statement that the place stands in, or is."""
        chain = (self.node, *self.ancestors)
        for node, parent in pairwise(chain):
            if parent.type in LISTS or (parent.type in _SUBSTATEMENTS and is_statement(node)):
                return node
        return chain[-1]

    @cached_property
    def function(self) -> Node | None:
        """The innermost function in whose parameters or body the place stands; None at module level."""
        return next((node for node in self.ancestors if node.type in FUNCTIONS), None)

    @cached_property
    def evaluated_in(self) -> Node | None:
        """The function whose run evaluates the place: a field initialiser or a static block ends the search."""
        for node, parent in pairwise((self.node, *self.ancestors)):
            if parent.type in FUNCTIONS:
                return parent
            if parent.type in {"public_field_definition", "class_static_block"} and is_value(parent, node):
                return parent
        return None

    @property
    def is_async(self) -> bool:
        """``await`` may stand here, as far as functions decide it."""
        function = self.evaluated_in
        return function is not None and is_async(function)


def is_statement(node: Node) -> bool:
    """The node is a statement or a declaration."""
    return node.type.endswith(("_statement", "_declaration")) or node.type == "statement_block"


def is_value(parent: Node, node: Node) -> bool:
    """``node`` is what ``parent`` evaluates, and not its name or decorator."""
    return node in (parent.child_by_field_name("value"), parent.child_by_field_name("body"))


def is_async(function: Node) -> bool:
    """Whether a function is an ``async`` one."""
    return any(child.type == "async" for child in function.children)


def is_generator(function: Node) -> bool:
    """Whether a function is a generator."""
    return any(child.type == "*" for child in function.children)


def name_of(source: Source, function: Node) -> str:
    """What a function is called: its own name, or that of the variable, field or property whose value it is."""
    name = function.child_by_field_name("name")
    if name is not None:
        return word_of(source, name)
    child, parent = function, function.parent
    while parent is not None and parent.type in {"parenthesized_expression", "as_expression", "satisfies_expression"}:
        child, parent = parent, parent.parent
    named = named_by(parent) if parent is not None else None
    return word_of(source, named) if named is not None and named != child else ""


def named_by(parent: Node) -> Node | None:
    """What names the value that a declarator, field, property or assignment gives; of ``a.b = …`` the ``b``."""
    field = {
        "variable_declarator": "name",
        "public_field_definition": "name",
        "pair": "key",
        "assignment_expression": "left",
    }.get(parent.type)
    named = parent.child_by_field_name(field) if field is not None else None
    if named is not None and named.type == "member_expression":
        return named.child_by_field_name("property") or named
    return named


def word_of(source: Source, name: Node) -> str:
    """The text of a plain name; ``""`` for patterns and what is computed."""
    if name.type == "string":
        inner = source.text_of(name)[1:-1]
        return inner if _KEY.fullmatch(inner) is not None else ""
    if name.type in {"identifier", "property_identifier", "private_property_identifier"}:
        return source.text_of(name).lstrip("#")
    return ""
