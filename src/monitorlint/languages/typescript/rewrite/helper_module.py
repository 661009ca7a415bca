"""Under which name a file of the project imports the helper module."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.languages.rewriting import NotImportableError
from monitorlint.languages.typescript import specifiers
from monitorlint.languages.typescript.folders import Folders, above
from monitorlint.languages.typescript.modules import ModuleMap
from monitorlint.languages.typescript.packages import Package, Workspaces, package_in
from monitorlint.languages.typescript.rewrite.runtimes import (
    WRANGLER,
    calls_deno,
    is_es_module,
    is_for_deno,
    is_run_as_it_is,
    is_script,
    mismatch,
    needs_node,
    requires_modules,
    runs_in_convex,
    uses_node,
    worker_of,
)
from monitorlint.languages.typescript.tsconfig import Configs
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from monitorlint.languages.typescript.tsconfig import Config

_ENDING = pattern(r"\.[cm]?[jt]sx?$")
_OUTPUTS = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs", ".jsx": ".js"}
"""The ending by which an import names a file that is compiled."""
_COMPILED = (".ts", ".tsx", ".mts", ".cts")
_NODE_MODULES = frozenset({"node16", "node18", "node20", "nodenext"})
_SERVED = ("public/", "static/")
"""Folders of a package that browsers get files from, as they are."""
_DENO_CONFIGURATIONS = frozenset(("deno.json", "deno.jsonc"))


class _Habit(NamedTuple):
    """One import of the project's own file, as a file writes it."""

    specifier: str
    file: str
    """What it means."""


class HelperModules:
    """How the files of one project import its helper modules."""

    def __init__(self, root: Path | str, files: Collection[str], imports: Mapping[str, Iterable[str]]) -> None:
        """Take the project.

        :param files: Every file of the language; like all paths relative to the project root, with ``/``.
        :param imports: What files import, as far as it is known: encoded specifiers.
        """
        self._folders = Folders(str(root), files)
        self._workspaces = Workspaces(self._folders)
        self._configs = Configs(self._folders, self._package_folder)
        # Nothing that an installed package provides is taken for a file of the project.
        self._map = ModuleMap(root, files, lambda _: True)
        self._imports = imports
        self._known: dict[str, list[_Habit]] = {}
        self._needed: dict[str, frozenset[str]] = {}

    def name(self, path: str, helper: str) -> str:
        """The specifier to import from: an alias where files use aliases, else a relative path.

        :param path: The file that imports.
        :param helper: The helper module's file.
        :raises NotImportableError: the file is the helper module, or needed to import that, or lies in another package,
            or runs where the helper cannot, or no build sees it.
        """
        if path == helper:
            raise NotImportableError("the file is the helper module itself")
        if path in self._needed_by(helper):
            raise NotImportableError("the helper module imports this file, which therefore cannot import it")
        here, there = self.package(path), self.package(helper)
        inside = path[len(here) + 1 :] if here else path
        if inside.startswith(_SERVED) and not path.endswith((".ts", ".tsx")) and not self._imports.get(path):
            raise NotImportableError(
                "the file is served as it is: no build puts what it imports where browsers find it"
            )
        if here != there:
            raise NotImportableError(
                f"{helper} is in another package than the file, {there or 'the root'}; "
                f"run `monitorlint init` in {here or 'the root'}, too"
            )
        self._demand_runtime(path, helper)
        relative = _relative(path.rpartition("/")[0], helper)
        is_plain = is_run_as_it_is(path, self._text(path))
        ending = self._ending(path, helper)
        stem = _ENDING.sub("", helper)
        if not relative.startswith("../"):
            return _ENDING.sub("", relative) + ending
        # No build resolves an alias for Node.
        habits = [self._own(path)] if is_plain else list(self._habits(path))
        for circle in habits:
            aliases = [h for h in circle if not h.specifier.startswith(".")]
            upward = sum(h.specifier.startswith("..") for h in circle)
            if len(aliases) < upward:
                return _ENDING.sub("", relative) + ending
            if aliases:
                found = self._by_alias(path, helper, stem, ending, _prefixes(aliases))
                if found:
                    return found
                if upward:
                    break
        if any(circle for circle in habits if any(h.specifier.startswith("..") for h in circle)):
            return _ENDING.sub("", relative) + ending
        configured = [] if is_plain else self._configured(path)
        return self._by_alias(path, helper, stem, ending, configured) or _ENDING.sub("", relative) + ending

    def spellings(self, path: str, helper: str) -> frozenset[str]:
        """All that can mean the helper module in import statements of a file."""
        relative = _ENDING.sub("", _relative(path.rpartition("/")[0], helper))
        found = {relative + ending for ending in ("", ".js", ".ts", ".mjs", ".cjs")}
        found.update(habit.specifier for habit in self._own(path) if habit.file == helper)
        return frozenset(found)

    def _demand_runtime(self, path: str, helper: str) -> None:
        """Refuse a helper for the server in a file for the browser, and the reverse; and what a runtime cannot load.

        :raises NotImportableError: the file runs where the helper cannot.
        """
        text = self._text(path)
        reason = mismatch(path, text, self._uses(path), self._uses(helper))
        if reason:
            raise NotImportableError(reason)
        if (reason := self._elsewhere(path, helper)) != "":
            raise NotImportableError(reason)
        if self._runs_in_deno(path) and not self._is_read_by_deno(path, helper):
            raise NotImportableError("the file runs in Deno, which cannot load the helper module")
        package = next(self._packages(path), None)
        is_module = package is not None and package.data.get("type") == "module"
        if is_script(path, text) and not is_module and path not in self._imported:
            raise NotImportableError("nothing says that the file is a module, and an import would not load in a script")
        if is_run_as_it_is(path, text):
            if "contextBridge" in text and not self._own(path):
                raise NotImportableError("the file is a preload script of Electron, which loads no file of the project")
            self._demand_module(path, helper)
        is_compiled = helper.endswith(_COMPILED)
        if is_compiled and is_run_as_it_is(path, text) and not any(h.file.endswith(_COMPILED) for h in self._own(path)):
            raise NotImportableError("Node runs the file as it is, and cannot load the helper module, in TypeScript")

    def _elsewhere(self, path: str, helper: str) -> str:
        """Why the platform that runs a file cannot load the helper; ``""`` when it can."""
        package = next(self._packages(path), None)
        depends = package.data.get("dependencies") if package is not None else None
        if isinstance(depends, dict) and "convex" in depends and runs_in_convex(path, self._text(path)):
            return "Convex runs the file, in a runtime that is neither Node nor a browser"
        needed = needs_node(self._uses(helper))
        if needed and path in self._in_workers:
            return f"Cloudflare runs the file, and the helper module needs {needed}"
        return ""

    @cached_property
    def _in_workers(self) -> frozenset[str]:
        """The files that workers of Cloudflare run, as far as their configurations say where they begin."""
        found: set[str] = set()
        for folder in {"", *self._folders.folders}:
            for name in self._folders.names(folder).intersection(WRANGLER):
                start = f"{folder}/" if folder else ""
                entry = start + worker_of(self._folders.text(start + name) or "")
                functions = (p for p in self._folders.paths if p.startswith(f"{start}functions/"))
                found |= self._reached([entry] if entry in self._folders.paths else functions)
        return frozenset(found)

    def _demand_module(self, path: str, helper: str) -> None:
        """Refuse a helper in another module system in a file that Node reads, unless the file imports its like.

        :raises NotImportableError: older versions of Node cannot load it.
        """
        if helper.endswith(_COMPILED) or not is_es_module(helper, self._text(helper)):
            return
        if any(is_es_module(habit.file, self._text(habit.file)) for habit in self._own(path)):
            return
        if requires_modules(path, self._text(path)):
            raise NotImportableError("the file is a module of CommonJS, and the helper module an ES module")
        package = next(self._packages(helper), None)
        is_module = helper.endswith(".mjs") or (package is not None and package.data.get("type") == "module")
        if uses_node(self._uses(path)) and not is_module:
            raise NotImportableError(f'Node takes {helper} for CommonJS, as the package has no "type": "module"')

    def _text(self, path: str) -> str:
        return self._folders.text(path) or ""

    def _uses(self, path: str) -> frozenset[str]:
        """The specifiers that a file imports."""
        return frozenset(specifiers.split(target)[0] for target in self._imports.get(path, ()))

    def _runs_in_deno(self, path: str) -> bool:
        return path in self._in_deno or calls_deno(self._text(path))

    @cached_property
    def _in_deno(self) -> frozenset[str]:
        """The files that are for Deno, and those that they import."""
        return self._reached(path for path in self._imports if is_for_deno(path, self._uses(path)))

    def _is_read_by_deno(self, path: str, helper: str) -> bool:
        """The helper is for Deno, too, or lies where the configuration of Deno holds that says what names mean."""
        if is_for_deno(helper, self._uses(helper)):
            return True
        for folder in above(path.rpartition("/")[0]):
            if self._folders.names(folder) & _DENO_CONFIGURATIONS:
                return not folder or helper.startswith(f"{folder}/")
        return False

    def package(self, path: str) -> str:
        """The folder of the package that a file belongs to; a ``package.json`` without a name only sets options."""
        for folder in above(path.rpartition("/")[0]):
            package = package_in(self._folders, folder)
            if package is not None and (package.name or "dependencies" in package.data):
                return folder
        return ""

    def _habits(self, path: str) -> Iterator[list[_Habit]]:
        """The imports of the file, then of its folder, then of its package, that go beyond a file's own folder."""
        yield self._own(path)
        folder = path.rpartition("/")[0]
        yield [h for p in self._imports if p.rpartition("/")[0] == folder for h in self._own(p)]
        package = self.package(path)
        inside = f"{package}/" if package else ""
        yield [h for p in self._imports if p.startswith(inside) for h in self._own(p)]

    def _own(self, path: str) -> list[_Habit]:
        """The imports by which a file names others of the project."""
        if path not in self._known:
            habits: list[_Habit] = []
            for target in self._imports.get(path, ()):
                file, _ = self._map.find(path, target)
                if file is not None:
                    habits.append(_Habit(specifiers.split(target)[0], file))
            self._known[path] = habits
        return self._known[path]

    def _ending(self, path: str, helper: str) -> str:
        """How the specifier ends: as neighbours write it, or else as the module system needs it."""
        real = helper[helper.rindex(".") :]
        output = _OUTPUTS.get(real, real)
        if self._runs_in_deno(path):
            return real
        for circle in self._habits(path):
            endings: Counter[str] = Counter()
            for specifier, file in circle:
                written = _ENDING.search(specifier)
                ending = written[0] if written is not None else ""
                if not file.rpartition("/")[2].startswith("index."):
                    endings[
                        "" if not ending else "real" if file.endswith(ending) and ending in _OUTPUTS else "out"
                    ] += 1
            if endings:
                most = endings.most_common(1)[0][0]
                return "" if not most else real if most == "real" else output
        if path.endswith((".mts", ".mjs")):
            return output
        config = self._config(path)
        package = next(self._packages(path), None)
        is_module = package is not None and package.data.get("type") == "module"
        if config is not None and config.modules.lower() in _NODE_MODULES:
            return output if is_module else ""
        return output if is_module and config is None and path.endswith(".js") else ""

    def _config(self, path: str) -> Config | None:
        for folder in above(path.rpartition("/")[0]):
            config = self._configs.of(folder)
            if config is not None:
                return config
        return None

    def _packages(self, path: str) -> Iterator[Package]:
        for folder in above(path.rpartition("/")[0]):
            package = package_in(self._folders, folder)
            if package is not None:
                yield package

    def _configured(self, path: str) -> list[tuple[str, str]]:
        """The aliases that the configuration of TypeScript gives folders, the longest folder first."""
        config = self._config(path)
        if config is None:
            return []
        found = [
            (mapping.prefix, target.partition("*")[0])
            for mapping in config.mappings
            if mapping.suffix == ""
            for target in mapping.targets
            if target.endswith("*")
        ]
        return sorted(found, key=lambda pair: -len(pair[1]))

    def _by_alias(self, path: str, helper: str, stem: str, ending: str, aliases: Iterable[tuple[str, str]]) -> str:
        """The specifier by one of some aliases that surely means the helper; ``""`` where none does."""
        for prefix, place in aliases:
            start = place.removeprefix("./")
            if stem.startswith(start) and not (prefix == "" and not start):
                specifier = prefix + stem[len(start) :] + ending
                if self._map.find(path, specifiers.encode(specifier))[0] == helper:
                    return specifier
        return ""

    @cached_property
    def _imported(self) -> frozenset[str]:
        """The files that others import."""
        return frozenset(habit.file for path in self._imports for habit in self._own(path))

    def _needed_by(self, helper: str) -> frozenset[str]:
        """The files that importing the helper module imports."""
        if helper not in self._needed:
            self._needed[helper] = self._reached((helper,))
        return self._needed[helper]

    def _reached(self, paths: Iterable[str]) -> frozenset[str]:
        """Some files, and what importing them imports."""
        seen = set(paths)
        todo = list(seen)
        while todo:
            new = {habit.file for habit in self._own(todo.pop())} - seen
            seen |= new
            todo.extend(new)
        return frozenset(seen)

    def _package_folder(self, folder: str, name: str) -> str | None:
        package = self._workspaces.named(folder, name)
        return package.folder if package is not None else None


def _prefixes(habits: Iterable[_Habit]) -> list[tuple[str, str]]:
    """What aliases stand for, as imports show it: ``@/`` for ``src/``; whole folders first, the most used first."""
    folders: Counter[tuple[str, str]] = Counter()
    others: Counter[tuple[str, str]] = Counter()
    for specifier, file in habits:
        name, place = _ENDING.sub("", specifier), _ENDING.sub("", file)
        place = place.removesuffix("/index") if not name.endswith("/index") else place
        same = 0
        while same < min(len(name), len(place)) and name[-1 - same] == place[-1 - same]:
            same += 1
        if same:
            others[name[: len(name) - same], place[: len(place) - same]] += 1
            # `@app/x` for `apps/app/x` is no `@` for `apps/`.
            cut = name.find("/", len(name) - same) + 1
            if cut:
                folders[name[:cut], place[: len(place) - len(name) + cut]] += 1
    return [pair for counted in (folders, others) for pair, _ in counted.most_common()]


def _relative(folder: str, path: str) -> str:
    """A path as seen from a folder: ``./x`` or ``../y/x``."""
    here, there = folder.split("/") if folder else [], path.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    up = "../" * (len(here) - shared) or "./"
    return up + "/".join(there[shared:])
