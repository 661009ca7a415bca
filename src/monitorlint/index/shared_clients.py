"""Clients that one file makes and others import: the screen sees no package in those, so they are read for this."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from monitorlint.catalog import Catalogue
    from monitorlint.index.modules import Modules
    from monitorlint.index.reach import Reach
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding, FileFacts

_DEFAULT = "default"
_MAX_STEPS = 6
"""Names that stand for other names are followed this far."""
_MAX_FILES_BETWEEN = 4
"""Files that hand a client on, between the one that makes it and the one that calls it."""
_ALL = pattern(rb"\bexport\s*\*")


def importers_of_clients(
    sources: set[str],
    among: Container[str],
    reach: Reach,
    facts_of: Callable[[str], FileFacts | None],
    text_of: Callable[[str], bytes],
    catalogue: Catalogue,
    modules: Modules,
) -> set[str]:
    """The files that import a client, or a function that gives one, from a file of the project.

    :param sources: Files that import packages of the catalogue.
    :param among: All files of the project that may be read.
    """
    made: dict[str, set[str]] = {}
    found: set[str] = set()
    edge = sources
    for _ in range(_MAX_FILES_BETWEEN):
        makers: dict[str, set[str]] = {}
        for path in edge:
            facts = facts_of(path)
            names = _Names(path, facts, made, catalogue, modules).of_clients() if facts is not None else set()
            if names - made.get(path, set()):
                makers[path] = names
        # What one file of a round has does not depend on which of the others was looked at first.
        made.update(makers)
        edge = set()
        for path, names in makers.items():
            named = re.compile(rb"\b(?:" + b"|".join(re.escape(n.encode()) for n in sorted(names)) + rb")\b")
            for importer in reach.directly_importing(path):
                if importer not in among:
                    continue
                text = b"" if _DEFAULT in names else text_of(importer)
                if _DEFAULT in names or named.search(text) or _ALL.search(text):
                    edge.add(importer)
        found |= edge - sources
        if not edge:
            break
    return found


class _Names:
    """Tells which names of one module hold clients, by the shape of what they are bound to: nothing is resolved."""

    def __init__(
        self,
        path: str,
        facts: FileFacts,
        made: Mapping[str, set[str]],
        catalogue: Catalogue,
        modules: Modules,
    ) -> None:
        self._path = path
        self._facts = facts
        self._made = made
        self._catalogue = catalogue
        self._modules = modules
        self._imports = {row.local: row.target for row in facts.imports if row.scope == 0 and row.local}
        self._bindings: dict[tuple[int, str], list[Binding]] = {}
        for row in facts.bindings:
            self._bindings.setdefault((row.scope, row.name), []).append(row)

    def of_clients(self) -> set[str]:
        found = {name for (scope, name), _ in self._bindings.items() if scope == 0 and self._is(name, 0, _MAX_STEPS)}
        found.update(name for name in self._imports if name != "*" and self._is(name, 0, _MAX_STEPS))
        for row in self._facts.imports:
            if row.scope == 0 and row.local == "*":
                file, _ = self._modules.find(self._path, row.target)
                found.update(self._made.get(file or "", set()) - {_DEFAULT})
        return found

    def _is(self, expr: Expr, scope: int, left: int) -> bool:
        """Whether an expression gives a client, or something that holds one."""
        if expr is None or left == 0:
            return False
        if isinstance(expr, str):
            return self._is_named(expr, scope, left)
        if expr[0] == "call":
            call = self._facts.calls[expr[1]]
            path = self._outside(call.callee)
            if path and self._catalogue.client(self._catalogue.reduce(f"{path}()")) is not None:
                return True
            made_here = isinstance(call.callee, str) and not path and self._is_named(call.callee, scope, left)
            return made_here or self._any(call.args, scope, left)
        if expr[0] == "fn":
            function = self._facts.scopes[expr[1]]
            given = () if function.kind == "class" else (*function.returns, function.returned_type)
            return self._any(given, expr[1], left)
        if expr[0] == "of":
            path = self._outside(expr[1])
            return bool(path) and self._catalogue.client(self._catalogue.reduce(f"{path}()")) is not None
        if expr[0] == "map":
            return self._any((part for _, part in expr[1]), scope, left)
        if expr[0] in {"any", "seq"}:
            return self._any(expr[1], scope, left)
        return expr[0] in {"attr", "item"} and self._is(expr[1], scope, left)

    def _any(self, exprs: Iterable[Expr], scope: int, left: int) -> bool:
        return any(self._is(expr, scope, left - 1) for expr in exprs)

    def _is_named(self, text: str, scope: int, left: int) -> bool:
        root, _, rest = text.partition(".")
        while scope >= 0:
            rows = self._bindings.get((scope, root), ())
            if rows:
                return self._any((row.value for row in rows), scope, left)
            scope = self._facts.scopes[scope].parent
        file, names = self._modules.find(self._path, self._imports[root]) if root in self._imports else (None, ())
        if file is not None:
            return not self._made.get(file, set()).isdisjoint(names or rest.split(".")[:1] or {_DEFAULT})
        path = self._outside(text)
        return bool(path) and self._catalogue.client(path) is not None

    def _outside(self, expr: Expr) -> str:
        """The catalogue path of a name that comes from a package, or from the environment; ``""`` for any other."""
        if not isinstance(expr, str):
            return ""
        root, _, rest = expr.partition(".")
        target = self._imports.get(root)
        if target is None:
            is_bound = (0, root) in self._bindings
            return self._catalogue.reduce(expr) if root in self._catalogue.globals and not is_bound else ""
        if self._modules.find(self._path, target)[0] is not None:
            return ""
        path = self._modules.external(target)
        return self._catalogue.reduce(f"{path}.{rest}" if rest else path)
