"""What the ``package.json`` files of a project declare: packages, their versions, and commands."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from monitorlint.languages.jsonc import read_jsonc
from monitorlint.languages.typescript.developers import entries_of, tools_among
from monitorlint.languages.typescript.folders import Folders, above, join
from monitorlint.languages.typescript.import_maps import MAPS, versions
from monitorlint.languages.typescript.locks import LOCKS, Lock, lock
from monitorlint.languages.typescript.programs import Programs
from monitorlint.languages.typescript.specifiers import package_of, plain, split
from monitorlint.languages.typescript.yaml_words import yaml_tables
from monitorlint.model.npm_versions import Version, lowest, parse_range, parse_version, satisfies
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

MANIFEST: Final = "package.json"
_DECLARING = pattern(
    r"package\.json|pnpm-workspace\.yaml|lerna\.json|rush\.json|deno\.jsonc?|import_map\.json|[tj]sconfig(?:\.[\w.-]+)?\.json"
    r"|(?:(?:electron\.)?vite|vitest|webpack|vue|svelte|nuxt|astro|next|babel)\.config\.[cm]?[jt]s"
)
_SECTIONS = ("dependencies", "optionalDependencies", "devDependencies", "peerDependencies")
_ALIAS = pattern(r"npm:(?:@[^/]+/)?[^@]+@(.+)")
_TRAIN: Final = "@sentry/"
_OWN_NUMBERS = pattern(
    r"@sentry/(?:cli.*|wizard|.*-plugin.*|.*bundler.*|react-native|electron|capacitor|cordova|tracing|hub|integrations|"
    r"utils|types|node-native|node-cpu-profiler|.*babel.*|webpack.*|vite.*|rrweb.*|replay-worker|conventions|mcp.*)"
)
"""Packages of Sentry's that are not released together with its SDKs."""


def declares(name: str) -> bool:
    """Whether a file of this name declares packages, or says where modules lie."""
    return name in LOCKS or _DECLARING.fullmatch(name) is not None


class Declarations:
    """What a project declares, read when somebody asks."""

    def __init__(self, root: str, texts: Mapping[str, str], imported: Callable[[], Iterable[str]]) -> None:
        """Take the texts of the files that declare something, by path, and what the project's code imports."""
        self._root = root
        self._texts = texts
        self._imported = imported
        self._locks: dict[str, list[tuple[str, Lock]]] = {}

    @cached_property
    def manifests(self) -> dict[str, dict[str, Any]]:
        """The ``package.json`` files, by their folder."""
        found: dict[str, dict[str, Any]] = {}
        for path, text in self._texts.items():
            folder, _, name = path.rpartition("/")
            if name == MANIFEST:
                try:
                    data = read_jsonc(text)
                except ValueError:
                    continue
                if isinstance(data, dict):
                    found[folder] = data
        return found

    @cached_property
    def _ranges(self) -> dict[str, dict[str, str]]:
        """Declared ranges by name, by folder."""
        found = {folder: dict(_declared(data)) for folder, data in self.manifests.items()}
        for path, text in self._texts.items():
            folder, _, name = path.rpartition("/")
            if name in MAPS:
                with suppress(ValueError):
                    data = read_jsonc(text)
                    found.setdefault(folder, {}).update(versions(data) if isinstance(data, dict) else ())
        return found

    def is_importable(self, name: str, place: str = "") -> bool:
        """Whether a package of this name is declared for a file (for any, without one), or imported by the project."""
        folders = self._around(place) if place else self._ranges
        return any(name in self._ranges[folder] for folder in folders) or name in self._modules

    def is_declared(self, prefix: str, place: str) -> bool:
        """Whether the package that a file belongs to asks for one whose name begins so; True where it asks for none."""
        ranges = next((self._ranges[folder] for folder in self._around(place) if self._ranges[folder]), None)
        return ranges is None or any(name.startswith(prefix) for name in ranges)

    def links_first(self, path: str) -> bool:
        """Whether a file is an ES module when Node runs it, or what is made of it."""
        if path.endswith((".mjs", ".mts")):
            return True
        data = next((data for folder in self._around(path) if (data := self.manifests.get(folder))), {})
        return data.get("type") == "module" and not path.endswith((".cjs", ".cts"))

    @cached_property
    def _modules(self) -> frozenset[str]:
        return frozenset(package_of(plain(split(module)[0])) for module in set(self._imported()) if module[:1] != ".")

    def satisfies(self, package: str, specifier: str, place: str = "") -> bool:
        """Whether the version of a package that is declared for a file lies in a range; True where none is declared.

        Where the nearest ``package.json`` does not declare it, those around it are asked, then all of the project. The
        version is the one in the lock file, else the least one that the declared range admits.
        """
        wanted = parse_range(specifier.replace(",", " ")) if specifier else None
        if wanted is None:
            return True
        # A pre-release works as its release will.
        versions = [Version(*version.numbers) for version in self._versions(package, place)]
        return not versions or any(satisfies(version, wanted) for version in versions)

    def tells(self, package: str, place: str) -> bool:  # noqa: ARG002 - npm's ranges end before the next major version
        """Whether something says which version a file gets of a package, at most; True where nothing asks for it."""
        return True

    def _versions(self, package: str, place: str) -> list[Version]:
        """The versions of a package that hold for a file; of the first ``package.json`` around it that tells."""
        for folders in ([one] for one in self._around(place)):
            if known := self._versions_in(folders, package):
                return known
        return self._versions_in(sorted(self._ranges), package)

    def _versions_in(self, folders: Iterable[str], package: str) -> list[Version]:
        found: list[Version] = []
        for folder in folders:
            ranges = self._ranges[folder]
            names = [package] if package in ranges else _train(package, ranges)
            for name in names[:1]:
                version = self._version(folder, name, ranges[name])
                if version is not None:
                    found.append(version)
        return found

    def _around(self, place: str) -> list[str]:
        """The folders with a ``package.json`` around a file, the nearest first."""
        return [folder for folder in above(place.rpartition("/")[0]) if folder in self._ranges]

    def _version(self, folder: str, name: str, declared: str) -> Version | None:
        for place, one in self._locks_above(folder):
            inner = folder[len(place) :].lstrip("/")
            settled = one.version(inner, name, declared)
            version = parse_version(settled) if settled is not None else None
            if version is not None:
                return version
        if declared.startswith("catalog:"):
            declared = self._catalogued(folder, declared.removeprefix("catalog:"), name)
        alias = _ALIAS.fullmatch(declared)
        found = parse_range(alias[1] if alias is not None else declared)
        return lowest(found) if found is not None else None

    def _locks_above(self, folder: str) -> Iterator[tuple[str, Lock]]:
        for place in above(folder):
            if place not in self._locks:
                names = ((name, self._texts.get(join(place, name))) for name in sorted(LOCKS))
                self._locks[place] = [(place, lock(name, text)) for name, text in names if text]
            yield from self._locks[place]

    def _catalogued(self, folder: str, catalog: str, name: str) -> str:
        """The range that a workspace's catalog gives a package."""
        for place in above(folder):
            manifest = self.manifests.get(place, {})
            workspaces = manifest.get("workspaces")
            tables = [manifest, workspaces if isinstance(workspaces, dict) else {}]
            tables.append(yaml_tables(self._texts.get(join(place, "pnpm-workspace.yaml"), "")))
            for table in tables:
                named = table.get("catalogs")
                one = table.get("catalog") if catalog in {"", "default"} else None
                one = one if one is not None else named.get(catalog or "default") if isinstance(named, dict) else None
                if isinstance(one, dict) and isinstance(one.get(name), str):
                    return str(one[name])
        return ""

    def scripts(self, path: str) -> list[str]:
        """The scripts of the nearest ``package.json`` around a file."""
        folder = next(iter(self._around(path)), None)
        return [line for name, line in self._scripts.items() if name.partition(":")[0] == folder]

    def place(self, name: str) -> tuple[str, int] | None:
        """Where a ``package.json`` asks for a package: path and 0-based line."""
        for path, text in sorted(self._texts.items()):
            if path.rpartition("/")[2] == MANIFEST and f'"{name}"' in text:
                row = next((n for n, line in enumerate(text.splitlines()) if f'"{name}"' in line), 0)
                return path, row
        return None

    def programs(self, files: Iterable[str], shell: Mapping[str, Sequence[Sequence[str]]]) -> Programs:
        """The programs among some files.

        :param shell: The words of the lines of the project's shell scripts, by path.
        """
        names = {folder: str(data.get("name", "")) for folder, data in self.manifests.items()}
        entries = [(folder, path) for folder, data in self.manifests.items() for path in entries_of(data)]
        return Programs(Folders(self._root, files), names, self._scripts, shell, entries)

    def tools(self) -> frozenset[str]:
        """The folders of packages that are tools for those who write the project, as far as these tell."""
        return tools_among(self.manifests)

    @cached_property
    def _scripts(self) -> dict[str, str]:
        """The scripts of all packages, by the folder and the name: ``apps/web:start``."""
        return {
            f"{folder}:{name}": line
            for folder, data in self.manifests.items()
            if isinstance(scripts := data.get("scripts"), dict)
            for name, line in scripts.items()
            if isinstance(line, str)
        }


def _declared(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and range of all that a ``package.json`` declares; what is needed to run comes last, and so counts."""
    for section in reversed(_SECTIONS):
        table = data.get(section)
        if isinstance(table, dict):
            yield from ((name, version) for name, version in table.items() if isinstance(version, str))


def _train(package: str, ranges: Mapping[str, str]) -> list[str]:
    """The declared packages that are released together with one that is not declared itself."""
    if not package.startswith(_TRAIN) or _OWN_NUMBERS.fullmatch(package):
        return []
    return sorted(name for name in ranges if name.startswith(_TRAIN) and not _OWN_NUMBERS.fullmatch(name))
