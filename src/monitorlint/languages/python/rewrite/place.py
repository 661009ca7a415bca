"""One file that is to be rewritten, and the places in it: text, tree and facts side by side.

All offsets are bytes of ``Source.text``, the file as UTF-8; they are those of the facts, of findings and of edits.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_python

from monitorlint.languages.naming import STEPS, snake_case
from monitorlint.languages.python.extract import extract
from monitorlint.languages.python.source import declared_encoding, to_utf8
from monitorlint.languages.text import UnwritableError
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.model.facts import Binding, FileFacts
    from monitorlint.model.finding import Region
    from monitorlint.model.loops import Loop

_WORD = pattern(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_KEY = pattern(rb"([\"'])[^\W\d][\w.-]*\1")
_LOOPS = frozenset({"while_statement", "for_statement", "for_in_clause"})
_DEFINITIONS = frozenset({"function_definition", "class_definition", "lambda"})
INDENT = "    "
"""What a file is indented with that has no indented line (PEP 8)."""


class Source:
    """One file's text, tree and facts."""

    def __init__(self, path: str, data: bytes, facts: FileFacts | None = None) -> None:
        """Read a file for rewriting.

        :param path: Relative to the project root, with ``/``.
        :param data: The bytes on disk.
        :param facts: Its facts, if they are known; else they are extracted.
        :raises UndecodableError: the bytes are no text.
        :raises UnwritableError: decoding and encoding do not give the same bytes again.
        """
        self.path = path
        self.data = data
        self.text = to_utf8(data)
        self.encoding = "utf-8" if self.text is data else declared_encoding(data) or "utf-8"
        self._known_facts = facts
        if self.encoded(self.text) != data:
            raise UnwritableError(f"the file cannot be written back in the encoding that it declares, {self.encoding}")

    def encoded(self, text: bytes) -> bytes:
        """``text`` (UTF-8) as the file is to be written.

        :raises UnwritableError: the declared encoding has no such characters.
        """
        if self.encoding == "utf-8":
            return text
        try:
            return text.decode("utf-8").encode(self.encoding)
        except UnicodeEncodeError:
            raise UnwritableError(f"the file's encoding, {self.encoding}, cannot express the new text") from None

    @cached_property
    def facts(self) -> FileFacts:
        return self._known_facts if self._known_facts is not None else extract(self.text)

    @cached_property
    def tree(self) -> tree_sitter.Tree:
        return _parser().parse(self.text)

    @cached_property
    def newline(self) -> str:
        """What ends the first line: a line feed, or what Windows or the old Macintosh writes."""
        at = re.search(rb"\r\n|\n|\r", self.text)
        return at.group().decode() if at else "\n"

    @cached_property
    def has_lone_returns(self) -> bool:
        """A carriage return without a line feed ends a line for Python, and for nobody else."""
        return re.search(rb"\r(?!\n)", self.text) is not None

    @cached_property
    def indent(self) -> str:
        """One step of indentation: that of the first indented block, which is the file's habit."""
        cursor = [self.tree.root_node]
        while cursor:
            node = cursor.pop()
            if node.type == "block" and node.parent is not None:
                inner, outer = self.indentation(node.start_byte), self.indentation(node.parent.start_byte)
                if node.start_point.row > node.parent.start_point.row and len(inner) > len(outer):
                    return inner[len(outer) :]
            cursor.extend(reversed(node.named_children))
        return INDENT

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
        return at - 1 if self.text[at - 1 : at] == b"\r" and at > offset else at

    def next_line(self, offset: int) -> int:
        """Where the line after that of ``offset`` begins, or the text ends."""
        at = self.text.find(b"\n", offset)
        return len(self.text) if at < 0 else at + 1

    def indentation(self, offset: int) -> str:
        """The white space that the line of ``offset`` begins with."""
        start = self.line_start(offset)
        end = start
        while end < len(self.text) and self.text[end] in b" \t\f":
            end += 1
        return self.text[start:end].decode()

    def call(self, start: int, end: int) -> Place | None:
        """The call expression that stands exactly there, if one does."""
        node = self.tree.root_node.descendant_for_byte_range(start, start + 1)
        while node is not None and (node.end_byte < end or (node.type != "call" and node.end_byte == end)):
            node = node.parent
        if node is None or (node.type, node.start_byte, node.end_byte) != ("call", start, end):
            return None
        return Place(self, node)

    def loop(self, start: int) -> Place | None:
        """The loop (or clause of a comprehension) whose first keyword stands there, if one does."""
        node = self.tree.root_node.descendant_for_byte_range(start, start + 1)
        while node is not None and node.type not in _LOOPS and node.start_byte == start:
            node = node.parent
        return Place(self, node) if node is not None and node.type in _LOOPS and node.start_byte == start else None

    def place(self, region: Region) -> Place | None:
        """The call or loop of a finding's region."""
        return self.call(region.start, region.end) or self.loop(region.start)

    def words(self, node: Node | None) -> frozenset[str]:
        """Every word in the source of ``node`` (None: of the file): more than its names, and never less."""
        key = (0, len(self.text)) if node is None else (node.start_byte, node.end_byte)
        if key not in self._words:
            self._words[key] = frozenset(w.decode("utf-8", "replace") for w in _WORD.findall(self.text, *key))
        return self._words[key]

    @cached_property
    def _words(self) -> dict[tuple[int, int], frozenset[str]]:
        return {}

    @cached_property
    def bindings_by_scope(self) -> dict[int, list[Binding]]:
        """What binds names, by the number of the scope, in source order."""
        table: dict[int, list[Binding]] = {}
        for binding in self.facts.bindings:
            table.setdefault(binding.scope, []).append(binding)
        return table

    @cached_property
    def loops_by_start(self) -> dict[int, Loop]:
        return {loop.start: loop for loop in self.facts.loops}

    @cached_property
    def _block_starts(self) -> list[int]:
        return [b.start for b in self.facts.blocks]

    def block_of(self, offset: int) -> int:
        """Number of the innermost block (``facts.blocks``) around an offset."""
        number = max(bisect_right(self._block_starts, offset) - 1, 0)
        while number > 0 and not self.facts.blocks[number].start <= offset < self.facts.blocks[number].end:
            number = self.facts.blocks[number].parent
        return number

    def blocks_around(self, offset: int) -> list[int]:
        """Numbers of the blocks around an offset, innermost first, up to the body of the innermost scope."""
        numbers = [self.block_of(offset)]
        while self.facts.blocks[numbers[-1]].kind != "body":
            numbers.append(self.facts.blocks[numbers[-1]].parent)
        return numbers

    def scope_of(self, offset: int) -> int:
        """Number of the innermost scope (``facts.scopes``) whose body is around an offset."""
        return self.facts.blocks[self.block_of(offset)].scope


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
        """The nodes around this one, innermost first; the module is the last."""
        found: list[Node] = []
        node = self.node.parent
        while node is not None:
            found.append(node)
            node = node.parent
        return tuple(found)

    @cached_property
    def statement(self) -> Node:
        """The innermost statement that the place stands in, or is: simple, or compound (then it stands in its header).

        A decorated definition is one statement.
        """
        chain = (self.node, *self.ancestors)
        for node, parent in pairwise(chain):
            if parent.type == "module" or (parent.type == "block" and node.type != "case_clause"):
                return node
        return chain[-1]

    @cached_property
    def ancestors_to_statement(self) -> tuple[Node, ...]:
        """The nodes between the place and its statement, innermost first, without the statement."""
        at = self.statement
        found: list[Node] = []
        for node in self.ancestors:
            if node == at:
                break
            found.append(node)
        return tuple(found)

    @cached_property
    def suite(self) -> Node:
        """The ``block`` (or the module) that the statement stands in."""
        parent = self.statement.parent
        return parent if parent is not None else self.source.tree.root_node

    @cached_property
    def indentation(self) -> str:
        """White space before the line on which the statement begins."""
        return self.source.indentation(self.statement.start_byte)

    @cached_property
    def is_first_on_line(self) -> bool:
        """Nothing but white space stands before the statement on its line: no ``if x:``, no ``a;``."""
        start = self.source.line_start(self.statement.start_byte)
        return not self.source.text[start : self.statement.start_byte].strip()

    @cached_property
    def definition(self) -> Node | None:
        """The innermost function, class or lambda in whose body the place stands; None at module level.

        What stands in a decorator, a default, an annotation or a base class runs outside the definition.
        """
        chain = (self.node, *self.ancestors)
        for node, parent in pairwise(chain):
            if parent.type in _DEFINITIONS and parent.child_by_field_name("body") == node:
                return parent
        return None

    @cached_property
    def function(self) -> Node | None:
        """The innermost ``def`` in whose body the place stands, through lambdas, not through classes."""
        chain = (self.node, *self.ancestors)
        for node, parent in pairwise(chain):
            if parent.type in _DEFINITIONS and parent.child_by_field_name("body") == node:
                if parent.type == "function_definition":
                    return parent
                if parent.type == "class_definition":
                    return None
        return None

    @property
    def is_async(self) -> bool:
        """``await`` may stand here."""
        definition = self.definition
        return definition is not None and definition.type != "lambda" and definition.children[0].type == "async"

    @property
    def in_class_body(self) -> bool:
        """The place runs when a class is made: names bound there are invisible to lambdas and functions in it."""
        return self.definition is not None and self.definition.type == "class_definition"

    @cached_property
    def operation(self) -> str:
        """The name under which monitoring knows the place: the nearest named function, else the file's stem.

        A lambda is named by what holds it. A function that only does the work of the one around it has that one's name.
        """
        chain = (self.node, *self.ancestors)
        step = ""
        for node, parent in pairwise(chain):
            if parent.type not in {"function_definition", "lambda"} or parent.child_by_field_name("body") != node:
                continue
            name = parent.child_by_field_name("name") or _holder(parent)
            if name is None:
                continue
            word = self.source.text_of(name).strip("\"'")
            if parent.type == "lambda" or word.strip("_") not in STEPS or _is_method(parent):
                return snake_case(word)
            step = step or snake_case(word)
        if step:
            return step
        stem = self.source.path.rpartition("/")[2].rpartition(".")[0] or self.source.path
        if stem in {"__init__", "__main__"} and "/" in self.source.path:
            stem = self.source.path.split("/")[-2]
        return snake_case(stem)

    def fresh(self, name: str) -> str:
        """``name``, or ``name_2`` and so on where the enclosing function (or the file) has the word already."""
        taken = self.source.words(self.function)
        number, candidate = 1, name
        while candidate in taken:
            number += 1
            candidate = f"{name}_{number}"
        return candidate


def _holder(function: Node) -> Node | None:
    """The variable, attribute or key whose value a lambda is."""
    child, parent = function, function.parent
    while parent is not None and parent.type == "parenthesized_expression":
        child, parent = parent, parent.parent
    if parent is None:
        return None
    if parent.type == "assignment" and parent.child_by_field_name("right") == child:
        named = parent.child_by_field_name("left")
        if named is not None and named.type == "attribute":
            return named.child_by_field_name("attribute")
        return named if named is not None and named.type == "identifier" else None
    if parent.type == "pair" and parent.child_by_field_name("value") == child:
        key = parent.child_by_field_name("key")
        is_word = key is not None and key.type == "string" and _KEY.fullmatch(key.text or b"") is not None
        return key if is_word else None
    return None


def _is_method(function: Node) -> bool:
    around = function.parent
    if around is not None and around.type == "decorated_definition":
        around = around.parent
    around = around.parent if around is not None and around.type == "block" else None
    return around is not None and around.type == "class_definition"


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
