"""Which file of the project an import means."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# What lies in a folder that is deployed by itself: its modules import each other by bare names, whatever lies above.
_DEPLOYED = ("host.json", "Dockerfile", "requirements.txt", "pyproject.toml", "setup.py", "Procfile")

_BELOW = 2
"""The names behind a package of which the first is a module of it: what is imported of that is the second."""


class ModuleMap:
    """Python's modules of one project, by path. Paths are relative to the root, with ``/``."""

    def __init__(
        self, paths: Iterable[str], is_external: Callable[[str], bool], is_file: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Take the project's files.

        :param paths: Every Python file of the project.
        :param is_external: Whether a top-level name is a package that the catalogue knows: such a name means the
            package even where a folder of the project has the same name.
        :param is_file: Whether a file of any kind lies at a path.
        """
        self._paths = frozenset(paths)
        self._is_external = is_external
        self._is_file = is_file
        self._deployed: dict[str, bool] = {}
        self._memo: dict[tuple[str, str], tuple[str | None, tuple[str, ...]]] = {}
        self._above: dict[str, list[str]] = {}
        self._roots_of: dict[tuple[str, str], str | None] = {}
        self._inner_roots: dict[tuple[str, str], str | None] = {}
        self._outside: dict[str, tuple[str | None, tuple[str, ...]]] = {}
        """Targets whose first name is no file or folder of the project."""
        self._absolute: dict[tuple[str, str], tuple[str | None, tuple[str, ...]]] = {}

    @cached_property
    def _folders(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self._paths:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    @cached_property
    def _names(self) -> frozenset[str]:
        """Whatever may be a top-level module: the name of any file or folder."""
        files = {p.rpartition("/")[2].removesuffix(".py") for p in self._paths}
        return frozenset(files | {f.rpartition("/")[2] for f in self._folders})

    @cached_property
    def _packages(self) -> frozenset[str]:
        return frozenset(p.removesuffix("/__init__.py") for p in self._paths if p.endswith("/__init__.py"))

    @cached_property
    def _homes(self) -> dict[str, tuple[str, ...]]:
        """Top-level package or module name to the folders it lies in, where the folder is not itself a package."""
        homes: dict[str, set[str]] = {}
        for package in self._packages:
            parent, _, name = package.rpartition("/")
            if parent not in self._packages:
                homes.setdefault(name, set()).add(parent)
        return {name: tuple(sorted(folders)) for name, folders in homes.items()}

    def find(self, importer: str, target: str) -> tuple[str | None, tuple[str, ...]]:
        """The file that ``target`` (as an import statement writes it) begins with, and the names left over.

        A file of None means that the target is not in the project. The folder of a namespace package is
        named by its path with a ``/`` behind.
        """
        found = self._outside.get(target)
        if found is None:
            folder = importer.rpartition("/")[0]
            found = self._memo.get((folder, target))
            if found is None:
                found = self._memo[folder, target] = self._find(folder, target)
        return found

    def is_foreign(self, target: str) -> bool:
        """Whether ``find`` has told that a target's first name is no file or folder of the project."""
        return target in self._outside

    def _find(self, folder: str, target: str) -> tuple[str | None, tuple[str, ...]]:
        if target.startswith("."):
            rest = target.lstrip(".")
            for _ in range(len(target) - len(rest) - 1):
                folder = folder.rpartition("/")[0]
            names = tuple(rest.split(".")) if rest else ()
            return self._descend(folder, names, allow_folder=True)
        top = target.partition(".")[0]
        if top not in self._names:
            # Most of what is imported: the same from everywhere.
            return self._outside.setdefault(target, (None, tuple(target.split("."))))
        home = (folder, top)
        if home not in self._roots_of:
            self._roots_of[home] = self._root_of(folder, top)
        root = self._roots_of[home]
        if root is None:
            return self._in_packages_on_path(target)
        # Most folders see a package in the same place.
        found = self._absolute.get((root, target))
        if found is None:
            names = tuple(target.split("."))
            found = self._descend(root, names, allow_folder=True)
            if found[0] is not None and found[0].endswith("/"):
                found = self._in_folder_of_its_name(_join(root, top), names, found)
                if found[0] is not None and found[0].endswith("/") and found[1]:
                    found = self._in_another_root(top, names, found)
            self._absolute[root, target] = found
        if len(found[1]) >= _BELOW and found[0] == _join(root, f"{top}/__init__.py"):
            found = self._in_its_namesake(folder, _join(root, top), tuple(target.split(".")), found)
        if home not in self._inner_roots:
            self._inner_roots[home] = self._inner_root(folder, top)
        inner = self._inner_roots[home]
        if inner is not None:
            # What the inner package lacks may be meant of the outer one.
            other = self._descend(inner, tuple(target.split(".")), allow_folder=False)
            found = other if other[0] is not None and len(other[1]) <= len(found[1]) else found
        return found

    def _inner_root(self, folder: str, top: str) -> str | None:
        """The package ``top`` above a file that is deployed by itself, and holds another one of its name."""
        if f"/{top}/" not in f"/{folder}/" or self._is_external(top):
            return None
        root = self._source_root(folder, top)
        return root if root is not None and root.rpartition("/")[2] == top else None

    def _in_packages_on_path(self, target: str) -> tuple[str | None, tuple[str, ...]]:
        """What a target stands for in a package whose folder is on Python's path itself, as Django's `apps` often is.

        Only where one package of the project holds its first two names: one name alone may be anybody's.
        """
        names = tuple(target.split("."))
        homes = self._inner_homes.get(names[0], ())
        if len(homes) == 1 and not self._is_external(names[0]) and names[0] not in sys.stdlib_module_names:
            found = self._descend(homes[0], names, allow_folder=False)
            if found[0] is not None and len(names) - len(found[1]) > 1:
                return found
        return None, names

    @cached_property
    def _inner_homes(self) -> dict[str, tuple[str, ...]]:
        """The packages that packages of some name lie in, by that name."""
        homes: dict[str, list[str]] = {}
        for package in sorted(self._packages):
            parent, _, name = package.rpartition("/")
            if parent in self._packages:
                homes.setdefault(name, []).append(parent)
        return {name: tuple(parents) for name, parents in homes.items()}

    def _in_folder_of_its_name(
        self, folder: str, names: tuple[str, ...], found: tuple[str | None, tuple[str, ...]]
    ) -> tuple[str | None, tuple[str, ...]]:
        """What names stand for where ``folder`` holds a project, and in it the package that is installed from it.

        A package goes before a folder that is none, wherever the two lie.
        """
        for root in (folder, _join(folder, "src")):
            if _join(root, names[0]) in self._packages:
                other = self._descend(root, names, allow_folder=True)
                if other[0] is not None and not other[0].endswith("/") and len(other[1]) <= len(found[1]):
                    return other
        return found

    def _in_another_root(
        self, top: str, names: tuple[str, ...], found: tuple[str | None, tuple[str, ...]]
    ) -> tuple[str | None, tuple[str, ...]]:
        """What names stand for in another of the folders over which a namespace package is spread.

        One of them may have made it a package, which looks for its parts everywhere (`pkgutil.extend_path`).
        """
        homes = [home for home in self._homes.get(top, ()) if self._is_deployed(home) or home.endswith("src")]
        for root in (*self._namespaces.get(top, ()), *(homes if len(homes) == 1 else ())):
            other = self._descend(root, names, allow_folder=True)
            if other[0] is not None and len(other[1]) < len(found[1]):
                found = other
        return found

    def _in_its_namesake(
        self, folder: str, package: str, names: tuple[str, ...], found: tuple[str | None, tuple[str, ...]]
    ) -> tuple[str | None, tuple[str, ...]]:
        """What names stand for in another package of one name, where the nearest one has no such module.

        What is installed of one part of a repository often goes by the name of what another part kept, or was once.
        Only where one package alone that is installed has the module, and no package's files mean themselves.
        """
        if f"{folder}/".startswith(f"{package}/"):
            return found
        homes = (home for home in self._homes.get(names[0], ()) if home.endswith("src") or self._is_deployed(home))
        others = [self._descend(home, names, allow_folder=False) for home in homes if _join(home, names[0]) != package]
        others = [other for other in others if len(other[1]) < len(found[1])]
        return others[0] if len(others) == 1 else found

    @cached_property
    def _namespaces(self) -> dict[str, tuple[str, ...]]:
        """The folders that hold a folder of some name which is no package, by that name; `src` and the like alone."""
        homes: dict[str, list[str]] = {}
        for folder in sorted(self._folders - self._packages):
            parent, _, name = folder.rpartition("/")
            if parent not in self._packages and (self._is_deployed(parent) or parent.endswith("src")):
                homes.setdefault(name, []).append(parent)
        return {name: tuple(parents) for name, parents in homes.items() if len(parents) > 1}

    def _root_of(self, folder: str, top: str) -> str | None:
        """Where the top-level ``top`` lies that a file in ``folder`` imports; None when the project has none."""
        external = self._is_external(top)
        for root in self._roots(folder, top):
            if external and not self._is_package(root, top):
                continue
            found, left = self._descend(root, (top,), allow_folder=not external)
            if found is not None and not left:
                return root
        return None if external or top in sys.stdlib_module_names else self._source_root(folder, top)

    def _source_root(self, folder: str, top: str) -> str | None:
        """The nearest package above a file that is deployed by itself, and holds ``top``."""
        current = folder
        while current:
            lies_here = f"{current}/{top}.py" in self._paths or f"{current}/{top}" in self._folders
            if lies_here and current in self._packages and self._is_deployed(current):
                return current
            current = current.rpartition("/")[0]
        return None

    def _is_deployed(self, folder: str) -> bool:
        if folder not in self._deployed:
            # In a package, a ``setup.py`` is a module like any other.
            names = [name for name in _DEPLOYED if name != "setup.py" or folder not in self._packages]
            self._deployed[folder] = any(self._is_file(f"{folder}/{name}") for name in names)
        return self._deployed[folder]

    def _is_package(self, root: str, name: str) -> bool:
        """A top-level ``name`` is the project's own only as a package right in the root or in the ``src`` of a part."""
        is_source = root in {"", "src"} or (root.endswith("/src") and self._is_deployed(root.removesuffix("/src")))
        return is_source and _join(root, name) in self._packages

    def _roots(self, folder: str, name: str) -> list[str]:
        """Folders that Python could have on its path for a file in ``folder``, nearest first."""
        roots = self._above.get(folder)
        if roots is None:
            roots = self._above[folder] = self._roots_above(folder)
        homes = self._homes.get(name, ())
        return [*roots, homes[0]] if len(homes) == 1 and homes[0] not in roots else roots

    def _roots_above(self, folder: str) -> list[str]:
        roots: list[str] = []
        current = folder
        while True:
            if current not in self._packages:
                roots.append(current)
                if _join(current, "src") in self._folders:
                    roots.append(_join(current, "src"))
            if not current:
                break
            current = current.rpartition("/")[0]
        return roots

    def _descend(
        self, folder: str, names: tuple[str, ...], *, allow_folder: bool
    ) -> tuple[str | None, tuple[str, ...]]:
        current = folder
        best: tuple[str | None, tuple[str, ...]] = (None, names)
        if allow_folder and _join(current, "__init__.py") in self._paths:
            best = (_join(current, "__init__.py"), names)
        elif not names and current in self._folders:
            best = (f"{current}/", ())
        for number, name in enumerate(names):
            current = _join(current, name)
            rest = names[number + 1 :]
            if current in self._packages:
                # Beside a module of its name, the package is what is imported.
                best = (f"{current}/__init__.py", rest)
            elif f"{current}.py" in self._paths:
                return f"{current}.py", rest
            elif allow_folder and current in self._folders:
                best = (f"{current}/", rest)
            else:
                break
        return best

    def external(self, target: str) -> str:
        """The catalogue path of a target that is not in the project: the target itself."""
        return target

    def names(self, file: str) -> tuple[str, ...]:
        """The names of a file's module, the outermost first."""
        return tuple(file.removesuffix(".py").removesuffix("/__init__").split("/"))

    def package(self, module: str) -> str | None:
        """The file of the package that a module lies in; None where it lies in none."""
        above = module.removesuffix("/__init__.py").rpartition("/")[0]
        return f"{above}/__init__.py" if above in self._packages else None

    def folder(self, importer: str, target: str) -> str | None:
        """The folder of the package that ``target`` names; None where that is no package of the project."""
        module, names = self.find(importer, target)
        if module is None or names or not module.endswith(("/", "/__init__.py")):
            return None
        return module.removesuffix("__init__.py").removesuffix("/")

    def child(self, module: str, name: str) -> str | None:
        """The submodule ``name`` of a package file or namespace folder."""
        if module.endswith("/__init__.py"):
            folder = module.removesuffix("/__init__.py")
        elif module == "__init__.py":
            folder = ""
        elif module.endswith("/"):
            folder = module[:-1]
        else:
            return None
        found = self._descend(folder, (name,), allow_folder=True)
        return found[0] if found[0] is not None and not found[1] else None


def own_packages(paths: Iterable[str], is_file: Callable[[str], bool]) -> frozenset[str]:
    """Top-level packages that the project itself distributes: in the root, in a ``src``, or beside a project file."""
    packages = {p.removesuffix("/__init__.py") for p in paths if p.endswith("/__init__.py")}
    found: set[str] = set()
    for package in packages:
        parent, _, name = package.rpartition("/")
        if parent in packages:
            continue
        is_source = parent in {"", "src"} or parent.endswith("/src")
        if is_source or any(is_file(_join(parent, f)) for f in ("pyproject.toml", "setup.py", "setup.cfg")):
            found.add(name)
    return frozenset(found)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
