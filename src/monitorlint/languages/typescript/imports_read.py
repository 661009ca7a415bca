"""Imports and exports, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.specifiers import encode
from monitorlint.model.facts import Binding, Import

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.expressions import Expressions

_AROUND = frozenset(
    "await_expression parenthesized_expression as_expression non_null_expression satisfies_expression".split()
)


def read_import(node: Node, expr: Expressions, scope: int, block: int) -> Iterator[Import]:
    """The names that an import statement binds; a row without a name where it binds none."""
    start, row = node.start_byte, node.start_point.row
    clause = next((c for c in node.named_children if c.type in {"import_clause", "import_require_clause"}), None)
    specifier = _source(node if clause is None or clause.type == "import_clause" else clause, expr)
    if specifier is None:
        return
    if clause is None:
        yield Import(scope, "", specifier, start, row, block)
        return
    for child in clause.named_children:
        if child.type == "identifier":
            name = expr.name(expr.text(child))
            whole = clause.type == "import_require_clause"
            yield Import(scope, name, specifier if whole else f"{specifier}.default", start, row, block)
        elif child.type == "namespace_import":
            for inner in child.named_children[:1]:
                yield Import(scope, expr.name(expr.text(inner)), specifier, start, row, block)
        elif child.type == "named_imports":
            for name, local in _specifiers(child, expr):
                yield Import(scope, local, f"{specifier}.{name}", start, row, block)


def read_export(node: Node, expr: Expressions, block: int) -> Iterator[Import | Binding]:
    """What an export statement adds to the module, apart from the declaration that it may hold."""
    start, row = node.start_byte, node.start_point.row
    specifier = _source(node, expr)
    clause = next((c for c in node.named_children if c.type in {"export_clause", "namespace_export"}), None)
    if specifier is not None:
        if clause is None:
            yield Import(0, "*", specifier, start, row, block)
        elif clause.type == "namespace_export":
            for inner in clause.named_children[:1]:
                yield Import(0, expr.key(inner), specifier, start, row, block)
        else:
            for name, local in _specifiers(clause, expr):
                yield Import(0, local, f"{specifier}.{name}", start, row, block)
        return
    if clause is not None:
        for name, local in _specifiers(clause, expr):
            if name != local:
                yield Binding(0, local, name, start, row, block, "assign")
        return
    if not any(c.type == "default" for c in node.children):
        return
    value = node.child_by_field_name("value")
    if value is not None:
        yield Binding(0, "default", expr.read(value), start, row, block, "assign")
        return
    declaration = node.child_by_field_name("declaration")
    name_node = declaration.child_by_field_name("name") if declaration is not None else None
    if name_node is not None:
        yield Binding(0, "default", expr.name(expr.text(name_node)), start, row, block, "assign")


def imported_by_call(node: Node, expr: Expressions) -> str | None:
    """The module that ``require("m")`` or ``await import("m")`` gives, or a part of it; None for anything else."""
    read: list[str] = []
    while node.named_children:
        if (loading := _beside_its_failure(node, expr)) is not None:
            node = loading
            break
        if node.type == "member_expression" and (name := node.child_by_field_name("property")) is not None:
            read.append(expr.key(name))
        elif node.type not in _AROUND:
            break
        node = node.named_children[0]
    if node.type != "call_expression":
        return None
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or arguments is None:
        return None
    if function.type != "import" and expr.text(function) != b"require":
        return None
    loaded = expr.loaded(arguments)
    return None if loaded is None else ".".join([encode(loaded), *reversed(read)])


def _beside_its_failure(node: Node, expr: Expressions) -> Node | None:
    """The ``import("m")`` of ``import("m").catch(() => null)``, which gives the module where there is one."""
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    name = function.child_by_field_name("property") if function is not None else None
    if function is None or name is None or expr.text(name) not in {b"catch", b"finally"}:
        return None
    loading = function.named_children[0]
    called = loading.child_by_field_name("function") if loading.type == "call_expression" else None
    return loading if called is not None and called.type == "import" else None


def _source(node: Node, expr: Expressions) -> str | None:
    source = node.child_by_field_name("source")
    value = expr.read(source) if source is not None else None
    return encode(value[1]) if isinstance(value, tuple) and isinstance(value[1], str) and value[1] else None


def _specifiers(node: Node, expr: Expressions) -> Iterator[tuple[str, str]]:
    """Name and local (or exported) name of each specifier."""
    for child in node.named_children:
        if child.type in {"import_specifier", "export_specifier"}:
            name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
            if name is not None:
                text = expr.key(name)
                yield text, expr.key(alias) if alias is not None else text
