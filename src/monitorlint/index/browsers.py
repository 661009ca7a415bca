"""Which code runs in browsers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach

_ROOT: Final = "r"


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
