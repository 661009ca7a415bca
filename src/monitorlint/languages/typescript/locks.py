"""The exact versions that npm, pnpm, yarn and bun have settled on, read from their lock files."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

LOCKS = frozenset(("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"))
_YARN = pattern(r'^"?([^\s#"][^\n]*?)"?:\n  version:? "?([^"\s]+)"?$', re.MULTILINE)
_BUN = pattern(r'^\s+"([^"\n]+)": \["(?:@[^/"\n]+/)?[^@"\n]+@([^"\n]+)"', re.MULTILINE)
_BUN_WORKSPACE = pattern(r'^ {4}"([^"\n]*)": \{\n\s+"name": "([^"\n]+)"', re.MULTILINE)
_QUOTES = "\"'"
_DEPENDENCIES = frozenset(("dependencies", "devDependencies", "optionalDependencies"))


class Lock(Protocol):
    """One lock file."""

    def version(self, folder: str, name: str, declared: str) -> str | None:
        """The version of a package for the ``package.json`` that declares it, in a folder relative to the lock."""


class _Npm:
    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _tables(self) -> tuple[dict[str, Any], dict[str, Any]]:
        try:
            data = json.loads(self._text)
        except (ValueError, RecursionError):
            return {}, {}
        data = data if isinstance(data, dict) else {}
        packages, dependencies = data.get("packages"), data.get("dependencies")
        return (
            packages if isinstance(packages, dict) else {},
            dependencies if isinstance(dependencies, dict) else {},
        )

    def version(self, folder: str, name: str, declared: str) -> str | None:  # noqa: ARG002
        packages, dependencies = self._tables
        while True:
            found = packages.get(f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}")
            if found is not None or not folder:
                break
            folder = folder.rpartition("/")[0]
        found = found if found is not None else dependencies.get(name)
        version = found.get("version") if isinstance(found, dict) else None
        return version if isinstance(version, str) else None


class _Pnpm:
    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _versions(self) -> dict[str, dict[str, str]]:
        """Versions by name, by folder. The lines are those that pnpm writes: no other YAML is expected."""
        found: dict[str, dict[str, str]] = {".": {}}
        folder, top, section, name = ".", "", "", ""
        for line in self._text.splitlines():
            words = line.strip()
            if not words or words.startswith("#"):
                continue
            indent = len(line) - len(line.lstrip())
            key, _, value = words.partition(": ") if ": " in words else (words.removesuffix(":"), "", "")
            key = key.strip(_QUOTES)
            if indent == 0:
                top = section = key
                if top in {"packages", "snapshots"}:
                    break
                continue
            depth = indent // 2 - (2 if top == "importers" else 0)
            if top == "importers" and indent == 2:
                folder = key
                found.setdefault(folder, {})
            elif top == "importers" and indent == 4:
                section = key
            elif section in _DEPENDENCIES and depth == 1:
                name = key
                if value:
                    found[folder][name] = _plain(value)
            elif section in _DEPENDENCIES and depth == 2 and key == "version":
                found[folder][name] = _plain(value)
        return found

    def version(self, folder: str, name: str, declared: str) -> str | None:  # noqa: ARG002
        return self._versions.get(folder or ".", {}).get(name) or self._versions["."].get(name)


class _Yarn:
    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _versions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for names, version in _YARN.findall(self._text):
            for one in names.split(", "):
                found[one.strip(_QUOTES)] = version
        return found

    def version(self, folder: str, name: str, declared: str) -> str | None:  # noqa: ARG002
        return self._versions.get(f"{name}@{declared}") or self._versions.get(f"{name}@npm:{declared}")


class _Bun:
    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _versions(self) -> dict[str, str]:
        return dict(_BUN.findall(self._text[self._text.find('"packages": {') :]))

    @cached_property
    def _workspaces(self) -> dict[str, str]:
        return dict(_BUN_WORKSPACE.findall(self._text))

    def version(self, folder: str, name: str, declared: str) -> str | None:  # noqa: ARG002
        own = self._workspaces.get(folder, "")
        return self._versions.get(f"{own}/{name}") or self._versions.get(name)


_READERS: dict[str, Callable[[str], Lock]] = {
    "package-lock.json": _Npm,
    "npm-shrinkwrap.json": _Npm,
    "pnpm-lock.yaml": _Pnpm,
    "yarn.lock": _Yarn,
    "bun.lock": _Bun,
}


def lock(name: str, text: str) -> Lock:
    """What a lock file of some name says."""
    return _READERS[name](text)


def _plain(value: str) -> str:
    """A version as pnpm writes it, without the peers that it was settled with."""
    return value.strip().strip(_QUOTES).partition("(")[0].partition("_")[0]
