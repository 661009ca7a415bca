"""Files that a framework or a server loads by their names, so that no import of the project's leads to them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.switches import SETTINGS
from monitorlint.index.view import handed, module_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.switches import Switches

# What a framework or a server loads by its name, so that no file of the project imports it.
_LOADED = pattern(
    r"(?:^|/)(?:(?:settings|config|configuration|conf)/[^/]+|[^/]*(?:settings|conf|config|celery|gunicorn|asgi|wsgi)[^/]*"
    r"|apps|conftest|sitecustomize|usercustomize|plugins?|__init__)\.py$"
)
# What something outside of the project may load, for all that is known: no framework looks for these names.
_PERHAPS_LOADED = pattern(r"(?:^|/)(?:instrumentation|telemetry|sentry)\.py$")
# What a server of Django is started from.
SERVED = pattern(r"(?:^|/)(?:[aw]sgi|gunicorn[^/]*)\.py$")
# What a program of Django is started from: it names the settings.
_NAMING = pattern(r"(?:^|/)(?:manage|[aw]sgi|celery|celery_?app|worker|__main__)\.py$")
# What runs something of the project's by its name.
_RUNNING = frozenset({"call_command", "import_string", "import_module", "send_task", "delay", "apply_async"})
_VARIABLE: Final = "DJANGO_SETTINGS_MODULE"
_NAMED = pattern(rb"""DJANGO_SETTINGS_MODULE["']\s*(?:,|\]\s*=)\s*["']([A-Za-z_][\w.]*)["']""")
_SEED = pattern(r"(?:^|/)(?:seeds?|seeders?)/")
_DJANGO: Final = ("django", "configurations")


class LoadedFiles:
    """Finds the files of one project that are loaded by name."""

    def __init__(
        self, project: Project, reach: Reach, files: tuple[str, ...], surroundings: Surroundings, switches: Switches
    ) -> None:
        self._project = project
        self._reach = reach
        self._files = files
        self._surroundings = surroundings
        self._switches = switches
        self._used: dict[str, frozenset[str] | None] = {}
        """What migrations use of the project."""

    def only_tested(self, path: str, reach: Reach) -> str:
        """What is not told of a file of the application that tests import, and nothing else; ``""``: something runs it.

        It is no program itself, and nothing that deploys the project names it. Where modules are loaded by their names,
        nothing is told by that.
        """
        if self._project.store.loads_by_name:
            return ""
        others = reach.importers(path) - {path}
        if not others or not self._project.is_app(path) or any(map(self._project.is_app, others)):
            return ""
        name = path.rpartition("/")[2]
        if self._project.store.is_program(path) or self._surroundings.mentions(name):
            return ""
        return f"only tests import {name}"

    def has(self, path: str, above: set[str], *, in_servers: bool = True) -> bool:
        """Whether a file is loaded by its name: the file itself, or Django's settings or server above it.

        A test or a tool that imports settings is not what loads them.

        :param above: The file, and all that import it.
        :param in_servers: Whether what only a server of Django is started from counts.
        """
        if not in_servers and SERVED.search(path):
            return False
        is_app, is_program = self._project.is_app, self._project.store.is_program
        if not any(p != path and (is_app(p) or not is_app(path)) for p in above) and self._is_named_so(path):
            return not is_program(path)
        if not self.is_django:
            return False
        names = (p for p in above if SETTINGS.search(p) or (in_servers and SERVED.search(p)))
        return self.is_settings(above) or any(is_app(p) and not is_program(p) for p in names)

    def _is_named_so(self, path: str) -> bool:
        """Whether a file has a name by which something loads it, or may."""
        if _LOADED.search(path):
            return True
        return _PERHAPS_LOADED.search(path) is not None and not self.is_left_over(path)

    def is_left_over(self, path: str) -> bool:
        """Whether tests alone import a file of the application, or nothing does, and its neighbours are imported.

        It is no program itself, has no name that something loads it by, and nothing that deploys the project names it.
        """
        reach, is_app = self._reach, self._project.is_app
        others = reach.importers(path) - {path}
        if not is_app(path) or _LOADED.search(path) or not all(map(reach.is_test, others)):
            return False
        if self._project.store.is_program(path) or reach.loaders(path) or self._surroundings.starts(path):
            return False
        if self._surroundings.installs(module_of(path)):
            return False
        return bool(others) or any(any(map(is_app, reach.directly_importing(p))) for p in reach.beside(path))

    def by_command(self, path: str, reach: Reach) -> str:
        """What leaves in doubt that a program runs a file which it imports; ``""``: nothing.

        What fills a database is named by its folder, in settings that a server reads, and a command of the database's.
        """
        if self._project.store.loads_by_name or _SEED.search(path) is None:
            return ""
        loaders, importers = reach.loaders(path), reach.directly_importing(path)
        return f"{min(loaders)} names its folder, and a command may load it" if loaders and importers <= loaders else ""

    def is_settings(self, paths: set[str]) -> bool:
        """Whether one of some files is the settings that a program of Django names."""
        return not self._settings.isdisjoint(paths)

    def is_of_django(self, path: str) -> bool:
        """Whether a file imports something of Django's itself."""
        return self._switches.any_imports((path,), _DJANGO)

    def is_migration_apart(self, path: str, other: str) -> bool:
        """Whether a file is a migration of a database that runs nothing of another file, whatever it imports."""
        if "/migrations/" not in path:
            return False
        if path not in self._used:
            text = self._project.store.text(path)
            is_plain = b"def " not in text and b"RunPython" not in text
            self._used[path] = frozenset() if is_plain else self._find_used(path)
        used = self._used[path]
        return used is not None and (not used or other not in self._switches.run_by(used)[1])

    def _find_used(self, path: str) -> frozenset[str] | None:
        """The project's files of which a file calls something, or hands it on; None where it may call anything.

        Constants of the project's, and the models as the database has them at the time, are nothing that runs.
        """
        view = self._project.view(path)
        if view is None or not _RUNNING.isdisjoint(view.calls_by_tail):
            return None
        own = {row.local: self._project.modules.find(path, row.target)[0] for row in view.facts.imports if row.local}
        used = {call.callee.partition(".")[0] for call in view.facts.calls if isinstance(call.callee, str)}
        used.update(name for call in view.facts.calls for name in handed(call))
        files = {own.get(name) for name in used} | {own["*"] for _ in own.keys() & {"*"}}
        return frozenset(file for file in files if file is not None)

    @cached_property
    def is_django(self) -> bool:
        """Whether something starts Django."""
        managing = (path for path in self._files if path.rpartition("/")[2] == "manage.py")
        return any(map(self.is_of_django, managing)) or bool(self._settings)

    @cached_property
    def _settings(self) -> frozenset[str]:
        """The settings that programs of Django, or what deploys them, name."""
        return frozenset(self._find_settings())

    def _find_settings(self) -> Iterator[str]:
        if not self._switches.imported_below(_DJANGO):
            return
        programs = [p for p in self._files if _NAMING.search(p) and self._project.is_app(p)]
        set_outside = [value for value, _, _ in self._surroundings.variable(_VARIABLE)]
        for program in programs:
            named = {name.decode() for name in _NAMED.findall(self._project.store.text(program))}
            for name in named.union(set_outside) if named else ():
                module, names = self._project.modules.find(program, name)
                if module is not None and not names and self._project.is_app(module):
                    yield module
