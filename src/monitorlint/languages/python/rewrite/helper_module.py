"""Under which name a file of the project imports the helper module."""

from __future__ import annotations

import os
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.languages.rewriting import NotImportableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path


_OF_BUILDS = frozenset(("setup.py", "hatch_build.py", "pdm_build.py", "noxfile.py", "conanfile.py"))
"""What is run before anything of the project is installed."""
_SHIPPED = ("pyproject.toml", "setup.py", "requirements.txt", "Dockerfile")
"""What says how a folder is installed, or put into an image."""


class HelperModules:
    """How the files of one project import its helper modules."""

    def __init__(
        self, files: Collection[str], imports: Mapping[str, Iterable[str]], root: Path | str | None = None
    ) -> None:
        """Take the project.

        :param files: Every Python file; like all paths relative to the project root, with ``/``.
        :param imports: What files import, as far as it is known: dotted targets, leading dots where they are relative.
        :param root: The project's folder, where what lies beside the code can be looked at.
        """
        self._root = root
        self._files = frozenset(files)
        self._folders = frozenset(folder for path in files for folder in _above(path))
        self._imports = imports
        self._needed: dict[str, frozenset[str]] = {}

    def name(self, path: str, helper: str) -> str:
        """The module to write in ``from … import``: ``app.sentry_monitoring``, or ``..sentry_monitoring``.

        Absolute names start from the folder that those in the file start from, or else those in its folder, or else in
        the whole project; where none tells, from the folder above the helper's topmost package. The name is relative
        where the file imports its own project so, or imports nothing of it and its neighbours do so.

        :param path: The file that imports.
        :param helper: The helper module's file.
        :raises NotImportableError: the file is the helper module, or needed to import that, or a script that may not
            be able to import the project.
        """
        if path == helper:
            raise NotImportableError("the file is the helper module itself")
        if path in self._needed_by(helper):
            raise NotImportableError("the helper module imports this file, which therefore cannot import it")
        self._demand_company(path)
        self._demand_neighbours(path, helper)
        module = self._named(path, helper)
        self._demand_quiet(path, helper)
        return module

    def _named(self, path: str, helper: str) -> str:
        """The module's name, where something shows that the file can import it."""
        folder = _folder(path)
        circles = (_tops(self._imports.get(path, ())), self._by_folder.get(folder, Counter()), self._everywhere)
        relative = self._relative(folder, helper)
        if relative and self._is_relative_habit(folder, circles[:2]):
            return relative
        roots = self._roots(path, helper)
        apart = self._apart(folder, helper)
        for number, tops in enumerate(circles[:2] if apart else circles):
            votes = {root: sum(n for top, n in tops.items() if self._lies_in(root, top)) for root in roots}
            best = max(roots, key=lambda root: votes[root])
            if apart and _dotted(helper, best).partition(".")[0] not in tops:
                continue
            if votes[best] and (not number or self._is_reached(path, helper, best)):
                return _dotted(helper, best)
        if apart:
            raise NotImportableError(
                f"nothing shows that the file can import {_dotted(helper, roots[0])}: "
                f"{apart} may run without the rest of the project"
            )
        reached = [root for root in roots if self._is_reached(path, helper, root)]
        if not reached:
            raise NotImportableError(
                f"nothing shows that the file can import {_dotted(helper, roots[0])}: "
                "it lies outside of that package, and imports nothing of the project"
            )
        return _dotted(helper, reached[0])

    def _demand_company(self, path: str) -> None:
        """Refuse a file that is run without the rest of the project, or without what the helper needs.

        :raises NotImportableError: it is such a file.
        """
        targets = self._imports.get(path, ())
        if path.rpartition("/")[2] in _OF_BUILDS and not self._is_package(_folder(path)):
            raise NotImportableError("the file is run by a build, before anything of the project is installed")
        if any(f"{target}.".startswith("temporalio.workflow.") for target in targets):
            raise NotImportableError(
                "the file holds workflows of Temporal, whose sandbox would load the helper module and sentry-sdk anew"
            )
        is_modal = any(target.partition(".")[0] == "modal" for target in targets)
        if is_modal and not any(True for target in targets for _ in self._found(path, target)):
            raise NotImportableError("Modal takes the file to its containers, and nothing of the project with it")

    def _demand_neighbours(self, path: str, helper: str) -> None:
        """Refuse a package beside the helper's own that has nothing to do with anything else: a client to be published.

        :raises NotImportableError: it is such a package.
        """
        own, others = self._outermost(path), self._outermost(helper)
        if not own or not others or own == others or _folder(own) != _folder(others):
            return
        inside = f"{own}/"
        for importer, targets in self._imports.items():
            if importer.startswith(inside):
                relevant = any(not f.startswith(inside) for target in targets for f in self._found(importer, target))
            else:
                named = targets if not _of_tests(importer) else ()
                relevant = any(f.startswith(inside) for target in named for f in self._found(importer, target))
            if relevant:
                return
        raise NotImportableError(
            f"nothing shows that the file can import {_dotted(helper, _folder(others))}: "
            f"{own} has nothing to do with the rest of the project, and may be installed without it"
        )

    def _outermost(self, path: str) -> str:
        """The outermost package around a file; ``""`` where it lies in none."""
        return next((folder for folder in reversed(_above(path)) if self._is_package(folder)), "")

    def _demand_quiet(self, path: str, helper: str) -> None:
        """Refuse a helper in another package, where importing that runs more than the helper.

        :raises NotImportableError: the package imports the file, or does what the file has not asked for so far.
        """
        for folder in _above(helper):
            package = _join(folder, "__init__.py")
            if not self._is_package(folder) or path.startswith(f"{folder}/") or not self._imports.get(package):
                continue
            if path in self._needed_by(package):
                raise NotImportableError(f"{package} runs before the helper module, and imports this file")
            named = (found for target in self._imports.get(path, ()) for found in self._found(path, target))
            tops = _tops(self._imports.get(path, ()))
            if not tops[folder.rpartition("/")[2]] and not any(file.startswith(f"{folder}/") for file in named):
                raise NotImportableError(f"{package} would run with the helper module, and the file does not import it")

    def package(self, path: str) -> str:  # noqa: ARG002 - the protocol's
        """``""``: any file below a root can import what lies there."""
        return ""

    def spellings(self, path: str, helper: str) -> frozenset[str]:
        """All that can mean the helper module in import statements of a file."""
        return spellings(path, helper)

    def _apart(self, folder: str, helper: str) -> str:
        """The folder around a file that is installed or shipped by itself, without the helper; else ``""``."""
        if self._root is None:
            return ""
        for around in (folder, *_above(folder)):
            if not around or helper.startswith(_join(around, "")):
                return ""
            # In a package, a ``setup.py`` is a module like any other.
            names = [name for name in _SHIPPED if name != "setup.py" or not self._is_package(around)]
            if any(os.path.isfile(os.path.join(self._root, around, name)) for name in names):  # noqa: PTH113, PTH118
                return around
        return ""

    def _is_reached(self, path: str, helper: str, root: str) -> bool:
        """Whether Python surely has ``root`` on its path when it runs a file: scripts bring their own folder alone."""
        current = folder = _folder(path)
        if folder != root and not self._is_package(folder) and self._names_neighbours(path, folder):
            return False
        while current != root and self._is_package(current):
            current = _folder(current)
        if current == root:
            return True
        top, _, rest = _dotted(helper, root).partition(".")
        if rest and path.startswith(_join(root, f"{top}/")):
            return True
        inner = path[len(root) + 1 :] if root else path
        return bool(folder) and inner.partition("/")[0] in self._everywhere and path.startswith(_join(root, ""))

    def _names_neighbours(self, path: str, folder: str) -> bool:
        """Whether a file names what lies beside it as if Python started from there: it is run as a script."""
        tops = _tops(self._imports.get(path, ()))
        return any(top and _join(folder, f"{top}.py") in self._files for top in tops)

    @cached_property
    def _by_folder(self) -> dict[str, Counter[str]]:
        """What the files of each folder import."""
        found: dict[str, Counter[str]] = {}
        for path, targets in self._imports.items():
            found.setdefault(_folder(path), Counter()).update(_tops(targets))
        return found

    @cached_property
    def _everywhere(self) -> Counter[str]:
        return sum(self._by_folder.values(), Counter())

    def _is_relative_habit(self, folder: str, circles: Iterable[Counter[str]]) -> bool:
        """Whether the first circle that imports the project at all does so by relative names rather."""
        around = _above(f"{folder}/")
        for tops in circles:
            absolute = sum(n for top, n in tops.items() if any(self._lies_in(root, top) for root in around))
            if tops[""] or absolute:
                return tops[""] > absolute
        return False

    def _is_package(self, folder: str) -> bool:
        return _join(folder, "__init__.py") in self._files

    def _relative(self, folder: str, helper: str) -> str:
        """The helper as seen from ``folder`` by going up and down, or ``""`` where no package holds both."""
        dots, current = ".", folder
        while self._is_package(current) and not helper.startswith(_join(current, "")):
            current = _folder(current)
            dots += "."
        if not self._is_package(current) or not helper.startswith(_join(current, "")):
            return ""
        rest = _dotted(helper, current)
        return "" if rest == "__init__" else dots + rest

    def _lies_in(self, root: str, top: str) -> bool:
        """Whether a folder holds a module or package of this name."""
        folder = _join(root, top)
        if not top or f"{folder}.py" in self._files or folder not in self._folders:
            return bool(top) and f"{folder}.py" in self._files
        # A folder of the name around the package of the name is what is installed, not what is imported.
        return self._is_package(folder) or not any(self._is_package(f"{folder}/{inner}{top}") for inner in ("", "src/"))

    def _roots(self, path: str, helper: str) -> list[str]:
        """The folders that the helper's absolute name may start from, the likeliest first."""
        current = _folder(helper)
        while current and self._is_package(current):
            current = _folder(current)
        # Within a package all names start above it; a folder that is none may lie on Python's path itself.
        outer = [current, *_above(current)] if current else [""]
        likely = [inner for inner in _above(helper) if inner and inner in self._own_roots]
        if current != _folder(helper) or current == _folder(path):
            likely.append(current)
        likely.extend(folder for folder in outer if folder.rpartition("/")[2] in {"src", "lib"})
        likely.append("")
        return list(dict.fromkeys([*likely, *outer]))

    @cached_property
    def _own_roots(self) -> frozenset[str]:
        """Packages whose folders are on Python's path themselves: files in them import what lies there by its name.

        Where others in them import it by the package's name, that name is sure, and the other one may be a package of
        somebody else's.
        """
        found: set[str] = set()
        named: set[str] = set()
        for path, targets in self._imports.items():
            packages = [folder for folder in _above(path) if self._is_package(folder)]
            for target in targets if packages else ():
                top, _, rest = target.partition(".")
                second, _, _ = rest.partition(".")
                # One word alone may mean any package: `json`, `openai`.
                for folder in packages if top and second else ():
                    if self._is_there(_join(folder, f"{top}/{second}")):
                        found.add(folder)
                    elif top == folder.rpartition("/")[2] and self._is_there(_join(folder, second)):
                        named.add(folder)
        return frozenset(found - named)

    def _is_there(self, module: str) -> bool:
        return f"{module}.py" in self._files or module in self._folders

    def _needed_by(self, helper: str) -> frozenset[str]:
        """The files that importing the helper module imports."""
        if helper not in self._needed:
            seen, todo = {helper}, [helper]
            while todo:
                current = todo.pop()
                new = {f for target in self._imports.get(current, ()) for f in self._found(current, target)} - seen
                seen |= new
                todo.extend(new)
            self._needed[helper] = frozenset(seen)
        return self._needed[helper]

    def _found(self, importer: str, target: str) -> Iterator[str]:
        """The files that an import may load: the module that it names, or the one that holds the name."""
        rest = target.lstrip(".")
        dots = len(target) - len(rest)
        base = _folder(importer)
        for _ in range(dots - 1):
            base = _folder(base)
        parts = rest.split(".") if rest else []
        # Only a script has its own folder on the path, and a package's modules are none.
        roots = [base] if dots else [folder for folder in _above(importer) if not self._is_package(folder)]
        for root in roots:
            for length in (len(parts), len(parts) - 1):
                if length <= 0 and not dots:
                    continue  # a package around the importer is not what `import threading` means
                name = _join(root, "/".join(parts[:length])) if length > 0 else root
                for candidate in (f"{name}.py", _join(name, "__init__.py")):
                    if candidate in self._files:
                        yield candidate


def _of_tests(path: str) -> bool:
    *folders, name = path.split("/")
    return name.startswith(("test_", "conftest")) or any(folder in {"test", "tests"} for folder in folders)


def spellings(path: str, helper: str) -> frozenset[str]:
    """All that can mean the helper module in import statements of a file, whatever folder Python starts from."""
    parts = _dotted(helper, "").split(".")
    found = {".".join(parts[number:]) for number in range(len(parts))}
    folder = _folder(path)
    above = 1
    while True:
        if helper.startswith(f"{folder}/") or not folder:
            found.add("." * above + _dotted(helper, folder))
            break
        folder = _folder(folder)
        above += 1
    return frozenset(found)


def _tops(targets: Iterable[str]) -> Counter[str]:
    """The first names of imports; ``""`` for the relative ones."""
    return Counter(target.partition(".")[0] for target in targets)


def _dotted(path: str, root: str) -> str:
    """The module name of a file, seen from a folder above it."""
    inner = path[len(root) + 1 :] if root else path
    return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _above(path: str) -> list[str]:
    """The folders around a path, the innermost first; ``""`` is the root."""
    found = [_folder(path)]
    while found[-1]:
        found.append(_folder(found[-1]))
    return found


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
