"""Programs that work through a queue of tasks: they load the tasks, and nothing of the server that queues them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.areas import area_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.loaded_files import LoadedFiles
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.starters import Starters
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.switches import Switch, Switches

_CELERY = ("celery",)
_ALONE = ("arq", "dramatiq", "taskiq", "huey")
# The commands of these, which are told a module, or an attribute of one.
_COMMANDS = ("arq", "dramatiq", "taskiq", "huey_consumer", "huey_consumer.py")
# What a worker that is started nowhere may be started from.
_WORKER = pattern(r"(?:celery|worker|task|queue|job|manage|__init__)[^/]*\.py$")


class Workers:
    """Finds what the workers of Celery load, and where those of other queues begin."""

    def __init__(
        self,
        project: Project,
        reach: Reach,
        files: tuple[str, ...],
        surroundings: Surroundings,
        switches: Switches,
        starters: Starters,
        loaded: LoadedFiles,
    ) -> None:
        self._project = project
        self._reach = reach
        self._files = files
        self._surroundings = surroundings
        self._switches = switches
        self._starters = starters
        self._loaded = loaded
        self._runs: dict[str, set[str]] = {}
        self._lacking: dict[tuple[str, int], bool] = {}
        """Whether workers may run without a switch, by the file and the number of its call."""

    @cached_property
    def anywhere(self) -> bool:
        """Whether the project has such a queue."""
        return bool(self._switches.imported_below(_CELERY))

    @cached_property
    def programs(self) -> frozenset[str]:
        """The files that commands have workers of other queues begin with: each is a program by itself."""
        if not self._switches.imported_below(_ALONE):
            return frozenset()
        programs = self._surroundings.programs(self._files)
        return frozenset(
            path
            for command in _COMMANDS
            for launch in self._surroundings.launches(command)
            if area_of(launch.path) == "app"
            for path in programs.started(launch._replace(words=("--app", *launch.words)))
        )

    def without(self, switch: Switch, tasks: Callable[[], frozenset[str]]) -> str:
        """What a worker runs without a switch; ``""``: nothing of the kind is known.

        :param tasks: Finds the files of tasks that matter: that takes its time, and mostly they all have the switch.
        """
        key = (switch.path, switch.call)
        if key not in self._lacking:
            is_loaded = self._loaded.has(switch.path, self._reach.importers(switch.path), in_servers=False)
            is_started = not self._run_with("").isdisjoint(self._starters.of(switch))
            self._lacking[key] = not (switch.everywhere or switch.programs or is_loaded or is_started)
        if not self._lacking[key]:
            return ""
        starters = self._starters.of(switch)
        missing = [path for path in sorted(tasks()) if self._run_with(path).isdisjoint(starters)]
        return f"the worker that runs {missing[0]} may do so without" if missing else ""

    def _run_with(self, path: str) -> set[str]:
        """The files that run in a worker that runs the tasks of a file; without one, in any."""
        if path not in self._runs:
            start = {path, *self._started} - {""}
            folders = {folder for begun in start for folder in _above(begun)}
            start.update(f for f in (f"{folder}__init__.py" for folder in folders) if self._reach.is_file(f))
            self._runs[path] = self._reach.run_by(start)
        return self._runs[path]

    @property
    def only_application(self) -> str:
        """The file with the only application of Celery that the project makes; ``""``: none, or several."""
        return next(iter(self._applications)) if len(self._applications) == 1 else ""

    @cached_property
    def _applications(self) -> frozenset[str]:
        return frozenset(self._project.store.calling("Celery", self._queueing))

    @cached_property
    def _queueing(self) -> tuple[str, ...]:
        """The application's files that import Celery."""
        return tuple(p for p in self._files if self._project.is_app(p) and self._switches.any_imports((p,), _CELERY))

    @cached_property
    def _started(self) -> frozenset[str]:
        """What workers begin with: as commands say, or, where none does, what may well be named in one."""
        launches = [
            launch
            for launch in self._surroundings.launches("celery")
            if "worker" in launch.words and area_of(launch.path) == "app"
        ]
        programs = self._surroundings.programs(self._files)
        named = frozenset(path for launch in launches for path in programs.started(launch))
        named |= frozenset(self._project.store.calling("worker_main", self._queueing))
        queues = self._applications
        if named:
            return named | queues
        above = self._reach.all_importers(set(queues))
        return queues | {p for p in above if self._project.is_app(p) and _WORKER.search(p)}


def _above(path: str) -> Iterator[str]:
    """The folders above a file, with a ``/`` behind."""
    end = path.find("/")
    while end >= 0:
        yield path[: end + 1]
        end = path.find("/", end + 1)
