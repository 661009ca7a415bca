"""What keeps events from arriving though the code captures them, and what the code expects around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.index.places import column_of
from monitorlint.index.values import Defined
from monitorlint.model.facts import CallFlag
from monitorlint.model.setup import LostEvent, MissingHelper

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
_LISTENING = frozenset({"on", "once", "addListener", "prependListener"})
_FATAL = frozenset({"uncaughtException", "unhandledRejection"})
_HELPERS = ("sentry_monitoring", "sentryMonitoring", "opentelemetry_monitoring", "openTelemetryMonitoring")
_OFFERED = "(?:monitor[_A-Z]|init_|init[A-Z]|detect_?[iI]nfinite|watch_?[mM]emory|setup|ErrorBoundary)"
"""What the names begin with that are imported from them: others may call a module of theirs the same."""

_SENT_LATER = ("@sentry/", "sentry_sdk")
"""How paths begin of what hands an error over to be sent in the background."""


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
                    yield LostEvent(
                        path, _place(here), capture.target, capture.place[0], capture.function, capture.area
                    )


def fatal_exits(project: Project, areas: Mapping[str, str]) -> Iterator[LostEvent]:
    """The exits in handlers of what nobody caught, where nothing is waited for.

    Node runs all handlers, those of the SDK too, whichever came first: that one captures the error, and the exit of
    another one ends the process before it is sent. A handler that does not exit takes nothing from it.
    """
    for view in project.views():
        for number in sorted(n for tail in _LISTENING for n in view.calls_by_tail.get(tail, ())):
            call = view.facts.calls[number]
            event = call.args[0] if len(call.args) > 1 and str(call.callee).startswith("process.") else None
            if not isinstance(event, (tuple, list)) or event[0] != "lit" or event[1] not in _FATAL:
                continue
            for value in project.resolver.resolve(call.args[1], view, call.scope, call.start):
                if isinstance(value, Defined) and value.file == view.path:
                    left = _exit_of(view, value.scope)
                    if left is not None:
                        target = f"process.{event[1]}"
                        function, area = view.symbol(left.scope), areas.get(view.path, "app")
                        yield LostEvent(view.path, _place(left), target, call.row + 1, function, area)


def _exit_of(view: FileView, scope: int) -> Call | None:
    """The first exit of a function, where it waits for nothing before."""
    for call in view.facts.calls:
        if call.scope == scope:
            tail = call.callee.rpartition(".")[2] if isinstance(call.callee, str) else ""
            if tail in _FLUSHES or call.flags & CallFlag.AWAITED:
                return None
            if isinstance(call.callee, str) and call.callee in _EXITS:
                return call
    return None


def exit_after(view: FileView, capture: Call) -> Call | None:
    """The exit that ends the process before what a call captures is sent; None: there is none, or something waits."""
    after = (call for call in view.facts.calls if call.scope == capture.scope and call.start > capture.start)
    for here in sorted(after, key=lambda one: one.start):
        tail = here.callee.rpartition(".")[2] if isinstance(here.callee, str) else ""
        if tail in _FLUSHES or here.flags & CallFlag.AWAITED:
            return None
        if isinstance(here.callee, str) and here.callee in _EXITS and _runs_after(view, capture, here):
            return here
    return None


def lost_on_exit(view: FileView, call: Call, path: str) -> str:
    """What keeps an error from being sent that is captured; ``""``: nothing that is seen does."""
    left = exit_after(view, call) if path.startswith(_SENT_LATER) else None
    return f"{view.path}:{left.row + 1} ends the process before it is sent" if left is not None else ""


def _place(call: Call) -> list[int]:
    """The fields of a call's region."""
    return [call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end]


def _runs_after(view: FileView, first: Call, then: Call) -> bool:
    """Whether ``then`` stands in the block of ``first``, or in one inside it."""
    block = then.block
    while block >= 0:
        if block == first.block:
            return True
        block = view.facts.blocks[block].parent
    return False


def missing_helpers(
    project: Project, imports: Mapping[str, Iterable[str]], areas: Mapping[str, str], text: Callable[[str], bytes]
) -> Iterator[MissingHelper]:
    """The imports of a helper module, where no file of the project has its name."""
    stems = {path.rpartition("/")[2].partition(".")[0] for path in imports}
    modules = {module for named in imports.values() for module in named}
    for name in _HELPERS:
        asked = {module for module in modules if name in module} if name not in stems else set()
        for path in sorted(path for path, named in imports.items() if not asked.isdisjoint(named)) if asked else ():
            view = project.view(path)
            for row in view.facts.imports if view is not None else ():
                if re.search(rf"(?:^|[./]){name}(?:\\[cm]?[jt]sx?)?(?:$|\.{_OFFERED})", row.target):
                    column = column_of(text(path), row.start)
                    place = [row.row + 1, column, row.row + 1, column, row.start, row.start]
                    yield MissingHelper(path, place, name, areas.get(path, "app"))
                    break
