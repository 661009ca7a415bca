"""Patterns in the syntax of ``.gitignore``: ignore files, ``exclude`` and ``per-file-ignores``.

Every run reads ignore files, so this is made for a short run: most patterns are plain names, and those are
looked up in a dict; only the others become regular expressions, and only when a path gets that far.
Semantics: gitignore(5) and git's ``wildmatch.c``, held to ``git check-ignore`` by a test. What git leaves to
the walk stays with the walk: nothing below an ignored folder is ever asked for.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPECIAL = re.compile(r"[*?\[\\]")
_POSIX_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


class IgnorePatterns:
    """The patterns of one file, in their order; the last that matches decides."""

    __slots__ = ("_globs", "_literals", "_name_screen", "_negated", "_path_screen", "_suffix_of", "_suffixes")

    def __init__(self, text: str) -> None:
        self._negated: list[bool] = []
        # A key is the name, or the path with a leading "/" for a pattern that is bound to the folder.
        self._literals: dict[tuple[str, bool], int] = {}
        self._suffix_of: dict[str, int] = {}
        self._globs: list[tuple[int, str, bool, bool]] = []
        for line in text.removeprefix("\ufeff").split("\n"):
            self._add(line.removesuffix("\r"))
        self._suffixes = tuple(self._suffix_of)
        self._globs.reverse()
        self._name_screen = _Screen(glob for _, glob, anchored, _ in self._globs if not anchored)
        self._path_screen = _Screen(glob for _, glob, anchored, _ in self._globs if anchored)

    def __bool__(self) -> bool:
        return bool(self._negated)

    def _add(self, line: str) -> None:
        pattern = _without_trailing_spaces(line)
        if not pattern or pattern[0] == "#":
            return
        negated = pattern[0] == "!"
        pattern = pattern[1:] if negated else pattern
        only_folders = pattern.endswith("/")
        pattern = pattern[:-1] if only_folders else pattern
        if not pattern:
            return
        anchored = "/" in pattern
        pattern = pattern.removeprefix("/")
        number = len(self._negated)
        self._negated.append(negated)
        if not _SPECIAL.search(pattern):
            self._literals["/" + pattern if anchored else pattern, only_folders] = number
        elif not anchored and not only_folders and pattern[0] == "*" and not _SPECIAL.search(pattern, 1):
            self._suffix_of[pattern[1:]] = number
        else:
            self._globs.append((number, pattern, anchored, only_folders))

    def match(self, path: str, name: str, *, folder: bool) -> bool | None:
        """Whether ``path`` (from the patterns' folder) is ignored, re-included (False) or not spoken of (None)."""
        literals = self._literals
        best = max(literals.get((name, False), -1), literals.get(("/" + path, False), -1))
        if folder:
            best = max(best, literals.get((name, True), -1), literals.get(("/" + path, True), -1))
        if name.endswith(self._suffixes):
            best = max(best, *(number for suffix, number in self._suffix_of.items() if name.endswith(suffix)))
        if self._globs and (self._name_screen.may_match(name) or self._path_screen.may_match(path)):
            for number, pattern, anchored, only_folders in self._globs:
                if number < best:
                    break
                if (folder or not only_folders) and re.fullmatch(_translated(pattern), path if anchored else name):
                    best = number
                    break
        return None if best < 0 else not self._negated[best]

    def match_with_parents(self, path: str) -> bool:
        """Whether the file ``path``, or a folder that it lies in, is ignored: for settings, which see no walk."""
        end = path.find("/")
        while end >= 0:
            folder = path[:end]
            if self.match(folder, folder[folder.rfind("/") + 1 :], folder=True):
                return True
            end = path.find("/", end + 1)
        return bool(self.match(path, path[path.rfind("/") + 1 :], folder=False))


class _Screen:
    """One look instead of one per glob: nearly every path matches none of them.

    Most globs begin or end with plain text. Only for the others a regular expression is built here: compiling
    one for every glob of an ordinary ignore file takes longer than walking through a small project.
    """

    __slots__ = ("_bare", "_prefixes", "_regex", "_suffixes")

    def __init__(self, globs: Iterable[str]) -> None:
        prefixes, suffixes, bare = [], [], []
        for glob in globs:
            prefix, suffix = _plain_ends(glob)
            if prefix:
                prefixes.append(prefix)
            elif suffix:
                suffixes.append(suffix)
            else:
                bare.append(glob)
        self._prefixes = tuple(prefixes)
        self._suffixes = tuple(suffixes)
        self._bare = tuple(bare)
        self._regex: re.Pattern[str] | None = None

    def may_match(self, text: str) -> bool:
        if text.startswith(self._prefixes) or text.endswith(self._suffixes):
            return True
        if not self._bare:
            return False
        if self._regex is None:
            self._regex = re.compile("|".join(map(_translated, self._bare)))
        return self._regex.fullmatch(text) is not None


def _plain_ends(glob: str) -> tuple[str, str]:
    """Text with which everything that the glob matches begins, and ends."""
    special = _SPECIAL.search(glob)
    prefix = glob[: special.start()] if special else glob
    last = max(glob.rfind(sign) for sign in "*?]")
    suffix = "" if "\\" in glob or last < 0 else glob[last + 1 :]
    return prefix, suffix.removeprefix("/")  # "**/x" matches "x" too


class IgnoreFile(NamedTuple):
    """An ignore file, and how to make a path relative to its folder of one relative to the project root."""

    cut: int
    """Characters to take off the front …"""
    prefix: str
    """… before this is put there. One of the two is empty."""
    patterns: IgnorePatterns


Chain = tuple[IgnoreFile, ...]
"""The ignore files that hold for a folder, the strongest first."""


def is_ignored(path: str, name: str, chain: Chain, *, folder: bool) -> bool:
    """What the strongest ignore file that speaks of ``path`` (relative to the project root) says."""
    for cut, prefix, patterns in chain:
        verdict = patterns.match(prefix + path[cut:], name, folder=folder)
        if verdict is not None:
            return verdict
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


def _without_trailing_spaces(line: str) -> str:
    bare = line.rstrip(" ")
    escaped = (len(bare) - len(bare.rstrip("\\"))) % 2 == 1
    return bare + " " if escaped and bare != line else bare


@lru_cache(maxsize=1024)
def _translated(pattern: str) -> str:
    """The pattern as a regular expression; one that matches nothing where git's wildmatch rejects it."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            part, at = _stars(pattern, at)
        elif char == "?":
            part, at = "[^/]", at + 1
        elif char == "[":
            part, at = _bracket(pattern, at)
        elif char == "\\":
            part, at = (re.escape(pattern[at + 1]) if at + 1 < len(pattern) else "(?!)"), at + 2
        else:
            part, at = re.escape(char), at + 1
        parts.append(part)
    return f"(?s:{''.join(parts)})"


def _stars(pattern: str, start: int) -> tuple[str, int]:
    end = start
    while end < len(pattern) and pattern[end] == "*":
        end += 1
    at_part_start = start == 0 or pattern[start - 1] == "/"
    if end - start == 1 or not at_part_start or (end < len(pattern) and pattern[end] != "/"):
        return "[^/]*", end
    if end == len(pattern):
        return ".*", end
    return "(?:.*/)?", end + 1


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    at = start + 1
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    items: list[str] = []
    first = True
    while at < len(pattern) and (first or pattern[at] != "]"):
        first = False
        if pattern.startswith("[:", at) and (close := pattern.find(":]", at)) > 0:
            if pattern[at + 2 : close] not in _POSIX_CLASSES:
                return "(?!)", len(pattern)
            items.append(_POSIX_CLASSES[pattern[at + 2 : close]])
            at = close + 2
            continue
        low, at = _bracket_char(pattern, at)
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("]", ""):
            high, at = _bracket_char(pattern, at + 1)
            if low <= high:
                items.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            items.append(re.escape(low))
    if at >= len(pattern):
        return "(?!)", at
    inside = "".join(items)
    if not inside:
        return ("[^/]" if negated else "(?!)"), at + 1
    return (f"[^/{inside}]" if negated else f"(?!/)[{inside}]"), at + 1


def _bracket_char(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "\\" and at + 1 < len(pattern):
        return pattern[at + 1], at + 2
    return pattern[at], at + 1
