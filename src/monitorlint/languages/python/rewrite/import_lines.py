"""Where an import goes that the file does not have: beside its like, in their order, and after all that comes first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from monitorlint.languages.python.rewrite.import_members import statement
from monitorlint.model.finding import Edit
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.import_members import Member
    from monitorlint.languages.python.rewrite.place import Source

_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
_DEFINITIONS = frozenset(
    {
        "function_definition",
        "class_definition",
        "decorated_definition",
        "for_statement",
        "while_statement",
        "match_statement",
    }
)
"""What ends the head of a file: imports further down belong to what stands there."""
_DEFINING_NODES = frozenset({"function_definition", "class_definition", "decorated_definition"})
_DEFINING = (b"def ", b"async def ", b"class ", b"@")
_PREPARING = pattern(
    rb"\bsys\.path(?:\.(?:insert|append|extend)\(|[ \t]*(?:\+?=(?!=)|\[[^\]]*\][ \t]*=(?!=)))|\bsite\.addsitedir\("
    rb"|\b(?:monkey\.patch_all|patch_all|monkey_patch|monkey\.patch_(?:socket|ssl|thread))\("
)
"""What says where modules lie, or changes those of Python's own that others import: imports below need it."""
_LATE = pattern(rb"#[ \t]*noqa:[^#]*\bE402\b")
_PREAMBLE = pattern(rb"#!|#[^\n]*?coding[:=]")
"""A comment that must stay in the first or second line."""
_FOR_THE_FILE = pattern(rb"#[ \t]*(?:type:[ \t]*ignore|(?:mypy|pyright|pylint|ruff|flake8|isort):|Databricks notebook)")
"""A comment that tells a tool something of the whole file, and has to stand above its code."""
FUTURE, STANDARD, THIRD_PARTY, OWN, RELATIVE = range(5)
"""The sections of imports, in the order of isort and ruff."""


class _Line(NamedTuple):
    """An import statement of the file's head."""

    node: Node
    section: int
    key: tuple[int, int, str]
    """Its place in the section."""


def new_import(source: Source, module: str, members: Sequence[Member], *, own: Collection[str], before: int) -> Edit:
    """A ``from`` import of its own.

    :param module: As it is to be written.
    :param own: Top-level modules of the project.
    :param before: Offset that it has to stand before: its first use while the file is being imported.
    """
    text = statement(module, members, source.newline)
    section = _section(module, own)
    wanted = _key(module, is_from=True)
    lines = [line for line in _head(source, own) if _line_after(source, line.node) <= before]
    last = _last_preparation(source, before)
    if last is not None:
        lines = [line for line in lines if line.node.start_byte > last.end_byte]
        if not lines:
            return _below_code(source, last, text)
    same = [line for line in lines if line.section == section]
    lower = [line for line in lines if line.section < section]
    if (same or lower) and _is_late(source, (same or lower)[-1].node):
        first, end, rest = text.partition(source.newline)
        text = f"{first}  # noqa: E402{end}{rest}"
    if same:
        return _among(source, same, wanted, text)
    if lower:
        return _below(source, lower[-1], text)
    if lines:
        at = source.line_start(lines[0].node.start_byte)
        return Edit(at, at, f"{text}{source.newline}{source.newline}")
    return _first(source, text)


def _last_preparation(source: Source, before: int) -> Node | None:
    """The last statement of the module that imports below may need, where the import can still stand below it.

    Between the first use and it there may be definitions: nothing of theirs runs before it.
    """
    found: Node | None = None
    for node in source.tree.root_node.named_children:
        is_definition = node.type in _DEFINING_NODES
        if node.start_byte >= before and not (is_definition or node.type in {*_IMPORTS, "comment"}):
            return node if _prepares(source, node) else found
        if not is_definition and _prepares(source, node):
            found = node
    return found


def _prepares(source: Source, node: Node) -> bool:
    return (
        node.type not in {"comment", *_IMPORTS}
        and _PREPARING.search(source.text, node.start_byte, node.end_byte) is not None
        and not (node.type == "if_statement" and b"__main__" in source.text[slice(*_test(node))])
    )


def _below_code(source: Source, node: Node, text: str) -> Edit:
    """On lines of their own below a statement that is no import."""
    at = _line_after(source, node)
    rest = source.text[at:]
    newline = source.newline
    after = "" if not rest.strip() or rest.startswith((b"\n", b"\r")) else newline
    return _insert(source, at, f"{newline}{text}", after=after)


def _is_late(source: Source, node: Node) -> bool:
    """Whether an import stands below other code, and a comment tells the linter that it has to."""
    return _LATE.search(source.text, node.start_byte, source.line_end(node.start_byte)) is not None


def _section(module: str, own: Collection[str]) -> int:
    if module.startswith("."):
        return RELATIVE
    top = module.partition(".")[0]
    if top == "__future__":
        return FUTURE
    if top in own:
        return OWN
    return STANDARD if top in sys.stdlib_module_names else THIRD_PARTY


def _key(module: str, *, is_from: bool) -> tuple[int, int, str]:
    """Plain imports first, then the furthest relative ones, then by name."""
    dots = len(module) - len(module.lstrip("."))
    return int(is_from), -dots, module.lstrip(".").lower()


def _head(source: Source, own: Collection[str]) -> list[_Line]:
    """The imports at the head of the file that begin a line and run whatever happens."""
    found: list[_Line] = []
    for node in source.tree.root_node.named_children:
        if node.type in _DEFINITIONS or (
            node.type == "if_statement" and b"__main__" in source.text[slice(*_test(node))]
        ):
            break
        if node.type not in _IMPORTS:
            continue
        name = node.child_by_field_name("module_name") or node.child_by_field_name("name")
        module = "__future__" if node.type == "future_import_statement" or name is None else source.text_of(name)
        module = module.partition(" ")[0]
        if found and found[-1].node.end_point.row == node.start_point.row:
            # `import a; from b import c` is one line; what is below it is below both.
            found[-1] = found[-1]._replace(node=node)
            continue
        is_from = node.type != "import_statement"
        found.append(_Line(node, _section(module, own), _key(module, is_from=is_from)))
    return found


def _test(node: Node) -> tuple[int, int]:
    test = node.child_by_field_name("condition")
    return (test.start_byte, test.end_byte) if test is not None else (0, 0)


def _line_after(source: Source, node: Node) -> int:
    """Where the line begins that follows a statement and all that ``;`` joins to it."""
    sibling = node.next_named_sibling
    while sibling is not None and sibling.start_point.row == node.end_point.row:
        node = sibling
        sibling = node.next_named_sibling
    return source.next_line(node.end_byte)


def _among(source: Source, same: list[_Line], wanted: tuple[int, int, str], text: str) -> Edit:
    """Into the last run of neighbours: behind the last that comes before it, in their order."""
    run = [same[-1]]
    for line in reversed(same[:-1]):
        if _line_after(source, line.node) != source.line_start(run[0].node.start_byte):
            break
        run.insert(0, line)
    before = [line for line in run if line.key <= wanted]
    if before:
        return _insert(source, _line_after(source, before[-1].node), text)
    at = source.line_start(run[0].node.start_byte)
    if _is_comment_above(source, at):
        # The comment speaks of the first of them, and stays with it.
        return _insert(source, _line_after(source, run[0].node), text)
    return Edit(at, at, f"{text}{source.newline}")


def _is_comment_above(source: Source, at: int) -> bool:
    start = source.line_start(at - 1) if at > 0 else at
    return start < at and source.text[start:at].startswith(b"#")


def _below(source: Source, line: _Line, text: str) -> Edit:
    """A section of its own, below the one that comes before it."""
    at = _line_after(source, line.node)
    if line.section != FUTURE and _starts_import(source, at):
        return _insert(source, at, text)
    rest = source.text[at:]
    after = source.newline if rest.strip() and not rest.startswith((b"\n", b"\r")) else ""
    return _insert(source, at, f"{source.newline}{text}", after=after)


def _starts_import(source: Source, at: int) -> bool:
    return source.text.startswith((b"import ", b"from "), at)


def _insert(source: Source, at: int, text: str, *, after: str = "") -> Edit:
    """A line at ``at``, where a line begins or the text ends."""
    if at == len(source.text) and at and not source.text.endswith(b"\n"):
        return Edit(at, at, f"{source.newline}{text}{source.newline}")
    return Edit(at, at, f"{text}{source.newline}{after}")


def _first(source: Source, text: str) -> Edit:
    """The file's only import: below its docstring, else below the comments that it begins with."""
    code = next((c for c in source.tree.root_node.named_children if c.type != "comment"), None)
    at = source.line_start(0)
    if code is not None and _is_docstring(code):
        at = _line_after(source, code)
    else:
        while source.text.startswith(b"#", at):
            at = source.next_line(at)
        if code is not None and at == source.line_start(code.start_byte):
            # They speak of what follows; only what must stand in the first lines stays above.
            at = source.line_start(0)
            while _FOR_THE_FILE.match(source.text, at) or (
                _PREAMBLE.match(source.text, at) and source.text.count(b"\n", 0, at) < 2
            ):
                at = source.next_line(at)
    newline = source.newline
    above = newline if at > source.line_start(0) else ""
    if not source.text[at:].strip():
        return _insert(source, at, f"{above}{text}")
    below = "" if _is_blank(source, at) else newline * (2 if source.text.startswith(_DEFINING, at) else 1)
    return Edit(at, at, f"{above}{text}{newline}{below}")


def _is_docstring(node: Node) -> bool:
    kinds = {"string", "concatenated_string"}
    return (
        node.type == "expression_statement" and len(node.named_children) == 1 and node.named_children[0].type in kinds
    )


def _is_blank(source: Source, at: int) -> bool:
    """Whether the line at ``at`` is empty, or the text ends there."""
    return not source.text[at : source.line_end(at)].strip()
