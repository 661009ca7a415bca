"""Where Node programs start Sentry, and what they have imported by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.setup import LateStart, ServerApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Import
    from monitorlint.model.setup import SentryCall

_NODE = frozenset(f"@sentry/{name}" for name in "node nestjs aws-serverless google-cloud-serverless".split())
"""The packages whose integrations patch libraries while these are loaded."""
_PATCHED = frozenset(
    """
    express fastify koa @hapi/hapi @nestjs/core connect graphql
    pg mysql mysql2 mongodb mongoose ioredis redis @redis/client tedious knex amqplib kafkajs generic-pool
    openai @anthropic-ai/sdk @google/genai ai
    """.split()
)
"""The libraries that `@sentry/node` 8.55.2 to 11.12.0 has integrations for; those of AI since 10."""
_FRAMEWORKS = {"express": "express", "koa": "koa"}


def server_apps(
    project: Project, imports: Mapping[str, Iterable[str]], areas: Mapping[str, str]
) -> Iterator[ServerApp]:
    """The applications of Express and Koa that the code makes."""
    for path in sorted(imports):
        if not any(module in _FRAMEWORKS for module in imports[path]):
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
            framework = names.get(call.callee) if isinstance(call.callee, str) else None
            if framework is not None:
                place = [call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end]
                yield ServerApp(path, framework, place, areas.get(path, "app"))


def late_starts(
    project: Project,
    calls: Iterable[SentryCall],
    imports: Mapping[str, Iterable[str]],
    areas: Mapping[str, str],
    column_of: Callable[[str, int], int],
) -> Iterator[LateStart]:
    """The starts that come after an import of what they were to patch.

    A start is a call of ``init`` that runs when its file is loaded, or an import of such a file.
    """
    starts = {
        call.path: call
        for call in calls
        if call.name == "init" and call.package in _NODE and not call.function and not call.is_handled
    }
    for path, call in starts.items():
        view = project.view(path)
        first = _first_patched(view, call.place[4]) if view is not None else None
        if first is not None:
            library, row = first
            yield LateStart(path, call.place, path, call.package, library, row, call.area)
    for path in sorted(imports) if starts else ():
        if path not in starts and any(module in _PATCHED for module in imports[path]):
            yield from _late_imports(project, path, starts, areas.get(path, "app"), column_of)


def _late_imports(
    project: Project, path: str, starts: Mapping[str, SentryCall], area: str, column_of: Callable[[str, int], int]
) -> Iterator[LateStart]:
    view = project.view(path)
    for row in view.facts.imports if view is not None else ():
        if row.scope or not row.target.startswith("."):
            continue
        file, _ = project.modules.find(path, row.target)
        first = _first_patched(view, row.start) if file in starts and view is not None else None
        if file is not None and first is not None:
            column = column_of(path, row.start)
            place = [row.row + 1, column, row.row + 1, column, row.start, row.start]
            yield LateStart(path, place, file, starts[file].package, *first, area)
            return


def _first_patched(view: FileView, before: int) -> tuple[str, int] | None:
    """The first import of a patched library that stands before a byte of the file, and its 1-based row."""
    rows: Iterable[Import] = sorted(view.facts.imports, key=lambda row: row.start)
    for row in rows:
        library = row.target.partition(".")[0]
        if row.start < before and row.scope == 0 and library in _PATCHED:
            return library, row.row + 1
    return None
