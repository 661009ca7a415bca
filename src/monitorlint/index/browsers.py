"""Which code runs in browsers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

_ROOT: Final = "r"
_HOOKS: Final = frozenset({"useState", "useEffect", "useReducer"})
_TERMINAL: Final = "ink"


class Browsers:
    """The files whose only programs are pages."""

    def __init__(self, project: Project, reach: Reach, marks: Callable[[str], str]) -> None:
        """Take the project.

        :param marks: What a file's text shows: ``r`` for one that renders a page.
        """
        self._project = project
        self._reach = reach
        self._marks = marks
        self._known: dict[str, bool] = {}

    def is_unused_component(self, view: FileView) -> bool:
        """Whether a file holds a component that keeps state, and no program that is known of runs it.

        Some page may come to show it; no server has anything to do with state. Ink's components show in terminals.
        """
        if _HOOKS.isdisjoint(view.calls_by_tail):
            return False
        importers = self._reach.importers(view.path)
        return (
            self._reach.frames.programs.isdisjoint(importers)
            and not any(map(self._project.store.is_program, importers))
            and not any(_TERMINAL in self._project.store.imports(path) for path in importers)
        )

    def run_alone(self, path: str) -> bool:
        """Whether some page runs a file, and no other program that is known of does."""
        if path not in self._known:
            importers = self._reach.importers(path)
            frames, is_program = self._reach.frames, self._project.store.is_program
            side = frames.side_of(importers)
            files = {p for p in importers if self._project.is_app(p)} - frames.programs
            pages = {p for p in files if _ROOT in self._marks(p)}
            in_pages = bool(pages) or side == "browser"
            elsewhere = side != "browser" and not frames.programs.isdisjoint(importers)
            self._known[path] = in_pages and not elsewhere and not any(map(is_program, files - pages))
        return self._known[path]
