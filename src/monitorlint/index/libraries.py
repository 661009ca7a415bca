"""Libraries that a project makes for others: its SDK, in a folder of its own, which nothing else of the project uses.

Whoever puts such a client into a program monitors that program. What the project deploys, and monitors, has none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import words_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach

_NAMED = frozenset({"sdk", "sdks"})


class Libraries:
    """Tells whether a call stands in such a library."""

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach) -> None:
        self._project = project
        self._auto = auto
        self._reach = reach
        self._known: dict[str, bool] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What may see to a call, where nothing in the project does."""
        view = found.view
        folder = _folder_of(view.path)
        if not folder or not self._project.is_app(view.path):
            return Verdict(None)
        if folder not in self._known:
            self._known[folder] = self._is_for_others(folder)
        if not self._known[folder]:
            return Verdict(None)
        monitor = Monitor("callers", Level.ERRORS, "whoever uses it", view.path, view.facts.calls[found.number].row)
        doubt = f"{folder} is a library for others, which nothing else in the project uses"
        return Verdict(monitor, (), doubt, by_hand=True)

    def _is_for_others(self, folder: str) -> bool:
        # `sentry-sdk` and the .NET SDK stand in many a Dockerfile.
        if self._auto.surroundings.is_deployed(folder, f"{folder}/"):
            return False
        files = frozenset(self._reach.application_below(folder))
        users = (user for file in files for user in self._reach.directly_importing(file) | self._reach.loaders(file))
        if any(user not in files and self._project.is_app(user) for user in users):
            return False
        # Nothing names the folder: an `index` that is started lies elsewhere.
        named = (file for file in files if file.rpartition("/")[2].partition(".")[0] != "index")
        return not any(map(self._auto.imports_monitor, files)) and not any(map(self._auto.is_started, named))


def _folder_of(path: str) -> str:
    """The first folder on the way to a file that is called an SDK; ``""``: there is none."""
    folder = ""
    for name in path.split("/")[:-1]:
        folder = f"{folder}/{name}" if folder else name
        if not _NAMED.isdisjoint(words_of(name)):
            return folder
    return ""
