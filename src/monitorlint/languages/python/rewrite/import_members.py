"""One more name in a ``from module import …`` that the file has already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.finding import Edit
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Source

WIDTH: Final = 88
"""Columns of a line, as ruff and black have it unless they are told otherwise."""


class Member(NamedTuple):
    """One name of a ``from`` import."""

    name: str
    alias: str = ""

    def __str__(self) -> str:
        return f"{self.name} as {self.alias}" if self.alias else self.name

    @property
    def key(self) -> tuple[int, str, str]:
        """The order of isort and ruff: constants, classes, the rest."""
        rank = 0 if self.name.isupper() and len(self.name) > 1 else 1 if self.name[:1].isupper() else 2
        return rank, self.name, self.alias


def statement(module: str, members: Sequence[Member], newline: str) -> str:
    """A ``from`` import, over several lines where one is too narrow."""
    names = sorted(members, key=lambda m: m.key)
    line = f"from {module} import {', '.join(map(str, names))}"
    if len(line) <= WIDTH:
        return line
    return newline.join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def members_of(node: Node) -> list[Node]:
    """The names of a ``from`` import as nodes; none for ``import *``."""
    return node.children_by_field_name("name")


def with_members(source: Source, node: Node, new: Sequence[Member]) -> tuple[Edit, ...]:
    """The edits that add names to a ``from`` import and keep its layout, its comments and, if it has one, its order.

    :param node: An ``import_from_statement`` that imports names.
    """
    nodes = members_of(node)
    old = [_member(source, n) for n in nodes]
    brackets = any(c.type == "(" for c in node.children)
    if not brackets and len({node.start_point.row, node.end_point.row}) == 1:
        end = source.line_end(node.end_byte)
        wide = len(source.slice(source.line_start(node.start_byte), end)) + sum(len(str(m)) + 2 for m in new)
        if wide > WIDTH and end == node.end_byte:
            module = node.child_by_field_name("module_name")
            assert module is not None
            text = statement(source.text_of(module), [*old, *new], source.newline)
            return (Edit(node.start_byte, node.end_byte, text),)
    is_sorted = [m.key for m in old] == sorted(m.key for m in old)
    is_listed = brackets and _has_a_line_each(source, node, nodes)
    places: dict[int, list[Member]] = {}
    for member in sorted(new, key=lambda m: m.key):
        after = sum(o.key < member.key for o in old) if is_sorted else len(old)
        places.setdefault(after, []).append(member)
    insert = _on_lines if is_listed else _in_line
    return tuple(edit for after, members in sorted(places.items()) for edit in insert(source, nodes, after, members))


def _member(source: Source, node: Node) -> Member:
    if node.type != "aliased_import":
        return Member(source.text_of(node))
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    assert name is not None
    assert alias is not None
    return Member(source.text_of(name), source.text_of(alias))


def _has_a_line_each(source: Source, node: Node, nodes: list[Node]) -> bool:
    rows = [node.start_point.row, *(n.start_point.row for n in nodes), node.end_point.row]
    alone = all(source.line_start(n.start_byte) + len(source.indentation(n.start_byte)) == n.start_byte for n in nodes)
    return alone and len(set(rows)) == len(rows)


def _in_line(_source: Source, nodes: list[Node], after: int, members: list[Member]) -> list[Edit]:
    text = ", ".join(map(str, members))
    if after == 0:
        start = nodes[0].start_byte
        return [Edit(start, start, f"{text}, ")]
    end = nodes[after - 1].end_byte
    return [Edit(end, end, f", {text}")]


def _on_lines(source: Source, nodes: list[Node], after: int, members: list[Member]) -> list[Edit]:
    """Lines of their own, below the name before and its comment."""
    indentation = source.indentation(nodes[0].start_byte)
    lines = "".join(f"{indentation}{m},{source.newline}" for m in members)
    if after == 0:
        # Below the line of the bracket, above the first name's comments.
        bracket = next(c for c in _siblings(nodes[0]) if c.type == "(")
        at = source.next_line(bracket.end_byte)
        return [Edit(at, at, lines)]
    previous = nodes[after - 1]
    at = source.next_line(previous.end_byte)
    edits = [Edit(at, at, lines)]
    comma = previous.next_sibling
    while comma is not None and comma.type in {"comment", "line_continuation"}:
        comma = comma.next_sibling
    if comma is None or comma.type != ",":
        edits.insert(0, Edit(previous.end_byte, previous.end_byte, ","))
    return edits


def _siblings(node: Node) -> list[Node]:
    return node.parent.children if node.parent is not None else []
