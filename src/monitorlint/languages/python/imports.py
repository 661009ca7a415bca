"""Import statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.facts import Import

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.python.expressions import Expressions


def read_import(node: Node, expr: Expressions, scope: int, block: int) -> Iterator[Import]:
    """``import a``, ``import a.b``, ``import a.b as c``."""
    row = node.start_point.row
    for child in node.named_children:
        if child.type == "aliased_import":
            name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
            if name is not None and alias is not None:
                yield Import(scope, _text(alias, expr), _text(name, expr), child.start_byte, row, block)
        elif child.type == "dotted_name":
            target = _text(child, expr)
            first = target.partition(".")[0]
            yield Import(scope, first, first, child.start_byte, row, block)
            if first != target:
                yield Import(scope, "", target, child.start_byte, row, block)


def read_import_from(node: Node, expr: Expressions, scope: int, block: int) -> Iterator[Import]:
    """``from a import b as c``, ``from .a import *``."""
    row = node.start_point.row
    module_node = node.child_by_field_name("module_name")
    if module_node is None:
        return
    module = _text(module_node, expr)
    prefix = module if module.endswith(".") else f"{module}."
    if any(c.type == "wildcard_import" for c in node.named_children):
        yield Import(scope, "*", module, node.start_byte, row, block)
    for child in node.children_by_field_name("name"):
        name: Node | None = child
        alias: Node | None = child
        if child.type == "aliased_import":
            name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
        if name is not None and alias is not None:
            yield Import(scope, _text(alias, expr), prefix + _text(name, expr), child.start_byte, row, block)


def _text(node: Node, expr: Expressions) -> str:
    raw = expr.text(node)
    return expr.name(raw if raw.isalnum() else b"".join(raw.replace(b"\\", b"").split()))
