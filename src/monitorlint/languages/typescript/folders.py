"""What lies in the folders of a project, beside its code. Read when a lookup needs it, once."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from monitorlint.languages.jsonc import read_jsonc

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES = 1_000_000
"""A configuration that is larger is none."""
_EXTENSIONS = (".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs", ".vue", ".svelte", ".d.ts", ".d.mts")
"""What an import may leave out, the likeliest first."""
_PLATFORMS = tuple(
    f".{platform}{end}" for platform in ("web", "native", "ios", "android") for end in (".ts", ".tsx", ".js")
)
"""Likewise, where a bundler chooses a file by platform."""
_SOURCES = {
    ".js": (".ts", ".tsx"),
    ".jsx": (".tsx", ".ts"),
    ".mjs": (".mts", ".ts"),
    ".cjs": (".cts", ".ts"),
}
"""Extension that an import writes → those of the file that it is compiled from."""


class Folders:
    """The source files of a project by path, and the text files beside them."""

    def __init__(self, root: str, paths: Iterable[str]) -> None:
        """Take the project's folder, and the files of the language: relative, with ``/``."""
        self._root = root
        self.paths = frozenset(paths)
        self._names: dict[str, frozenset[str]] = {}
        self._texts: dict[str, str | None] = {}
        self._json: dict[str, Any] = {}

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that hold source files, and those above them, without the root."""
        found: set[str] = set()
        for path in self.paths:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    def names(self, folder: str) -> frozenset[str]:
        """The names of what lies in a folder; empty where it cannot be read."""
        known = self._names.get(folder)
        if known is None:
            try:
                known = frozenset(os.listdir(self._absolute(folder)))  # noqa: PTH208 - strings are three times as fast
            except OSError:
                known = frozenset()
            self._names[folder] = known
        return known

    def text(self, path: str) -> str | None:
        """The text of a file; None where there is none, or it is too large."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        folder, _, name = path.rpartition("/")
        if name not in self.names(folder):
            return None
        try:
            with open(self._absolute(path), "rb") as file:  # noqa: PTH123 - a string
                data = file.read(MAX_BYTES + 1)
        except OSError:
            return None
        return data.decode("utf-8", "replace") if len(data) <= MAX_BYTES else None

    def json(self, path: str) -> dict[str, Any] | None:
        """The object in a JSON file, comments and trailing commas forgiven; None where there is none."""
        if path not in self._json:
            self._json[path] = self._read_json(path)
        found: dict[str, Any] | None = self._json[path]
        return found

    def _read_json(self, path: str) -> dict[str, Any] | None:
        text = self.text(path)
        try:
            value = read_jsonc(text) if text is not None else None
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    def _absolute(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def file(self, path: str) -> str | None:
        """The source file that a path without, or with an output's, extension means; not the index of a folder."""
        paths = self.paths
        dot = path.rfind(".")
        if dot > 0:
            for end in _SOURCES.get(path[dot:], ()):
                if path[:dot] + end in paths:
                    return path[:dot] + end
        if path in paths:
            return path
        for end in _EXTENSIONS:
            if path + end in paths:
                return path + end
        for end in _PLATFORMS:
            if path + end in paths:
                return path + end
        return None

    def index(self, folder: str) -> str | None:
        """The index file of a folder."""
        return self.file(join(folder, "index")) if not folder or folder in self.folders else None


def join(folder: str, path: str) -> str:
    """The path from the root of a path that starts at a folder, dots resolved; it may lead out of the root (``..``)."""
    if path.startswith("/"):
        folder, path = "", path.lstrip("/")
    if "." not in path and "//" not in path and not path.endswith("/"):
        return f"{folder}/{path}" if folder and path else folder or path
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            if parts and parts[-1] != "..":
                parts.pop()
            else:
                parts.append(part)
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def above(folder: str) -> list[str]:
    """A folder, and those above it up to the root, ``""``."""
    found = [folder]
    while folder:
        folder = folder.rpartition("/")[0]
        found.append(folder)
    return found
