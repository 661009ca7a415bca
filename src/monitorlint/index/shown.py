"""Calls by which a file that others import shows what it does when it is run by itself.

``if __name__ == "__main__": asyncio.run(crawl())`` at the end of a module of a service is for whoever tries it out.
Where every other way to a call has a monitor, this one proves nothing: it may be how a job is started that nothing here
names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView


class Shown:
    """Tells such calls in one project."""

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach) -> None:
        self._project = project
        self._auto = auto
        self._reach = reach
        self._known: dict[str, bool] = {}

    def notes(self, found: tuple[FileView, int], doubts: list[str]) -> bool:
        """Whether a call is one of these. What it leaves in doubt is added to ``doubts``."""
        view, number = found
        call = view.facts.calls[number]
        if view.function_of(call.scope) != 0 or not _is_below_a_test(view, call.block):
            return False
        if view.path not in self._known:
            self._known[view.path] = self._is_shown(view.path)
        if self._known[view.path]:
            doubts.append(f"{view.path}:{call.row + 1} may call it without, when that is run by itself")
        return self._known[view.path]

    def _is_shown(self, path: str) -> bool:
        """Whether an application imports a file that can be run by itself, and nothing that deploys it does so."""
        if not self._project.store.is_program(path) or self._auto.is_started(path) or self._auto.is_installed(path):
            return False
        return any(user != path and self._project.is_app(user) for user in self._reach.directly_importing(path))


def _is_below_a_test(view: FileView, number: int) -> bool:
    """Whether a block stands below an ``if`` of its module's body."""
    blocks = view.facts.blocks
    while number > 0:
        if blocks[number].kind == "if" and blocks[number].parent == 0:
            return True
        number = blocks[number].parent
    return False
