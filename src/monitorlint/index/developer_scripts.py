"""Code that only those who write a project run: scripts for tests, builds and releases, and packages that are tools.

Whoever runs such a script sees what becomes of it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.verdict import Verdict
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings


class DeveloperScripts:
    """Tells whether a call stands in code that those who write the project alone run."""

    def __init__(self, project: Project, reach: Reach, surroundings: Surroundings) -> None:
        self._project = project
        self._reach = reach
        self._surroundings = surroundings
        self._known: dict[str, str] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What may see to a call: whoever runs it."""
        path = found.view.path
        if self._project.store.loads_by_name or not self._project.is_app(path):
            return Verdict(None)
        if path not in self._known:
            self._known[path] = self._judge(path)
        if not self._known[path]:
            return Verdict(None)
        row = found.view.facts.calls[found.number].row
        monitor = Monitor("callers", Level.ERRORS, "whoever runs it", path, row)
        return Verdict(monitor, (), self._known[path], by_hand=True)

    def _judge(self, path: str) -> str:
        if self._is_of_script(path):
            return "it is run by scripts for those who write the project alone"
        tool = next((folder for folder in self._tools if path.startswith(f"{folder}/")), "")
        return f"{tool} is a tool that nothing in the project uses or deploys" if tool else ""

    def _is_of_script(self, path: str) -> bool:
        """Whether all that runs a file is such a script. What it imports lies beside it, or below."""
        folders = (started.rpartition("/")[0] for started in self._started)
        if path not in self._started and not any(folder and path.startswith(f"{folder}/") for folder in folders):
            return False
        above = {p for p in self._reach.importers(path) if self._project.is_app(p)}
        if not self._reach.frames.programs.isdisjoint(above):
            return False
        tops = {p for p in above if self._reach.directly_importing(p).isdisjoint(above - {p})}
        return bool(tops) and tops <= self._started

    @cached_property
    def _started(self) -> frozenset[str]:
        programs = self._surroundings.programs(tuple(self._reach.application()))
        deploys = self._surroundings.deploys
        return frozenset(path for path in programs.for_developers() if not deploys(path.rpartition("/")[2]))

    @cached_property
    def _tools(self) -> tuple[str, ...]:
        """The folders of tools of which nothing outside has a file in its hands."""
        return tuple(folder for folder in sorted(self._surroundings.tools()) if not self._is_used(folder))

    def _is_used(self, folder: str) -> bool:
        files = frozenset(self._reach.application_below(folder))
        reach = self._reach
        users = (user for file in files for user in reach.directly_importing(file) | reach.loaders(file))
        return any(user not in files and self._project.is_app(user) for user in users)
