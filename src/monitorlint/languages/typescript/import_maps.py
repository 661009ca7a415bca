"""Names that a project gives to packages of others: import maps of Deno's, ``imports`` of a package, npm's aliases.

``"sentry": "npm:@sentry/deno@9"`` in ``deno.json``, ``"#ai": "openai"`` in ``imports`` of ``package.json``, and
``"openai-next": "npm:openai@5"`` among its dependencies all let an import name a package that is none. What they mean
is asked for the whole project at once: where two files disagree on a name, nothing is said of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from monitorlint.languages.jsonc import read_jsonc
from monitorlint.languages.typescript.folders import join
from monitorlint.languages.typescript.specifiers import encode, package_of, plain, split
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

MAPS: Final = ("deno.json", "deno.jsonc", "import_map.json")
"""Files with ``imports`` as the web defines them."""
MANIFEST: Final = "package.json"
_NAMING = pattern(r'"npm:|"imports"')
"""One of these is in a ``package.json`` that renames something."""
_SECTIONS = ("dependencies", "optionalDependencies", "devDependencies")
_LOCAL = (".", "/", "file:", "node:")
_VERSION = pattern(r"(?:npm|jsr):/*((?:@[^/@]+/)?[^/@]+)@([^/]+)|https?://.*?/((?:@[^/@]+/)?[^/@]+)@v?(\d[^/?]*)")


def renames(root: Path, manifests: Iterable[str], is_package: Callable[[str], bool]) -> dict[str, str]:
    """What names stand for that are not the package's own: specifiers, without a ``/`` at their ends."""
    found: dict[str, set[str]] = {}
    for path in manifests:
        for name, target in _pairs(root / path):
            found.setdefault(name.rstrip("/"), set()).add(plain(target).rstrip("/"))
    return {
        name: target
        for name, targets in found.items()
        if len(targets) == 1 and (target := next(iter(targets))) != name and _is_apart(name, target, is_package)
    }


def _is_apart(name: str, target: str, is_package: Callable[[str], bool]) -> bool:
    """Whether a name stands for another package, and not for one that another registry has by another name."""
    package = package_of(target)
    return bool(package) and (is_package(package) or not is_package(name))


def renamed(target: str, names: Mapping[str, str]) -> str:
    """An encoded target, or specifier, with the package's own name."""
    specifier, rest = split(target)
    head, inner = specifier, ""
    while head not in names:
        head, slash, last = head.rpartition("/")
        if not slash:
            return target
        inner = f"/{last}{inner}"
    return ".".join((encode(names[head] + inner), *rest))


def local_names(data: Mapping[str, Any], folder: str) -> Iterator[tuple[str, str]]:
    """Names that an import map gives to files and folders of the project, and their paths from the root."""
    for name, target in _imports(data):
        if target.startswith(("./", "../")):
            yield name.rstrip("/"), join(folder, target)


def versions(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The packages that an import map asks for, and their ranges."""
    for _name, target in _imports(data):
        if (found := _VERSION.match(target)) is not None:
            yield found[1] or found[3], found[2] or found[4]


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Names and what they stand for, of one file."""
    try:
        text = path.read_text("utf-8", "replace")
        data = read_jsonc(text) if path.name in MAPS or _NAMING.search(text) else None
    except (OSError, ValueError):
        return
    if not isinstance(data, dict):
        return
    yield from ((name, target) for name, target in _imports(data) if not target.startswith(_LOCAL))
    for section in _SECTIONS if path.name == MANIFEST else ():
        table = data.get(section)
        for name, version in table.items() if isinstance(table, dict) else ():
            if isinstance(version, str) and version.startswith("npm:") and package_of(name):
                yield name, version


def _imports(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The ``imports`` of a file; of a table of conditions, what the server gets."""
    table = data.get("imports")
    for name, target in table.items() if isinstance(table, dict) else ():
        for _ in range(3):
            if isinstance(target, dict):
                target = target.get("node", target.get("default"))  # noqa: PLW2901
        if isinstance(target, str) and isinstance(name, str) and "*" not in name:
            yield name, target
