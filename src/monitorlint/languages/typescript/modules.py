"""Which file of the project an import means."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from monitorlint.languages.typescript import specifiers
from monitorlint.languages.typescript.aliases import Aliases
from monitorlint.languages.typescript.folders import Folders, join
from monitorlint.languages.typescript.import_maps import renamed
from monitorlint.languages.typescript.packages import Package, Workspaces, at, entry, own_import, package_in
from monitorlint.languages.typescript.tsconfig import Config, Configs
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_LOCAL = ("file:", "link:", "portal:")
"""Versions that name a folder."""
_FOLDER = frozenset(("", ".", ".."))
"""Last parts of specifiers that mean a folder: ``./x/`` is not ``./x.ts``."""
_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
MAX_WORKSPACE_DEPTH: Final = 1
"""Folders deeper than this are the root of no workspace."""


class _Setting(NamedTuple):
    """What decides what a bare specifier means: files of some folders share it."""

    folder: str
    """The innermost folder that says anything."""
    configs: tuple[Config, ...]
    """Of TypeScript, the nearest first."""
    packages: tuple[Package, ...]
    """The nearest first."""
    aliases: tuple[Aliases, ...]


class ModuleMap:
    """The modules of one project in TypeScript and JavaScript, by path."""

    def __init__(
        self,
        root: Path | str,
        paths: Iterable[str],
        is_external: Callable[[str], bool],
        renames: Mapping[str, str] = _NONE,
    ) -> None:
        """Take the project's folder and its files of the language. Nothing is read before it is asked for.

        :param is_external: Whether the catalogue knows a package of this name: such a name means the package where only
            ``baseUrl`` would lead to a file of the project, and the project declares the package.
        :param renames: What names of the project's own for packages stand for.
        """
        self._folders = Folders(str(root), paths)
        self._is_external = is_external
        self._renames = renames
        self._workspaces = Workspaces(self._folders)
        self._configs = Configs(self._folders, self._package_folder)
        self._settings: dict[str, _Setting] = {}
        self._relative: dict[tuple[str, str], str | None] = {}
        self._bare: dict[tuple[str, str], str | None] = {}
        self._split: dict[str, tuple[str, tuple[str, ...]]] = {}

    def find(self, importer: str, target: str) -> tuple[str | None, tuple[str, ...]]:
        """The file that an encoded target begins with, and the names left over; None: it is not in the project."""
        parts = self._split.get(target)
        if parts is None:
            parts = self._split[target] = specifiers.split(target)
        return self._file(importer.rpartition("/")[0], parts[0]), parts[1]

    def is_foreign(self, target: str) -> bool:  # noqa: ARG002
        """Never told: what a specifier means depends on the configuration of the file's folder."""
        return False

    def folder(self, importer: str, target: str) -> str | None:
        """The folder that an encoded target names, from which something is loaded by name; None: not in the project."""
        specifier = specifiers.split(target)[0].rstrip("/")
        here = importer.rpartition("/")[0]
        for path in [join(here, specifier)] if specifier[:1] == "." else self._mapped(self._setting(here), specifier):
            if path in self._folders.folders:
                return path
        return None

    def child(self, module: str, name: str) -> str | None:  # noqa: ARG002 - Python has such
        """None: a module of JavaScript has no modules below it."""
        return None

    def package(self, module: str) -> str | None:  # noqa: ARG002 - Python has such
        """None: a module of JavaScript lies in none that could have its name."""
        return None

    def external(self, target: str) -> str:
        """The catalogue path of a target that is not in the project."""
        return specifiers.external(renamed(target, self._renames) if self._renames else target)

    def names(self, file: str) -> tuple[str, ...]:
        """The names of a file's module, the outermost first: folders, and the file unless it is an index."""
        folder, _, name = file.rpartition("/")
        stem = name.partition(".")[0]
        parts = folder.split("/") if folder else []
        return tuple(parts if stem == "index" and parts else [*parts, stem])

    def _file(self, folder: str, specifier: str) -> str | None:
        first = specifier[:1]
        if first == ".":
            key = folder, specifier
            if key not in self._relative:
                self._relative[key] = self._at(join(folder, specifier), specifier)
            return self._relative[key]
        setting = self._settings.get(folder) or self._setting(folder)
        key = setting.folder, specifier
        if key not in self._bare:
            self._bare[key] = self._find_bare(setting, specifier)
        return self._bare[key]

    def _at(self, path: str, specifier: str) -> str | None:
        found = at(self._folders, path, is_folder=specifier.rpartition("/")[2] in _FOLDER)
        if found is None and "?" in specifier:
            # `./worker.ts?worker`: what follows the question mark is for the bundler.
            found = at(self._folders, path.partition("?")[0])
        return found

    def _setting(self, folder: str) -> _Setting:
        known = self._settings.get(folder)
        if known is not None:
            return known
        parent = self._setting(folder.rpartition("/")[0]) if folder else _Setting("", (), (), ())
        config = self._configs.of(folder)
        package = package_in(self._folders, folder)
        if config is None and package is None and folder:
            setting = parent
        else:
            setting = _Setting(
                folder,
                (config, *parent.configs) if config is not None else parent.configs,
                (package, *parent.packages) if package is not None else parent.packages,
                (Aliases(self._folders, folder), *parent.aliases),
            )
        self._settings[folder] = setting
        return setting

    def _find_bare(self, setting: _Setting, specifier: str) -> str | None:
        if specifier[:1] == "#" and setting.packages:
            for target in own_import(self._folders, setting.packages[0], specifier):
                found = (
                    target[1:] if target[0] == "/" else self._find_bare(setting, target) if target[0] != "#" else None
                )
                if found is not None:
                    return found
        for path in self._mapped(setting, specifier):
            if (found := self._at(path, specifier)) is not None:
                return found
        return self._in_package(setting, specifier)

    def _mapped(self, setting: _Setting, specifier: str) -> Iterator[str]:
        """Paths from the root that configurations give a bare specifier, in order."""
        if specifier[:1] == "/":
            # A bundler serves the package from its folder.
            yield join(setting.packages[0].folder if setting.packages else "", specifier.lstrip("/"))
            return
        package = specifiers.package_of(specifier)
        for config in setting.configs:
            yield from config.mapped(specifier)
            if config.base is not None and not (package and self._is_installed(setting, package)):
                yield join(config.base, specifier)
        for aliases in setting.aliases:
            yield from aliases.mapped(specifier)

    def _is_installed(self, setting: _Setting, package: str) -> bool:
        """Whether a name means a package though a file of the project could be meant."""
        return self._is_external(package) and any(
            package in declared
            for described in setting.packages
            for key in _DEPENDENCIES
            if isinstance(declared := described.data.get(key), dict)
        )

    def _in_package(self, setting: _Setting, specifier: str) -> str | None:
        """The file of a package of the project that a bare specifier names."""
        bare = specifiers.plain(specifiers.split(renamed(specifiers.encode(specifier), self._renames))[0])
        name = specifiers.package_of(bare)
        if not name:
            return None
        inner = bare[len(name) + 1 :]
        here = setting.packages[0] if setting.packages else None
        if (
            here is not None
            and here.name == name
            and (found := entry(self._folders, here, inner, name_is_enough=False))
        ):
            return found
        package = self._linked(setting, name) or self._workspaces.named(setting.folder, name)
        return entry(self._folders, package, inner) if package is not None else None

    def _linked(self, setting: _Setting, name: str) -> Package | None:
        """The package that a dependency names by its folder."""
        for described in setting.packages:
            for key in _DEPENDENCIES:
                declared = described.data.get(key)
                version = declared.get(name) if isinstance(declared, dict) else None
                if isinstance(version, str) and version.startswith(_LOCAL):
                    return package_in(self._folders, join(described.folder, version.partition(":")[2]))
        return None

    def _package_folder(self, folder: str, name: str) -> str | None:
        package = self._workspaces.named(folder, name)
        return package.folder if package is not None else None


def own_packages(root: Path | str, paths: Iterable[str]) -> frozenset[str]:
    """The names of the packages that the project itself holds: of its workspaces, and of its root."""
    folders = Folders(str(root), paths)
    workspaces = Workspaces(folders)
    found: set[str] = set()
    for folder in ("", *folders.folders):
        if folder.count("/") <= MAX_WORKSPACE_DEPTH:
            found.update(workspaces.members(folder))
    package = package_in(folders, "")
    return frozenset(found | {package.name} if package is not None and package.name else found)
