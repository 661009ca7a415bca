"""Errors that nothing keeps on their way out of a page, where a monitor is told of what goes unhandled.

``<button onClick={async () => { await fetch(url) }}>``, ``useEffect(() => { load() }, [])``: the promise rejects, and
no code has a handler for it. The page is told of that (``unhandledrejection``), and so is an SDK that listens there. It
proves nothing: options of the SDK may turn it off, and an element may be one of a library that has a handler.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index import library_handlers
from monitorlint.index.forms import Monitor
from monitorlint.index.values import External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.edges import Edges
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

# Sources: what the SDKs' documentation says that they capture by themselves. Sentry: GlobalHandlers in browsers, and
# ReactNativeErrorHandlers; Bugsnag: ``autoDetectErrors``; Honeybadger: ``enableUnhandledRejection``; Datadog RUM,
# LogRocket, Highlight, Faro, New Relic and Elastic APM take unhandled rejections on.
_STARTS: Final = pattern(
    r"@sentry/(?:browser|react|vue|angular|angular-ivy|svelte|sveltekit|nextjs|nuxt|remix|react-router|solid|solidstart"
    r"|astro|gatsby|ember|tanstackstart-react|react-native|capacitor|electron\.renderer)\.init|sentry-expo\.init"
    r"|@bugsnag/(?!node)[\w-]+(?:\.default)?\.start|@honeybadger-io/[\w-]+(?:\.default)?\.configure"
    r"|@datadog/browser-rum(?:-slim)?\.datadogRum\.init|logrocket(?:\.default)?\.init"
    r"|(?:@highlight-run/\w+|highlight\\\.run)\.H\.init|@grafana/faro-[\w-]+\.initializeFaro"
    r"|@newrelic/browser-agent[\w/-]*\.\w*Agent|@elastic/apm-rum[\w-]*\.init|trackjs\.TrackJS\.install"
    r"|@honeybadger-io/vue(?:\.default)?"
)
_LISTENING: Final = pattern(
    r"@sentry/|sentry-expo|@bugsnag/|@honeybadger-io/|@datadog/browser-rum|logrocket|@?highlight|@grafana/faro|@newrelic/"
    r"|@elastic/apm-rum|trackjs|rollbar|posthog-(?:js|react-native)"
)
# These listen where they are told to alone.
_STARTS_IF: Final = (
    (pattern(r"rollbar(?:\.default)?"), frozenset({"captureUnhandledRejections"})),
    (pattern(r"posthog-(?:js|react-native)(?:\.\w+)*\.init"), frozenset({"capture_exceptions"})),
)
_PLUGGED: Final = "use"
"""What gives an application of Vue's a plug-in, which may be what listens."""
_TAILS: Final = frozenset("init start install use configure initializeFaro Rollbar BrowserAgent MicroAgent".split())
# What runs a function that it is handed for the page, and has no handler for what its promise comes to.
_RUN_BY_PAGES: Final = frozenset(
    "setTimeout setInterval setImmediate requestAnimationFrame requestIdleCallback queueMicrotask addEventListener "
    "addListener useEffect useLayoutEffect useInsertionEffect useFocusEffect useEffectOnce useMount useInterval "
    "useTimeout onMount onMounted onBeforeMount nextTick startTransition".split()
)
# What gives its caller the promise of a function that it runs, or the function itself.
_PASSING: Final = frozenset(
    "then finally map flatMap forEach all race any useCallback useMemo useMemoizedFn useEvent useEffectEvent "
    "useEventCallback memo debounce throttle batch act flushSync runInAction action".split()
)
_KEEPING: Final = frozenset(
    "useCallback useMemo useMemoizedFn useEvent useEffectEvent useEventCallback debounce throttle".split()
)
# An attribute by which an element has a function for an event, right before that.
_HANDLER: Final = pattern(
    rb"""(?s).*(?:[\s{(](?:on[:A-Z]|handle[A-Z])[\w:|]*\s*=\s*\{|\son[a-z]+=\{|@[\w.:-]+=")\s*(?:async\s*)?"""
)
_LIFE: Final = frozenset("componentDidMount componentDidUpdate".split())
# These give no promise: what fails is told a listener, or nobody.
_QUIET: Final = ("navigator.", "XMLHttpRequest", "EventSource", "WebSocket", "http.", "https.", "http2.")
# What gives a library of requests one handler of errors for all, and what hands functions to that.
_TELLING: Final = (
    (pattern(rb"<SWRConfig\b"), ("useSWR", "useSWRImmutable", "useSWRInfinite", "useSWRMutation")),
    (pattern(rb"\bnew QueryClient\([^;]{0,2000}?\bmutations\s*:"), ("useMutation",)),
)
_LIBRARIES: Final = frozenset({"swr", "@tanstack/react-query", "react-query"})
# How they are handed one that the file does not call.
_FETCHER: Final = rb"\bfetcher\s*[:=]\s*\{?\s*%s\b"
_HANDED: Final = rb"\buseSWR\w*\s*(?:<[^;{}()]*>)?\([^;]{0,300}?,\s*%s\b"
_SHORT: Final = rb"<SWRConfig\b[^;]{0,300}?[{,]\s*(?=fetcher\b)%s\s*[,}]"
_MUTATING: Final = rb"\bmutationFn\s*:\s*%s\b"
_QUERYING: Final = rb"\bqueryFn\s*:\s*%s\b"
_ERROR_HANDLER: Final = pattern(rb"(?s).*\bonError(?:\s*[:=]\s*\{?\s*)?(?:async\s*)?")
_NAMED_HANDLER: Final = pattern(rb"\bonError\s*[:=]\s*\{?\s*(\w+)\s*[,}\n]")
MAX_FUNCTIONS: Final = 60
"""So many functions above a call are looked at."""


class Unhandled:
    """Follows what a call raises up to where nothing has a handler for it."""

    _passing = _PASSING

    def __init__(
        self, project: Project, auto: AutoInstrumentation, reach: Reach, captures: Captures, edges: Edges
    ) -> None:
        self._project = project
        self._auto = auto
        self._reach = reach
        self._captures = captures
        self._edges = edges
        self._known: dict[tuple[Key, str], bool] = {}
        self._starts: tuple[tuple[str, int, str], ...] | None = None

    def of(self, found: FoundCall) -> Verdict:
        """The monitor that is told of what a call raises because nobody else is, which is never sure."""
        view, entry = found.view, found.match.entry
        if self._project.store.loads_by_name or not self._project.is_app(view.path):
            return Verdict(None)
        if found.match.target.startswith(_QUIET):
            return Verdict(None)
        start = next((s for s in self._started() if self._auto.doubt_at(s[0], view.path) is not None), None)
        if start is None or not self._goes_up(view, found.number, entry, set()):
            return Verdict(None)
        path, row, name = start
        monitor = Monitor("auto", Level.ERRORS, name, path, row)
        return Verdict(monitor, (), "it is told of an error only where nothing handles it")

    def _started(self) -> tuple[tuple[str, int, str], ...]:
        """Where something is started that is told of what goes unhandled, and what: path, row and name."""
        if self._starts is None:
            self._starts = tuple(self._find())
        return self._starts

    def _find(self) -> Iterator[tuple[str, int, str]]:
        # What the helper holds ready is there for calls that are put under it.
        for place in (path for path in self._reach.application() if path not in self._project.helper_files):
            is_meant = any(map(_LISTENING.match, self._project.store.packages(place)))
            view = self._project.view(place) if is_meant else None
            if view is None:
                continue
            above = self._reach.importers(place)
            renamed = {row.local for row in view.facts.imports if row.target.rpartition(".")[2] in _TAILS}
            for tail in sorted((_TAILS | renamed) & view.calls_by_tail.keys()):
                for number in view.calls_by_tail[tail]:
                    call = view.facts.calls[number]
                    made = self._project.resolver.callee(view, number)
                    if tail == _PLUGGED and call.args:
                        made = self._project.resolver.resolve(call.args[0], view, call.scope, call.start)
                    for value in made:
                        path = value.path if isinstance(value, External) else ""
                        if _listens(path, call) and self._reach.frames.side_of(above) != "server":
                            yield view.path, call.row, path

    def _goes_up(self, view: FileView, number: int, entry: Entry, seen: set[Key]) -> bool:
        """Whether what a call raises leaves the function it stands in, and gets to nobody who has a handler."""
        call = view.facts.calls[number]
        if self._captures.around(view, call, entry) is not None:
            return True
        is_kept = self._captures.is_caught(view, call, entry) and not self._is_given_back(view, call)
        if is_kept or not self._is_let_go(view, number):
            return False
        if library_handlers.is_subscribed(view, call) and self._hears_of_subscribers(view.path):
            return True
        scope = call.scope
        while scope > 0 and view.facts.scopes[scope].kind == "lambda":
            end = self._end_of(view, scope)
            if end is not None:
                return end or self._is_kept_so(view, scope, entry, seen)
            scope = view.facts.scopes[scope].parent
        if view.facts.scopes[scope].kind == "module":
            return self._is_heard_in_module(view, call)
        return view.facts.scopes[scope].kind == "function" and self._leaves((view.path, scope), entry, seen)

    def _is_let_go(self, view: FileView, number: int) -> bool:
        """Whether the promise of a call is waited for, returned or left alone: what keeps it may have a handler."""
        calls = view.facts.calls
        call = calls[number]
        # ``fetch(url).then(…)``
        chained = [
            n for n, c in enumerate(calls) if c.start == call.start and c.end > call.end and c.scope == call.scope
        ]
        # ``fetch(url).then(show, fail)``, where nobody knows what `fail` does.
        if any(tail_of(calls[n].callee) == "then" and len(calls[n].args) > 1 for n in chained):
            return False
        number = max(chained, key=lambda n: calls[n].end, default=number)
        call = calls[number]
        if call.flags & (CallFlag.AWAITED | CallFlag.STATEMENT):
            return True
        if call.parent >= 0 and calls[call.parent].scope == call.scope:
            return tail_of(calls[call.parent].callee) in self._passing and self._is_let_go(view, call.parent)
        here = view.facts.scopes[call.scope]
        is_returned = any(isinstance(e, (tuple, list)) and list(e) == ["call", number] for e in here.returns)
        return is_returned or self._project.store.text(view.path)[
            max(call.start - 8, 0) : call.start
        ].rstrip().endswith(b"void")

    def _end_of(self, view: FileView, scope: int) -> bool | None:
        """Whether a page runs a function without a name, or it is not known who does; None: what is around it."""
        here = view.facts.scopes[scope]
        if _HANDLER.fullmatch(self._project.store.text(view.path)[max(here.start - 60, 0) : here.start]):
            return True
        around = _handed_to(view, scope)
        if library_handlers.STORE in self._told and library_handlers.is_base_query(view, scope):
            return True
        if around is None:
            is_called = any(_is_function(call.callee, scope) for call in view.facts.calls)
            return None if is_called else False
        tail = tail_of(around.callee)
        if self._is_run(view, around) or self._is_told(tail, around):
            return True
        return None if tail in self._passing and tail not in _KEEPING else False

    def _is_kept_so(self, view: FileView, scope: int, entry: Entry, seen: set[Key]) -> bool:
        """Likewise, for a function that a hook gives back: ``const load = useCallback(async () => …)``."""
        around = _handed_to(view, scope)
        if around is None or tail_of(around.callee) not in _KEEPING:
            return False
        name = next(
            (
                row.name
                for row in view.facts.bindings
                if isinstance(row.value, (tuple, list))
                and list(row.value[:1]) == ["call"]
                and view.facts.calls[row.value[1]] is around
            ),
            "",
        )
        return bool(name) and self._leaves((view.path, scope), entry, seen, name)

    def _leaves(self, key: Key, entry: Entry, seen: set[Key], name: str = "") -> bool:
        """Whether a page runs a function, or something of which the same is true, and nobody else does.

        :param name: What the function is called, where it has no name of its own.
        """
        memo = (key, entry.package)
        if not seen and memo in self._known:
            return self._known[memo]
        if key in seen:
            # A function that calls itself: what else calls it tells.
            return True
        if len(seen) >= MAX_FUNCTIONS:
            return False
        is_asked_for = not seen
        seen.add(key)
        leaves = self._find_way(key, entry, seen, name)
        # What holds of a function on the way leaves out those that are looked at already: it is no answer by itself.
        if is_asked_for:
            self._known[memo] = leaves
        return leaves

    def _find_way(self, key: Key, entry: Entry, seen: set[Key], name: str) -> bool:
        view = self._project.view(key[0])
        if view is None:
            return False
        here = view.facts.scopes[key[1]]
        own = name or here.name
        around = view.facts.scopes[here.parent]
        if own in _LIFE and around.kind == "class":
            return True
        if around.kind == "function" and any(_holds(expr, own) for expr in around.returns):
            # Whoever calls the hook has it.
            return False
        is_run = self._has_element(view, own) or self._fetches(key[0], own)
        is_run = is_run or (library_handlers.ROUTER in self._told and library_handlers.is_loader(own))
        if name:
            sites = [(s.view, s.number, s.how == "calls") for s in self._edges.given.calls(view, key[1])]
        else:
            sites = [(*row.call, row.sure) for row in self._edges.all(key)]
        for there, number, is_sure in sites:
            call = there.facts.calls[number]
            handed = (tail_of(str(given)) for given in (*call.args, *call.kwargs.values()))
            if own not in {tail_of(call.callee), *handed} or not self._project.is_app(there.path):
                continue
            tail = tail_of(call.callee)
            if tail != own and (self._is_run(there, call) or self._is_told(tail, call)):
                is_run = True
                continue
            if not (is_sure or tail in self._passing) or not self._goes_up(there, number, entry, seen):
                return False
            is_run = True
        return is_run

    def _has_element(self, view: FileView, name: str) -> bool:
        """Whether an element of the file has a function for the handler of an event."""
        if not name.isidentifier():
            return False
        attribute = rb"""(?:\b(?:on[:A-Za-z]|handle[A-Z])[\w:|]*=\{|@[\w.:-]+=")"""
        handler = rb"%s\s*(?:\w+\.)*%s\b" % (attribute, re.escape(name.encode()))
        return re.search(handler, self._project.store.text(view.path)) is not None

    def _is_heard_in_module(self, view: FileView, call: Call) -> bool:  # noqa: ARG002 - programs of Node's ask
        """Whether what a module raises while it is loaded is heard of."""
        return True

    def _is_run(self, view: FileView, call: Call) -> bool:  # noqa: ARG002 - programs of Node's ask
        """Whether a call has a function run that it is handed, and there is no handler for it."""
        return tail_of(call.callee) in _RUN_BY_PAGES

    def _is_told(self, tail: str, call: Call) -> bool:
        """Whether a library runs what it is handed, and tells a handler of all such that tells a monitor."""
        return tail in self._told and "onError" not in call.kwargs

    def _fetches(self, path: str, name: str) -> bool:
        """Whether such a library is handed a function by its name, in a file that calls nothing of that name."""
        own = re.escape(name.encode())
        known = (
            *(("useSWR", _FETCHER), ("useSWR", _HANDED), ("useSWR", _SHORT), ("useMutation", _MUTATING)),
            *(("useQuery", _QUERYING), ("useSuspenseQuery", _QUERYING)),
        )
        forms = [form % own for tail, form in known if tail in self._told]
        for place in self._reach.knowing(path) if forms else ():
            if self._project.is_app(place) and _LIBRARIES & self._project.store.packages(place):
                text = self._project.store.text(place)
                if any(re.search(form, text) for form in forms):
                    return True
        return False

    def _hears_of_subscribers(self, path: str) -> bool:
        """Whether what no subscriber handles gets to the page: Angular has a handler of its own between, to be told."""
        if not any(package.startswith("@angular/") for package in self._project.store.packages(path)):
            return True
        return self._is_angular_told

    @cached_property
    def _is_angular_told(self) -> bool:
        packages = self._project.store.packages
        meant = (path for path in self._reach.application() if "@angular/core" in packages(path))
        return any(library_handlers.ANGULAR.search(self._project.store.text(path)) is not None for path in meant)

    def _is_given_back(self, view: FileView, call: Call) -> bool:
        """Whether what catches the error of a call makes a result of it that the store tells a middleware of."""
        return library_handlers.STORE in self._told and library_handlers.gives_back(view, call)

    @cached_property
    def _told(self) -> dict[str, str]:
        """What hands functions to such a library, by the file that gives that its handler."""
        found = dict(library_handlers.telling(self._project, self._reach, self._captures))
        for path in self._reach.application():
            text = self._project.store.text(path) if _LIBRARIES & self._project.store.packages(path) else b""
            for maker, tails in _TELLING:
                made = maker.search(text)
                if made is not None and b"onError" in text[made.end() :] and self._tells(path, text, made.end()):
                    found.update(dict.fromkeys(tails, path))
        return found

    def _tells(self, path: str, text: bytes, start: int) -> bool:
        """Whether a handler that stands behind a place tells a monitor of what it is handed."""
        view = self._project.view(path)
        if view is None:
            return False
        reporters = self._captures.reporters
        for named in _NAMED_HANDLER.finditer(text, start):
            if reporters.taken(view, named[1].decode(), 0, named.start(1)) is not None:
                return True
        sent = [call for call, _, _ in self._captures.outright(view)]
        sent.extend(c for n, c in enumerate(view.facts.calls) if reporters.called(view, n) is not None)
        for call in sent:
            for scope in view.scopes_around(call.scope):
                here = view.facts.scopes[scope]
                if here.start > start and _ERROR_HANDLER.fullmatch(text[max(here.start - 40, 0) : here.start]):
                    return True
        return False


def _listens(path: str, call: Call) -> bool:
    if _STARTS.fullmatch(path):
        return True
    for start, options in _STARTS_IF:
        if start.fullmatch(path):
            given = {*call.kwargs, *(str(key) for arg in call.args for key in _keys(arg))}
            return not options.isdisjoint(given)
    return False


def _keys(expr: object) -> Iterator[object]:
    if isinstance(expr, (tuple, list)) and expr and expr[0] == "map":
        yield from (key for key, _ in expr[1])


def _handed_to(view: FileView, scope: int) -> Call | None:
    """The innermost call around a function without a name that is handed it, or something that holds it."""
    here = view.facts.scopes[scope]
    around = [c for c in view.facts.calls if c.start < here.start and here.end <= c.end]
    inner = max(around, key=lambda call: call.start, default=None)
    outer = view.facts.scopes[here.parent]
    return inner if inner is not None and inner.start >= outer.start else None


def _is_function(expr: object, scope: int) -> bool:
    return isinstance(expr, (tuple, list)) and list(expr) == ["fn", scope]


def _holds(expr: object, name: str) -> bool:
    """Whether something that a function returns is, or holds, what a name stands for."""
    if isinstance(expr, str):
        return expr == name
    return isinstance(expr, (tuple, list)) and any(_holds(part, name) for part in expr)
