"""Where Node programs start Sentry, and what they have imported by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.places import column_of
from monitorlint.model.patterns import pattern
from monitorlint.model.setup import LateStart, ServerApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Import
    from monitorlint.model.setup import SentryCall

NODE = frozenset(f"@sentry/{name}" for name in "node nestjs aws-serverless google-cloud-serverless".split())
"""The packages whose integrations patch libraries while these are loaded."""
PATCHED = frozenset(
    """
    express fastify koa @hapi/hapi @nestjs/core connect graphql
    pg mysql mysql2 mongodb mongoose ioredis redis @redis/client tedious knex amqplib kafkajs generic-pool
    openai @anthropic-ai/sdk @google/genai ai
    """.split()
)
"""The libraries that `@sentry/node` 8.55.2 to 11.12.0 has integrations for; those of AI since 10."""
_FRAMEWORKS = {
    "express": "express",
    "koa": "koa",
    "fastify": "fastify",
    "fastify.fastify": "fastify",
    "react-dom/client.createRoot": "react",
    "react-dom/client.hydrateRoot": "react",
    "react-dom.render": "react",
    "react-dom.hydrate": "react",
    "react-dom/client": "react",
    "react-dom": "react",
}
_MODULES = frozenset({"express", "koa", "fastify", "react-dom", "react-dom/client"})
_ROOTS = frozenset({"createRoot", "hydrateRoot", "render", "hydrate"})
# Most files that import Express want its types or a router, and most that import React DOM no root.
_RENDERS = pattern(rb"\b(?:createRoot|hydrateRoot|render|hydrate)\b|\bdefault\s+as\b")
_LOADS = pattern(rb"\b(?:require|import)\s*\(\s*[\"'](?:express|koa|fastify)[\"']|\bfastify\(|\bdefault\s+as\b")
_BINDS = pattern(rb"import\s+(?:\*\s*as\s+)?([\w$]+)\s*(?:,[^;\"']{0,300})?from\s*[\"'](?:express|koa|fastify)[\"']")


def made_apps(
    project: Project, imports: Mapping[str, Iterable[str]], areas: Mapping[str, str], text: Callable[[str], bytes]
) -> Iterator[ServerApp]:
    """The applications of Express, Koa and Fastify that the code makes, and the roots of React that it renders.

    Roots are left out where a file that imports Sentry speaks of a boundary: elements are no calls.
    """
    own = (path for path, modules in imports.items() if any(module.startswith("@sentry/") for module in modules))
    has_boundary = any(b"ErrorBoundary" in text(path) for path in own)
    for path in sorted(imports):
        used = _MODULES.intersection(imports[path])
        if not used or not _may_make(text(path), used):
            continue
        view = project.view(path)
        if view is None:
            continue
        names = {
            row.local: framework
            for row in view.facts.imports
            if (framework := _FRAMEWORKS.get(row.target.removesuffix(".default"))) is not None and row.local
        }
        for call in view.facts.calls:
            first, dot, rest = call.callee.partition(".") if isinstance(call.callee, str) else ("", "", "")
            framework = names.get(first)
            if framework == "react" and has_boundary:
                continue
            if framework is not None and (not dot if framework != "react" or first in _ROOTS else rest in _ROOTS):
                place = [call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end]
                yield ServerApp(path, framework, place, areas.get(path, "app"))


def _may_make(data: bytes, modules: Iterable[str]) -> bool:
    """Whether a text that imports such modules may call what makes an application: few files do, and they are read."""
    if any(module.startswith("react") for module in modules) and _RENDERS.search(data) is not None:
        return True
    bound = (match[1] for match in _BINDS.finditer(data))
    return any(name + b"(" in data for name in bound) or _LOADS.search(data) is not None


def late_starts(
    project: Project,
    calls: Iterable[SentryCall],
    imports: Mapping[str, Iterable[str]],
    areas: Mapping[str, str],
    text: Callable[[str], bytes],
) -> Iterator[LateStart]:
    """The starts that come after an import of what they were to patch.

    A start is a call of ``init`` that runs when its file is loaded, or an import of such a file.
    """
    starts = {
        call.path: call
        for call in calls
        if call.name == "init" and call.package in NODE and not call.function and not call.is_handled
    }
    for path, call in starts.items():
        view = project.view(path)
        first = _first_patched(view, call.place[4], imports[path]) if view is not None else None
        if first is not None:
            library, row = first
            yield LateStart(path, call.place, path, call.package, library, row, call.area)
    for path in sorted(imports) if starts else ():
        if path in starts or not any(module in PATCHED for module in imports[path]):
            continue
        for late in _late_imports(project, path, starts, imports[path], areas.get(path, "app"), text):
            if not _is_imported(project, path, imports):
                yield late


def _is_imported(project: Project, path: str, imports: Mapping[str, Iterable[str]]) -> bool:
    """Whether another file imports a file: then that one, or what imports it, may have started Sentry before."""
    stem = path.rpartition("/")[2].partition(".")[0]
    folder = path.rpartition("/")[0].rpartition("/")[2]
    return any(
        project.modules.find(other, module)[0] == path
        for other, modules in imports.items()
        for module in modules
        if other != path and (stem in module or (stem == "index" and (folder in module or module[-1:] == ".")))
    )


def _late_imports(
    project: Project,
    path: str,
    starts: Mapping[str, SentryCall],
    modules: Iterable[str],
    area: str,
    text: Callable[[str], bytes],
) -> Iterator[LateStart]:
    """The first import of a file that starts Sentry, where a watched library was imported above it."""
    named = (module for module in modules if module.startswith("."))
    if not any(project.modules.find(path, module)[0] in starts for module in named):
        return
    view = project.view(path)
    for row in view.facts.imports if view is not None else ():
        if row.scope or not row.target.startswith("."):
            continue
        file, _ = project.modules.find(path, row.target)
        first = _first_patched(view, row.start, modules) if file in starts and view is not None else None
        if file is not None and first is not None:
            column = column_of(text(path), row.start)
            place = [row.row + 1, column, row.row + 1, column, row.start, row.start]
            yield LateStart(path, place, file, starts[file].package, *first, area)
            return


def _first_patched(view: FileView, before: int, modules: Iterable[str]) -> tuple[str, int] | None:
    """The first import of a patched library that stands before a byte of the file, and its 1-based row.

    :param modules: What the file imports; of what is not among them it imports types alone.
    """
    rows: Iterable[Import] = sorted(view.facts.imports, key=lambda row: row.start)
    for row in rows:
        library = row.target.partition(".")[0]
        if row.start < before and row.scope == 0 and library in PATCHED and library in modules:
            return library, row.row + 1
    return None
