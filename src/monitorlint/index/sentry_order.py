"""Whether Sentry's error handler stands where the errors of an Express application come by."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from monitorlint.index.values import Defined
from monitorlint.model.setup import Misplaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call
    from monitorlint.model.setup import SentryCall

_ROUTES = frozenset("get post put patch delete".split())
_EVERYTHING = frozenset({"*", "/*", "(.*)", "/{*splat}", "*splat", "/*splat", "{*splat}", "/{*path}", "*path"})
_HARMLESS = frozenset({"Date", "process", "os", "Math"})
"""What an answer to "are you there?" asks: the time, the version, the memory."""
_FEW, _MANY = 5, 50
"""Handlers of a file, and routes of an application, that are looked at."""
_ERROR_PARAMETERS = 4
"""Express takes a function with as many for a handler of errors."""


def misplaced_handlers(project: Project, calls: Iterable[SentryCall]) -> Iterator[Misplaced]:
    """The calls of `setupExpressErrorHandler` above a route of the same application, or below what answers errors."""
    seen: Counter[str] = Counter()
    for call in calls:
        if call.name != "setupExpressErrorHandler" or call.area != "app":
            continue
        seen[call.path] += 1
        view = project.view(call.path) if seen[call.path] <= _FEW else None
        own = next((c for c in view.facts.calls if c.start == call.place[4]), None) if view is not None else None
        app = own.args[0] if own is not None and own.args else None
        if view is None or own is None or not isinstance(app, str):
            continue
        around = [other for other in view.facts.calls if other.scope == own.scope and _is_registration(other, app)]
        for other in around[:_MANY]:
            if not _runs_with(view, other, own):
                continue
            if other.start > own.start and _is_route(view, other):
                yield Misplaced(call.path, call.place, "route", other.row + 1, call.function, call.area)
                break
            if other.start < own.start and _swallows(project, view, other):
                yield Misplaced(call.path, call.place, "handler", other.row + 1, call.function, call.area)
                break


def answered_before(project: Project, view: FileView, call: Call) -> str:
    """Names what takes the errors of an application before a handler of errors; ``""``: nothing that is seen does.

    :param call: ``setupExpressErrorHandler(app)``, or ``app.use(handler)``, or what makes that handler.
    """
    if not _is_use(call) and call.parent >= 0 and _is_use(view.facts.calls[call.parent]):
        call = view.facts.calls[call.parent]
    app = str(call.callee).rpartition(".")[0] if _is_use(call) else call.args[0] if call.args else None
    if not isinstance(app, str) or not app:
        return ""
    for other in view.facts.calls:
        is_above = other.scope == call.scope and other.start < call.start and _is_registration(other, app)
        if is_above and _runs_with(view, other, call) and _swallows(project, view, other):
            return f"{view.path}:{other.row + 1} answers errors before it hears of them"
    return ""


def _is_use(call: Call) -> bool:
    return isinstance(call.callee, str) and call.callee.endswith(".use")


def _is_registration(call: Call, app: str) -> bool:
    return isinstance(call.callee, str) and call.callee.rpartition(".")[0] == app


def _runs_with(view: FileView, one: Call, other: Call) -> bool:
    """Whether a call runs whenever another does: it stands in its block, or in one around it."""
    block = other.block
    while block >= 0:
        if block == one.block:
            return True
        block = view.facts.blocks[block].parent
    return False


def _is_route(view: FileView, call: Call) -> bool:
    """Whether a call adds a route of its own, and no answer to what no route has taken."""
    method = str(call.callee).rpartition(".")[2]
    first = call.args[0] if call.args else None
    path = first[1] if isinstance(first, (tuple, list)) and first and first[0] == "lit" else None
    if not isinstance(path, str) or path in _EVERYTHING or len(call.args) < 2:
        return False
    last = call.args[-1]
    if method in _ROUTES:
        return not (len(call.args) == 2 and _only_answers(view, last))
    # A router that is mounted, not a middleware of the kind that takes errors.
    return method == "use" and not _takes_errors(view, last) and not _is_static(view, last)


def _only_answers(view: FileView, expr: Expr) -> bool:
    """Whether a handler does nothing but answer, as those do that say that the server is up."""
    if not isinstance(expr, (tuple, list)) or not expr or expr[0] != "fn":
        return False
    scope = view.facts.scopes[expr[1]]
    answer = scope.params[1].name if len(scope.params) > 1 else ""
    inner = [call for call in view.facts.calls if scope.start <= call.start < scope.end]
    return bool(answer) and all(_root(view, call.callee) in {answer, *_HARMLESS} for call in inner)


def _root(view: FileView, callee: Expr) -> str:
    """The name that a chain of calls begins with: `res` of `res.status(200).json({})`."""
    while not isinstance(callee, str):
        if not callee or callee[0] not in {"attr", "call"}:
            return ""
        callee = view.callee_of(callee) if callee[0] == "call" else callee[1]
    return callee.partition(".")[0]


def _is_static(view: FileView, expr: Expr) -> bool:
    callee = view.callee_of(expr)
    return isinstance(callee, str) and callee.rpartition(".")[2] == "static"


def _takes_errors(view: FileView, expr: Expr) -> bool:
    return (
        isinstance(expr, (tuple, list))
        and expr[:1] in (("fn",), ["fn"])
        and len(view.facts.scopes[expr[1]].params) == _ERROR_PARAMETERS
    )


def _swallows(project: Project, view: FileView, call: Call) -> bool:
    """Whether a call adds a handler of errors that never passes them on."""
    if str(call.callee).rpartition(".")[2] != "use" or len(call.args) != 1:
        return False
    values = project.resolver.resolve(call.args[0], view, call.scope, call.start)
    if len(values) != 1 or not isinstance(values[0], Defined):
        return False
    there = project.view(values[0].file)
    scope = there.facts.scopes[values[0].scope] if there is not None else None
    if there is None or scope is None or len(scope.params) != _ERROR_PARAMETERS or not scope.params[3].name:
        return False
    passes = scope.params[3].name
    for inner in there.facts.calls:
        if scope.start <= inner.start < scope.end:
            if inner.callee == passes or any(arg == passes for arg in inner.args):
                return False
            tail = str(inner.callee).rpartition(".")[2] if isinstance(inner.callee, str) else ""
            if tail.startswith("capture"):
                return False
    return True
