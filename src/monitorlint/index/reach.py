"""Which files run in one program with which others, by their imports."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.frames import Frames
from monitorlint.model.facts import ANYTHING, ENDING, EVERYTHING, LAZILY, TYPES
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.modules import Modules
    from monitorlint.index.surroundings import Surroundings

Edges = dict[str, set[str]]
_ROUTE_TREE: Final = "routeTree\\gen"
"""What TanStack's router makes when it is built, ``routeTree.gen``: it imports the routes beside it."""
_Edge = tuple[str, str]


class _Graph(NamedTuple):
    forward: Edges
    backward: Edges

    def add(self, importer: str, imported: str) -> None:
        self.forward[importer].add(imported)
        self.backward[imported].add(importer)

    def with_more(self, edges: Iterable[_Edge]) -> _Graph:
        """A graph of these edges too; the same one when there are none."""
        more = list(edges)
        if not more:
            return self
        graph = _Graph(*(defaultdict(set, {k: set(v) for k, v in side.items()}) for side in self))
        for importer, imported in more:
            graph.add(importer, imported)
        return graph


class _Graphs(NamedTuple):
    sure: _Graph
    """What is imported whenever the importer runs."""
    written: _Graph
    """What an import names, at whatever time it runs."""
    any_time: _Graph
    """Likewise, and what lies in a package of which modules are loaded by name."""
    perhaps: _Graph
    """Likewise, and what may be meant where the name is not known."""
    knowing: _Graph
    """What is imported at any time, or of which the types are."""


_DEVELOPMENT = "d"
"""The mark of a file with a condition that asks whether the program runs for those who develop it."""
_SERVER_ONLY = "server-only"
"""The package by which a file says that it runs on servers, and so what imports it."""
_PAGE = "r"
"""The mark of a file that renders the first element of a page."""


class Reach:
    """The import graph of a project."""

    def __init__(
        self,
        modules: Modules,
        imports: Callable[[str], frozenset[str]],
        areas: Mapping[str, str],
        marks: Callable[[str], str] = lambda _path: "",
        around: Surroundings | None = None,
    ) -> None:
        """Take what a file's import lines name, and the area of every file of the project.

        :param marks: What a file's text shows, for `Frames`.
        :param around: Likewise, what tells how an application is built.
        """
        self._modules = modules
        self._imports = imports
        self._areas = areas
        self._marks = marks
        self.frames = Frames(areas, marks, around)
        self._foreign: set[str] = set()
        """Targets that are known to lie outside the project."""
        self._above: dict[str, set[str]] = {}
        self._known: dict[str, set[str]] = {}
        self._loading: Edges = defaultdict(set)

    @cached_property
    def _graphs(self) -> _Graphs:
        plain = _Graph(defaultdict(set), defaultdict(set))
        late: list[_Edge] = []
        by_name: list[_Edge] = []
        late_by_name: list[_Edge] = []
        perhaps: list[_Edge] = []
        types: list[_Edge] = []
        crossing = self.frames.crossing
        known = self._tell_servers()
        for path in self._areas:
            # Most of what is imported lies outside the project, and much of it is imported by many.
            targets = self._imports(path) - self._foreign
            lazy = {target[1:] for target in targets if target.startswith(LAZILY)}
            for target in targets:
                if target.startswith(LAZILY):
                    continue
                if target.startswith(TYPES):
                    types.extend((path, other) for other in self._files_of(path, target[1:]) if other != path)
                    continue
                files = known[path, target] if (path, target) in known else self._files_of(path, target)
                if not files:
                    continue
                found = [crossing(path, other) or (path, other) for other in files if other != path]
                # What a page imports that its server alone loads is called by the page's functions for that.
                types.extend((path, other) for importer, other in found if importer != path)
                if target == ANYTHING:
                    perhaps.extend(found)
                elif target.endswith(EVERYTHING):
                    (late_by_name if target in lazy else by_name).extend(found)
                elif target in lazy:
                    late.extend(found)
                else:
                    for edge in found:
                        plain.add(*edge)
        loaded = self.frames.loaded(self._layers(plain))
        for edge in (*((side, p) for side, p in loaded if self._areas[p] == "app"), *self._pages()):
            plain.add(*edge)
        for importer, imported in (*by_name, *late_by_name, *perhaps):
            self._loading[imported].add(importer)
        any_time = plain.with_more([*late, *by_name, *late_by_name])
        perhaps_too = any_time.with_more(perhaps)
        knowing = any_time.with_more(types)
        return _Graphs(plain.with_more(by_name), plain.with_more(late), any_time, perhaps_too, knowing)

    def _tell_servers(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Says which files run on servers alone, for they import what no page may: a build of Next's fails there.

        :return: The files that targets mean which were looked up meanwhile, by importer and target.
        """
        known: dict[tuple[str, str], tuple[str, ...]] = {}
        only = [path for path in self._areas if _SERVER_ONLY in self._imports(path)] if self.frames else []
        if not only:
            return known
        above: Edges = defaultdict(set)
        for path in self._areas:
            for target in self._imports(path) - self._foreign:
                if not target.startswith((LAZILY, TYPES)) and target != ANYTHING and not target.endswith(EVERYTHING):
                    known[path, target] = self._files_of(path, target)
                    for other in known[path, target]:
                        above[other].add(path)
        todo = only
        while todo:
            path = todo.pop()
            todo.extend(one for one in above.pop(path, ()) if self.frames.tell_server(one))
        return known

    def _layers(self, plain: _Graph) -> dict[str, frozenset[str]]:
        """The folders of the applications that are laid over another, by the folder of that: theirs import its own."""
        configuring = self.frames.configuring
        found: Edges = defaultdict(set)
        for path, over in ((p, configuring(p)) for p in self._areas if "nuxt.config." in p):
            above = (configuring(p) for p in _closure(plain.backward, {path}, -1) if p != path and "nuxt.config." in p)
            if over is not None:
                found[over].update(folder for folder in above if folder is not None)
        return {folder: frozenset(above) for folder, above in found.items()}

    def _pages(self) -> Iterator[_Edge]:
        """Streamlit runs what lies in ``pages`` in the program beside that folder."""
        shown = [path for path in self._areas if "streamlit" in self._imports(path)]
        for path in shown:
            folder, _, inner = path.rpartition("/")[0].rpartition("/")
            for program in shown if inner == "pages" else ():
                if program.rpartition("/")[0] == folder:
                    yield program, path

    def _files_of(self, path: str, target: str) -> tuple[str, ...]:
        """The files that importing ``target`` runs."""
        if target == ANYTHING:
            # A loader of plug-ins most often lies above them; one at the top could load the whole project.
            folder = path.rpartition("/")[0]
            return tuple(self._below(folder)) if folder else ()
        if target.endswith(EVERYTHING):
            base, _, ending = target.removesuffix(EVERYTHING).partition(ENDING)
            package = self._modules.folder(path, base.rstrip(".") or base)
            ends = (ending[:-1], f"{ending[:-1]}/index")
            return tuple(p for p in self._below(package) if p.rpartition(".")[0].endswith(ends)) if package else ()
        module, names = self._modules.find(path, target)
        if module is None:
            if target.endswith(_ROUTE_TREE):
                folder = path.rpartition("/")[0]
                return tuple(self._below(f"{folder}/routes" if folder else "routes"))
            if self._modules.is_foreign(target):
                self._foreign.add(target)
            served = self.frames.served(path, target)
            return () if served is None else (served,)
        child = self._modules.child(module, names[0]) if names else None
        return (module,) if child is None else (module, child)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._areas)

    def _below(self, folder: str) -> Iterator[str]:
        at = bisect_left(self._sorted, f"{folder}/")
        while at < len(self._sorted) and self._sorted[at].startswith(f"{folder}/"):
            yield self._sorted[at]
            at += 1

    def preload(self, loads: Iterable[tuple[str, str, bool]]) -> None:
        """Says what commands have programs load before themselves, as `Surroundings.preloads` does."""
        sure: list[_Edge] = []
        perhaps: list[_Edge] = []
        for program, loaded, is_sure in loads:
            programs = [program] if not program.endswith("/") else self.frames.servers(program[:-1])
            (sure if is_sure else perhaps).extend((one, loaded) for one in programs)
        if sure or perhaps:
            graphs = self._graphs
            self._graphs = _Graphs._make(graph.with_more(sure) for graph in graphs)
            self._graphs = self._graphs._replace(perhaps=self._graphs.perhaps.with_more(perhaps))
            self._above.clear()
            self._known.clear()

    def running_with(self, path: str) -> set[str]:
        """The files that run in some program in which ``path`` runs too."""
        return self._together(self._graphs.sure, self._graphs.any_time, path)

    def may_run_with(self, path: str) -> set[str]:
        """Likewise, where a command among others imports ``path``, or something is imported whose name is not known."""
        return self._together(self._graphs.perhaps, self._graphs.perhaps, path)

    def run_by(self, programs: Iterable[str]) -> set[str]:
        """The files that run when some programs do."""
        return _closure(self._graphs.any_time.forward, set(programs), -1)

    def may_be_run_by(self, programs: Iterable[str]) -> set[str]:
        """Likewise, where something is imported whose name is not known."""
        return _closure(self._graphs.perhaps.forward, set(programs), -1)

    def _together(self, up: _Graph, down: _Graph, path: str) -> set[str]:
        """Up to the programs, and down to all that they run.

        To application code, a test that imports two programs is no third one.
        """
        above = _closure(up.backward, {path}, -1)
        programs = {p for p in above if self._is_app(p)}
        below = _closure(down.forward, above, -1)
        return _closure(down.forward, programs, -1) | {p for p in below if not self._is_app(p)}

    def _is_app(self, path: str) -> bool:
        return self._areas.get(path) == "app" or path in self._sides

    @cached_property
    def _sides(self) -> frozenset[str]:
        return self.frames.programs

    def naming(self, path: str) -> set[str]:
        """The file itself, and every file that imports it, directly or not, by a name that is written down."""
        return _closure(self._graphs.written.backward, {path}, -1)

    def loaders(self, path: str) -> set[str]:
        """The files that may load this one by a name that they make up."""
        self._graphs  # noqa: B018 - built by now
        return self._loading.get(path, set())

    @cached_property
    def modules(self) -> frozenset[str]:
        """Whatever the files of the project import."""
        return frozenset().union(*map(self._imports, self._areas))

    def is_file(self, path: str) -> bool:
        """Whether a file of code lies at a path."""
        return path in self._areas

    def application(self) -> Iterator[str]:
        """The files of the application."""
        return (path for path, area in self._areas.items() if area == "app")

    def is_test(self, path: str) -> bool:
        """Whether a file is one of the tests."""
        return self._areas.get(path) == "test"

    def beside(self, path: str) -> list[str]:
        """The other files of code in the folder of one, without what stands for the folder."""
        folder = path.rpartition("/")[0]
        below = self._below(folder) if folder else iter(self._sorted)
        names = ((p, p.removeprefix(f"{folder}/") if folder else p) for p in below)
        return [p for p, name in names if p != path and "/" not in name and not name.startswith("__init__.")]

    def application_below(self, folder: str) -> list[str]:
        """The files of the application below a folder."""
        return [path for path in self.application() if path.startswith(f"{folder}/")]

    @cached_property
    def for_development(self) -> frozenset[str]:
        """The files with a condition that asks whether the program runs for those who develop it."""
        return frozenset(path for path in self._areas if _DEVELOPMENT in self._marks(path))

    def renders_page(self, path: str) -> bool:
        """Whether a file renders the first element of a page."""
        return _PAGE in self._marks(path)

    def importers(self, path: str) -> set[str]:
        """The file itself, and every file that imports it, directly or not."""
        if path not in self._above:
            self._above[path] = self.all_importers({path})
        return self._above[path]

    def knowing(self, path: str) -> set[str]:
        """The file itself, and every file that may be handed something of it: its importers, those of its types too."""
        if path not in self._known:
            self._known[path] = _closure(self._graphs.knowing.backward, {path}, -1)
        return self._known[path]

    def known_to(self, paths: set[str]) -> set[str]:
        """The files among whose ``knowing`` one of ``paths`` is."""
        return _closure(self._graphs.knowing.forward, paths, -1)

    def is_imported(self, path: str) -> bool:
        """Whether any file imports this one."""
        return bool(self._graphs.any_time.backward.get(path))

    def directly_imported(self, path: str) -> set[str]:
        """The files that this one imports itself."""
        return self._graphs.any_time.forward.get(path, set())

    def directly_importing(self, path: str) -> set[str]:
        """The files that import this one themselves."""
        return self._graphs.any_time.backward.get(path, set())

    def all_importers(self, paths: set[str]) -> set[str]:
        """The files themselves, and every file that imports one of them, directly or not."""
        return _closure(self._graphs.any_time.backward, paths, -1)

    def loading(self, paths: set[str]) -> set[str]:
        """The files themselves, and every file that loads one of them whenever it is loaded itself."""
        return _closure(self._graphs.sure.backward, paths, -1)

    def neighbours(self, sources: set[str], distance: int) -> set[str]:
        """The files at most so many imports away from one of ``sources``, in either direction, those of types too."""
        graph = self._graphs.knowing
        return _closure(graph.backward, sources, distance) | _closure(graph.forward, sources, distance)


def _closure(edges: Edges, start: set[str], distance: int) -> set[str]:
    seen = set(start)
    edge = set(start)
    while edge and distance != 0:
        edge = {following for path in edge for following in edges.get(path, ())} - seen
        seen |= edge
        distance -= 1
    return seen
