"""What a Python project asks for, and what its lock files hold."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from monitorlint.languages.config.places import Places
from monitorlint.model.finding import Region
from monitorlint.model.patterns import pattern
from monitorlint.model.setup import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_REQUIREMENT = pattern(
    r"""\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?(?P<specifier>[<>=!~][^;#@)]*)?"""
)
_EXACT = pattern(r"===?\s*([0-9][\w.!+-]*)\s*\Z")
_LOCKED = pattern(r'^\[\[package\]\]\s*^name = "([^"]+)"\s*^version = "([^"]+)"', re.MULTILINE)
_LONGEST = 10_000
"""Characters of a line. People write shorter ones, and TOML takes its time over long keys."""
_SEPARATORS = pattern(r"[-_.]+")
_COMMENT = pattern(r"(?:^|\s)#.*")


def normalised(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return _SEPARATORS.sub("-", name).lower()


def read_requirements(path: str, text: str, wants: Callable[[str], bool]) -> tuple[Requirement, ...]:
    """The requirements of a declaring file or lock file that ``wants`` takes, by their normalised names."""
    name = path.rpartition("/")[2]
    if max(map(len, text.split("\n"))) > _LONGEST:
        return ()
    places = Places(text)
    try:
        if name == "pyproject.toml":
            rows = _of_project(tomllib.loads(text), path, places)
        elif name == "Pipfile":
            rows = _of_pipfile(tomllib.loads(text), path, places)
        elif name == "Pipfile.lock":
            rows = _of_pipfile_lock(json.loads(text), path)
        elif name.endswith(".lock"):
            rows = (
                Requirement(path, normalised(m[1]), "", m[2], places.region(m.start(1), m.end(1)), is_lock=True)
                for m in _LOCKED.finditer(text)
                if wants(normalised(m.group(1)))
            )
        else:
            rows = _of_lines(path, places)
        return tuple(row for row in rows if wants(row.name))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return ()


def _of_lines(path: str, places: Places) -> Iterator[Requirement]:
    """``requirements.txt`` and its like."""
    at = 0
    for line in places.text.split("\n"):
        start, at = at, at + len(line) + 1
        bare = _COMMENT.sub("", line).strip().rstrip("\\").strip()
        if bare and not bare.startswith("-"):
            start += len(line) - len(line.lstrip())
            yield from _parsed(path, bare, places.region(start, start + len(bare)))


def _parsed(path: str, text: str, region: Region) -> Iterator[Requirement]:
    found = _REQUIREMENT.match(text)
    if found is not None:
        specifier = (found["specifier"] or "").split(" --")[0].strip()
        exact = _EXACT.match(specifier)
        yield Requirement(
            path, normalised(found["name"]), specifier, exact.group(1) if exact else "", region, is_lock=False
        )


def _of_project(content: dict[str, Any], path: str, places: Places) -> Iterator[Requirement]:
    """PEP 621, dependency groups (PEP 735), and Poetry's tables."""
    project = content.get("project", {})
    lists = [project.get("dependencies", [])]
    for table in (project.get("optional-dependencies", {}), content.get("dependency-groups", {})):
        lists += table.values()
    lists.append(content.get("tool", {}).get("uv", {}).get("dev-dependencies", []))
    for entry in (entry for entries in lists for entry in entries if isinstance(entry, str)):
        yield from _parsed(path, entry, _place_of(places, entry))
    poetry = content.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    for table in tables:
        yield from _of_table(path, places, table)


def _of_pipfile(content: dict[str, Any], path: str, places: Places) -> Iterator[Requirement]:
    for section in ("packages", "dev-packages"):
        yield from _of_table(path, places, content.get(section, {}))


def _of_table(path: str, places: Places, table: dict[str, Any]) -> Iterator[Requirement]:
    for name, value in table.items():
        wanted = value.get("version", "") if isinstance(value, dict) else value
        specifier = wanted if isinstance(wanted, str) and wanted != "*" else ""
        exact = _EXACT.match(specifier)
        fixed = exact.group(1) if exact else ""
        yield Requirement(path, normalised(name), specifier, fixed, _place_of(places, name), is_lock=False)


def _of_pipfile_lock(content: dict[str, Any], path: str) -> Iterator[Requirement]:
    for section in ("default", "develop"):
        for name, entry in content.get(section, {}).items():
            version = str(entry.get("version", "")).removeprefix("==")
            yield Requirement(path, normalised(name), "", version, Region(1, 1, 1, 1), is_lock=True)


def _place_of(places: Places, words: str) -> Region:
    at = max(places.text.find(words), 0)
    return places.region(at, at + len(words))
