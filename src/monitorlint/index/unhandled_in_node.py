"""Errors that nothing keeps in a program of Node's, where something is told of what goes unhandled there.

``setInterval(() => void sync(), 1000)``, ``notify(order);`` in the handler of a request: the promise rejects, and no
code has a handler for it. Node tells ``unhandledRejection`` and ``uncaughtException``. Sentry's SDK listens to both,
and so may the project's own ``process.on("unhandledRejection", report)``. What a request of ``http.get`` tells nobody
by ``error`` comes there as well. What frameworks call has handlers of theirs, and is no part of this; Express before
version 5 is, which looks at no promise that a handler of requests gives.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.pages import runs_in_pages_alone
from monitorlint.index.queries import is_of
from monitorlint.index.routes import is_route, loses_rejections
from monitorlint.index.unhandled import Unhandled
from monitorlint.index.values import External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.browsers import Browsers
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.edges import Edges
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

# Sources: Sentry's documentation, OnUncaughtException and OnUnhandledRejection, which are on by default (and
# `defaultIntegrations: false`, by which they are not); Bugsnag's `autoDetectErrors`; Rollbar's `captureUncaught` and
# `captureUnhandledRejections`; PostHog's `enableExceptionAutocapture`.
_STARTS: Final = pattern(
    r"@sentry/(?:node|node-core|nestjs|bun|nextjs|nuxt|sveltekit|remix|react-router|solidstart|astro|tanstackstart-react"
    r"|google-cloud-serverless|electron\.main|electron)\.init|@bugsnag/(?:js|node)(?:\.default)?\.start"
)
_STARTS_IF: Final = (
    (pattern(r"rollbar(?:\.default)?"), frozenset({"captureUnhandledRejections", "captureUncaught"})),
    (pattern(r"posthog-node\.PostHog"), frozenset({"enableExceptionAutocapture"})),
)
_LISTENING: Final = pattern(r"@sentry/|@bugsnag/|rollbar|posthog-node")
_OFF: Final = frozenset({"defaultIntegrations", "autoDetectErrors"})
_TAILS: Final = frozenset({"init", "start", "Rollbar", "PostHog"})
_EVENTS: Final = frozenset({"unhandledRejection", "uncaughtException"})
_ON: Final = frozenset({"on", "once", "addListener", "prependListener"})
_TIMERS: Final = frozenset("setTimeout setInterval setImmediate nextTick queueMicrotask".split())
"""What runs a function, and has no handler for what its promise comes to."""
_EMITTER: Final = pattern(r"(?:.*\.)?(?:socket|ws|wss|process|emitter|parentPort)", re.IGNORECASE)
"""What emitters of Node's are called, which have none either. Bots and applications see to what they have by ``on``."""
_EXPRESS: Final = frozenset({"express"})
_USE: Final = "use"
_OF_HTTP: Final = ("http.", "https.", "http2.")
_HEARD: Final = pattern(
    rb"""\.(?:on|once|addListener|prependListener)\(\s*["'`]error["'`]|\bpipeline\(|\bpromisify\("""
)


class UnhandledInNode(Unhandled):
    """Follows what a call raises up to where nothing has a handler for it."""

    _passing = frozenset("then finally map flatMap forEach all race any".split())

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        reach: Reach,
        captures: Captures,
        edges: Edges,
        sends: Callable[[FileView, Expr, int, int], str],
        browsers: Browsers,
    ) -> None:
        """Take the project.

        :param sends: What a handler tells a monitor by; ``""``: it tells none.
        :param browsers: What runs in pages alone.
        """
        super().__init__(project, auto, reach, captures, edges)
        self._sends = sends
        self._browsers = browsers

    def of(self, found: FoundCall) -> Verdict:
        """The monitor that is told of what a call raises because nobody else is, which is never sure."""
        view = found.view
        if self._project.store.loads_by_name or not self._project.is_app(view.path):
            return Verdict(None)
        start = next((s for s in self._started() if self._auto.doubt_at(s[0], view.path) is not None), None)
        if start is None or runs_in_pages_alone(self._project, self._reach, view.path):
            return Verdict(None)
        if found.match.target.startswith(_OF_HTTP):
            is_told = self._is_told_of_events(found)
        else:
            is_told = self._goes_up(view, found.number, found.match.entry, set())
        path, row, name = start
        monitor = Monitor("auto", Level.ERRORS, name, path, row)
        is_told = is_told and not self._browsers.handle(view, found.number)
        return (
            Verdict(monitor, (), "it is told of an error only where nothing handles it") if is_told else Verdict(None)
        )

    def _is_told_of_events(self, found: FoundCall) -> bool:
        """Whether nobody listens to the errors of a request of Node's own, in the function that makes it."""
        view = found.view
        call = view.facts.calls[found.number]
        scope = view.function_of(call.scope)
        end = view.facts.scopes[scope].end if scope > 0 else None
        text = self._project.store.text(view.path)
        is_returned = text[max(call.start - 10, 0) : call.start].rstrip().endswith((b"return", b"=>"))
        return not self._is_argument(view, call) and not is_returned and _HEARD.search(text[call.start : end]) is None

    def _find(self) -> Iterator[tuple[str, int, str]]:
        places = self._auto.monitoring_files - self._project.helper_files
        for place in sorted(filter(self._project.is_app, places)):
            text = self._project.store.text(place)
            is_meant = any(map(_LISTENING.match, self._project.store.packages(place)))
            view = self._project.view(place) if is_meant or any(e.encode() in text for e in _EVENTS) else None
            if view is None or self._reach.frames.side_of(self._reach.importers(place)) == "browser":
                continue
            for number, call in enumerate(view.facts.calls):
                name = self._heard(view, call) or (self._listens(view, number, call) if is_meant else "")
                if name:
                    yield view.path, call.row, name

    def _heard(self, view: FileView, call: Call) -> str:
        """What the project's own listener of what goes unhandled tells a monitor by."""
        if tail_of(call.callee) not in _ON or len(call.args) < 2 or not str(call.callee).startswith("process."):
            return ""
        event = call.args[0]
        is_meant = isinstance(event, (tuple, list)) and event[0] == "lit" and event[1] in _EVENTS
        return self._sends(view, call.args[1], call.scope, call.start) if is_meant else ""

    def _listens(self, view: FileView, number: int, call: Call) -> str:
        """The SDK that a call starts, and that listens."""
        given = {*call.kwargs, *(str(key) for arg in call.args for key in _keys(arg))}
        renamed = {row.local for row in view.facts.imports if row.target.rpartition(".")[2] in _TAILS}
        if tail_of(call.callee) not in _TAILS | renamed and "default" not in str(call.callee):
            return ""
        for value in self._project.resolver.callee(view, number):
            path = value.path if isinstance(value, External) else ""
            if _STARTS.fullmatch(path):
                return path if _OFF.isdisjoint(given) else ""
            if any(start.fullmatch(path) and not options.isdisjoint(given) for start, options in _STARTS_IF):
                return path
        return ""

    def _goes_up(self, view: FileView, number: int, entry: Entry, seen: set[Key]) -> bool:
        call = view.facts.calls[number]
        if self._is_dropped(view, call) and not self._captures.is_caught(view, call, entry):
            return True
        return super()._goes_up(view, number, entry, seen)

    def _is_dropped(self, view: FileView, call: Call) -> bool:
        """Whether nobody has the promise of a call: ``notify(order);``, ``void notify(order)``."""
        if call.flags & CallFlag.AWAITED or self._is_argument(view, call):
            return False
        text = self._project.store.text(view.path)
        is_alone = bool(call.flags & CallFlag.STATEMENT) and text[call.end : call.end + 1] != b"."
        return is_alone or text[max(call.start - 8, 0) : call.start].rstrip().endswith(b"void")

    @staticmethod
    def _is_argument(view: FileView, call: Call) -> bool:
        """Whether something is handed what a call gives."""
        return call.parent >= 0 and view.facts.calls[call.parent].scope == call.scope

    def _end_of(self, view: FileView, scope: int) -> bool | None:
        calls = (call for call in view.facts.calls if list(call.callee or ()) == ["fn", scope])
        # ``(async () => { … })();``
        return True if any(self._is_dropped(view, call) for call in calls) else super()._end_of(view, scope)

    def _is_heard_in_module(self, view: FileView, call: Call) -> bool:
        # What a module waits for while it is loaded, before what starts the monitor has run, nobody hears of.
        for path, row, _ in self._started():
            if path == view.path:
                return row < call.row
            if view.path in self._reach.all_importers({path}):
                return True
        return False

    def _is_run(self, view: FileView, call: Call) -> bool:
        owner, _, tail = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
        if tail in _TIMERS or (tail in _ON and _EMITTER.fullmatch(owner) is not None):
            return True
        return (is_route(call) or tail == _USE) and self._loses(view, call)

    def _loses(self, view: FileView, call: Call) -> bool:
        """Whether a call hands a function to a router of Express that takes no notice of its promise."""
        if not loses_rejections(self._auto.surroundings, view.path):
            return False
        number = next(n for n in view.calls_by_tail[tail_of(call.callee)] if view.facts.calls[n] is call)
        return is_of(self._project, view, number, _EXPRESS)

    @property
    def _told(self) -> dict[str, str]:
        return {}


def _keys(expr: object) -> Iterator[object]:
    if isinstance(expr, (tuple, list)) and expr and expr[0] == "map":
        yield from (key for key, _ in expr[1])
