"""What the files around the code say: declared packages, commands that start programs, environment variables."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.launchers import launches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from monitorlint.index.launchers import Launch

_DECLARING = re.compile(r"(?:requirements.*\.(?:txt|in)|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment\.ya?ml)")
_LOCKS = frozenset({"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"})
_DEPLOYING = re.compile(
    r"(?:Dockerfile.*|.*\.Dockerfile|Procfile|(?:docker-)?compose.*\.ya?ml|.*\.sh|(?:docker-)?entrypoint|supervisor.*\.conf"
    r"|fly\.toml|render\.yaml|app\.ya?ml|.*\.service)"
)
# What a folder holds that describes a deployment: charts, manifests, task definitions.
_MANIFEST = re.compile(r".*\.(?:ya?ml|tpl|json|tf)")
# What a deployment reads, not what shows how one is written, or what a developer has.
_ENVIRONMENT = re.compile(r"(?:[\w-]+)?\.env(?:\.(?:prod|production|staging|deploy|docker))?")
# What shows how an environment is written.
_SAMPLE = re.compile(
    r"(?:[\w-]+)?\.?env[._-](?:example|sample|template|dist|default|defaults)|(?:example|sample|template)\.env"
)
_REQUIREMENT = re.compile(
    r"""^[\s"'-]*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:=\s*["'])?\s*((?:[<>=!~^]=?[^"',;#]*,?\s*)*)"""
)
_VALUE = re.compile(r"""\s*value:\s*["']?([^"'\s]+)""")
_SCRIPT = re.compile(r"""([\w.-]+)["']?\s*=\s*["']?([A-Za-z_][\w.]*):[A-Za-z_]\w*""")
_ARRAY = re.compile(r"=\s*\[.*[\"']")
_QUOTED = re.compile(r"""["']([^"']+)["']""")
_QUOTED_NAME = re.compile(rb"""["']([A-Za-z_][A-Za-z0-9_.]*)["']""")
_LOCKED = re.compile(r"""\[\[package\]\]\s*name = "([^"]+)"\s*version = "([^"]+)\"""")
_MAX_BYTES = 8_000_000
_FOLDERS = (
    "",
    "requirements",
    "docker",
    "deploy",
    "deployment",
    "scripts",
    "bin",
    ".docker",
    "docker-compose",
    "compose",
)
_DEPLOYMENTS = frozenset(
    "chart charts helm k8s kubernetes kustomize manifests deploy deployment deployments docker compose infra "
    "infrastructure ops terraform ecs .aws".split()
)
"""Folders that are read with what lies below them, in the root and beside code."""
_MAX_DEPTH = 4
_MAX_MANIFESTS = 400
"""So many files of such folders are read; a project with more describes more than its own deployment."""
_MAX_MANIFEST_BYTES = 300_000


class Surroundings:
    """The files beside the code, read when somebody asks."""

    def __init__(self, root: Path, folders: Iterable[str], imported: Callable[[], Iterable[str]]) -> None:
        """Take where to look; nothing is read yet.

        :param folders: Folders of the project that may hold a package's declaration.
        :param imported: The top-level modules that the project's code imports.
        """
        self._root = root
        self._folders = tuple(dict.fromkeys((*_FOLDERS, *folders)))
        self._imported = imported

    def _files(self) -> Iterator[tuple[str, Path]]:
        seen: set[str] = set()
        for folder in self._folders:
            names, inner = _entries(self._root / folder)
            for name in names:
                path = f"{folder}/{name}" if folder else name
                if (_is_read(name) or _declares(path)) and path not in seen:
                    seen.add(path)
                    yield path, self._root / path
            for name in inner:
                if name.lower() in _DEPLOYMENTS:
                    for path in self._manifests(f"{folder}/{name}" if folder else name, _MAX_DEPTH):
                        if path not in seen and len(seen) < _MAX_MANIFESTS:
                            seen.add(path)
                            yield path, self._root / path

    def _manifests(self, folder: str, left: int) -> Iterator[str]:
        names, inner = _entries(self._root / folder)
        yield from (f"{folder}/{n}" for n in names if _is_read(n) or _MANIFEST.fullmatch(n))
        for name in inner if left else ():
            yield from self._manifests(f"{folder}/{name}", left - 1)

    def signature(self) -> list[tuple[str, int, int]]:
        """Path, size and time of every file that is read here: what a stored result depends on."""
        found: list[tuple[str, int, int]] = []
        for path, place in self._files():
            status = place.stat()
            found.append((path, status.st_size, status.st_mtime_ns))
        return found

    @cached_property
    def _texts(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, place in self._files():
            try:
                if place.stat().st_size <= (
                    _MAX_BYTES if _is_read(place.name) or _declares(path) else _MAX_MANIFEST_BYTES
                ):
                    found[path] = place.read_text("utf-8", "replace")
            except OSError:
                continue
        return found

    @cached_property
    def _versions(self) -> dict[str, str]:
        """Locked (or exactly pinned) versions by normalised distribution name."""
        found: dict[str, str] = {}
        for path, text in self._texts.items():
            name = path.rpartition("/")[2]
            if name in _LOCKS:
                for package, version in _LOCKED.findall(text):
                    found[_normal(package)] = version
            elif _declares(path):
                for package, version in _requirements(text):
                    if exact := re.fullmatch(r"==\s*([\w.]+)\s*", version):
                        found.setdefault(package, exact.group(1))
        return found

    @cached_property
    def _declared(self) -> frozenset[str]:
        found: set[str] = set(self._versions)
        for path, text in self._texts.items():
            if _declares(path):
                found.update(package for package, _ in _requirements(text))
        return frozenset(found)

    def is_importable(self, name: str) -> bool:
        """Whether the project declares a distribution, or imports a module, of this name."""
        normal = _normal(name)
        return normal in self._declared or normal in self._modules

    @cached_property
    def _modules(self) -> frozenset[str]:
        return frozenset(_normal(m.partition(".")[0]) for m in self._imported())

    def satisfies(self, package: str, specifier: str) -> bool:
        """Whether the version that the project pins of a package lies in a range; True where it pins none."""
        version = self._versions.get(_normal(package))
        if not specifier or version is None:
            return True
        return all(_compares(version, part.strip()) for part in specifier.split(","))

    def declared(self, name: str) -> tuple[str, int] | None:
        """Where the project itself asks for a distribution: path and 0-based line."""
        normal = _normal(name)
        for path, text in self._texts.items():
            if normal in self._declared and _declares(path):
                for row, line in enumerate(text.splitlines()):
                    if any(package == normal for package, _ in _requirements(line)):
                        return path, row
        return None

    def sampled(self, name: str) -> Iterator[tuple[str, str, int]]:
        """Likewise `variable`, in the files that show how an environment is written."""
        return self._values(name, lambda path: _SAMPLE.fullmatch(path.rpartition("/")[2]) is not None)

    def variable(self, name: str) -> Iterator[tuple[str, str, int]]:
        """Values that deployment files give an environment variable: value, path, 0-based line."""
        return self._values(name, lambda path: _deploys(path) or (_is_environment(path) and not self._is_ignored(path)))

    def _values(self, name: str, counts: Callable[[str], bool]) -> Iterator[tuple[str, str, int]]:
        pattern = re.compile(rf"(?:^|[\s\"'-]){re.escape(name)}\s*[=:]\s*[\"']?([^\"'\s]+)")
        apart = re.compile(rf"^\s*-?\s*(?:name|key):\s*[\"']?{re.escape(name)}[\"']?\s*$")
        for path, text in self._texts.items():
            if name in text and counts(path):
                lines = text.splitlines()
                for number, line in enumerate(lines):
                    found = pattern.search(line)
                    if apart.match(line) and number + 1 < len(lines):
                        found = _VALUE.match(lines[number + 1])
                    if found and not line.lstrip().startswith("#"):
                        yield found.group(1), path, number

    def _is_ignored(self, path: str) -> bool:
        """Whether git leaves a file out: then it is a developer's own, and says nothing of what is deployed."""
        folder, _, name = path.rpartition("/")
        lines = [
            line.strip().removeprefix("**/").removeprefix("/")
            for place in {"", folder}
            for line in self._texts.get(f"{place}/.gitignore" if place else ".gitignore", "").splitlines()
        ]
        return any(fnmatch(name, line) or fnmatch(path, line) for line in lines)

    def launches(self, command: str) -> Iterator[Launch]:
        """The places in deployment files that start a program through a command."""
        for path, text in self._texts.items():
            if command in text and _deploys(path):
                yield from launches(path, text, command)

    def launches_in_code(self, command: str, files: Iterable[str]) -> Iterator[Launch]:
        """The places in code that hold a command's words: a program that starts others."""
        for path in files:
            try:
                text = (self._root / path).read_bytes()
            except OSError:
                continue
            if command.encode() in text:
                yield from launches(path, text.decode("utf-8", "replace"), command)

    def quoted(self, names: frozenset[str], files: Iterable[str]) -> Iterator[tuple[str, int, str]]:
        """The places in code that hold one of some names as a text of its own: path, 0-based row, name."""
        for path in files:
            try:
                lines = (self._root / path).read_bytes().splitlines()
            except OSError:
                continue
            for row, line in enumerate(lines):
                for text in _QUOTED_NAME.findall(line.partition(b"#")[0]):
                    name = text.decode()
                    if name in names:
                        yield path, row, name

    @cached_property
    def scripts(self) -> dict[str, str]:
        """The modules behind the commands that the project installs, by the commands' names."""
        found: dict[str, str] = {}
        for path, text in self._texts.items():
            if _declares(path):
                found.update(_SCRIPT.findall(text))
        return found

    @property
    def shell_scripts(self) -> dict[str, str]:
        """The texts of the shell scripts, by path."""
        return {path: text for path, text in self._texts.items() if path.endswith(".sh")}


def _entries(folder: Path) -> tuple[list[str], list[str]]:
    """The names of the files, and of the folders, in a folder. Both sorted; empty where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            found = [(e.name, e.is_dir()) for e in entries if e.is_file() or e.is_dir(follow_symlinks=False)]
    except OSError:
        return [], []
    return sorted(n for n, is_folder in found if not is_folder), sorted(n for n, is_folder in found if is_folder)


def _is_read(name: str) -> bool:
    return bool(
        _DECLARING.fullmatch(name)
        or name in _LOCKS
        or name == ".gitignore"
        or _DEPLOYING.fullmatch(name)
        or _ENVIRONMENT.fullmatch(name)
        or _SAMPLE.fullmatch(name)
    )


def _declares(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    in_folder = folder.rpartition("/")[2] == "requirements" and name.endswith((".txt", ".in"))
    return in_folder or _DECLARING.fullmatch(name) is not None


def _deploys(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if _DEPLOYING.fullmatch(name):
        return True
    return _MANIFEST.fullmatch(name) is not None and not _DEPLOYMENTS.isdisjoint(folder.lower().split("/"))


def _is_environment(path: str) -> bool:
    return _ENVIRONMENT.fullmatch(path.rpartition("/")[2]) is not None


def _requirements(text: str) -> Iterator[tuple[str, str]]:
    """Normalised name and version range of all that a declaring file asks for; of an array on one line too."""
    for line in text.splitlines():
        parts = _QUOTED.findall(line) if _ARRAY.search(line) else [line]
        for declared in filter(None, map(_REQUIREMENT.match, parts)):
            yield _normal(declared.group(1)), declared.group(2)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _compares(version: str, part: str) -> bool:
    found = re.fullmatch(r"(<=|>=|==|!=|<|>|~=)\s*([\w.*]+)", part)
    if found is None:
        return True
    left, right = _numbers(version), _numbers(found.group(2))
    match found.group(1):
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case "==":
            return left[: len(right)] == right
        case "!=":
            return left[: len(right)] != right
    return left >= right


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version.partition("+")[0])[:4])
