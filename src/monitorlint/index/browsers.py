"""Which code runs in browsers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

_ROOT: Final = "r"
_HOOK: Final = pattern("use[A-Z][A-Za-z]*")
_REACT: Final = frozenset({"react", "react-intl", "react-dom", "react-native", "next/router", "next/navigation"})
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

    def handle(self, view: FileView, number: int) -> bool:
        """Whether a call stands in a handler or an effect of a component of React, wherever its pages are rendered.

        Servers render components: they run neither handlers nor effects. Components for Ink show in terminals.
        """
        hooks = [tail for tail in view.calls_by_tail if _HOOK.fullmatch(tail)]
        if not hooks or _REACT.isdisjoint(self._project.store.imports(view.path)):
            return False
        calls, scopes = view.facts.calls, view.facts.scopes
        used = (calls[i] for hook in hooks for i in view.calls_by_tail[hook])
        components = {
            call.scope
            for call in used
            # Components that are awaited run on servers alone, and have no hooks.
            if isinstance(call.callee, str)
            and call.callee.removeprefix("React.") in hooks
            and not scopes[call.scope].is_async
        }
        scope = scopes[calls[number].scope].parent
        while scope > 0 and scope not in components:
            scope = scopes[scope].parent
        if scope <= 0:
            return False
        return not any(_TERMINAL in self._project.store.imports(path) for path in self._reach.importers(view.path))

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
