"""Packages that are loaded before what was to patch them while they are loaded.

A monitor that replaces the exports of a package sees nothing of a program that has loaded the package by then: the
monitor starts below its import, or the program is made of ES modules, which are linked before a line of it runs.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING

from monitorlint.index.values import Defined

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.catalog.rows import Cover
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.switches import Switch
    from monitorlint.index.view import FileView

_FAR = 6
"""So many imports are followed from what starts a monitor up to the first file of a program."""
_DEPTH = 3
"""So many functions are followed from what starts a monitor up to what runs while a file is loaded."""
_BUILT_IN = "http"
_BUILT_INS = frozenset({"http", "http2"})
_HOOKING = ("--import", "--require", "--loader", "--experimental-loader", "node -r ")
"""Words of a command that loads something before the program, such as what sees ES modules being linked."""
_REGISTERING = "register"
_BY_HAND = frozenset({"manuallyInstrument"})
_HANDED = "instrumentModules"
_BUILT = frozenset({"Injectable", "Module"})


class LateLoading:
    """Tells what was loaded before a monitor starts."""

    def __init__(self, project: Project, reach: Reach, surroundings: Surroundings) -> None:
        self._project = project
        self._reach = reach
        self._surroundings = surroundings
        self._answers: dict[tuple[str, int, int, tuple[str, ...]], str] = {}
        self._loading: dict[tuple[str, ...], set[str]] = {}

    def doubt(self, switch: Switch, row: Cover) -> str:
        """Names what loads a row's package before a switch runs; ``""``: nothing that is seen does."""
        package = switch.auto.package
        if not row.at_load or not self._surroundings.satisfies(package, row.at_load, switch.path):
            return ""
        packages = tuple(sorted({row.package, *(name for name in row.within if not name.endswith("()"))}))
        key = (switch.path, switch.row, switch.call, packages)
        if key not in self._answers:
            # Built-in modules are patched whenever they are loaded by what is no ES module, as frameworks do.
            is_linked = not row.within and "http" not in self._project.catalogue.roots_match(row.package)
            self._answers[key] = self._find(switch, packages, is_linked=is_linked)
        return self._answers[key]

    def _find(self, switch: Switch, packages: tuple[str, ...], *, is_linked: bool) -> str:
        view = self._project.view(switch.path)
        if view is None or switch.everywhere or self._hooks(switch.path):
            return ""
        is_patched = is_linked
        is_linked = is_linked and not any(map(self._surroundings.mentions, _HOOKING))
        starts: list[tuple[str, float]] = []
        if switch.call < 0:
            starts.extend([(switch.path, row.start) for row in view.facts.imports if row.row == switch.row][:1])
        elif _HANDED not in view.facts.calls[switch.call].kwargs and _BY_HAND.isdisjoint(view.calls_by_tail):
            starts = self._starts(view, switch.call)
            if _BUILT_INS.issuperset(packages) and view.function_of(view.facts.calls[switch.call].scope):
                # Whatever asks for it later has it patched for all: what sends spans does, most often.
                starts = []
        if not starts:
            return self._before_built(switch, packages) if is_patched and _is_built(view, switch.call) else ""
        before = partial(self._before, packages, is_linked)
        known: dict[tuple[str, float], str] = {}
        late = [self._late(*start, frozenset(), before, known) for start in starts]
        if not all(late) or (_BUILT_IN in packages and any(self._anew(*start, packages) for start in starts)):
            return ""
        return late[0]

    def _starts(self, view: FileView, number: int, depth: int = 0) -> list[tuple[str, float]]:
        """Where a call is run from while files are loaded: its own place, or those of the calls of its function."""
        call = view.facts.calls[number]
        here = view.facts.scopes[view.function_of(call.scope)]
        if view.function_of(call.scope) == 0:
            return [(view.path, inf if depth and self._surroundings.links_first(view.path) else call.start)]
        if any(map(self._surroundings.mentions, _HOOKING)):
            return []
        if here.kind != "function" or here.parent != 0 or not here.name or depth == _DEPTH:
            return []
        target = Defined(view.path, view.function_of(call.scope))
        found: list[tuple[str, float]] = []
        for path in sorted({view.path, *filter(self._project.is_app, self._reach.directly_importing(view.path))}):
            if (other := self._project.view(path)) is not None:
                names = {here.name, *(row.local for row in other.facts.imports)} & other.calls_by_tail.keys()
                for one in (one for name in sorted(names) for one in other.calls_by_tail[name]):
                    if target in self._project.resolver.callee(other, one):
                        found.extend(self._starts(other, one, depth + 1))
        return found

    def _anew(self, path: str, offset: float, packages: tuple[str, ...], depth: int = 0) -> bool:
        """Whether something that loads what is patched is loaded below a place, or while a function of the file runs.

        What is built into Node is patched by the first that asks for it then, for all that have it by now.
        """
        view = self._project.view(path)
        for row in view.facts.imports if view is not None else ():
            if row.start > offset or (row.scope and not depth):
                file = self._project.modules.find(path, row.target)[0]
                name = self._project.modules.external(row.target) if file is None else ""
                if file in self._loads(packages) or any(_is_of(name, one) for one in packages):
                    return True
        above = sorted(self._reach.directly_importing(path)) if depth < _FAR else ()
        places = ((one, self._import_of(one, path)) for one in above if self._project.is_app(one))
        return any(start is not None and self._anew(one, start, packages, depth + 1) for one, start in places)

    def _before_built(self, switch: Switch, packages: tuple[str, ...]) -> str:
        """What is loaded with the modules of an application, all of them, before it builds what starts a monitor."""
        loading = self._loads(packages) & self._reach.running_with(switch.path)
        return f"{min(loading)} is loaded before {switch.path}:{switch.row + 1} runs" if loading else ""

    def _late(
        self,
        path: str,
        offset: float,
        below: frozenset[str],
        before: Callable[[str, float], str],
        known: dict[tuple[str, float], str],
    ) -> str:
        """What is loaded before a place in a file, in every program that gets there.

        :param known: What was found of other places; added to.
        """
        place = (path, offset)
        if place not in known:
            known[place] = before(*place) or self._late_above(path, below, before, known)
        return known[place]

    def _late_above(
        self,
        path: str,
        below: frozenset[str],
        before: Callable[[str, float], str],
        known: dict[tuple[str, float], str],
    ) -> str:
        """Likewise, before a file is imported by any other."""
        importers = sorted(filter(self._project.is_app, self._reach.directly_importing(path) - below - {path}))
        if not importers or len(below) >= _FAR:
            return ""
        found = ""
        for importer in importers:
            start = self._import_of(importer, path)
            if start is None or not (way := self._late(importer, start, below | {path}, before, known)):
                return ""
            found = found or way
        return found

    def _before(self, packages: tuple[str, ...], is_linked: bool, path: str, offset: float) -> str:
        """What a file imports above a place, or anywhere where its imports are linked first."""
        view = self._project.view(path)
        named = self._project.store.imports(path)
        if is_linked and self._surroundings.links_first(path):
            offset = inf
        for row in sorted(view.facts.imports, key=lambda one: one.start) if view is not None else ():
            if row.scope or row.start >= offset:
                continue
            file = self._project.modules.find(path, row.target)[0]
            if file is None:
                name = self._project.modules.external(row.target)
                package = next((one for one in packages if _is_of(name, one)), "")
                # Of what is not among the imports it imports types alone.
                if package and any(f"{row.target}.".startswith(f"{one}.") for one in named):
                    return f"{path}:{row.row + 1} loads {package} before that"
            elif file != path and file in self._loads(packages):
                return f"{path}:{row.row + 1} loads {file} before that"
        return ""

    def _loads(self, packages: tuple[str, ...]) -> set[str]:
        """The files that load one of some packages whenever they are loaded."""
        if packages not in self._loading:
            direct = {
                path
                for path in self._reach.application()
                if any(
                    _is_of(one.partition(".")[0], package)
                    for one in self._project.store.imports(path)
                    for package in packages
                )
            }
            self._loading[packages] = self._reach.loading(direct)
        return self._loading[packages]

    def _import_of(self, path: str, target: str) -> int | None:
        """Where a file imports another whenever it is loaded."""
        view = self._project.view(path)
        for row in view.facts.imports if view is not None else ():
            if not row.scope and self._project.modules.find(path, row.target)[0] == target:
                return row.start
        return None

    def _hooks(self, path: str) -> bool:
        """Whether a file itself sees to it that modules are looked at while they are loaded: ``register(hook)``."""
        view = self._project.view(path)
        return view is not None and any(
            row.target.startswith(("module.", "node:module.")) and row.target.endswith(_REGISTERING)
            for row in view.facts.imports
        )


def _is_built(view: FileView, number: int) -> bool:
    """Whether a call stands in a class of which Nest makes an instance, which it does when all is loaded."""
    scopes = view.facts.scopes
    scope = view.function_of(view.facts.calls[number].scope) if number >= 0 else 0
    while scope > 0 and scopes[scope].kind != "class":
        scope = scopes[scope].parent
    return scope > 0 and not _BUILT.isdisjoint(view.decorator_names(scope))


def _is_of(name: str, package: str) -> bool:
    """Whether a path leads into a package; what is made upon the core of a scope is one of its packages."""
    inner = package.removesuffix("core")
    return f"{name}.".startswith((f"{package}.", f"{package}/")) or (
        inner[-1:] == "/" and inner != package and name.startswith(inner)
    )
