"""Monitors that a project writes itself: a function that posts to Sentry, PostHog or OTLP without an SDK.

``fetch(`https://${host}/api/${id}/envelope/`, { headers: { "X-Sentry-Auth": … } })``: the request is the monitor's own,
and what a handler hands to such a function is most likely reported. It proves nothing: what the service makes of what
it is sent is not read. The texts are asked once, where a call is left over, and projects without these words have
nothing more to pay for.
"""

from __future__ import annotations

import copy
import re
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Final

from monitorlint.catalog import Form
from monitorlint.index.captures import Captures
from monitorlint.index.error_hooks import ErrorHooks
from monitorlint.index.forms import Monitor
from monitorlint.index.nest_loggers import NestLoggers
from monitorlint.index.reporters import HANDLERS, MAX_HELPERS, Reporter, Reporters
from monitorlint.index.values import Defined, External
from monitorlint.index.verdict import Verdict
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.chains import Chains
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_WORDS: Final = (
    *(b"entry-Auth", b"entry-auth", b"entry_key", b"/envelope/", b"check_in_id", b"v1/logs", b"v1/traces"),
    *(b"$exception", b"/api/public/ingestion", b"/api/public/otel", b"smith.langchain.com"),
)
"""One of these stands in every file that has such a function."""
# Sources: Sentry's developer documentation, "Envelopes" and "Check-Ins"; PostHog's "Capture API" and "Logs"; OTLP 1.5;
# Langfuse's API reference, "Ingestion" and "OpenTelemetry"; LangSmith's "Trace using the API".
_ADDRESSED: Final = (
    (pattern(rb"x-sentry-auth|\bsentry_key\b", re.IGNORECASE), pattern(rb"")),
    (pattern(rb"(?<!soap)/envelope/(?=[\"'`?])|\bcheck_in_id\b"), pattern(rb"(?i)sentry")),
    (pattern(rb"\bv1/logs\b"), pattern(rb"(?i)resource_?logs|severity_?(?:number|text)|\botlp")),
    (pattern(rb"\bv1/traces\b"), pattern(rb"(?i)resource_?spans")),
    (pattern(rb"/api/public/(?:ingestion|otel)\b"), pattern(rb"(?i)langfuse")),
    (pattern(rb"smith\.langchain\.com/(?:api/v1/)?runs\b"), pattern(rb"")),
    (pattern(rb"[\"']\$exception[\"']"), pattern(rb"/capture\b|/i/v0/e\b|/batch\b")),
)
"""What the function says, and what the file has to say besides."""
_MEANT: Final = pattern(
    rb"(?i)sentry(?!-trace)|envelope|dsn|posthog|otlp|check_?in|v1/(?:logs|traces)|\$exception|langfuse|/runs\b"
)
"""What a request says that is meant, where its function has others."""
_CAUGHT: Final = pattern(rb"\bcatch\s*\(\s*(?:async\b\s*)?(?:function\b\s*\w*\s*)?\(?\s*(\w+)|\bas\s+(\w+)\s*\)?:")
_QUOTED: Final = pattern(rb"""(?<![fF])(?:'[^'\\\n]*'|"[^"\\\n]*")""")
"""Text in which a word is no name; f-strings may name what was caught."""
_UNDER_WAY: Final = pattern(rb"\bexc_info\b|\bformat_exc\b")
_BEFORE, _BEHIND = 40, 200
"""Where the name of what a handler caught stands, seen from its start."""
MAX_FUNCTIONS: Final = 60
"""So many functions above a call are looked at."""


class OwnReports:
    """Finds these functions, and what the handlers above a call hand to them."""

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach, chains: Callable[[], Chains]) -> None:
        self._project = project
        self._auto = auto
        self._reach = reach
        self._chains = chains
        self._posting: dict[str, dict[int, int]] = {}
        self._reports: dict[tuple[Defined, int], bool] = {}
        self._known: dict[tuple[Key, str], Monitor | None] = {}
        self.nest_loggers = NestLoggers(project, auto)

    def of(self, found: FoundCall) -> Verdict:
        """What sees to a call that is such a request, or that stands below a handler that has one made."""
        view = found.view
        if not self._files or not self._project.is_app(view.path):
            return Verdict(None)
        if found.match.entry.kind == "http" and found.number in self._posts(view):
            row = view.facts.calls[found.number].row
            monitor = Monitor("callers", Level.ERRORS, "what the request reports to", view.path, row)
            return Verdict(monitor, (), "it is how the project's own code reports to a monitor")
        told = self._told(view, found.number, found.match.entry)
        if told is None:
            return Verdict(None)
        return Verdict(told, (), f"{told.name} reports by a request of the project's own")

    @cached_property
    def _files(self) -> frozenset[str]:
        """The files of the application that have such functions."""
        # A request that reports is a call like those that are judged.
        places = (path for path in self._project.kept if self._project.is_app(path))
        views = (self._project.view(path) for path in places if self._is_worded(path))
        return frozenset(view.path for view in views if view is not None and self._posts(view))

    def _is_worded(self, path: str) -> bool:
        text = b"" if path.endswith(")") else self._project.store.text(path)
        return any(word in text for word in _WORDS)

    def _posts(self, view: FileView) -> dict[int, int]:
        """The calls of a file that are such requests, and the functions they stand in."""
        if view.path not in self._posting:
            worded = self._is_worded(view.path)
            self._posting[view.path] = dict(self._find_posts(view)) if worded else {}
        return self._posting[view.path]

    def _find_posts(self, view: FileView) -> Iterator[tuple[int, int]]:
        text = self._project.store.text(view.path)
        scopes = [(n, s) for n, s in enumerate(view.facts.scopes) if n > 0 and s.kind != "class"]
        meant: set[int] = set()
        for said, besides in _ADDRESSED:
            for at in (met.start() for met in said.finditer(text)) if besides.search(text) else ():
                around = [n for n, s in scopes if s.start <= at < s.end]
                meant.add(view.function_of(max(around, key=lambda n: view.facts.scopes[n].start)) if around else 0)
        requests: dict[int, list[int]] = {}
        for number, call in enumerate(view.facts.calls) if meant else ():
            scope = view.function_of(call.scope)
            if scope > 0 and self._is_request(view, number):
                requests.setdefault(scope, []).append(number)
        for scope, numbers in requests.items():
            calls = ((n, view.facts.calls[n]) for n in numbers)
            named = [n for n, c in calls if _MEANT.search(text, c.start, c.end)]
            # Where the address is made up elsewhere in the file, the request has to name it.
            sure = named or (numbers if len(numbers) == 1 and scope in meant else [])
            yield from ((number, scope) for number in sure)

    def _is_request(self, view: FileView, number: int) -> bool:
        for value in self._project.resolver.callee(view, number):
            match = self._project.catalogue.match_call(value.path) if isinstance(value, External) else None
            if match is not None and match.entry.kind == "http":
                return True
        return False

    def _told(self, view: FileView, number: int, entry: Entry) -> Monitor | None:
        """What a handler around a call, or above it on every way to it, hands what it caught to."""
        return self._told_here(view, number, entry) or self._told_above(view, number, entry)

    def _told_here(self, view: FileView, number: int, entry: Entry) -> Monitor | None:
        captured = self._captures.around(view, view.facts.calls[number], entry)
        if captured is not None and self._reporters.is_one(captured.monitor.name):
            return captured.monitor
        heard = self._hooks.at(view, number, entry).monitor
        return heard if heard is not None and self._reporters.is_one(heard.name) else None

    def _left(self, view: FileView, number: int, entry: Entry) -> Key | None:
        """The function that what a call raises leaves; None where something keeps it, or it stands in none."""
        call = view.facts.calls[number]
        scope = view.function_of(call.scope)
        return None if scope <= 0 or self._captures.swallowed(view, call, entry) else (view.path, scope)

    @cached_property
    def _reporters(self) -> OwnReporters:
        return OwnReporters(self._project, self)

    @cached_property
    def _captures(self) -> Captures:
        return OwnCaptures(self._project, self._auto, self._reporters)

    @cached_property
    def _hooks(self) -> ErrorHooks:
        # Handlers of errors are looked for beside monitors: here, beside these functions.
        auto = copy.copy(self._auto)
        importing = self._files.union(*map(self._reach.directly_importing, self._files))
        beside = importing.union(*map(self._reach.directly_importing, importing))
        vars(auto)["beside_monitors"] = frozenset(filter(self._project.is_app, beside))
        return ErrorHooks(self._project, auto, self._captures)

    def _told_above(self, view: FileView, number: int, entry: Entry) -> Monitor | None:
        """What is handed on every way to the function of a call what that raises; None: some way has nothing of it."""
        start = self._left(view, number, entry)
        memo = (start or (view.path, -1), entry.package)
        if start is not None and memo not in self._known:
            self._known[memo] = self._on_all_ways(start, entry)
        return self._known[memo] if start is not None else None

    def _on_all_ways(self, start: Key, entry: Entry) -> Monitor | None:
        told: Monitor | None = None
        todo, seen = [start], {start}
        while todo:
            calls = list(self._calling(todo.pop()))
            if not calls:
                return None
            for call in calls:
                near = self._told_here(*call, entry)
                above = self._left(*call, entry) if near is None else None
                if near is None and (above is None or len(seen) >= MAX_FUNCTIONS):
                    return None
                told = told or near
                # A function that calls itself, or is called by one that it calls: what else calls it tells.
                if above is not None and above not in seen:
                    seen.add(above)
                    todo.append(above)
        return told

    def _calling(self, key: Key) -> Iterator[tuple[FileView, int]]:
        """The calls of a function; where none is seen, those of what a table holds that has it."""
        chains = self._chains()
        sure = [row.call for row in chains.edges.all(key) if row.sure and self._project.is_app(row.call[0].path)]
        yield from sure
        if not sure:
            yield from ((dispatch.view, dispatch.number) for dispatch in chains.dispatched.elsewhere(key))

    def is_direct(self, function: Defined) -> bool:
        """Whether a function makes such a request itself."""
        view = self._project.view(function.file)
        return view is not None and function.scope in self._posts(view).values()

    def is_reporter(self, function: Defined, depth: int = 0) -> bool:
        """Whether a function makes such a request, or calls one that does, apart from its own handlers."""
        key = (function, depth)
        if key not in self._reports:
            self._reports[key] = False
            self._reports[key] = self._find_reporter(function, depth)
        return self._reports[key]

    def _find_reporter(self, function: Defined, depth: int) -> bool:
        view = self._project.view(function.file)
        if view is None or view.facts.scopes[function.scope].kind == "class":
            return False
        if self.is_direct(function):
            return True
        for number in view.calls_by_function.get(function.scope, ()) if depth < MAX_HELPERS - 1 else ():
            if _is_handling(view, view.facts.calls[number]):
                continue
            values = self._project.resolver.callee(view, number)
            if any(isinstance(value, Defined) and self.is_reporter(value, depth + 1) for value in values):
                return True
        return False


class OwnReporters(Reporters):
    """Likewise, as what tells whether a call reports."""

    def __init__(self, project: Project, reports: OwnReports) -> None:
        super().__init__(project, lambda _: None, frozenset())
        self._reports = reports
        self._names: set[str] = set()

    def is_one(self, name: str) -> bool:
        """Whether something is called like one of those that were found."""
        return name in self._names

    def called(self, view: FileView, number: int) -> Reporter | None:
        """The function that a call calls, where it is handed what was caught, or makes the request itself."""
        call = view.facts.calls[number]
        for value in chain(self._project.resolver.callee(view, number), self._reports.nest_loggers.by(view, number)):
            if not isinstance(value, Defined) or not self._reports.is_reporter(value):
                continue
            text = self._project.store.text(view.path)
            if self._reports.is_direct(value) or _is_handed(text[call.start : call.end], caught_at(view, call, text)):
                return self._reporter(value)
        return None

    def taken(self, view: FileView, expr: Expr, scope: int, offset: int) -> Reporter | None:
        """The function that an expression is, where that reports."""
        for value in self._project.resolver.resolve(expr, view, scope, offset):
            if isinstance(value, Defined) and self._reports.is_reporter(value):
                return self._reporter(value)
        return None

    def _reporter(self, value: Defined) -> Reporter | None:
        view = self._project.view(value.file)
        if view is None:
            return None
        return self.named(view.symbol(value.scope))

    def named(self, name: str) -> Reporter:
        """A reporter by its name."""
        self._names.add(name)
        return Reporter(Form(name, name, name, Level.ERRORS), name, 0)


class OwnCaptures(Captures):
    """Handlers that tell these functions."""

    def __init__(self, project: Project, auto: AutoInstrumentation, reporters: Reporters) -> None:
        super().__init__(project, auto)
        self.reporters = reporters

    @cached_property
    def anywhere(self) -> bool:
        """Whether any file calls something that sends: nobody asks where none does."""
        return True


def _is_handling(view: FileView, call: Call) -> bool:
    return any(view.facts.blocks[at].kind in HANDLERS for at in view.blocks_around(call))


def caught_at(view: FileView, call: Call, text: bytes) -> list[bytes]:
    """What the handler around a call, or the function, calls what it was handed, and what it makes of that."""
    number = next((at for at in view.blocks_around(call) if view.facts.blocks[at].kind in HANDLERS), None)
    scopes = view.facts.scopes
    around = [n for n in view.scopes_around(call.scope) if scopes[n].kind != "class" and n > 0]
    if number is None:
        names = [param.name.encode() for n in around for param in scopes[n].params]
        start, end = (scopes[around[-1]].start, scopes[around[-1]].end) if around else (0, 0)
    else:
        block = view.facts.blocks[number]
        found = _CAUGHT.finditer(text, max(0, block.start - _BEFORE), block.start + _BEHIND)
        name = next((met[1] or met[2] for met in found if met.end() > block.start - 8), b"")
        names, start, end = [name] if name else [], block.start, block.end
    if not names:
        return []
    either = b"|".join(map(re.escape, names))
    made = re.compile(rb"\b(\w+)\s*(?::[^=\n]{1,40})?=(?![=>])[^\n;]*\b(?:%s)\b" % either)
    return [*names, *(met[1] for met in made.finditer(text, start, end))]


def _is_handed(called: bytes, names: list[bytes]) -> bool:
    """Whether a call is handed one of these."""
    if _UNDER_WAY.search(called) is not None:
        return True
    code = _QUOTED.sub(b"", called)
    return any(re.search(rb"\b%s\b" % re.escape(name), code) is not None for name in names)
