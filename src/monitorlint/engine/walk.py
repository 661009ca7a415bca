"""The walk through one project's folders."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from monitorlint.engine.frontends import LANGUAGES
from monitorlint.engine.ignorefile import (
    Chain,
    IgnoreFile,
    IgnorePatterns,
    ignore_files_above,
    is_ignored,
    read_ignore_file,
)
from monitorlint.languages.config.names import is_config
from monitorlint.model.patterns import pattern
from monitorlint.model.run import Skipped
from monitorlint.settings.document import CONFIGURATION_NAMES
from monitorlint.settings.find import configuration_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXCLUDED_FOLDERS = frozenset(
    # version control; environments and installed packages; caches and what tools write; other people's code
    """
    .git .hg .svn .bzr
    .venv .direnv .pyenv site-packages __pypackages__ node_modules bower_components
    __pycache__ .tox .nox .mypy_cache .ruff_cache .pytest_cache .pytype .hypothesis .eggs .ipynb_checkpoints
    .monitorlint_cache .next .nuxt .turbo .yarn
    vendor vendored third_party _vendor
    """.split()
)
"""Folders that are never entered unless they are named on the command line."""
_OF_OTHERS = "third_party"
_SETTINGS = pattern(r"(?:^|/)(?:settings|config|conf)/$")
"""Below one of these lie the project's own settings of other people's code: Django projects start Sentry there."""

_OUTPUT_FOLDERS = frozenset(("build", "dist"))
"""Build output, but for a package of that name (astral-sh/ruff#9023: a project's own code may live in ``build/``) and
for what lies among sources (``src/cli/build/``)."""
_PACKAGE_NAME = pattern(rb"\"name\"\s*:")
"""In ``package.json``: bundlers write one without a name beside their output, to say that it holds ES modules."""
_MANIFEST_BYTES = 100_000

_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
"""They say what there is elsewhere, and run nothing."""

_IMPORT_MAPS = frozenset(("deno.json", "deno.jsonc", "import_map.json"))
_MODULE_SETTINGS = ("tsconfig", "jsconfig")
_ENVIRONMENT_MARKERS = frozenset(("pyvenv.cfg", "conda-meta"))
_CONFIGURATIONS = frozenset(CONFIGURATION_NAMES)


def is_marked(folder: Path) -> bool:
    """Whether ``folder`` looks like the top of a project, and not like a place where files happen to lie."""
    return any(os.path.lexists(folder / mark) for mark in (".git", *CONFIGURATION_NAMES))


def is_source(name: str) -> bool:
    """Whether a file of this name holds code in a language that is read."""
    return name[name.rfind(".") :] in LANGUAGES and not name.endswith(_DECLARATIONS)


class Walk:
    """Collects the source files below ``root``, what was skipped, and nested projects."""

    def __init__(self, root: Path, exclude: Sequence[str], *, split: bool, extra: str) -> None:
        """``extra`` is a file, relative to the root, that is taken for existing; ``""`` for none."""
        self.files: set[str] = set()
        self.manifests: list[str] = []
        """What says where modules lie: files of npm and TypeScript, at any depth."""
        self.configs: dict[str, bool] = {}
        """Files around the code, and whether git leaves them out."""
        self.skipped: list[Skipped] = []
        self.nested: set[str] = set()
        self._root = str(root)
        self._top = self._root.rstrip(os.sep) + os.sep
        self._exclude = IgnorePatterns("\n".join(exclude))
        self._split = split
        self._extra_folder, _, self._extra_name = extra.rpartition("/")
        self._visited: set[str] = set()
        self._links: list[tuple[str, str, Chain]] = []
        self._link_targets: set[str] = set()

    def run(self, starts: Iterable[tuple[str, bool]]) -> None:
        """Walk ``starts``: folders relative to the root, and whether to go down from there."""
        for path, deep in starts:
            self._walk(self._absolute(path), path, self._chain_above(path), named=self._absolute(path), deep=deep)
        self._follow_links()

    def run_passed_over(self, path: str, *, force_exclude: bool) -> None:
        """Walk the folder ``path``, which the user has named, if it was excluded or ignored so far."""
        absolute = self._absolute(path)
        if not force_exclude and absolute not in self._visited and not self.is_in_nested(path + "/"):
            self._walk(absolute, path, self._chain_above(path), named=absolute)
            self._follow_links()

    def is_in_nested(self, path: str) -> bool:
        """Whether ``path`` lies in a project of its own, also one that the walk has not come to."""
        if not self._split:
            return False
        end = path.find("/")
        while end >= 0:
            folder = path[:end]
            absolute = self._absolute(folder)
            if folder not in self.nested and absolute not in self._visited and configuration_in(Path(absolute)):
                self.nested.add(folder)
            if folder in self.nested:
                return True
            end = path.find("/", end + 1)
        return False

    def keep(self, path: str) -> None:
        """Take the file, unless its name cannot be written down."""
        if not path.isascii():
            try:
                path.encode()
            except UnicodeEncodeError:
                self.skip(path, "file name is not valid Unicode")
                return
        self.files.add(path)

    def skip(self, path: str, reason: str) -> None:
        self.skipped.append(Skipped(path.encode("utf-8", "backslashreplace").decode(), reason))

    @cached_property
    def _outer(self) -> Chain:
        return ignore_files_above(self._root)

    def _absolute(self, path: str) -> str:
        return self._top + path if path else self._root

    def _chain_above(self, path: str) -> Chain:
        """The ignore files that hold for the folder ``path`` and lie above it."""
        chain = self._outer
        parts = path.split("/") if path else []
        for count in range(len(parts)):
            chain = self._with_own("/".join(parts[:count]), chain)
        return chain

    def _with_own(self, path: str, chain: Chain, absolute: str | None = None) -> Chain:
        patterns = read_ignore_file(f"{absolute or self._absolute(path)}{os.sep}.gitignore")
        own = IgnoreFile(cut=len(path) + 1 if path else 0, prefix="", patterns=patterns)
        return (own, *chain) if patterns else chain

    def _walk(self, absolute: str, path: str, chain: Chain, *, named: str = "", deep: bool = True) -> None:
        """Walk from a folder. The one at ``named`` is not in question, whatever lies in it."""
        stack = [(absolute, path, chain)]
        while stack:
            folder, path, chain = stack.pop()
            if folder in self._visited:
                continue
            self._visited.add(folder)
            try:
                with os.scandir(folder) as scan:
                    entries = list(scan)
            except OSError as error:
                self.skip(path or ".", f"folder cannot be read ({error.strerror})")
                continue
            names = {entry.name for entry in entries}
            if folder != named and self._stands_apart(folder, path, names):
                self._visited.discard(folder)  # not read: the user may still name it
                continue
            if ".gitignore" in names:
                chain = self._with_own(path, chain, folder)
            prefix = path + "/" if path else ""
            folders = self._take(entries, prefix, chain)
            if path == self._extra_folder and self._extra_name and self._extra_name not in names:
                self._take_extra(prefix, chain)
            if deep:
                stack += [(f"{folder.rstrip(os.sep)}{os.sep}{name}", prefix + name, chain) for name in folders]

    def _stands_apart(self, folder: str, path: str, names: set[str]) -> bool:
        """Whether a folder, by what lies in it, is no part of the project."""
        if not names.isdisjoint(_ENVIRONMENT_MARKERS):
            return True
        if path[path.rfind("/") + 1 :] in _OUTPUT_FOLDERS and _is_output(folder, path, names):
            return True
        if self._split and not names.isdisjoint(_CONFIGURATIONS) and configuration_in(Path(folder)):
            self.nested.add(path)
            return True
        return False

    def _take(self, entries: Sequence[os.DirEntry[str]], prefix: str, chain: Chain) -> list[str]:
        """Keep the source files among ``entries``; gives the names of the folders to go into."""
        folders = []
        for entry in entries:
            if entry.is_file(follow_symlinks=False):  # most entries are files of no interest: one question for those
                name = entry.name
                if is_source(name) and not self._is_ignored(prefix + name, chain, folder=False):
                    self.keep(prefix + name)
                elif is_config(name, prefix[:-1]) and not self._exclude.match(prefix + name, folder=False):
                    if name == "package.json":
                        self.manifests.append(prefix + name)
                    self.configs[prefix + name] = bool(chain) and is_ignored(prefix + name, chain, folder=False)
                elif name in _IMPORT_MAPS or (name.endswith(".json") and name.startswith(_MODULE_SETTINGS)):
                    self.manifests.append(prefix + name)
            elif entry.name in EXCLUDED_FOLDERS and not (entry.name == _OF_OTHERS and _SETTINGS.search(prefix)):
                continue
            elif entry.is_dir(follow_symlinks=False):
                if not self._is_ignored(prefix + entry.name, chain, folder=True):
                    folders.append(entry.name)
            elif entry.is_symlink():
                self._links.append((prefix + entry.name, entry.path, chain))
        return folders

    def _take_extra(self, prefix: str, chain: Chain) -> None:
        name = self._extra_name
        if is_source(name) and not self._is_ignored(prefix + name, chain, folder=False):
            self.keep(prefix + name)

    def _is_ignored(self, path: str, chain: Chain, *, folder: bool) -> bool:
        if self._exclude and self._exclude.match(path, folder=folder):
            return True
        return bool(chain) and is_ignored(path, chain, folder=folder)

    def _follow_links(self) -> None:
        """Symbolic links come last: what they lead to has mostly been read, under its own name."""
        while self._links:
            found = sorted(self._links, key=lambda link: link[0])
            self._links = []
            for path, absolute, chain in found:
                self._follow(path, absolute, chain)

    def _follow(self, path: str, absolute: str, chain: Chain) -> None:
        name = path[path.rfind("/") + 1 :]
        try:
            target = os.path.realpath(absolute, strict=True)
        except FileNotFoundError:
            return
        except OSError:
            if name[name.rfind(".") :] in LANGUAGES:
                self.skip(path, "symlink loop")
            return
        # Git takes a link for a file, whatever it leads to.
        if self._is_ignored(path, chain, folder=False):
            return
        inside = self._inside(target)
        if not os.path.isdir(target):  # noqa: PTH112
            known = (inside if inside is not None else target) in (
                self.files if inside is not None else self._link_targets
            )
            if is_source(name) and not known and os.path.isfile(target):  # noqa: PTH113
                self._link_targets.add(target)
                self.keep(path)
        elif _is_within(os.path.realpath(os.path.dirname(absolute)), target):  # noqa: PTH120
            self.skip(path, "symlink loop")
        elif inside is None:
            self.skip(path, "symlink to a folder outside the project")
        else:
            self._walk(self._absolute(inside), path, chain)

    def _inside(self, target: str) -> str | None:
        """The real path ``target`` relative to the root; None when it lies outside."""
        top = self._real_root.rstrip(os.sep) + os.sep
        return target[len(top) :].replace(os.sep, "/") if target.startswith(top) else None

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self._root)


def _is_output(folder: str, path: str, names: set[str]) -> bool:
    """Whether a folder with the name of build output is that."""
    if "__init__.py" in names:
        return False
    # Among sources it may be one of them, but not beside the manifest of a package: `src/web/package.json`.
    beside = folder.rpartition(os.sep)[0] + f"{os.sep}package.json"
    if "src" in path.split("/")[:-1] and not os.path.isfile(beside):  # noqa: PTH113 - a string
        return False
    if "package.json" not in names:
        return True
    try:
        with open(f"{folder}{os.sep}package.json", "rb") as file:  # noqa: PTH123 - a string
            return _PACKAGE_NAME.search(file.read(_MANIFEST_BYTES)) is None
    except OSError:
        return True


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
