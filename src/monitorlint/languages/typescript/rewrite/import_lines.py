"""A new import line: where it goes in a file, and how the file writes such lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.finding import Edit
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Source

_LONGEST = 100
"""Columns that an import may take before it is broken into lines."""
_EXPORTS = pattern(rb"\bmodule\s?\.\s?exports\b|\bexports\s?\.")
_PRAGMA = pattern(
    r"(?://|/\*+)\s*(?:@ts-|eslint|@jsx|@flow|prettier|tslint)|///\s*<(?:reference|amd-)"
    r"|/\*(?:[^@]|@(?!jest-environment|vitest-environment|jsx|flow))*+@(?:jest-environment|vitest-environment|jsx|flow)"
)
"""A comment that says something to a tool, and says it at the head of a file alone."""
_REQUIRE = pattern(rb"\brequire\s?\(")


def new_import(source: Source, module: str, members: list[tuple[str, str]]) -> tuple[Edit, ...]:
    """The edits that import names from a module.

    :param members: Pairs of exported and local name.
    """
    line = _line(source, module, members)
    start, end, indentation = _script(source)
    statements = [n for n in source.tree.root_node.children if start <= n.start_byte < end]
    last = _last_import(source, statements)
    newline = source.newline
    if last is not None:
        at = source.line_end(last.end_byte)
        rest = source.text[last.end_byte : at].strip()
        if rest and not rest.startswith((b"//", b"/*")):
            return (Edit(last.end_byte, last.end_byte, f" {line}"),)
        return (Edit(at, at, f"{newline}{source.indentation(last.start_byte)}{line}"),)
    first = _first_place(source, statements)
    if first is not None:
        # One empty line behind the header is there already, or comes behind the import.
        is_apart = not source.text[source.next_line(first) : source.line_end(source.next_line(first))].strip()
        before, behind = (newline, "") if is_apart else ("", newline)
        return (Edit(first, first, f"{newline}{before}{indentation}{line}{behind}"),)
    if source.is_component and start < end and source.text[start : start + 1].isspace():
        return (Edit(start, start, f"{newline}{indentation}{line}"),)
    at = max(start, 3 if source.text.startswith(b"\xef\xbb\xbf") else 0)
    gap = newline if statements and statements[0].type != "import_statement" else ""
    return (Edit(at, at, f"{line}{newline}{gap}"),)


def is_commonjs(source: Source) -> bool:
    """The file is a CommonJS module, and writes no imports."""
    if source.path.endswith(".cjs"):
        return True
    if source.path.endswith(".mjs") or source.is_component:
        return False
    root = source.tree.root_node
    if any(n.type in {"import_statement", "export_statement"} for n in root.named_children):
        return False
    if source.path.endswith((".ts", ".mts", ".cts", ".tsx")):
        return False
    return _EXPORTS.search(source.code) is not None or _REQUIRE.search(source.code) is not None


def _line(source: Source, module: str, members: list[tuple[str, str]]) -> str:
    quote, semicolon = source.quote, source.semicolon
    required = is_commonjs(source) and not _has_imports(source)
    joiner = ": " if required else " as "
    names = [name if name == local else f"{name}{joiner}{local}" for name, local in members]
    behind = f"require({quote}{module}{quote})" if required else f"{quote}{module}{quote}"
    head, link = ("const", "=") if required else ("import", "from")
    line = f"{head} {{ {', '.join(names)} }} {link} {behind}{semicolon}"
    if len(line) <= _LONGEST or len(names) == 1:
        return line
    inner = f",{source.newline}{source.indent}".join(names)
    return f"{head} {{{source.newline}{source.indent}{inner},{source.newline}}} {link} {behind}{semicolon}"


def _has_imports(source: Source) -> bool:
    return any(n.type == "import_statement" for n in source.tree.root_node.named_children)


def _script(source: Source) -> tuple[int, int, str]:
    """Start and end of the script that gets the import, and its indentation.

    Of a Vue component that is the ``setup`` script; of a Svelte component the one of the instance.
    """
    if not source.is_component or not source.scripts:
        return 0, len(source.text), ""
    chosen = next((s for s in source.scripts if b"setup" in s.attributes), None)
    chosen = chosen or next(
        (s for s in source.scripts if not re.search(rb"\bmodule\b", s.attributes)), source.scripts[0]
    )
    found = re.compile(rb"^([ \t]*)\S", re.MULTILINE).search(source.text, chosen.start, chosen.end)
    return chosen.start, chosen.end, found[1].decode() if found is not None and found.start() > chosen.start else ""


def _last_import(source: Source, statements: list[Node]) -> Node | None:
    """The last of the imports that stand together at the top, or of the top-level ``require`` lines."""
    imports = [n for n in statements if n.type == "import_statement"]
    if imports:
        return _last_of_first_run(statements, imports)
    if not is_commonjs(source):
        return None
    required = [n for n in statements if n.type.endswith("_declaration") and _requires(source, n)]
    return _last_of_first_run(statements, required) if required else None


def _last_of_first_run(statements: list[Node], imports: list[Node]) -> Node:
    """Imports further down stand where they do for a reason."""
    starts = {n.start_byte for n in imports}
    last = imports[0]
    for node in statements[statements.index(last) :]:
        if node.start_byte in starts:
            last = node
        elif node.type not in {"comment", "expression_statement", ";", "empty_statement"}:
            break
    return last


def _requires(source: Source, statement: Node) -> bool:
    for declarator in statement.named_children:
        value = declarator.child_by_field_name("value")
        while value is not None and value.type in {"member_expression", "call_expression"}:
            function = value.child_by_field_name("function")
            if function is not None and source.text_of(function) == "require":
                return True
            value = value.child_by_field_name("object") or function
    return False


def _first_place(source: Source, statements: list[Node]) -> int | None:
    """Where the header of a file without imports ends: shebang, directives, and the comment above the first line."""
    at: int | None = None
    row = -1
    for node in statements:
        if node.type == "hash_bang_line" or _is_directive(node):
            at, row = source.line_end(node.end_byte), node.end_point.row
        elif node.type == "comment" and (row < 0 or node.start_point.row >= row):
            # A comment right above code speaks of the code; the header is what an empty line sets off.
            following = node.next_sibling
            if following is None or following.start_point.row > node.end_point.row + 1 or _is_pragma(source, node):
                at, row = source.line_end(node.end_byte), node.end_point.row
            elif following.type != "comment" and not _is_directive(following):
                break
        else:
            break
    return at


def _is_directive(node: Node) -> bool:
    return node.type == "expression_statement" and bool(node.named_children) and node.named_children[0].type == "string"


def _is_pragma(source: Source, node: Node) -> bool:
    return _PRAGMA.match(source.text_of(node)) is not None
