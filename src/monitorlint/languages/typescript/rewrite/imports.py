"""The import of the helper module: under which name a helper can be called at a place, and what must be added.

A name is taken for the helper's only where nothing nearer bears it; in doubt the file imports it under another name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.import_lines import new_import
from monitorlint.model.finding import Edit
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.names import Names
    from monitorlint.languages.typescript.rewrite.place import Source

_LIST = {"named_imports": "import_specifier", "object_pattern": ""}


class _Known(NamedTuple):
    """An import of the file that makes a helper callable."""

    name: Node
    """What it binds."""
    text: str
    """What is written before the brackets of the call."""


class HelperImports:
    """The helper module as one file sees it."""

    def __init__(self, source: Source, names: Names, module: str, *, spellings: Collection[str] = ()) -> None:
        """Take a file, and the module to import from.

        :param module: The specifier that an import of this file is to write.
        :param spellings: What else means the same module in import statements that the file has already.
        """
        self._source = source
        self._names = names
        self._module = module
        self._spellings = frozenset({module, *spellings})
        self._given: dict[str, str] = {}

    def local(self, name: str, offset: int) -> str:
        """What to write for helper ``name`` in the code at ``offset``: ``name``, ``monitoring.name``, or an alias.

        Pass it on in ``Rewritten.needs``: :meth:`edits` imports what the file does not import yet.
        """
        source = self._source
        at = source.tree.root_node.descendant_for_byte_range(offset, offset)
        assert at is not None
        for known in self._known(name):
            bound = self._names.resolve(source.text_of(known.name), at)
            if [b.node for b in bound] == [known.name] and known.name.start_byte < offset:
                return known.text
        number, candidate = 1, name
        while self._is_taken(candidate) or self._given.get(candidate, name) != name:
            candidate = f"{name}{number + 1}" if number > 1 else f"{name}Helper"
            number += 1
        self._given[candidate] = name
        return candidate

    def edits(self, names: Iterable[str]) -> tuple[Edit, ...]:
        """The imports that the file lacks.

        :param names: What :meth:`local` gave for the edits that are made; what the file imports already is left out.
        """
        wanted = sorted({(self._given[n], n) for n in names if n in self._given})
        if not wanted:
            return ()
        source = self._source
        for members in self._member_lists():
            is_pattern = members.type == "object_pattern"
            texts = [_member(name, local, is_pattern=is_pattern) for name, local in wanted]
            return _with_members(source, members, texts)
        return new_import(source, self._module, wanted)

    def _is_taken(self, name: str) -> bool:
        """Whether the name means something anywhere in the file, or may be a global that the file uses."""
        kinds = {"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}
        return name in self._source.words(None) and any(
            node.type in kinds or (node.type == "type_identifier" and bool(self._names.bindings(name)))
            for node in self._source.occurrences(name)
        )

    def _statements(self) -> Iterator[tuple[Node, Node]]:
        """Imports of the helper module at the top of the file: the statement, and what holds the names."""
        source = self._source
        for node in source.tree.root_node.named_children:
            if node.type == "import_statement":
                found = node.child_by_field_name("source")
                is_type = any(child.type in {"type", "typeof"} for child in node.children)
                clause = next((c for c in node.named_children if c.type == "import_clause"), None)
                if found is not None and clause is not None and not is_type and self._means(found):
                    yield node, clause
            elif node.type in {"lexical_declaration", "variable_declaration"}:
                for declarator in node.named_children:
                    required = required_module(source, declarator.child_by_field_name("value"))
                    if required is not None and self._means(required):
                        yield node, declarator

    def _means(self, text: Node) -> bool:
        return self._source.text_of(text)[1:-1] in self._spellings

    def _known(self, name: str) -> Iterator[_Known]:
        """The imports of the file that give the helper, the plainest first."""
        source = self._source
        whole: list[_Known] = []
        for _, holder in self._statements():
            for node in _bound_in(holder):
                parent = node.parent
                assert parent is not None
                if parent.type == "import_specifier":
                    member = parent.child_by_field_name("name")
                    is_type = any(child.type in {"type", "typeof"} for child in parent.children)
                    if member is not None and source.text_of(member) == name and not is_type:
                        yield _Known(node, source.text_of(node))
                elif parent.type == "pair_pattern":
                    key = parent.child_by_field_name("key")
                    if key is not None and source.text_of(key) == name:
                        yield _Known(node, source.text_of(node))
                elif node.type == "shorthand_property_identifier_pattern":
                    if source.text_of(node) == name:
                        yield _Known(node, name)
                elif parent.type in {"namespace_import", "variable_declarator"}:
                    whole.append(_Known(node, f"{source.text_of(node)}.{name}"))
        yield from whole

    def _member_lists(self) -> Iterator[Node]:
        """The braces of imports that one more name can be put into."""
        for _, holder in self._statements():
            for node in holder.named_children:
                if node.type in _LIST:
                    yield node


def required_module(source: Source, value: Node | None) -> Node | None:
    """The string of ``require('…')``, if that is what a value is."""
    if value is None or value.type != "call_expression":
        return None
    function, arguments = value.child_by_field_name("function"), value.child_by_field_name("arguments")
    if function is None or arguments is None or source.text_of(function) != "require":
        return None
    given = arguments.named_children
    return given[0] if len(given) == 1 and given[0].type == "string" else None


def _bound_in(holder: Node) -> Iterator[Node]:
    """The names that an import clause or the declarator of a ``require`` binds."""
    if holder.type == "variable_declarator":
        name = holder.child_by_field_name("name")
        todo = [name] if name is not None else []
    else:
        todo = list(holder.named_children)
    while todo:
        node = todo.pop(0)
        if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
            yield node
        elif node.type == "import_specifier":
            bound = node.child_by_field_name("alias") or node.child_by_field_name("name")
            if bound is not None:
                yield bound
        elif node.type == "pair_pattern":
            value = node.child_by_field_name("value")
            if value is not None and value.type == "identifier":
                yield value
        elif node.type in {"named_imports", "object_pattern", "namespace_import"}:
            todo = [*node.named_children, *todo]


def _member(name: str, local: str, *, is_pattern: bool) -> str:
    if name == local:
        return name
    return f"{name}: {local}" if is_pattern else f"{name} as {local}"


def _with_members(source: Source, members: Node, texts: list[str]) -> tuple[Edit, ...]:
    """The edits that put names into the braces of an import, behind those that are there."""
    given = [child for child in members.named_children if child.type != "comment"]
    if not given:
        at = members.start_byte + 1
        return (Edit(at, at, f" {', '.join(texts)} "),)
    last = given[-1]
    comma = last.next_sibling
    while comma is not None and comma.type == "comment":
        comma = comma.next_sibling
    comma = comma if comma is not None and comma.type == "," else None
    behind = comma.end_byte if comma is not None else last.end_byte
    if source.is_first_on_line(last.start_byte) and last.start_point.row > members.start_point.row:
        indentation = source.indentation(last.start_byte)
        lines = f",{source.newline}{indentation}".join(texts)
        at = source.line_end(behind)
        new = f"{source.newline}{indentation}{lines}{',' if comma is not None else ''}"
        if comma is not None:
            return (Edit(at, at, new),)
        return (Edit(behind, behind, f",{new}"),) if at == behind else (Edit(behind, behind, ","), Edit(at, at, new))
    added = ", ".join(texts)
    return (Edit(behind, behind, f" {added}," if comma is not None else f", {added}"),)
