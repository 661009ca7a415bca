"""What a handler writes to the console, where a monitor makes errors of that."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

_WATCHING = ("captureConsoleIntegration", "CaptureConsole")
"""What has Sentry capture what is written to the console: an error with its stack, or a text."""
_WRITING = ("error", "warn")


class Consoles:
    """Finds such handlers. At which levels the console is watched is not read, and so nothing is proved."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._auto = auto

    @cached_property
    def places(self) -> tuple[tuple[str, int, str], ...]:
        """Where the application has its console watched: file, 0-based row, and by what."""
        views = (view for view in self._project.views() if self._project.is_app(view.path))
        found = ((v, name, n) for v in views for name in _WATCHING for n in v.calls_by_tail.get(name, ()))
        return tuple((view.path, view.facts.calls[number].row, name) for view, name, number in found)

    def told(self, view: FileView, handler: int) -> Monitor | None:
        """The monitor that may be told what a handler writes."""
        for tail in _WRITING if self.places else ():
            for number in view.calls_by_tail.get(tail, ()):
                call = view.facts.calls[number]
                if call.callee != f"console.{tail}" or handler not in view.blocks_around(call):
                    continue
                for path, row, name in self.places:
                    if self._auto.doubt_at(path, view.path) is not None:
                        return Monitor("auto", Level.ERRORS, name, path, row)
        return None
