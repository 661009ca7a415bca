"""The import of the helper module: under which name a helper can be called at a place, and what must be added for it.

A name is taken for the helper's only where the import has certainly run and nothing nearer bears the same name;
in doubt the file gets an import of its own, under another name if need be.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.languages.python.rewrite.import_lines import new_import
from monitorlint.languages.python.rewrite.import_members import Member, members_of, with_members
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Source
    from monitorlint.model.facts import Import
    from monitorlint.model.finding import Edit

_READERS = frozenset({"argument_list", "decorator", "await", "return_statement", "binary_operator", "interpolation"})
"""What a name can stand in without being bound there; in any other place it is taken for bound."""


class _Known(NamedTuple):
    """An import of the file that makes a helper callable."""

    row: Import
    text: str
    """What is written before the brackets of the call."""


class HelperImports:
    """The helper module as one file sees it."""

    def __init__(
        self, source: Source, module: str, *, spellings: Collection[str] = (), own: Collection[str] = ()
    ) -> None:
        """Take a file, and the module to import from.

        :param module: As an import of this file is to write it: ``app.sentry_monitoring``, or ``.monitoring``.
        :param spellings: What else means the same module in import statements that the file has already.
        :param own: Top-level modules of the project, beside which the import is sorted.
        """
        self._source = source
        self._module = module
        self._spellings = frozenset({module, *spellings})
        self._own = frozenset({*own, module.partition(".")[0]} - {""})
        self._given: dict[str, str] = {}
        self._first_use = len(source.text)

    def local(self, name: str, offset: int) -> str:
        """What to write for helper ``name`` in the code at ``offset``: ``name``, ``sm.name``, or an alias.

        Pass it on in ``Rewritten.needs``: :meth:`edits` imports what the file does not import yet.
        """
        chain = self._scopes_around(offset)
        for known in self._known(name):
            if self._has_run(known.row, offset, chain) and not self._is_hidden(known, chain):
                return known.text
        number, candidate = 1, name
        while self._is_taken(candidate, chain) or self._given.get(candidate, name) != name:
            candidate = f"_{name}" if number == 1 else f"_{name}_{number}"
            number += 1
        self._given[candidate] = name
        self._first_use = min(self._first_use, self._statement_start(offset))
        return candidate

    def edits(self, names: Iterable[str]) -> tuple[Edit, ...]:
        """The imports that the file lacks.

        :param names: What :meth:`local` gave for the edits that are made; what the file imports already is left out.
        """
        members = sorted({Member(self._given[n], n if n != self._given[n] else "") for n in names if n in self._given})
        if not members:
            return ()
        root = self._source.tree.root_node
        for row in self._source.facts.imports:
            if row.scope or row.block or row.start >= self._first_use or row.local == "*":
                continue
            if self._target_module(row) not in self._spellings:
                continue
            node = root.descendant_for_byte_range(row.start, row.start + 1)
            while node is not None and node.type != "import_from_statement":
                node = node.parent
            if node is not None and members_of(node):
                return with_members(self._source, node, members)
        return (new_import(self._source, self._module, members, own=self._own, before=self._first_use),)

    @staticmethod
    def _target_module(row: Import) -> str:
        module, _, _ = row.target.rpartition(".")
        return module if module.strip(".") else row.target[: len(row.target) - len(row.target.lstrip("."))]

    def _known(self, name: str) -> Iterator[_Known]:
        """The imports of the file that give the helper, the plainest first."""
        rows = self._source.facts.imports
        spelled = {_member(m, name) for m in self._spellings}
        yield from (_Known(r, r.local) for r in rows if r.target in spelled and r.local not in {"*", ""})
        yield from (_Known(r, name) for r in rows if r.local == "*" and r.target in self._spellings)
        for row in rows:
            if row.target in self._spellings and row.local not in {"*", ""}:
                yield _Known(row, f"{row.local}.{name}")
            elif row.target in self._spellings and not row.local:
                yield _Known(row, f"{row.target}.{name}")

    def _scopes_around(self, offset: int) -> list[int]:
        """Numbers of the scopes whose names are seen at ``offset``, innermost first; the module is the last."""
        scopes = self._source.facts.scopes
        number = self._source.scope_of(offset)
        found = [number]
        while number > 0:
            number = scopes[number].parent
            if scopes[number].kind != "class":
                found.append(number)
        return found

    def _statement_start(self, offset: int) -> int:
        """Where the module's own statement around a place begins.

        The import must stand before it even where the place is in a function: the lines below may call that.
        """
        number = bisect_right(self._statements, (offset, len(self._source.text))) - 1
        start, end = self._statements[number] if number >= 0 else (offset, offset)
        return start if offset < end else offset

    @cached_property
    def _statements(self) -> list[tuple[int, int]]:
        """Where the module's own statements begin and end."""
        return [(node.start_byte, node.end_byte) for node in self._source.tree.root_node.named_children]

    def _has_run(self, row: Import, offset: int, chain: list[int]) -> bool:
        """Whether the import has happened whenever the place is reached."""
        if row.scope not in chain:
            return False
        if row.scope == chain[0]:
            return row.start < offset and row.block in self._source.blocks_around(offset)
        # A function is called when its file has been imported: the module's own lines have all run by then.
        if row.block == 0:
            return True
        inner = self._source.facts.scopes[chain[chain.index(row.scope) - 1]]
        return row.start < inner.start and row.block in self._source.blocks_around(inner.start)

    def _is_hidden(self, known: _Known, chain: list[int]) -> bool:
        """Whether something else bears the name, in the import's scope or in one that is nearer."""
        nearer = chain[: chain.index(known.row.scope) + 1]
        return self._is_bound(known.text.partition(".")[0], nearer, by_parent=not known.row.local)

    def _is_taken(self, name: str, chain: list[int]) -> bool:
        """Whether an import of this name at module level would be hidden at the place, or would hide something."""
        return self._is_bound(name, chain, by_parent=False)

    def _is_bound(self, name: str, chain: list[int], *, by_parent: bool) -> bool:
        """Whether a scope of ``chain`` gives the name another meaning than the helper's.

        :param by_parent: ``name`` is the first part of ``import a.b``: any such import of ``a`` means the same.
        """
        for scope, node in self._bound(name):
            if scope in chain and not self._is_import_of_helper(node) and not (by_parent and _is_plain_import(node)):
                return True
        return any(p.name == name for number in chain for p in self._source.facts.scopes[number].params)

    def _is_import_of_helper(self, node: Node) -> bool:
        """Whether the name is bound by an import that means the helper module."""
        starts = [node.start_byte]
        parent = node.parent
        while parent is not None and parent.type in {"dotted_name", "aliased_import"}:
            starts.append(parent.start_byte)
            parent = parent.parent
        if parent is None or parent.type not in {"import_statement", "import_from_statement"}:
            return False
        return any(
            r.start in starts and (r.target in self._spellings or self._target_module(r) in self._spellings)
            for r in self._source.facts.imports
        )

    def _bound(self, name: str) -> list[tuple[int, Node]]:
        """Where the file binds (or may bind) a name: number of the scope, and the name's node."""
        if name not in self._binders:
            self._binders[name] = list(self._find_bound(name)) if name in self._source.words(None) else []
        return self._binders[name]

    @cached_property
    def _binders(self) -> dict[str, list[tuple[int, Node]]]:
        return {}

    def _find_bound(self, name: str) -> Iterator[tuple[int, Node]]:
        source = self._source
        text, word = source.text, name.encode()
        at = text.find(word)
        while at >= 0:
            node = source.tree.root_node.descendant_for_byte_range(at, at + len(word))
            if node is not None and node.type == "identifier" and source.text_of(node) == name and not _reads(node):
                yield self._scope_of_binding(node), node
            at = text.find(word, at + 1)

    def _scope_of_binding(self, node: Node) -> int:
        """The scope in which a name at ``node`` would be bound."""
        parent = node.parent
        while parent is not None and parent.type.endswith(("parameter", "parameters")):
            if parent.type in {"parameters", "lambda_parameters"} and parent.parent is not None:
                owner = parent.parent.start_byte
                scopes = self._source.facts.scopes
                return next((n for n, s in enumerate(scopes) if n and s.start == owner), 0)
            parent = parent.parent
        if parent is not None and parent.type == "global_statement":
            return 0
        return self._source.scope_of(node.start_byte)


def _member(module: str, name: str) -> str:
    """``name`` of a module as the facts write what an import names."""
    return module + name if module.endswith(".") else f"{module}.{name}"


def _is_plain_import(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type != "dotted_name" or parent.parent is None:
        return False
    return parent.parent.type == "import_statement"


def _reads(node: Node) -> bool:
    """Whether the name is certainly only read at ``node``, or is no variable at all."""
    parent = node.parent
    if parent is None:
        return True
    if parent.type in {"call", "attribute"}:
        return True
    if parent.type == "keyword_argument":
        return parent.child_by_field_name("name") == node or parent.child_by_field_name("value") == node
    if parent.type == "dotted_name":
        return parent.named_children[0] != node or _is_source_of_import(parent)
    return parent.type in _READERS


def _is_source_of_import(name: Node) -> bool:
    """``m`` of ``from m import x``, and ``a`` of ``import a as b``: not what the statement binds."""
    parent = name.parent
    if parent is None:
        return False
    if parent.type == "import_from_statement":
        return parent.child_by_field_name("module_name") == name
    if parent.type == "aliased_import":
        return parent.child_by_field_name("name") == name
    return parent.type == "relative_import"
