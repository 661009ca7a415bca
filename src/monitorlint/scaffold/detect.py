"""What a project is made of: languages, frameworks, package managers, and the monitoring that is there already."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from monitorlint.catalog.store import load_shipped
from monitorlint.index.areas import area_of
from monitorlint.languages.config.requirements import normalised, read_requirements
from monitorlint.languages.jsonc import read_jsonc
from monitorlint.languages.typescript.rewrite.runtimes import WRANGLER, worker_of
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.scaffold.node_packages import (
    BUILDERS,
    OPENTELEMETRY,
    all_dependencies,
    by_side,
    flavour_of,
    frameworks,
    is_application,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitorlint.scaffold.typescript_helper import Flavour
    from monitorlint.settings.values import Backend

PYTHON_FRAMEWORKS = {
    "django": "Django",
    "flask": "Flask",
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "sanic": "Sanic",
    "tornado": "Tornado",
    "celery": "Celery",
    "streamlit": "Streamlit",
}
_PROJECTS = ("pyproject.toml", "Pipfile", "setup.py", "setup.cfg")
_MANIFESTS = (*_PROJECTS, "requirements.txt")
_REQUIREMENTS = (
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "requirements/base.txt",
    "requirements/production.txt",
)
_SCRIPT = pattern(r".*\.([cm]?[jt]sx?|vue|svelte)")
_TOOL_FILE = pattern(r".*\.(config|setup|workspace|d)\.[cm]?[jt]sx?|\..*")
"""Configuration of tools, and declarations: no code of an application."""
_IMPORT = pattern(rb"(?m)^\s*(?:import\s.*from\s+['\"]|import\s+['\"]|export\s)")
_REQUIRE = pattern(rb"\brequire\(\s*['\"]|\bmodule\.exports\b")
_MAKES = pattern(rb"(?m)^[ \t]*(?:\w+[ \t]*(?::[ \t]*\w+[ \t]*)?=|return)[ \t]*(?:Flask|FastAPI|Starlette|Sanic)\(")
_LOCKS = (("pnpm-lock.yaml", "pnpm add"), ("yarn.lock", "yarn add"), ("bun.lock", "bun add"), ("bun.lockb", "bun add"))
_NO_PARTS = frozenset("fixture fixtures __fixtures__ template templates starters vendor third_party".split())
"""Folders of packages that are input, or for others to copy."""
_SAMPLED = 40
"""Files that are looked at to tell how a package writes its modules."""


class PythonPart(NamedTuple):
    """A Python project, or the one part of a larger one."""

    folder: str
    """From the root; ``""`` is the root."""
    frameworks: tuple[str, ...]
    distributions: frozenset[str]
    """Normalised names of what it requires."""
    add: str
    """The command that adds a requirement."""
    files: tuple[str, ...]
    """Its files that are no tests or examples, from the root."""
    backend: Backend = "sentry"


class NodePart(NamedTuple):
    """A package of npm that is an application."""

    folder: str
    frameworks: tuple[str, ...]
    dependencies: dict[str, str]
    """Ranges of versions by name, most of those for development included."""
    engine: str
    """The range of Node versions under ``engines``."""
    flavour: Flavour
    add: str
    files: tuple[str, ...]
    worker: str = ""
    """The file that Cloudflare begins with, from the root."""
    manifest: str | None = None
    """The folder of its package.json, where it is the front end of the package around it, and has none of its own."""


_Part = TypeVar("_Part", PythonPart, NodePart)


class Stack(NamedTuple):
    python: tuple[PythonPart, ...] = ()
    node: tuple[NodePart, ...] = ()


def detect(root: Path, files: Sequence[str], folder: str = "", backend: Backend = "sentry") -> Stack:
    """What the project is made of.

    :param files: Its source files, from the root, with ``/``.
    :param folder: From the root: only what lies in it, or what it lies in.
    :param backend: What the helpers of servers are to report to.
    """
    applied = [path for path in files if area_of(path) == "app"]
    python = tuple(_near(_python(root, applied), folder))
    is_declared = any(_declares(root, part) for part in python)
    node = tuple(_near(_node(root, applied, is_alone=not is_declared, named=folder), folder))
    if node and not is_declared:
        # A few scripts beside an application in another language are none.
        python = ()
    return Stack(
        tuple(part._replace(backend=backend) for part in python),
        tuple(
            part._replace(flavour=part.flavour._replace(backend=backend)) if part.flavour.runtime == "node" else part
            for part in node
        ),
    )


def _near(parts: Iterable[_Part], folder: str) -> Iterator[_Part]:
    listed = list(parts)
    around = [part for part in listed if _is_in(folder, part.folder)]
    nearest = max((part.folder for part in around), key=len, default=None)
    for part in listed:
        if part.folder == nearest or _is_in(part.folder, folder):
            yield part


def _is_in(inner: str, outer: str) -> bool:
    return not outer or inner == outer or inner.startswith(f"{outer}/")


def _python(root: Path, files: Sequence[str]) -> Iterator[PythonPart]:
    owned = _owned(root, [path for path in files if path.endswith(".py")], _MANIFESTS)
    if not owned and any(os.path.isfile(root / name) for name in _MANIFESTS):  # noqa: PTH113 - also where it may not be read
        owned = {"": []}
    parts = []
    for folder in sorted(owned):
        distributions = frozenset(_distributions(root / folder))
        named = tuple(name for package, name in PYTHON_FRAMEWORKS.items() if package in distributions)
        parts.append(PythonPart(folder, named, distributions, _python_add(root / folder), tuple(owned[folder])))
    known = {normalised(name) for name in _packages("python", "ai", "http")} | set(PYTHON_FRAMEWORKS)
    chosen = [part for part in parts if part.distributions & known]
    for part in chosen or [part for part in parts if not part.folder] or parts:
        # A list of requirements inside of another project is that one's.
        is_inside = any(_is_in(part.folder, other.folder) for other in chosen if other is not part)
        if not is_inside or any((root / part.folder / name).is_file() for name in _PROJECTS):
            yield part


def _declares(root: Path, part: PythonPart) -> bool:
    """Whether somebody says what the Python of a part needs."""
    return bool(part.distributions) or any((root / part.folder / name).is_file() for name in _MANIFESTS)


def _distributions(folder: Path) -> Iterator[str]:
    for name in _REQUIREMENTS:
        text = _text(folder / name)
        if text:
            yield from (row.name for row in read_requirements(name, text, lambda _: True))


def _python_add(folder: Path) -> str:
    """The command by which the project adds requirements."""
    manifest = _text(folder / "pyproject.toml")
    if (folder / "uv.lock").is_file() or "[tool.uv" in manifest:
        return "uv add"
    if (folder / "poetry.lock").is_file() or "[tool.poetry" in manifest:
        return "poetry add"
    if (folder / "pdm.lock").is_file() or "[tool.pdm" in manifest:
        return "pdm add"
    return "pipenv install" if (folder / "Pipfile").is_file() else "pip install"


def _node(root: Path, files: Sequence[str], *, is_alone: bool, named: str = "") -> Iterator[NodePart]:
    """The packages that are applications, and the one of the folder that the user names, whatever it is."""
    scripts = [path for path in files if _SCRIPT.fullmatch(path) and not _TOOL_FILE.fullmatch(path.rpartition("/")[2])]
    owned = _owned(root, scripts, ("package.json",))
    models = _packages("typescript", "ai")
    chosen = _owner(root, named, ("package.json",))
    parts: list[NodePart] = []
    others: list[NodePart] = []
    for folder in sorted(owned):
        manifest = _json(root / folder / "package.json")
        part = _node_part(root, folder, manifest, owned[folder])
        known = part.dependencies | _builders_around(root, folder)
        runtime, has_page = _ranges(manifest, "dependencies"), _has_page(root, folder, known)
        is_wanted = is_application(runtime, known, has_page=has_page) or not models.isdisjoint(runtime)
        is_named = bool(folder) and folder == chosen
        found = parts if is_named or (is_wanted and not _is_library(manifest, folder)) else others
        found.extend(_sides(root, part))
    if not parts and is_alone:
        parts = [part for part in others if not part.folder] or others[:1]
    yield from parts


def _is_library(manifest: dict[str, Any], folder: str) -> bool:
    """Whether it is published for applications of others, or stands for one in tests: those monitor themselves."""
    if not _NO_PARTS.isdisjoint(folder.split("/")):
        return True
    scripts = manifest.get("scripts")
    is_run = "bin" in manifest or (isinstance(scripts, dict) and "start" in scripts)
    return manifest.get("private") is not True and ("files" in manifest or "publishConfig" in manifest) and not is_run


def _has_page(root: Path, folder: str, builders: Mapping[str, str]) -> bool:
    """Whether a front end is built into a page."""
    pages = ("index.html", "public/index.html") if "react-scripts" in builders else ("index.html",)
    return not BUILDERS.isdisjoint(builders) and any((root / folder / page).is_file() for page in pages)


def _node_part(root: Path, folder: str, manifest: dict[str, Any], files: list[str]) -> NodePart:
    dependencies = all_dependencies(_ranges(manifest, "dependencies"), _ranges(manifest, "devDependencies"))
    builders = _builders_around(root, folder) | dependencies
    place = root / folder
    is_typed = (
        (place / "tsconfig.json").is_file()
        or "typescript" in dependencies
        or any(path.endswith((".ts", ".tsx", ".mts", ".cts")) for path in files)
    )
    is_commonjs = manifest.get("type") != "module" and not _writes_imports(root, files)
    has_page = _has_page(root, folder, builders)
    is_command = bool(manifest.get("bin"))
    worker = _worker(root, folder)
    engines = manifest.get("engines")
    engine = engines.get("node") if isinstance(engines, dict) else ""
    return NodePart(
        folder=folder,
        frameworks=frameworks(dependencies, builders, has_page=has_page, is_command=is_command),
        dependencies=dependencies,
        engine=engine if isinstance(engine, str) else "",
        flavour=flavour_of(
            dependencies,
            builders,
            is_typed=is_typed,
            is_commonjs=is_commonjs,
            has_page=has_page,
            is_command=is_command,
            is_worker=bool(worker),
        ),
        add=_node_add(root, folder, manifest),
        files=tuple(files),
        worker=worker,
    )


def _sides(root: Path, part: NodePart) -> Iterator[NodePart]:
    """A package as it is, or the two that share one: a server, and its front end in a folder with the page."""
    inner = {path[len(part.folder) :].lstrip("/").partition("/")[0] for path in part.files}
    homes = [f"{part.folder}/{name}".lstrip("/") for name in sorted(inner)]
    pages = [home for home in homes if _has_page(root, home, part.dependencies)]
    front, back = by_side(part.dependencies)
    if part.flavour.runtime != "node" or len(pages) != 1 or not (front and back):
        yield part
        return
    within = tuple(path for path in part.files if path.startswith(f"{pages[0]}/"))
    for folder, files, ranges in (
        (part.folder, tuple(path for path in part.files if not path.startswith(f"{pages[0]}/")), back),
        (pages[0], within, front),
    ):
        has_page = folder == pages[0]
        flavour = flavour_of(
            ranges,
            ranges,
            is_typed=part.flavour.is_typed,
            is_commonjs=part.flavour.is_commonjs,
            has_page=has_page,
        )
        yield part._replace(
            folder=folder,
            frameworks=frameworks(ranges, ranges, has_page=has_page),
            dependencies=ranges,
            flavour=flavour,
            files=files,
            manifest=part.folder if has_page else None,
        )


def _worker(root: Path, folder: str) -> str:
    """The file that Cloudflare begins with, as the configuration of a package says; ``""``: none that is there."""
    for name in WRANGLER:
        entry = worker_of(_text(root / folder / name))
        if entry and (root / folder / entry).is_file():
            return f"{folder}/{entry}" if folder else entry
    return ""


def _builders_around(root: Path, folder: str) -> dict[str, str]:
    """What builds the packages of the workspace that a package lies in."""
    found: dict[str, str] = {}
    while folder:
        folder = folder.rpartition("/")[0]
        manifest = _json(root / folder / "package.json")
        ranges = _ranges(manifest, "dependencies") | _ranges(manifest, "devDependencies")
        found = {name: version for name, version in ranges.items() if name in BUILDERS} | found
    return found


def _ranges(manifest: dict[str, Any], key: str) -> dict[str, str]:
    table = manifest.get(key)
    return {k: v for k, v in table.items() if isinstance(v, str)} if isinstance(table, dict) else {}


def _writes_imports(root: Path, files: Sequence[str]) -> bool:
    imports = requires = 0
    for path in files[:_SAMPLED]:
        data = _bytes(root / path)
        imports += bool(_IMPORT.search(data))
        requires += bool(_REQUIRE.search(data))
    return imports >= requires and imports > 0


def _node_add(root: Path, folder: str, manifest: dict[str, Any]) -> str:
    """The command by which the package, or the workspace around it, adds dependencies."""
    named = manifest.get("packageManager")
    parts = folder.split("/") if folder else []
    for depth in range(len(parts), -1, -1):
        place = root.joinpath(*parts[:depth])
        if not isinstance(named, str):
            named = _json(place / "package.json").get("packageManager") if depth else named
        for lock, command in _LOCKS:
            if (place / lock).is_file():
                return command
        if (place / "package-lock.json").is_file():
            return "npm install"
    manager = named.partition("@")[0] if isinstance(named, str) else "npm"
    return f"{manager} add" if manager in {"pnpm", "yarn", "bun"} else "npm install"


def _owned(root: Path, files: Sequence[str], names: Sequence[str]) -> dict[str, list[str]]:
    """Files by the nearest folder around them that holds one of the names; by the root where none does."""
    known: dict[str, str] = {}
    owned: dict[str, list[str]] = {}
    for path in files:
        folder = path.rpartition("/")[0]
        if folder not in known:
            known[folder] = _owner(root, folder, names)
        owned.setdefault(known[folder], []).append(path)
    return owned


def _owner(root: Path, folder: str, names: Sequence[str]) -> str:
    while folder:
        place = root / folder
        # In a package, a ``setup.py`` is a module like any other.
        wanted = [name for name in names if name != "setup.py" or not os.path.isfile(place / "__init__.py")]  # noqa: PTH113
        if any(os.path.isfile(place / name) for name in wanted):  # noqa: PTH113 - also where it may not be read
            return folder
        folder = folder.rpartition("/")[0]
    return ""


def sets_up_sentry(root: Path, part: PythonPart | NodePart) -> str:
    """The file in which a part already sets Sentry up, by ``init`` or ``withSentry``; ``""`` where none does."""
    pattern = re.compile(rb"\b(?:sentry_sdk|Sentry)\.(?:init|withSentry)\s*\(")
    for path in part.files:
        if "monitoring" not in path.lower() and pattern.search(_bytes(root / path)):
            return path
    return ""


def tells_requests_apart(root: Path, node: NodePart) -> bool:
    """Whether a worker has ``AsyncLocalStorage``, by its compatibility flags."""
    texts = (_bytes(root / node.folder / name) for name in WRANGLER)
    return any(b"nodejs_compat" in text or b"nodejs_als" in text for text in texts)


def python_entry(root: Path, part: PythonPart) -> str:
    """The one file of Django's settings, or that makes the application; ``""`` where there are several, or none."""
    if "Django" in part.frameworks:
        found = [path for path in part.files if path.endswith(("/settings.py", "/settings/base.py"))]
    else:
        found = [path for path in part.files if _MAKES.search(_bytes(root / path))]
    return found[0] if len(found) == 1 else ""


def has_opentelemetry(part: PythonPart | NodePart) -> bool:
    """Whether a part sends its traces elsewhere, or may."""
    if isinstance(part, PythonPart):
        return any(name.startswith("opentelemetry-") for name in part.distributions)
    return any(name in part.dependencies for name in OPENTELEMETRY)


def _packages(language: str, *kinds: str) -> frozenset[str]:
    """The packages that the catalogue knows, by its kinds: SDKs of models, clients of HTTP."""
    _, files = load_shipped(language)
    return frozenset(
        table["package"] for data in files.values() if data["kind"] in kinds for table in data.get(language, ())
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = read_jsonc(_text(path))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
