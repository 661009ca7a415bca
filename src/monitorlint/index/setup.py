"""The files around the code of one project, and what follows from several of them together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.areas import is_sample
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.model.setup import SentryUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.model.npm_versions import Version
    from monitorlint.model.setup import ConfigFile, Dependency, Manifest, Requirement

_NUMBER = pattern(r"\d+")
_LOWER = pattern(r"(?:>=|~=|==|\^|~|>)\s*v?(\d+(?:\.\d+)*)")
"""The bound from below in a specifier of PyPI or Poetry."""


class Installed(NamedTuple):
    """What is known of the version of an npm package."""

    wanted: str
    """The range that the manifest asks for, catalogues looked up; ``""`` where it is none of npm's."""
    version: Version | None
    """The locked version."""
    major: int | None

    @property
    def shown(self) -> str:
        """For messages: the version, or the range."""
        return str(self.version) if self.version is not None else self.wanted


class ProjectSetup:
    """What the checks of the set-up look at."""

    def __init__(self, files: Iterable[ConfigFile], use: SentryUse | None = None) -> None:
        self.files = tuple(sorted(files, key=lambda file: file.path))
        self.use = use if use is not None else SentryUse()

    @cached_property
    def manifests(self) -> tuple[Manifest, ...]:
        """Every ``package.json`` that can be read, by path."""
        return tuple(f.manifest for f in self.files if f.manifest is not None and f.path.endswith("package.json"))

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """What Python asks for, by path."""
        return tuple(row for file in self.files for row in file.requirements)

    def env_files(self, *, examples: bool = False) -> Iterator[ConfigFile]:
        """The environment files that programs read, or with ``examples`` those that show how one is written."""
        for file in self.files:
            if file.env is not None and is_sample(file.path) is examples:
                yield file

    def area(self, path: str) -> str:
        """``app``, ``test`` … of one of the files."""
        return next((file.area for file in self.files if file.path == path), "app")

    def manifest_of(self, path: str) -> Manifest | None:
        """The nearest manifest in the folder of a file or above it."""
        folder = path.rpartition("/")[0]
        while True:
            if folder in self._manifests_by_folder:
                return self._manifests_by_folder[folder]
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    @cached_property
    def _manifests_by_folder(self) -> dict[str, Manifest]:
        return {manifest.folder: manifest for manifest in self.manifests}

    def installed(self, path: str, name: str) -> Installed | None:
        """The version of an npm package for a file: by the nearest manifest that asks for it, and its lock file."""
        manifest = self.manifest_of(path)
        while manifest is not None:
            dependency = manifest.dependency(name)
            if dependency is not None:
                return self.of_dependency(manifest, dependency)
            if not manifest.folder:
                return None
            manifest = self.manifest_of(manifest.folder)
        return None

    def of_dependency(self, manifest: Manifest, dependency: Dependency) -> Installed:
        """The version that a dependency comes to."""
        from monitorlint.model.npm_versions import majors, parse_range  # noqa: PLC0415 - only npm's projects need it

        wanted = self._wanted(manifest, dependency)
        version = self._locked(manifest, dependency, wanted)
        if version is not None:
            return Installed(wanted, version, version.major)
        wanted_range = parse_range(wanted) if wanted else None
        found = majors(wanted_range) if wanted_range is not None else None
        return Installed(wanted, None, next(iter(found)) if found is not None and len(found) == 1 else None)

    def _wanted(self, manifest: Manifest, dependency: Dependency) -> str:
        """The range, where it is one, or stands for one in a catalogue."""
        from monitorlint.model.npm_versions import parse_range  # noqa: PLC0415 - likewise

        wanted = dependency.wanted
        if not wanted.startswith("catalog:"):
            return wanted if parse_range(wanted) is not None else ""
        name = wanted.removeprefix("catalog:").strip()
        name = "" if name == "default" else name
        for file in self.files:
            if file.manifest is not None and file.manifest.catalogs and _is_above(file.path, manifest.path):
                found = file.manifest.catalogs.get(name, {}).get(dependency.name)
                if found is not None:
                    return found
        return ""

    def _locked(self, manifest: Manifest, dependency: Dependency, wanted: str) -> Version | None:
        from monitorlint.model.npm_versions import majors, parse_range, parse_version  # noqa: PLC0415 - likewise

        locks = [f.lock for f in self.files if f.lock is not None and _is_above(f.path, manifest.path)]
        for lock in sorted(locks, key=lambda lock: -lock.path.count("/")):
            top = lock.path.rpartition("/")[0]
            folder = manifest.folder[len(top) :].lstrip("/")
            rows = [row for row in lock.packages if row.name == dependency.name]
            own = [row for row in rows if row.folder == folder and folder]
            shared = [row for row in rows if row.folder in {"", "*"} and row.wanted in {"", dependency.wanted, wanted}]
            for row in (*own, *shared):
                version = parse_version(row.version)
                wants = parse_range(wanted) if wanted else None
                if version is not None and (wants is None or majors(wants) is None or version.major in majors(wants)):  # type: ignore[operator]
                    return version
        return None

    def python_version(self, name: str) -> tuple[int, ...] | None:
        """The numbers of the locked (or exactly required) version of a Python distribution; None: not known."""
        rows = [row for row in self.requirements if row.name == name and row.locked]
        rows.sort(key=lambda row: not row.is_lock)
        versions = {tuple(int(n) for n in _NUMBER.findall(row.locked)[:3]) for row in rows}
        return min(versions) if versions else None

    def python_minimum(self, name: str) -> tuple[int, ...] | None:
        """The lowest version of a Python distribution that the project may run with; None: not known."""
        locked = self.python_version(name)
        if locked is not None:
            return locked
        found = [_LOWER.search(row.specifier) for row in self.requirements if row.name == name]
        bounds = [tuple(int(n) for n in _NUMBER.findall(match.group(1))[:3]) for match in found if match is not None]
        return min(bounds) if bounds and len(bounds) == len(found) else None

    def is_preloaded(self, path: str) -> bool:
        """Whether a command near a file starts Node with a module that is loaded before the application."""
        manifest = self.manifest_of(path)
        folder = manifest.folder if manifest is not None else ""
        return any(file.preloads and _is_near(file.path, folder) for file in self.files)

    def declares_variable(self, name: str) -> bool:
        """Whether an environment file, Dockerfile, workflow … of the project names a variable."""
        return name in self._declared

    @cached_property
    def _declared(self) -> frozenset[str]:
        found = {d.name for file in self.files for d in file.declarations}
        found.update(v.name for file in self.files if file.env is not None for v in file.env.variables)
        return frozenset(found)


def _is_near(path: str, folder: str) -> bool:
    """Whether a file lies in a folder, below it, or right above it."""
    return path.startswith(f"{folder}/") or not folder or _is_above(path, f"{folder}/")


def _is_above(path: str, other: str) -> bool:
    folder = path.rpartition("/")[0]
    return not folder or other.startswith(f"{folder}/")
