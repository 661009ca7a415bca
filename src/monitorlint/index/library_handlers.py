"""What hears of the errors that libraries of pages keep: a middleware of a store, an element for errors, a boundary.

Redux Toolkit makes a rejected action of what a thunk raises, or a query gives back as ``{ error }``; React Router
shows an element that asks ``useRouteError()``; a query with ``throwOnError`` raises where its component is drawn.
Where that tells a monitor, the error arrives. All of it is found by its words, so verdicts stay open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from monitorlint.index.captures import Captures
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

STORE, ROUTER = "createAsyncThunk", "useRouteError"
"""What stands for a middleware that hears of rejected actions, and an element that is shown errors of routes."""
ANGULAR: Final = pattern(rb"\bcreateErrorHandler\(|\bprovide\s*:\s*ErrorHandler\b")
"""What tells Angular whom to tell of errors that nothing handles."""
_REDUX: Final = frozenset({"@reduxjs/toolkit"})
_ROUTERS: Final = frozenset({"react-router", "react-router-dom", "@remix-run/react", "@tanstack/react-router"})
_QUERIES: Final = frozenset({"@tanstack/react-query"})
_REJECTED: Final = pattern(rb"\b(?:isRejected(?:WithValue)?\b|type\.endsWith\(\s*[\"'`]/?rejected)")
_ASKED: Final = pattern(rb"\buseRouteError\(")
_DRAWN: Final = pattern(rb"<Sentry\.ErrorBoundary\b|\bSentry\.withErrorBoundary\(|\bcomponentDidCatch\b")
_READY: Final = pattern(rb"\bSentry\.(?:ErrorBoundary|withErrorBoundary)\b")
_RAISED: Final = pattern(rb"\bqueries\s*:\s*\{[^{}]*?\b(?:throwOnError|useErrorBoundary|suspense)\s*:\s*true\b")
_BASE: Final = pattern(r"(?i)\w*base_?query(?:with\w+)?|queryfn")
_LOADER: Final = pattern(r"(?:client)?(?:loader|action)|\w+(?:Loader|Action)")
_FILES: Final = (
    # What a file imports, the words, the calls that are handed functions whose errors come there.
    (_REDUX, _REJECTED, (STORE, "createApi")),
    (_ROUTERS, _ASKED, (ROUTER, "createBrowserRouter", "createHashRouter", "createMemoryRouter")),
)
_SUSPENDED: Final = ("useSuspenseQuery", "useSuspenseQueries", "useSuspenseInfiniteQuery")
_REJECTING: Final = "rejectWithValue"
_ERROR: Final = "error"


def telling(project: Project, reach: Reach, captures: Captures) -> Iterator[tuple[str, str]]:
    """The calls that hand functions to a library whose errors something tells a monitor, and the file of that."""
    boundary, raising = "", False
    for path in reach.application():
        packages = project.store.packages(path)
        for wanted, words, tails in _FILES:
            if wanted & packages and _sends(project, captures, path, words):
                yield from ((tail, path) for tail in tails)
        is_meant = "react" in packages or any(package.startswith("@sentry/") for package in packages)
        text = project.store.text(path) if is_meant or _QUERIES & packages else b""
        if _QUERIES & packages:
            raising = raising or _RAISED.search(text) is not None
        if is_meant and not boundary and _DRAWN.search(text) is not None:
            is_ready = _READY.search(text) is not None and any(package.startswith("@sentry/") for package in packages)
            boundary = path if is_ready or _sends(project, captures, path, _DRAWN) else ""
    if boundary:
        yield from ((tail, boundary) for tail in (*_SUSPENDED, *(("useQuery", "useInfiniteQuery") if raising else ())))


def _sends(project: Project, captures: Captures, path: str, words: re.Pattern[bytes]) -> bool:
    """Whether a function of a file in which some words stand tells a monitor of something."""
    text = project.store.text(path)
    found = words.search(text) is not None
    view = project.view(path) if found else None
    if view is None:
        return False
    reporters = captures.reporters
    sent = [call for call, _, _ in captures.outright(view)]
    sent.extend(call for number, call in enumerate(view.facts.calls) if reporters.called(view, number) is not None)
    for call in sent:
        for scope in view.scopes_around(call.scope):
            here = view.facts.scopes[scope]
            if scope > 0 and words.search(text, here.start, here.end) is not None:
                return True
    return False


def gives_back(view: FileView, call: Call) -> bool:
    """Whether the function that a call stands in makes a result of an error, which the store makes an action of."""
    scope = call.scope
    if any(view.facts.calls[number].scope == scope for number in view.calls_by_tail.get(_REJECTING, ())):
        return True
    return any(_is_error(expr) for expr in view.facts.scopes[scope].returns) and is_base_query(view, scope)


def is_base_query(view: FileView, scope: int) -> bool:
    """Whether a function is what Redux Toolkit sends queries with, or is given back by one that is called so."""
    here = view.facts.scopes[scope]
    outer = view.facts.scopes[here.parent] if here.parent >= 0 else here
    if _BASE.fullmatch(here.name) is not None or _BASE.fullmatch(outer.name) is not None:
        return True
    named = (row.name for row in view.facts.bindings if _is_function(row.value, scope))
    handed = (name for call in view.facts.calls for name, value in call.kwargs.items() if _is_function(value, scope))
    return any(_BASE.fullmatch(str(name)) is not None for name in (*named, *handed))


def is_subscribed(view: FileView, call: Call) -> bool:
    """Whether a call gives what a function without a handler of errors is subscribed to: RxJS raises them by itself."""
    chained = [c for c in view.facts.calls if c.start == call.start and c.end > call.end and c.scope == call.scope]
    last = max(chained, key=lambda c: c.end, default=None)
    if last is None or tail_of(last.callee) != "subscribe" or len(last.args) > 1 or _ERROR in last.kwargs:
        return False
    catching = (view.facts.calls[number] for number in view.calls_by_tail.get("catchError", ()))
    return not any(call.end <= one.start < last.end for one in catching)


def is_loader(name: str) -> bool:
    """Whether a function is called as one that React Router runs for a route."""
    return _LOADER.fullmatch(name) is not None


def _is_function(expr: object, scope: int) -> bool:
    return isinstance(expr, (tuple, list)) and list(expr) == ["fn", scope]


def _is_error(expr: object) -> bool:
    if not isinstance(expr, (tuple, list)) or len(expr) < 2:
        return False
    if expr[0] == "any":
        return any(_is_error(part) for part in expr[1])
    return expr[0] == "map" and any(str(key) == _ERROR for key, _ in expr[1])
