"""``paths`` and ``baseUrl`` of ``tsconfig.json`` and ``jsconfig.json``, with what they extend."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from monitorlint.languages.typescript.folders import above, join
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.languages.typescript.folders import Folders

NAMES = ("tsconfig.json", "jsconfig.json")
MAX_EXTENDS = 20
"""Configurations that one may rest on; a cycle ends here at the latest."""
_CONFIG_DIR = "${configDir}"
_OPTIONS = ("paths", "baseUrl", "module", "moduleResolution")
_PART = pattern(
    r"tsconfig[.-](?!.*\b(?:base|test|tests|spec|jest|vitest|e2e|cypress|storybook|eslint|lint)\b).+\.json$"
)
"""One of several configurations of a folder, which a command names: ``tsc -p tsconfig.server.json``."""


class Mapping(NamedTuple):
    """One pattern of ``paths``."""

    prefix: str
    suffix: str | None
    """What follows the ``*``; None: there is none."""
    targets: tuple[str, ...]
    """Paths from the root, with ``*``."""


class Config(NamedTuple):
    """What a configuration says of where modules lie."""

    mappings: tuple[Mapping, ...] = ()
    """Exact ones first, then by length of what stands before the ``*``: the first that fits counts."""
    base: str | None = None
    """The folder in which bare specifiers are looked for."""
    modules: str = ""
    """``moduleResolution``, or else ``module``; ``""``: neither is said."""

    def mapped(self, specifier: str) -> Iterator[str]:
        """The paths, in order, that ``paths`` gives a specifier."""
        for prefix, suffix, targets in self.mappings:
            if suffix is None:
                if specifier == prefix:
                    yield from targets
                    return
            elif (
                len(specifier) >= len(prefix) + len(suffix)
                and specifier.startswith(prefix)
                and specifier.endswith(suffix)
            ):
                star = specifier[len(prefix) : len(specifier) - len(suffix)]
                for target in targets:
                    yield join("", target.replace("*", star, 1)) if "*" in target else target
                return


class Configs:
    """The configurations of a project."""

    def __init__(self, folders: Folders, package: Callable[[str, str], str | None]) -> None:
        """Take the project's folders.

        :param package: The folder, if any, of a package that a file in a folder names.
        """
        self._folders = folders
        self._package = package
        self.of = lru_cache(maxsize=None)(self._of)

    def _of(self, folder: str) -> Config | None:
        """What the configuration that lies in a folder says; None where none does."""
        names = self._folders.names(folder)
        name = next((n for n in NAMES if n in names), None)
        own = self._named(folder, name) if name is not None else None
        # What none of the folder's own says of a name, another that a command is given there may.
        parts = [_config(self._options(join(folder, n), 0), folder) for n in sorted(names) if _PART.match(n)]
        mapped = [Config(part.mappings) for part in parts if part.mappings]
        return _joined([own, *mapped] if own is not None else mapped) if mapped else own

    def _named(self, folder: str, name: str) -> Config:
        """What the configuration of a folder says, with what it refers to."""
        options = self._options(join(folder, name), 0)
        config = self._folders.json(join(folder, name)) or {}
        if options and config.get("files") != []:
            return _config(options, folder)
        # A solution: the files belong to what it refers to.
        paths = (r.get("path") for r in _list(config.get("references")) if isinstance(r, dict))
        files = [self._file(join(folder, path)) for path in paths if isinstance(path, str)]
        found = [options] if options else []
        for file in files:
            # Those that lie beside it divide its folder between them; elsewhere the next configuration is nearer.
            is_beside = file.rpartition("/")[0] == folder
            if (is_beside or not found) and (referred := self._options(file, 0)):
                found.append(referred)
        return _joined([_config(one, folder) for one in found])

    def _file(self, path: str) -> str:
        return path if path.endswith(".json") else join(path, NAMES[0])

    def _options(self, path: str, depth: int) -> dict[str, tuple[Any, str]]:
        """The options of a configuration that are of use, each with the folder of the file that says it."""
        config = self._folders.json(path)
        if config is None or depth > MAX_EXTENDS:
            return {}
        folder = path.rpartition("/")[0]
        found: dict[str, tuple[Any, str]] = {}
        for extended in _list(config.get("extends")):
            if isinstance(extended, str) and (place := self._extended(folder, extended)):
                found.update(self._options(place, depth + 1))
        options = config.get("compilerOptions")
        if isinstance(options, dict):
            found.update({key: (options[key], folder) for key in _OPTIONS if options.get(key) is not None})
        return found

    def _extended(self, folder: str, name: str) -> str | None:
        """The file that ``extends`` names."""
        if name.startswith((".", "/")):
            place = join(folder, name)
            return place if self._folders.json(place) is not None else f"{place}.json"
        head, _, rest = name.partition("/")
        if head.startswith("@"):
            second, _, rest = rest.partition("/")
            head = f"{head}/{second}"
        installed = [join(above_it, f"node_modules/{head}") for above_it in above(folder)]
        own = self._package(folder, head)
        for place in [*installed, own] if own is not None else installed:
            for path in self._in_package(place, rest):
                if self._folders.json(path) is not None:
                    return path
        return None

    def _in_package(self, place: str, rest: str) -> Iterator[str]:
        if rest:
            yield from (join(place, rest), join(place, f"{rest}.json"), join(place, f"{rest}/tsconfig.json"))
            return
        package = self._folders.json(join(place, "package.json")) or {}
        for key in ("tsconfig", "main"):
            if isinstance(package.get(key), str):
                yield join(place, package[key])
        yield join(place, "tsconfig.json")


def _joined(configs: list[Config]) -> Config:
    """What several configurations say, the first of them first."""
    mappings = {(m.prefix, m.suffix): m for config in reversed(configs) for m in config.mappings}
    return Config(
        tuple(sorted(mappings.values(), key=_exactness)),
        next((config.base for config in configs if config.base is not None), None),
        next((config.modules for config in configs if config.modules), ""),
    )


def _exactness(mapping: Mapping) -> tuple[bool, int]:
    return mapping.suffix is not None, -len(mapping.prefix)


def _config(options: dict[str, tuple[Any, str]], folder: str) -> Config:
    """A configuration from its options; ``${configDir}`` is the folder of the one that was asked for."""
    base: str | None = None
    if "baseUrl" in options:
        value, place = options["baseUrl"]
        base = _place(value, place, folder) if isinstance(value, str) else None
    mappings: list[Mapping] = []
    table, place = options.get("paths", ({}, ""))
    for wanted, targets in table.items() if isinstance(table, dict) else ():
        prefix, star, suffix = wanted.partition("*")
        origin = base if base is not None else place
        found = tuple(_place(t, origin, folder) for t in _list(targets) if isinstance(t, str))
        mappings.append(Mapping(prefix, suffix if star else None, found))
    mappings.sort(key=_exactness)
    said = next((options[key][0] for key in ("moduleResolution", "module") if key in options), "")
    return Config(tuple(mappings), base, said if isinstance(said, str) else "")


def _place(value: str, origin: str, folder: str) -> str:
    if value.startswith(_CONFIG_DIR):
        return join(folder, value.removeprefix(_CONFIG_DIR).lstrip("/"))
    return join(origin, value)


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
