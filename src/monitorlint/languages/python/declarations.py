"""What the packaging files of a Python project declare: packages, their versions, and commands."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.languages.python.programs import Programs
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_DECLARING = pattern(r"(?:requirements.*\.(?:txt|in)|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment\.ya?ml)")
_LOCKS = frozenset({"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"})
_REQUIREMENT = pattern(
    r"""^[\s"'-]*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:=\s*["'])?\s*((?:[<>=!~^]=?[^"',;#]*,?\s*)*)"""
)
_SCRIPT = pattern(r"""([\w.-]+)["']?\s*=\s*["']?([A-Za-z_][\w.]*):[A-Za-z_]\w*""")
_ARRAY = pattern(r"=\s*\[.*[\"']")
_QUOTED = pattern(r"""["']([^"']+)["']""")
_BOUND = pattern(r"(<=|>=|<|>)\s*(\d[\w.]*)")
_LOCKED = pattern(r"""\[\[package\]\]\s*name = "([^"]+)"\s*version = "([^"]+)\"""")


def declares(path: str) -> bool:
    """Whether a file declares packages, or says where modules lie."""
    return path.rpartition("/")[2] in {*_LOCKS, "host.json"} or _asks(path)


def _asks(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    in_folder = folder.rpartition("/")[2] == "requirements" and name.endswith((".txt", ".in"))
    return in_folder or _DECLARING.fullmatch(name) is not None


class Declarations:
    """What a project declares, read when somebody asks."""

    def __init__(self, texts: Mapping[str, str], imported: Callable[[], Iterable[str]]) -> None:
        """Take the texts of the files that declare something, by path, and what the project's code imports."""
        self._texts = texts
        self._imported = imported

    @cached_property
    def _versions(self) -> dict[str, str]:
        """Locked (or exactly pinned) versions by normalised distribution name."""
        found: dict[str, str] = {}
        for path, text in self._texts.items():
            name = path.rpartition("/")[2]
            if name in _LOCKS:
                for package, version in _LOCKED.findall(text):
                    found[_normal(package)] = version
            elif _asks(path):
                for package, version in _requirements(text):
                    if exact := re.fullmatch(r"==\s*([\w.]+)\s*", version):
                        found.setdefault(package, exact.group(1))
        return found

    @cached_property
    def _bounds(self) -> dict[str, list[str]]:
        """The ends of the ranges that are asked for, such as ``<2.0``, by normalised distribution name."""
        found: dict[str, list[str]] = {}
        for path, text in self._texts.items():
            for package, asked in _requirements(text) if _asks(path) else ():
                found.setdefault(package, []).extend(part.strip() for part in asked.split(",") if part.strip())
        return found

    @cached_property
    def _declared(self) -> frozenset[str]:
        found: set[str] = set(self._versions)
        for path, text in self._texts.items():
            if _asks(path):
                found.update(package for package, _ in _requirements(text))
        return frozenset(found)

    @cached_property
    def _environments(self) -> dict[str, dict[str, str]]:
        """What each lock file locks, by its folder, where there are several: versions by distribution name.

        What is asked for beside it and not locked has no version, ``""``.
        """
        folders = {path.rpartition("/")[0] for path in self._texts if path.rpartition("/")[2] in _LOCKS}
        found: dict[str, dict[str, str]] = {folder: {} for folder in folders if len(folders) > 1}
        for path, text in self._texts.items():
            folder, _, name = path.rpartition("/")
            if folder in found and name in _LOCKS:
                found[folder].update((_normal(package), version) for package, version in _LOCKED.findall(text))
            elif folder in found and _asks(path):
                for package, _ in _requirements(text):
                    found[folder].setdefault(package, "")
        return {folder: versions for folder, versions in found.items() if any(versions.values())}

    def _around(self, place: str) -> dict[str, str] | None:
        """What is locked nearest to a file; None where no lock file, or one for all of the project, is."""
        folder = place if self._environments else ""
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in self._environments:
                return self._environments[folder]
        return None

    def is_importable(self, name: str, place: str = "") -> bool:
        """Whether a distribution is declared, or a module imported, of this name.

        A file near one of several lock files has what that locks, others have what the project declares anywhere.
        """
        normal = _normal(name)
        locked = self._around(place)
        return normal in locked if locked is not None else normal in self._declared or normal in self._modules

    def is_declared(self, prefix: str, place: str) -> bool:  # noqa: ARG002 - one environment for all files
        """Whether a distribution or module whose name begins so is there; True where none is declared."""
        known = self._declared or self._modules
        return not known or any(name.startswith(_normal(prefix)) for name in (*self._declared, *self._modules))

    @cached_property
    def _modules(self) -> frozenset[str]:
        return frozenset(map(_normal, {m.partition(".")[0] for m in self._imported()}))

    def satisfies(self, package: str, specifier: str, place: str = "") -> bool:
        """Whether the version of a package that a file gets may lie in a range; True where nothing says it."""
        if not specifier:
            return True
        parts = [part.strip() for part in specifier.split(",")]
        version = (self._around(place) or {}).get(_normal(package)) or self._versions.get(_normal(package))
        if version is not None:
            return all(_compares(version, part) for part in parts)
        return not any(_excludes(bound, part) for bound in self._bounds.get(_normal(package), ()) for part in parts)

    @staticmethod
    def links_first(_path: str) -> bool:
        """Whether what a file imports is loaded before a line of it runs: each import runs where it stands."""
        return False

    def tells(self, package: str, place: str) -> bool:
        """Whether something says which version a file gets of a package, at most; True where nothing asks for it."""
        name = _normal(package)
        if name not in self._declared:
            return True
        version = (self._around(place) or {}).get(name) or self._versions.get(name)
        return version is not None or any(not bound.startswith((">", "!")) for bound in self._bounds.get(name, ()))

    @staticmethod
    def scripts(_path: str) -> tuple[str, ...]:
        """None: packages of Python's declare what they install, and no commands that build them."""
        return ()

    def place(self, name: str) -> tuple[str, int] | None:
        """Where the project itself asks for a distribution: path and 0-based line."""
        normal = _normal(name)
        for path, text in self._texts.items():
            if normal in self._declared and _asks(path):
                for row, line in enumerate(text.splitlines()):
                    if any(package == normal for package, _ in _requirements(line)):
                        return path, row
        return None

    def programs(self, files: Iterable[str], shell: Mapping[str, Sequence[Sequence[str]]]) -> Programs:
        """The programs among some files.

        :param shell: The words of the lines of the project's shell scripts, by path.
        """
        return Programs(files, self._scripts, shell)

    def tools(self) -> frozenset[str]:
        """The folders of packages that are tools for those who write the project: not told."""
        return frozenset()

    @cached_property
    def _scripts(self) -> dict[str, str]:
        """The modules behind the commands that the project installs, by the commands' names."""
        found: dict[str, str] = {}
        for path, text in self._texts.items():
            if _asks(path):
                found.update(_SCRIPT.findall(text))
        return found


def _requirements(text: str) -> Iterator[tuple[str, str]]:
    """Normalised name and version range of all that a declaring file asks for; of an array on one line too."""
    for line in text.splitlines():
        parts = _QUOTED.findall(line) if _ARRAY.search(line) else [line]
        for declared in filter(None, map(_REQUIREMENT.match, parts)):
            yield _normal(declared.group(1)), declared.group(2)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _excludes(bound: str, part: str) -> bool:
    """Whether no version lies both within a bound that a project sets and a part of a range: ``<2.0`` and ``>=2.1``."""
    ours, theirs = _BOUND.fullmatch(bound), _BOUND.fullmatch(part)
    if ours is None or theirs is None or ours.group(1)[0] == theirs.group(1)[0]:
        return False
    above, below = (theirs, ours) if ours.group(1)[0] == "<" else (ours, theirs)
    low, high = (_without_zeros(_numbers(end.group(2))) for end in (above, below))
    return low > high or (low == high and "=" not in below.group(1))


def _without_zeros(numbers: tuple[int, ...]) -> tuple[int, ...]:
    while numbers and not numbers[-1]:
        numbers = numbers[:-1]
    return numbers


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
