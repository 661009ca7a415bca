"""What keeps events from arriving though the code captures them, and what the code expects around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.index.places import column_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.patterns import pattern
from monitorlint.model.setup import Bundler, LostEvent, MissingHelper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call
    from monitorlint.model.setup import SentryCall

_EXITS = frozenset({"process.exit", "Deno.exit", "os._exit"})
_CAPTURES = frozenset(
    "captureException captureMessage captureEvent capture_exception capture_message capture_event".split()
)
_FLUSHES = frozenset({"flush", "close"})
_BUNDLER = pattern(r"(?:vite|next|webpack|astro|nuxt|rollup|craco)\.config\.[cm]?[jt]s")
_WORDS = pattern(
    rb"\b(envPrefix|define|DefinePlugin|EnvironmentPlugin|process\.env|env|publicRuntimeConfig|\w*SENTRY\w*"
    rb"|sentry\w*Plugin|withSentryConfig|sourcemap)\b"
)
_HELPERS = ("sentry_monitoring", "sentryMonitoring", "opentelemetry_monitoring", "openTelemetryMonitoring")
_OFFERED = "(?:monitor|detect|init|watch|setup|ErrorBoundary)"
"""What the names begin with that are imported from them: others may call a module of theirs the same."""


def lost_events(project: Project, calls: Iterable[SentryCall]) -> Iterator[LostEvent]:
    """The exits that follow a capture at once. Node sends events in the background; `os._exit` waits for nothing."""
    by_path: dict[str, list[SentryCall]] = {}
    for call in calls:
        if call.name in _CAPTURES:
            by_path.setdefault(call.path, []).append(call)
    for path, captures in by_path.items():
        view = project.view(path)
        if view is None or not any(call.callee in _EXITS for call in view.facts.calls if isinstance(call.callee, str)):
            continue
        starts = {call.place[4]: call for call in captures}
        seen: dict[int, tuple[Call, SentryCall]] = {}
        for here in sorted(view.facts.calls, key=lambda one: one.start):
            tail = here.callee.rpartition(".")[2] if isinstance(here.callee, str) else ""
            if here.start in starts and tail in _CAPTURES:
                seen[here.scope] = (here, starts[here.start])
            elif tail in _FLUSHES or here.flags & CallFlag.AWAITED:
                seen.pop(here.scope, None)  # whatever is waited for, the event is sent meanwhile
            elif isinstance(here.callee, str) and here.callee in _EXITS and here.scope in seen:
                first, capture = seen[here.scope]
                if _runs_after(view, first, here):
                    place = [here.row + 1, here.column + 1, here.end_row + 1, here.end_column + 1, here.start, here.end]
                    yield LostEvent(path, place, capture.target, capture.place[0], capture.function, capture.area)


def _runs_after(view: FileView, first: Call, then: Call) -> bool:
    """Whether ``then`` stands in the block of ``first``, or in one inside it."""
    block = then.block
    while block >= 0:
        if block == first.block:
            return True
        block = view.facts.blocks[block].parent
    return False


def bundlers(paths: Iterable[str], text: Callable[[str], bytes]) -> Iterator[Bundler]:
    """The configurations of bundlers, and what they speak of."""
    for path in sorted(paths):
        if _BUNDLER.fullmatch(path.rpartition("/")[2]):
            yield Bundler(path, sorted({word.decode("ascii", "replace") for word in _WORDS.findall(text(path))}))


def missing_helpers(
    project: Project, imports: Mapping[str, Iterable[str]], areas: Mapping[str, str], text: Callable[[str], bytes]
) -> Iterator[MissingHelper]:
    """The imports of a helper module, where no file of the project has its name."""
    stems = {path.rpartition("/")[2].partition(".")[0] for path in imports}
    for name in _HELPERS:
        if name in stems:
            continue
        for path in sorted(imports):
            view = project.view(path) if any(name in module for module in imports[path]) else None
            for row in view.facts.imports if view is not None else ():
                if re.search(rf"(?:^|[./]){name}(?:$|\\[cm]?[jt]s|\.{_OFFERED})", row.target):
                    column = column_of(text(path), row.start)
                    place = [row.row + 1, column, row.row + 1, column, row.start, row.start]
                    yield MissingHelper(path, place, name, areas.get(path, "app"))
                    break
