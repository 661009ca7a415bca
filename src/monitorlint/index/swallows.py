"""Exception handlers around sites that keep what they caught from the project's monitor of errors.

A handler swallows when it catches whatever a site raises, and that goes nowhere but to the console, or when the handler
is empty. Whatever else it does with an exception (hands it to a function, stores, returns or shows it, logs it as an
error) may tell somebody, and is taken to do so.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from monitorlint.index.calls import find_calls
from monitorlint.index.captures import handlers_of
from monitorlint.index.forms import Monitor
from monitorlint.index.places import column_of
from monitorlint.index.view import tail_of
from monitorlint.model.finding import Region
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level, MonitoredBy, Swallowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.monitored import Monitoring
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

_TRACKERS: Final = frozenset({"sentry", "sentry-monitoring", "bugsnag", "rollbar", "honeybadger"})
"""Vendors whose product is to tell people of errors; others record spans, which have their own rules."""
_MODULES: Final = ("sentry_sdk", "@sentry/", "bugsnag", "@bugsnag/", "rollbar", "honeybadger", "@honeybadger-io/")
"""How the names of their packages begin."""
_PRINTING: Final = frozenset(
    "print pprint traceback.print_exc traceback.print_exception sys.stderr.write sys.stdout.write console.error "
    "console.log".split()
)
"""What writes to the console, by its dotted name. A warning, or less, is said on purpose."""
_WATCHING: Final = frozenset(
    "captureConsoleIntegration CaptureConsole consoleLoggingIntegration httpClientIntegration HttpClient".split()
)
"""Integrations that send on what is written to the console, or every request that fails."""
_RECORDING: Final = ("@datadog/browser", "highlight.run", "@highlight-run/")
"""How the names of packages begin that make errors of what is written to the browser's console."""
_QUIET: Final = frozenset("warning warn info debug trace verbose notice silly".split())
"""Methods of loggers that write below the level of errors."""
_LOUD: Final = frozenset("error exception critical fatal severe".split())
_ENDING: Final = frozenset("process.exit sys.exit exit quit os._exit Deno.exit typer.Exit".split())
_FORMATTING: Final = frozenset(
    "str repr String stringify type format dumps isinstance getattr toString slice substring trim format_exc".split()
)
_TELLING: Final = pattern(
    r"report|capture|notif|sentry|bugsnag|rollbar|honeybadger|track|alarm|metric|counter|incr|record|raise|throw|reject"
    r"|abort|^next$|^fail|(?:handle|on|log|send|push|emit|dispatch)_?\w*(?:err|exc|fail)",
    re.IGNORECASE,
)
"""Names of what may tell somebody of a failure, or end what is under way."""
_SHOWING: Final = pattern(r"toasts?|toaster|messages?|notifications?|snackbar|alert", re.IGNORECASE)
"""Whose methods show something to whoever sits in front: `toast.error()` is no log."""
_ASIDE: Final = pattern(
    r"health|heart_?beat|ping(?![a-z])|probe|readiness|liveness|is_?alive|telemetry|sentry|instrument(?:ation)?\.",
    re.IGNORECASE,
)
"""Names of what asks whether something answers, where an error is an answer, and of what sends the errors of others."""
_BY_HAND: Final = pattern(r"(?:^|/)(?:migrations|alembic|scripts?|management/commands)/", re.IGNORECASE)
"""Folders of what somebody runs who reads what it prints."""
_KEYWORD: Final = pattern(rb"\b(?:except|catch)\b")
_BOUND: Final = pattern(rb"\bas\s+(\w+)\s*\)?\s*:|\bcatch\s*\(\s*([\w$]+)\s*[:)]")
_COMMENT: Final = pattern(rb"(?:^|[\s;{(])(?://|/\*|#)", re.MULTILINE)
_RAISING: Final = pattern(rb"\b(?:raise|throw|reject)\b")
_EMPTY: Final = frozenset({b"", b"pass", b"..."})
_start = attrgetter("start")


class Swallows:
    """Finds the handler that swallows what a site raises."""

    def __init__(self, project: Project, auto: AutoInstrumentation, captures: Captures, monitoring: Monitoring) -> None:
        self._project = project
        self._auto = auto
        self._captures = captures
        self._monitoring = monitoring
        self._known: dict[tuple[str, int], Swallowed | None] = {}
        self._trackers: dict[str, Monitor | None] = {}
        self._raises: dict[tuple[str, int], int] = {}
        self._read = ("", b"")
        """The file that was read last."""

    def of(self, found: FoundCall) -> Swallowed | None:
        """The handler that keeps what a call raises from the monitor that runs with it; None where there is none."""
        view = found.view
        for at in view.blocks_around(view.facts.calls[found.number]) if self._started else ():
            attempt = view.facts.blocks[at]
            if attempt.kind != "try":
                continue
            wide = (h for h in handlers_of(view, at) if self._captures.is_wide(view, h, found.match.entry))
            handler = next(wide, None)
            if handler is None:
                continue
            if view.facts.blocks[handler].kind == "except":
                key = (view.path, handler)
                if key not in self._known:
                    self._known[key] = self._swallowed(view, handler, attempt.end)
                swallowed = self._known[key]
                monitors = (v.monitor for v in self._monitoring.each(found)) if swallowed is not None else ()
                is_told = any(m is not None and _is_told(found, m, attempt.start, attempt.end) for m in monitors)
                return None if is_told else swallowed
        return None

    def _swallowed(self, view: FileView, handler: int, end: int) -> Swallowed | None:
        """The handler, where it tells nobody of what it caught.

        :param end: Where the block ends in which that was raised.
        """
        tracker = self._tracker(view.path)
        if tracker is None or self._captures.sends(view, handler) is not None or self._is_aside(view, handler):
            return None
        text = self._text(view.path)
        head = _head_of(view, handler, text, end)
        how = self._how(view, handler, text, head) if head is not None else ""
        if head is None or not how:
            return None
        row, column = text.count(b"\n", 0, head.start) + 1, column_of(text, head.start)
        region = Region(row, column, row, column + head.length, head.start, head.start + head.length)
        monitor = MonitoredBy(tracker.how, tracker.level, tracker.name, tracker.path, tracker.row + 1)
        return Swallowed(region, how, head.name or "", monitor)

    @staticmethod
    def _is_aside(view: FileView, handler: int) -> bool:
        """Whether an error is an answer there, or whoever has started the program reads of it."""
        name = view.symbol(view.facts.blocks[handler].scope)
        file = view.path.rpartition("/")[2]
        return _ASIDE.search(f"{file} {name}") is not None or _BY_HAND.search(view.path) is not None

    def _how(self, view: FileView, handler: int, text: bytes, head: _Head) -> str:
        """What becomes of what a handler caught: ``console`` or ``nothing``; ``""``: somebody may be told."""
        block = view.facts.blocks[handler]
        # Something is raised in the end, when all attempts have failed, or when the result is looked at.
        if self._last_raise(view, block.scope, text) >= block.start:
            return ""
        if head.prints:
            return "console"
        numbers = list(_calls_in(view, block.start, block.end))
        if not numbers:
            return "nothing" if _is_empty(view, handler, text, head) else ""
        calls = [(view.facts.calls[number], self._kind(view.facts.calls[number])) for number in numbers]
        kinds = {kind for _, kind in calls}
        if "console" not in kinds or "" in kinds or any(True for _ in find_calls(self._project, view, numbers)):
            return ""
        names = b"|".join(re.escape(name.encode()) for name in (head.name, "format_exc", "exc_info") if name)
        for use in re.finditer(rb"(?<![\\\w$.])(?:%b)(?![\w$])" % names, text[head.body : block.end]):
            around = {kind for c, kind in calls if c.start <= head.body + use.start() < c.end}
            if around.isdisjoint({"console", "log"}) or "other" in around:
                return ""
        return "console"

    def _last_raise(self, view: FileView, scope: int, text: bytes) -> int:
        """Where something is raised for the last time in a scope, whatever is defined in it included; -1: nowhere."""
        key = (view.path, scope)
        if key not in self._raises:
            here = view.facts.scopes[scope]
            self._raises[key] = max((m.start() for m in _RAISING.finditer(text, here.start, here.end)), default=-1)
        return self._raises[key]

    def _text(self, path: str) -> bytes:
        if self._read[0] != path:
            self._read = (path, self._project.store.text(path))
        return self._read[1]

    def _kind(self, call: Call) -> str:
        """What a call does in a handler: ``console``, ``log``, ``format``, ``other``; ``""``: it may tell somebody."""
        callee = call.callee.removeprefix("window.") if isinstance(call.callee, str) else ""
        tail = tail_of(call.callee)
        if callee in _PRINTING:
            return "" if callee.startswith("console.") and self._is_console_watched else "console"
        if tail in _FORMATTING:
            return "format"
        if _SHOWING.fullmatch(callee.rpartition(".")[0].rpartition(".")[2] or tail):
            return "other"
        if tail in _LOUD or callee in _ENDING or tail in self._project.catalogue.capture_tails or _TELLING.search(tail):
            return ""
        return "log" if tail in _QUIET and "." in callee else "other"

    @cached_property
    def _is_console_watched(self) -> bool:
        return any(
            not _WATCHING.isdisjoint(view.calls_by_tail)
            or any(module.startswith(_RECORDING) for module in self._project.store.packages(view.path))
            for view in self._project.views()
        )

    def _tracker(self, path: str) -> Monitor | None:
        """The monitor of errors that surely runs where a file does."""
        if path not in self._trackers:
            running = (m for m in self._started if self._auto.runs_with(m.path, path, _family(m.name)))
            self._trackers[path] = next(running, None)
        return self._trackers[path]

    @cached_property
    def _started(self) -> tuple[Monitor, ...]:
        """Where the application starts a monitor of errors, or tells one of some: the first of each file."""
        found: dict[str, Monitor] = {}
        for switch in self._auto.switches:
            if switch.auto.vendor in _TRACKERS and switch.call >= 0 and self._project.is_app(switch.path):
                monitor = Monitor("auto", Level.ERRORS, switch.auto.target, switch.path, switch.row)
                found.setdefault(switch.path, monitor)
        for view in self._project.views():
            if view.path in found or not self._project.is_app(view.path):
                continue
            if any(module.startswith(_MODULES) for module in self._project.store.packages(view.path)):
                sent = ((c, f, p) for c, f, p in self._captures.outright(view) if f.vendor in _TRACKERS)
                for call, form, path in sent:
                    found.setdefault(view.path, Monitor("wrapper", form.level, path, view.path, call.row))
        return tuple(found.values())


class _Head(NamedTuple):
    """How a handler begins."""

    start: int
    length: int
    """Of the keyword."""
    name: str | None
    """What it calls what it caught; None: it gives it no name."""
    body: int
    """Where what it does begins."""
    prints: bool = False
    """It is nothing but what prints: ``.catch(console.error)``."""
    is_method: bool = False
    """``attempt().catch(handler)``."""


def _head_of(view: FileView, handler: int, text: bytes, end: int) -> _Head | None:
    """The beginning of a handler; None where it is not to be read."""
    block = view.facts.blocks[handler]
    words = list(_KEYWORD.finditer(text, end, block.start))
    # What stands before the handler that `then` is handed, besides, may have others in it.
    if not words or text[end : block.start].lstrip().startswith((b".then", b"?.then")):
        return None
    start, length = words[-1].start(), len(words[-1].group())
    if text[end:start].rstrip().endswith((b".", b"?.")):
        scopes, blocks = view.facts.scopes, view.facts.blocks
        first = bisect_left(scopes, block.start + 1, key=_start)
        scope = scopes[first] if first < len(scopes) and scopes[first].start < block.end else None
        if scope is None:
            handed = text[block.start + 1 : block.end - 1].strip().decode("utf-8", "replace")
            return _Head(start, length, None, block.start, prints=True, is_method=True) if handed in _PRINTING else None
        name = scope.params[0].name if scope.params else None
        inner = bisect_left(blocks, scope.start + 1, key=_start)
        body = blocks[inner].start if inner < len(blocks) and blocks[inner].end <= scope.end else block.start
        # What it takes apart is used.
        return None if name == "" else _Head(start, length, name, body, is_method=True)
    bound = _BOUND.search(text, start, block.start + 1)
    if bound is None and text.startswith(b"catch", start) and text[start + length : block.start].strip():
        return None
    name = (bound[1] or bound[2]).decode("utf-8", "replace") if bound is not None else None
    return _Head(start, length, name, block.start)


def _is_empty(view: FileView, handler: int, text: bytes, head: _Head) -> bool:
    """Whether a handler holds nothing, not even a comment that says why. In a loop it goes on to the next turn."""
    block = view.facts.blocks[handler]
    if head.is_method or text[block.start : block.end].strip(b" \t\r\n{};") not in _EMPTY:
        return False
    line = text.find(b"\n", block.end)
    if _COMMENT.search(text, head.start, line if line >= 0 else block.end):
        return False
    around = block.parent
    while around >= 0 and view.facts.blocks[around].kind not in {"body", "loop"}:
        around = view.facts.blocks[around].parent
    return around < 0 or view.facts.blocks[around].kind == "body"


def _calls_in(view: FileView, start: int, end: int) -> Iterator[int]:
    calls = view.facts.calls
    for number in range(bisect_left(calls, start, key=_start), len(calls)):
        if calls[number].start >= end:
            return
        yield number


def _is_told(found: FoundCall, monitor: Monitor, start: int, end: int) -> bool:
    """Whether a monitor of a call sees what it raises before the handler of the block ``start:end`` does."""
    view = found.view
    if monitor.how == "auto":
        # What instruments the SDK of a model sends its errors; of a request it records a span.
        return found.match.entry.kind == "ai"
    if monitor.how in {"wrapper", "span"}:
        rows = (row for rows in (view.facts.blocks, view.facts.calls) for row in rows if row.row == monitor.row)
        return monitor.path == view.path and any(start <= row.start < end for row in rows)
    return monitor.how in {"client", "callback", "option"}


def _family(name: str) -> str:
    """How the names of a monitor's packages begin: ``@sentry/``, ``rollbar``; ``""`` for a module of the project's."""
    head, mark, _ = name.partition("/")
    return "" if name.startswith("**") else f"{head}/" if mark else name.partition(".")[0]
