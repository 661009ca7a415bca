"""``package.json``: which file of a package an import of it means, and which packages a workspace holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from monitorlint.languages.typescript.folders import above, join
from monitorlint.languages.typescript.yaml_words import yaml_list
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.languages.typescript.folders import Folders

_CONDITIONS = frozenset(("source", "development", "import", "module", "node", "types", "default"))
"""Those that hold; what stands under others (``require``, ``browser`` …) is tried after."""
_MAIN = ("source", "types", "typings", "module", "main", "svelte", "react-native", "browser")
_OUTPUTS = frozenset("dist build lib out output esm cjs es umd types dist-types .output target bundle".split())
"""Folders into which sources are compiled, and those in them that name a format."""
_SOURCES = ("src", "", "source", "lib", "app")
"""Folders that are compiled."""
_FORMATS = pattern(r"\.(?:d\.)?[cm]?[jt]sx?$")
_ENTRIES = ("src/index", "index", "src/main", "src/mod", "lib/index", "source/index", "src/lib/index", "mod", "main")
_OF_DENO: Final = {"deno.json": "workspace", "deno.jsonc": "workspace"}
"""What says for Deno what a package is: its name, its ``exports``; and the key under which it lists others."""
MAX_DEPTH: Final = 12
"""Nesting of conditions that is followed."""


class Package(NamedTuple):
    """One ``package.json``, or what is one to Deno."""

    folder: str
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name, ``""`` where it has none."""
        name = self.data.get("name")
        return name if isinstance(name, str) else ""


def package_in(folders: Folders, folder: str) -> Package | None:
    """The package that a folder is; None where it is none."""
    name = next((name for name in ("package.json", *_OF_DENO) if name in folders.names(folder)), "")
    data = folders.json(join(folder, name)) if name else None
    return Package(folder, data) if data is not None else None


def entry(folders: Folders, package: Package, inner: str, *, name_is_enough: bool = True) -> str | None:
    """The source file that a package gives for a path in it (``""``: the package itself).

    :param name_is_enough: A package without ``exports`` answers too: it is imported from outside.
    """
    exports = package.data.get("exports")
    if exports is not None:
        subpath = f"./{inner}" if inner else "."
        table = exports if _is_table(exports) else {".": exports}
        targets = list(matched(table, subpath))
        for target in targets:
            if found := source(folders, package.folder, target):
                return found
        return _named(folders, package.folder, inner) if targets else None
    if not name_is_enough:
        return None
    if inner:
        return source(folders, package.folder, inner) or _named(folders, package.folder, inner)
    return main(folders, package) or _named(folders, package.folder, "")


def main(folders: Folders, package: Package) -> str | None:
    """The source file that a package, or any folder with a ``package.json``, begins with by its fields."""
    for key in _MAIN:
        value = package.data.get(key)
        if isinstance(value, str) and (found := source(folders, package.folder, value)):
            return found
    return None


def own_import(folders: Folders, package: Package, specifier: str) -> Iterator[str]:
    """What ``imports`` of a package says that ``#name`` means: a path from the root, or a bare specifier."""
    table = package.data.get("imports")
    for target in matched(table, specifier) if isinstance(table, dict) else ():
        if not target.startswith("."):
            yield target
        elif (found := source(folders, package.folder, target)) is not None:
            yield f"/{found}"


def matched(table: dict[str, Any], subpath: str) -> Iterator[str]:
    """The targets, in order, that a table of ``exports`` or ``imports`` gives a subpath."""
    if subpath in table and "*" not in subpath:
        yield from _targets(table[subpath], "")
        return
    best: tuple[int, int] = (-1, -1)
    value: Any = None
    star = ""
    for key, candidate in table.items():
        prefix, mark, suffix = key.partition("*")
        if not mark:
            if not key.endswith("/"):
                continue
            suffix = ""
        rank = (len(prefix), len(key))
        if (
            subpath.startswith(prefix)
            and subpath != prefix
            and subpath.endswith(suffix)
            and len(subpath) >= len(prefix) + len(suffix)
            and rank > best
        ):
            best, value = rank, candidate if mark else _in_folder(candidate)
            star = subpath[len(prefix) : len(subpath) - len(suffix)]
    if best[0] >= 0:
        yield from _targets(value, star)


def _in_folder(value: Any) -> Any:
    """``"./": "./dist/"``, as it was written before there were patterns."""
    return f"{value}*" if isinstance(value, str) and value.endswith("/") else value


def _is_table(exports: Any) -> bool:
    return isinstance(exports, dict) and all(key.startswith(".") for key in exports)


def _targets(value: Any, star: str) -> Iterator[str]:
    first: list[str] = []
    later: list[str] = []
    _collect(value, first, later, 0)
    for target in dict.fromkeys([*first, *later]):
        yield target.replace("*", star)


def _collect(value: Any, first: list[str], later: list[str], depth: int) -> None:
    if isinstance(value, str):
        first.append(value)
    elif depth > MAX_DEPTH:
        return
    elif isinstance(value, list):
        for one in value:
            _collect(one, first, later, depth + 1)
    elif isinstance(value, dict):
        for condition, one in value.items():
            holds = condition in _CONDITIONS or condition.startswith(("@", "types@"))
            _collect(one, first if holds else later, later, depth + 1)


def source(folders: Folders, folder: str, target: str) -> str | None:
    """The source file of a package behind one of its paths, which may be that of a file that a build makes of it."""
    path = join(folder, target)
    if found := at(folders, path):
        return found
    parts = target.removeprefix("./").split("/")
    inner = len(parts)
    for number, part in enumerate(parts[:-1]):
        if part not in _OUTPUTS:
            inner = number
            break
        inner = number + 1
    if not inner or inner == len(parts):
        return None
    plain = _FORMATS.sub("", "/".join(parts[inner:]))
    for place in _SOURCES:
        if found := at(folders, join(folder, f"{place}/{plain}" if place else plain)):
            return found
    return None


def _named(folders: Folders, folder: str, inner: str) -> str | None:
    """The source file where one would look for it: the package's description names what a build makes."""
    if not inner:
        return next(filter(None, (folders.file(join(folder, name)) for name in _ENTRIES)), None)
    return next(
        filter(None, (at(folders, join(folder, f"{place}/{inner}" if place else inner)) for place in _SOURCES)), None
    )


def at(folders: Folders, path: str, *, is_folder: bool = False) -> str | None:
    """The source file at a path: itself, with an extension, or the entry of the folder.

    :param is_folder: The path is known to mean a folder.
    """
    found = None if is_folder else folders.file(path)
    if found is not None or (path and path not in folders.folders):
        return found
    package = package_in(folders, path)
    return (main(folders, package) if package is not None else None) or folders.index(path)


class Workspaces:
    """The packages that a repository holds, by name."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._members: dict[str, dict[str, Package]] = {}

    def named(self, folder: str, name: str) -> Package | None:
        """The package of that name in the workspace around a folder; of several, in the innermost."""
        for place in above(folder):
            found = self.members(place).get(name)
            if found is not None:
                return found
        return None

    def members(self, folder: str) -> dict[str, Package]:
        """The packages of the workspace whose root a folder is, by name; empty where it is none."""
        known = self._members.get(folder)
        if known is None:
            known = self._members[folder] = dict(self._find(folder))
        return known

    def _find(self, folder: str) -> Iterator[tuple[str, Package]]:
        patterns = list(self._patterns(folder))
        if not patterns:
            return
        wanted = [_glob(p) for p in patterns if not p.startswith("!")]
        unwanted = [_glob(p[1:]) for p in patterns if p.startswith("!")]
        start = len(folder) + 1 if folder else 0
        places = sorted(f for f in self._folders.folders if not folder or f.startswith(f"{folder}/"))
        for place in [folder, *places]:
            inner = place[start:] if place != folder else "."
            if inner == "." or (
                any(w.fullmatch(inner) for w in wanted) and not any(u.fullmatch(inner) for u in unwanted)
            ):
                package = package_in(self._folders, place)
                if package is not None and package.name:
                    yield package.name, package

    def _patterns(self, folder: str) -> Iterator[str]:
        """The globs by which a folder says that it is the root of a workspace."""
        names = self._folders.names(folder)
        for name, key in (("package.json", "workspaces"), ("lerna.json", "packages"), *_OF_DENO.items()):
            if name in names:
                listed = (self._folders.json(join(folder, name)) or {}).get(key)
                listed = listed.get("packages") if isinstance(listed, dict) else listed
                yield from (p for p in listed if isinstance(p, str)) if isinstance(listed, list) else ()
        if "pnpm-workspace.yaml" in names:
            yield from yaml_list(self._folders.text(join(folder, "pnpm-workspace.yaml")) or "", "packages")
        if "rush.json" in names:
            for project in (self._folders.json(join(folder, "rush.json")) or {}).get("projects") or ():
                if isinstance(project, dict) and isinstance(project.get("projectFolder"), str):
                    yield project["projectFolder"]


def _glob(pattern: str) -> re.Pattern[str]:
    """A glob of a workspace's folders: ``*`` ends at the next ``/``, ``**`` stands for any number of folders."""
    *parts, last = pattern.removeprefix("./").strip("/").split("/")
    inner = "".join("(?:.*/)?" if part == "**" else f"{_part(part)}/" for part in parts)
    return re.compile(inner + (".*" if last == "**" else _part(last)))


def _part(glob: str) -> str:
    return "[^/]*".join(map(re.escape, glob.split("*")))
