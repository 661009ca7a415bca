"""Lock files of npm, pnpm, yarn and Bun: the versions of the few packages that rules ask for.

They are read line by line, or as plain JSON: they are written by programs, run to megabytes, and no finding points
into them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from monitorlint.model.patterns import pattern
from monitorlint.model.setup import Locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_YARN_KEY = pattern(r'"?((?:@[^/@"]{1,214}/)?[^/@",]{1,214})@(?:npm:)?([^",]*)"?(?:,\s*)?')
_YARN_VERSION = pattern(r'\s+version:?\s+"?([^"\s]+)"?')
_PNPM_IMPORTER = pattern(r"  (?! )'?([^':]+)'?:\s*$")
_PNPM_NAME = pattern(r" {4,8}'?((?:@[^/'@:]+/)?[^/'@:\s]+)'?:\s*+(?:([0-9][^\s(_]*)\S*\s*+)?$")
_PNPM_FIELD = pattern(r"\s+(specifier|version):\s*'?([^\s'(]+)")
_COMMA = pattern(r",(?=\s*[}\]])")


def read_lock(name: str, text: str, wants: Callable[[str], bool]) -> tuple[Locked, ...]:
    """The locked versions of the packages that ``wants`` takes; ``name`` is the file's."""
    reader = {
        "package-lock.json": _npm,
        "npm-shrinkwrap.json": _npm,
        "pnpm-lock.yaml": _pnpm,
        "yarn.lock": _yarn,
        "bun.lock": _bun,
    }[name]
    try:
        return tuple(locked for locked in reader(text) if wants(locked.name))
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return ()  # written by a release that does it otherwise: nothing is known


def _npm(text: str) -> Iterator[Locked]:
    content: dict[str, Any] = json.loads(text)
    packages = content.get("packages")
    if not isinstance(packages, dict):
        for name, entry in (content.get("dependencies") or {}).items():
            yield Locked("", name, "", str(entry.get("version", "")))
        return
    for place, entry in packages.items():
        folder, mark, name = place.rpartition("node_modules/")
        if mark and "version" in entry and not entry.get("link"):
            yield Locked(folder.rstrip("/"), name, "", str(entry["version"]))


def _bun(text: str) -> Iterator[Locked]:
    content = json.loads(_COMMA.sub("", text))
    for place, entry in content["packages"].items():
        name, _, version = str(entry[0]).rpartition("@")
        if name and version[:1].isdigit():
            yield Locked("*" if place == name else place.removesuffix(name).rstrip("/"), name, "", version)


def _yarn(text: str) -> Iterator[Locked]:
    """Both formats: a line of ``name@range`` without indentation, and below it ``version``."""
    keys: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line[:1] not in {" ", "#", ""}:
            keys = [(m.group(1), m.group(2)) for m in _YARN_KEY.finditer(line.rstrip(":"))]
        elif keys and (found := _YARN_VERSION.match(line)):
            for name, wanted in keys:
                yield Locked("*", name, wanted, found.group(1))
            keys = []


def _pnpm(text: str) -> Iterator[Locked]:
    """The ``importers`` part: what each package of the workspace asks for, and what it gets."""
    section = importer = name = wanted = ""
    for line in text.splitlines():
        if line[:1] not in {" ", "#", ""}:
            section, importer, name = line.rstrip().rstrip(":"), "", ""
        elif section == "importers" and (found := _PNPM_IMPORTER.match(line)):
            importer, name = found.group(1), ""
        elif section in {"importers", "dependencies", "devDependencies"}:
            if field := _PNPM_FIELD.match(line):
                if field.group(1) == "specifier":
                    wanted = field.group(2)
                elif name and field.group(2)[:1].isdigit():
                    yield Locked("" if importer in {"", "."} else importer, name, wanted, field.group(2))
            elif entry := _PNPM_NAME.match(line):
                name, wanted = entry.group(1), ""
                if entry.group(2):
                    yield Locked("" if importer in {"", "."} else importer, name, "", entry.group(2))
