"""Patterns in the syntax of ``.gitignore``: ignore files, ``exclude`` and ``per-file-ignores``.

The patterns are read by ``pathspec``, held to ``git check-ignore`` by a test. The walk asks level by level, and
nothing below an ignored folder is ever asked for; so each path is judged by the patterns that match the path itself.
``pathspec.GitIgnoreSpec`` would also let a folder's pattern speak for what lies in it, over nested ignore files.
"""

from __future__ import annotations

import os
import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class _Pattern(NamedTuple):
    number: int
    search: Callable[[str], re.Match[str] | None]
    ignores: bool
    only_folders: bool


class IgnorePatterns:
    """The patterns of one file, in their order; the last that matches decides."""

    __slots__ = ("_known", "_of_names", "_of_paths")

    def __init__(self, text: str) -> None:
        lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
        lines = [line for line in lines if line.strip() and line[0] != "#"]
        self._of_names: list[_Pattern] = []
        self._of_paths: list[_Pattern] = []
        self._known: dict[tuple[str, bool], _Pattern | None] = {}
        if lines:
            self._read(lines)

    def __bool__(self) -> bool:
        return bool(self._of_names or self._of_paths)

    def _read(self, lines: list[str]) -> None:
        # Late, because not every run meets a pattern, and pathspec imports every regular-expression engine it finds.
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # [[:digit:]]: pathspec has no POSIX classes
            for number, line in enumerate(reversed(lines)):
                text = line if line.endswith("\\ ") else line.rstrip()
                # As git does: the slash at the end is no part of the pattern, and folders are asked for without it.
                only_folders, text = text.endswith("/"), text.removesuffix("/")
                try:
                    read = GitIgnoreSpecPattern(text)
                except (ValueError, re.error):  # git matches nothing with a pattern that makes no sense
                    continue
                if read.include is not None and read.regex is not None:
                    patterns = self._of_paths if "/" in text else self._of_names
                    patterns.append(_Pattern(number, read.regex.search, read.include, only_folders))

    def match(self, path: str, *, folder: bool) -> bool | None:
        """Whether ``path`` (from the patterns' folder) is ignored, re-included (False) or not spoken of (None)."""
        best = self._match_name(path[path.rfind("/") + 1 :], folder=folder)
        for pattern in self._of_paths:
            if best is not None and pattern.number > best.number:
                break
            # The one group of pathspec's expressions is the slash behind a folder that ``path`` lies in.
            if (folder or not pattern.only_folders) and (found := pattern.search(path)) and found.lastgroup is None:
                return pattern.ignores
        return None if best is None else best.ignores

    def _match_name(self, name: str, *, folder: bool) -> _Pattern | None:
        # Most patterns look at the name alone, and most names come again: together four times as fast.
        key = (name, folder)
        if key not in self._known:
            fitting = (pattern for pattern in self._of_names if folder or not pattern.only_folders)
            self._known[key] = next((pattern for pattern in fitting if pattern.search(name)), None)
        return self._known[key]

    def match_with_parents(self, path: str) -> bool:
        """Whether the file ``path``, or a folder that it lies in, is ignored: for settings, which see no walk."""
        end = path.find("/")
        while end >= 0:
            if self.match(path[:end], folder=True):
                return True
            end = path.find("/", end + 1)
        return bool(self.match(path, folder=False))


@lru_cache(maxsize=256)
def settings_patterns(glob: str) -> IgnorePatterns:
    """``glob`` of a setting, which is asked once per file of the project."""
    return IgnorePatterns(glob)


class IgnoreFile(NamedTuple):
    """An ignore file, and how to make a path relative to its folder of one relative to the project root."""

    cut: int
    """Characters to take off the front …"""
    prefix: str
    """… before this is put there. One of the two is empty."""
    patterns: IgnorePatterns


Chain = tuple[IgnoreFile, ...]
"""The ignore files that hold for a folder, the strongest first."""


def is_ignored(path: str, chain: Chain, *, folder: bool) -> bool:
    """What the strongest ignore file that speaks of ``path`` (relative to the project root) says."""
    for cut, prefix, patterns in chain:
        verdict = patterns.match(prefix + path[cut:], folder=folder)
        if verdict is not None:
            return verdict
    return False


def is_ignored_in(root: str, path: str) -> bool:
    """Whether the file ``path`` of the project at ``root`` is ignored; it need not exist."""
    chain = ignore_files_above(root)
    folder = ""
    for name in path.split("/"):
        patterns = read_ignore_file(os.path.join(root, folder, ".gitignore"))  # noqa: PTH118
        chain = (IgnoreFile(cut=len(folder) + 1 if folder else 0, prefix="", patterns=patterns), *chain)
        folder = f"{folder}/{name}" if folder else name
        if is_ignored(folder, chain, folder=folder != path):
            return True
    return False


def read_ignore_file(path: str) -> IgnorePatterns:
    """The patterns of the file at ``path``; none when it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:  # noqa: PTH123 - a string
            return IgnorePatterns(file.read())
    except OSError:
        return IgnorePatterns("")


def ignore_files_above(root: str) -> Chain:
    """The ignore files outside ``root`` that hold in it: those up to the repository's top, and ``info/exclude``."""
    chain: list[IgnoreFile] = []
    folder, prefix = root, ""
    while not os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118
        parent, name = os.path.split(folder)
        if parent == folder or not name:
            return ()  # no repository: nobody said that files of the parents speak for this project
        folder, prefix = parent, f"{name}/{prefix}"
        chain.append(IgnoreFile(0, prefix, read_ignore_file(os.path.join(folder, ".gitignore"))))  # noqa: PTH118
    exclude = os.path.join(_git_folder(os.path.join(folder, ".git")), "info", "exclude")  # noqa: PTH118
    chain.append(IgnoreFile(0, prefix, read_ignore_file(exclude)))
    return tuple(one for one in chain if one.patterns)


def _git_folder(path: str) -> str:
    """The repository's own folder. In a worktree or submodule ``.git`` is a file that says where it is."""
    if os.path.isfile(path):  # noqa: PTH113
        path = _pointed_to(path, "gitdir:")
    common = os.path.join(path, "commondir")  # noqa: PTH118
    return _pointed_to(common, "") if os.path.isfile(common) else path  # noqa: PTH113


def _pointed_to(pointer: str, key: str) -> str:
    try:
        with open(pointer, encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123 - a string
            target = file.readline().removeprefix(key).strip()
    except OSError:
        target = ""
    return os.path.normpath(os.path.join(os.path.dirname(pointer), target))  # noqa: PTH118, PTH120
