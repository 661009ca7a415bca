"""Which files run in one program with which others, by their imports."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from monitorlint.index.modules import ModuleMap


class Reach:
    """The import graph of a project."""

    def __init__(
        self, modules: ModuleMap, imports: Callable[[str], Iterable[str]], areas: Mapping[str, str]
    ) -> None:
        """Take what a file's import lines name, and the area of every file of the project."""
        self._modules = modules
        self._imports = imports
        self._areas = areas
        self._above: dict[str, set[str]] = {}

    @cached_property
    def _edges(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        forward: dict[str, set[str]] = defaultdict(set)
        backward: dict[str, set[str]] = defaultdict(set)
        for path in self._areas:
            for target in self._imports(path):
                module, names = self._modules.find(path, target)
                if module is None or module == path:
                    continue
                found = {module}
                if names and (child := self._modules.child(module, names[0])):
                    found.add(child)
                for other in found:
                    forward[path].add(other)
                    backward[other].add(path)
        return forward, backward

    def running_with(self, path: str) -> set[str]:
        """The files that run in some program in which ``path`` runs too.

        A test that imports two applications makes no program of them.
        """
        forward, backward = self._edges
        area = self._areas.get(path)
        above = {p for p in _closure(backward, {path}, -1) if area != "app" or self._areas.get(p) == area}
        return _closure(forward, above, -1)

    def importers(self, path: str) -> set[str]:
        """The file itself, and every file that imports it, directly or not."""
        if path not in self._above:
            self._above[path] = self.all_importers({path})
        return self._above[path]

    def is_imported(self, path: str) -> bool:
        """Whether any file imports this one."""
        return bool(self._edges[1].get(path))

    def all_importers(self, paths: set[str]) -> set[str]:
        """The files themselves, and every file that imports one of them, directly or not."""
        return _closure(self._edges[1], paths, -1)

    def neighbours(self, sources: set[str], distance: int) -> set[str]:
        """The files at most so many imports away from one of ``sources``, in either direction."""
        forward, backward = self._edges
        return _closure(backward, sources, distance) | _closure(forward, sources, distance)


def _closure(edges: dict[str, set[str]], start: set[str], distance: int) -> set[str]:
    seen = set(start)
    edge = set(start)
    while edge and distance != 0:
        edge = {following for path in edge for following in edges.get(path, ())} - seen
        seen |= edge
        distance -= 1
    return seen
