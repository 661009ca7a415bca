"""What the files around the code say: declared packages, commands that start programs, environment variables."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_DECLARING = re.compile(r"(?:requirements.*\.(?:txt|in)|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment\.ya?ml)")
_LOCKS = frozenset({"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"})
_DEPLOYING = re.compile(
    r"(?:Dockerfile.*|.*\.Dockerfile|Procfile|(?:docker-)?compose.*\.ya?ml|.*\.sh|fly\.toml|render\.yaml|app\.ya?ml)"
)
# What a deployment reads, not what shows how one is written, or what a developer has.
_ENVIRONMENT = re.compile(r"(?:[\w-]+)?\.env(?:\.(?:prod|production|staging|deploy|docker))?")
_REQUIREMENT = re.compile(
    r"""^[\s"'-]*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:=\s*["'])?\s*((?:[<>=!~^]=?[^"',;#]*,?\s*)*)"""
)
_ARRAY = re.compile(r"=\s*\[.*[\"']")
_QUOTED = re.compile(r"""["']([^"']+)["']""")
_LOCKED = re.compile(r"""\[\[package\]\]\s*name = "([^"]+)"\s*version = "([^"]+)\"""")
_MAX_BYTES = 8_000_000
_FOLDERS = ("", "docker", "deploy", "deployment", "scripts", "bin", ".docker", "docker-compose", "compose")


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
        for folder in self._folders:
            place = self._root / folder
            try:
                with os.scandir(place) as entries:
                    names = sorted(e.name for e in entries if e.is_file())
            except OSError:
                continue
            for name in names:
                if _is_read(name):
                    yield (f"{folder}/{name}" if folder else name), place / name

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
                if place.stat().st_size <= _MAX_BYTES:
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
            elif _DECLARING.fullmatch(name):
                for package, version in _requirements(text):
                    if exact := re.fullmatch(r"==\s*([\w.]+)\s*", version):
                        found.setdefault(package, exact.group(1))
        return found

    @cached_property
    def _declared(self) -> frozenset[str]:
        found: set[str] = set(self._versions)
        for path, text in self._texts.items():
            if _DECLARING.fullmatch(path.rpartition("/")[2]):
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

    def variable(self, name: str) -> Iterator[tuple[str, str, int]]:
        """Values that deployment files give an environment variable: value, path, 0-based line."""
        pattern = re.compile(rf"(?:^|[\s\"'-]){re.escape(name)}\s*[=:]\s*[\"']?([^\"'\s]+)")
        for path, text in self._texts.items():
            if name in text and (_deploys(path) or (_is_environment(path) and not self._is_ignored(path))):
                for number, line in enumerate(text.splitlines()):
                    found = pattern.search(line)
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

    def command(self, name: str) -> tuple[str, int] | None:
        """Where a program of the project is started through a command: path and 0-based line."""
        pattern = re.compile(rf"(?:^|[\s\"'\[]){re.escape(name)}(?=[\s\"'])")
        for path, text in self._texts.items():
            if name in text and _deploys(path):
                for number, line in enumerate(text.splitlines()):
                    if pattern.search(line) and not line.lstrip().startswith("#"):
                        return path, number
        return None


def _is_read(name: str) -> bool:
    return bool(
        _DECLARING.fullmatch(name)
        or name in _LOCKS
        or name == ".gitignore"
        or _DEPLOYING.fullmatch(name)
        or _ENVIRONMENT.fullmatch(name)
    )


def _deploys(path: str) -> bool:
    return _DEPLOYING.fullmatch(path.rpartition("/")[2]) is not None


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
