"""How the programs of a project come to start Sentry: their first files, what they load, and a second start."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.places import column_of
from monitorlint.index.sentry_starts import NODE, PATCHED
from monitorlint.model.facts import TYPES
from monitorlint.model.setup import LateStart, ProgramStart, SecondStart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.project import Project
    from monitorlint.model.facts import Import
    from monitorlint.model.setup import SentryCall

_FAR = 6
"""Imports between a program's first file and what starts Sentry."""
_MANY = 400
"""Files of a program that are looked at."""
_STARTS = 50
"""Starts of a package that are compared with each other."""


class Loading:
    """What imports what, followed through the files of a project."""

    def __init__(self, project: Project, imports: Mapping[str, Iterable[str]]) -> None:
        self._project = project
        self._imports = imports
        self._found: dict[str, list[str]] = {}
        self._firsts: dict[str, list[str]] = {}
        self._resolved: dict[str, dict[str, list[str]]] = {}
        self._below: dict[str, dict[str, str]] = {}

    def imported(self, path: str) -> list[str]:
        """The files of the project that a file imports, types apart, statically or not."""
        if path not in self._found:
            names = (name for name in self._imports.get(path, ()) if not name.startswith(TYPES))
            files = (self._project.modules.find(path, name)[0] for name in names)
            self._found[path] = [file for file in dict.fromkeys(files) if file is not None and file in self._imports]
        return self._found[path]

    def importers(self, path: str) -> list[str]:
        """The files that import a file."""
        stem = path.rpartition("/")[2].partition(".")[0]
        names = (stem,) if stem != "index" else (stem, path.rpartition("/")[0].rpartition("/")[2], "")
        return list(dict.fromkeys(other for name in names for other in self._importers_of(name).get(path, ())))

    def _importers_of(self, name: str) -> dict[str, list[str]]:
        """By each file that imports by a name lead to: the files that they stand in."""
        if name not in self._resolved:
            found = self._resolved[name] = {}
            for other, module in self._by_name.get(name, ()):
                file = self._project.modules.find(other, module)[0]
                if file is not None and file != other:
                    found.setdefault(file, []).append(other)
        return self._resolved[name]

    @cached_property
    def _by_name(self) -> dict[str, list[tuple[str, str]]]:
        """The imports of all files, by the last name of what they import: `sentry` for `@/lib/sentry.server`."""
        found: dict[str, list[tuple[str, str]]] = {}
        for path, modules in self._imports.items():
            for module in modules:
                found.setdefault(module.rpartition("/")[2].partition("\\")[0].lstrip("."), []).append((path, module))
        return found

    def firsts(self, path: str) -> list[str]:
        """The files that lead to a file, and that nothing imports."""
        if path not in self._firsts:
            self._firsts[path] = self._find_firsts(path)
        return self._firsts[path]

    def _find_firsts(self, path: str) -> list[str]:
        seen, here = {path}, [path]
        found: list[str] = []
        for _ in range(_FAR):
            above: list[str] = []
            for one in here:
                importers = self.importers(one)
                if not importers:
                    found.append(one)
                above.extend(other for other in importers if other not in seen)
                seen.update(importers)
            here = list(dict.fromkeys(above))
            if len(seen) > _MANY:
                return []
        return found if not here else []

    def below(self, path: str) -> dict[str, str]:
        """The files that a file leads to, itself among them, and by which file each is imported first."""
        if path in self._below:
            return self._below[path]
        found, here = {path: ""}, [path]
        for one in here:
            for other in self.imported(one):
                if other not in found and len(found) < _MANY:
                    found[other] = one
                    here.append(other)
        self._below[path] = found
        return found

    def statement(self, path: str, target: str) -> Import | None:
        """The import at the top of a file that loads another whenever the file is loaded."""
        view = self._project.view(path)
        for row in view.facts.imports if view is not None else ():
            is_first = row.scope == 0 and row.block == 0 and row.target.startswith(".")
            if is_first and self._project.modules.find(path, row.target)[0] == target:
                return row
        return None

    def always_loads(self, first: str, target: str) -> bool:
        """Whether a file's own imports, and those of what they load, lead to another file."""
        parents = self.below(first)
        while target != first:
            parent = parents.get(target)
            if not parent or self.statement(parent, target) is None:
                return False
            target = parent
        return True

    def libraries(self, paths: Iterable[str]) -> list[str]:
        """The libraries among what `@sentry/node` watches that files import."""
        return sorted({module for path in paths for module in self._imports.get(path, ()) if module in PATCHED})


def program_starts(
    loading: Loading, calls: Iterable[SentryCall], areas: Mapping[str, str], text: Callable[[str], bytes]
) -> Iterator[ProgramStart]:
    """The programs for Node whose first file leads to a start of Sentry, and the watched libraries they load."""
    for call in calls:
        if call.name != "init" or call.package not in NODE or not call.is_loading or call.area != "app":
            continue
        for first in loading.firsts(call.path):
            libraries = loading.libraries(loading.below(first))
            if areas.get(first, "app") != "app" or not libraries:
                continue
            place = call.place
            if first != call.path:
                row = _edge(loading, first, call.path)
                if row is None:
                    continue
                column = column_of(text(first), row.start)
                place = [row.row + 1, column, row.row + 1, column, row.start, row.start]
            yield ProgramStart(first, place, call.path, call.package, libraries, call.area)


def _edge(loading: Loading, first: str, target: str) -> Import | None:
    """The import of a program's first file that always leads to a file."""
    if not loading.always_loads(first, target):
        return None
    parents = loading.below(first)
    while parents[target] != first:
        target = parents[target]
    return loading.statement(first, target)


def hoisted_imports(project: Project, loading: Loading, calls: Iterable[SentryCall]) -> Iterator[LateStart]:
    """The starts that stand above an import which, in an ES module, runs before them all the same."""
    seen: set[str] = set()
    for call in calls:
        if call.name != "init" or call.package not in NODE or not call.is_loading or call.path in seen:
            continue
        seen.add(call.path)
        view = project.view(call.path)
        if view is None:
            continue
        own, files = loading.libraries([call.path]), loading.imported(call.path)
        # `await import("pg")` and `require("pg")` run where they stand.
        in_place = {one.row for one in view.facts.calls if one.callee is None or one.callee == "require"}
        for row in view.facts.imports:
            if row.scope or row.start < call.place[4] or row.row in in_place:
                continue
            module = row.target.partition(".")[0]
            found = [module] if module in own else []
            if row.target.startswith("."):
                file, _ = project.modules.find(call.path, row.target)
                found = loading.libraries(loading.below(file)) if file in files else []
            if found:
                yield LateStart(call.path, call.place, call.path, call.package, found[0], row.row + 1, call.area)
                break


def second_starts(loading: Loading, calls: Iterable[SentryCall]) -> Iterator[SecondStart]:
    """The starts of an SDK in a program that has started it before.

    Both run when their files are loaded; and they stand in one file, or the one's file loads the other's, or the
    first file of a program loads both.
    """
    by_package: dict[str, list[SentryCall]] = {}
    for call in calls:
        if call.name == "init" and call.is_loading and call.area == "app" and call.package.startswith("@sentry/"):
            by_package.setdefault(call.package, []).append(call)
    for package, inits in by_package.items():
        for number, second in enumerate(inits[:_STARTS]):
            first = next((one for one in inits[:number] if _share_a_program(loading, one.path, second.path)), None)
            if first is not None:
                yield SecondStart(second.path, second.place, first.path, first.place[0], package, second.area)


def _share_a_program(loading: Loading, one: str, other: str) -> bool:
    if one == other:
        return True
    firsts = {*loading.firsts(one), one, other} & {*loading.firsts(other), one, other}
    return any(loading.always_loads(first, one) and loading.always_loads(first, other) for first in sorted(firsts))
