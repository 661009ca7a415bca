"""Handlers that an application in Python is told of for the errors of its requests, and which errors each gets.

``@app.exception_handler(UpstreamError)``, ``app.add_exception_handler(Exception, report)``,
``FastAPI(exception_handlers={Exception: report})``, Litestar's ``after_exception=[report]``; Sanic's
``@app.exception(Exception)``, and its ``ErrorHandler`` with a ``default`` of the project's own; Flask's signal
``got_request_exception``; middleware with a handler around what comes after it.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.captures import handlers_of
from monitorlint.index.forms import Monitor
from monitorlint.index.leaving import ANSWERED, key_of
from monitorlint.index.mentions import mentioning
from monitorlint.index.values import Defined, External
from monitorlint.index.view import OWN_NAMES, family_of, tail_of
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.captures import Captures
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

MARKING: Final = frozenset({"errorhandler", "app_errorhandler", "exception_handler"})
"""Decorators that make a function the handler of an application."""
_OF_ITS_OWN: Final = "exception"
"""Likewise, of Sanic's applications alone."""
WHATEVER: Final = ("Exception", ("lit", 500), ["lit", 500])
"""What they are told to hand it, where that is every error that nobody else takes."""
_TAKING: Final = frozenset({"add_exception_handler", "add_error_handler", "register_error_handler"})
_LAST: Final = frozenset({"errorhandler", "app_errorhandler", "register_error_handler"})
"""Flask sends its signal for what none of these takes; Starlette raises again what it has answered."""
_TABLE: Final = "exception_handlers"
_TABLED: Final = rb"\b(?:Exception|500)\s*:\s*"
_WORDS: Final = (
    *(b"middleware", b"Middleware", b"exception_handler", b"error_handler", b"errorhandler"),
    *(b"ErrorHandler", b".exception(", b"after_exception", b"got_request_exception"),
)
_SANIC: Final = "sanic."
_OF_SANIC: Final = frozenset({"sanic.handlers.ErrorHandler", "sanic.handlers.error.ErrorHandler"})
_AFTER: Final = "after_exception"
"""What Litestar calls with whatever its handlers raise, whoever answers it."""
_SIGNALS: Final = frozenset(
    f"{package}.got_request_exception.connect" for package in ("flask", "flask.signals", "quart", "quart.signals")
)
_PART: Final = ".Blueprint()."
_MIDDLEWARE: Final = "middleware"
_DISPATCHING: Final = "dispatch"
_BASE: Final = "BaseHTTPMiddleware"
_OF_ASGI: Final = "__call__"
_ASGI: Final = ["scope", "receive", "send"]
_NEXT: Final = 2
"""Where the parameter ends by which a middleware goes on."""


class _Handler(NamedTuple):
    monitor: Monitor | None
    """None: it sends nothing."""
    error: str
    """The class that it is for; ``""``: whatever nobody else takes."""
    is_middleware: bool = False
    is_last: bool = False
    """Nobody else hears of what it is told."""


class ToldErrors:
    """Finds them."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        captures: Captures,
        sends: Callable[[FileView, Expr, int, int], str],
    ) -> None:
        """:param sends: What a handler tells a monitor by; ``""``: it tells none."""
        self._project = project
        self._auto = auto
        self._captures = captures
        self._sends = sends

    @property
    def are_there(self) -> bool:
        """Whether one of them sends what it is told of."""
        return any(handler.monitor is not None for handler in self._handlers)

    def for_all(self) -> Iterator[Monitor]:
        """The handlers that are told of every error that nobody else takes."""
        yield from (h.monitor for h in self._handlers if h.monitor is not None and not h.error)

    def for_one_of(self, entry: Entry) -> tuple[bool, list[Monitor]]:
        """Whether some handler takes an error that is raised in place of another, and those of them that send it."""
        taking = [h for h in self._handlers if h.error and h.error in entry.errors]
        return ANSWERED in entry.errors or bool(taking), [h.monitor for h in taking if h.monitor is not None]

    def keeps(self, entry: Entry) -> bool:
        """Whether a handler that sends nothing is told of what a call raises, and nobody else is."""
        silent = [handler for handler in self._handlers if handler.monitor is None]
        root = entry.package.partition(" ")[0]
        return any(
            h.is_last or (h.error in entry.errors if entry.errors else h.error.startswith(f"{root}.")) for h in silent
        )

    def doubt_of(self, monitor: Monitor, view: FileView, number: int) -> str:
        """What leaves in doubt that one of them hears of what a call raises; ``""``: nothing.

        What a handler of requests gives on to be read turn by turn is read when middleware has returned.
        """
        if not any(h.is_middleware and h.monitor == monitor for h in self._handlers):
            return ""
        for value in self._project.resolver.callee(view, number):
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is not None and isinstance(value, Defined) and there.facts.scopes[value.scope].is_generator:
                return f"{monitor.path}:{monitor.row + 1} has returned where a stream is read behind it"
        return ""

    @cached_property
    def _handlers(self) -> tuple[_Handler, ...]:
        if not self._project.catalogue.has_keywords:
            return ()
        views = mentioning(self._project, self._auto, *_WORDS)
        return tuple(told for view in views if self._project.is_app(view.path) for told in self._in(view))

    def _in(self, view: FileView) -> Iterator[_Handler]:
        yield from self._marked(view)
        yield from self._taken(view)
        yield from self._middleware(view)
        yield from self._of_all(view)

    def _marked(self, view: FileView) -> Iterator[_Handler]:
        """The handlers that a decorator marks. Those of a part of an application see that part alone."""
        for number, scope in enumerate(view.facts.scopes):
            for decorator in scope.decorators if scope.kind == "function" else ():
                if not isinstance(decorator, (tuple, list)) or decorator[0] != "call":
                    continue
                call = view.facts.calls[decorator[1]]
                tail = tail_of(call.callee)
                if tail not in {*MARKING, _OF_ITS_OWN} or not call.args:
                    continue
                made = self._project.resolver.callee(view, decorator[1])
                if tail == _OF_ITS_OWN and not any(_is_of_sanic(value) for value in made):
                    continue
                if tail == "errorhandler" and any(isinstance(v, External) and _PART in v.path for v in made):
                    continue
                name = self._name(view, ("fn", number), scope.parent, scope.start)
                for error in call.args if tail == _OF_ITS_OWN else call.args[:1]:
                    for told in self._told(view, error, name, scope.parent, scope.start, scope.row):
                        yield told._replace(is_last=tail in _LAST and error == WHATEVER[0])

    def _taken(self, view: FileView) -> Iterator[_Handler]:
        for tail in sorted(_TAKING & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                if len(call.args) > 1:
                    name = self._name(view, call.args[1], call.scope, call.start)
                    for told in self._told(view, call.args[0], name, call.scope, call.start, call.row):
                        yield told._replace(is_last=tail in _LAST and call.args[0] == WHATEVER[0])
        for call in view.facts.calls:
            table = call.kwargs.get(_TABLE)
            if not isinstance(table, (tuple, list)) or table[0] != "map":
                continue
            text = self._project.store.text(view.path)[call.start : call.end]
            for _, handler in table[1]:
                # The keys of a table are no part of the facts where they are no strings.
                name = self._name(view, handler, call.scope, call.start) if isinstance(handler, str) else ""
                if name and re.search(_TABLED + re.escape(str(handler).encode()) + rb"\b", text):
                    yield _Handler(Monitor("auto", Level.ERRORS, name, view.path, call.row), "")

    def _of_all(self, view: FileView) -> Iterator[_Handler]:
        """The handlers that are told of whatever is raised, by a framework's own means."""
        for number, scope in enumerate(view.facts.scopes):
            owner = view.facts.scopes[scope.parent] if scope.kind == "function" and scope.name == "default" else None
            if owner is None or owner.kind != "class":
                continue
            bases = self._project.resolver.bases(view.path, scope.parent)
            is_meant = any(isinstance(base, External) and base.path in _OF_SANIC for base in bases)
            if is_meant and (name := self._name(view, ("fn", number), scope.parent, scope.start)):
                yield _Handler(Monitor("auto", Level.ERRORS, name, view.path, scope.row), "")
        for number, call in enumerate(view.facts.calls):
            for expr in self._told_by(view, number, call):
                if name := self._name(view, expr, call.scope, call.start):
                    yield _Handler(Monitor("auto", Level.ERRORS, name, view.path, call.row), "")

    def _told_by(self, view: FileView, number: int, call: Call) -> Iterator[Expr]:
        """What a call hands over that is told of whatever is raised: to Litestar, or to Flask's signal."""
        after = call.kwargs.get(_AFTER)
        if after is not None and self._is_any(view, number, "litestar."):
            is_list = isinstance(after, (tuple, list)) and bool(after) and after[0] == "seq"
            yield from after[1] if is_list else (after,)
        if tail_of(call.callee) == "connect" and call.args:
            made = self._project.resolver.callee(view, number)
            if any(isinstance(value, External) and value.path in _SIGNALS for value in made):
                yield call.args[0]

    def _is_any(self, view: FileView, number: int, root: str) -> bool:
        made = self._project.resolver.callee(view, number)
        return any(isinstance(value, External) and value.path.startswith(root) for value in made)

    def _name(self, view: FileView, handler: Expr, scope: int, offset: int) -> str:
        """What a handler tells a monitor by, outright or over the log; ``""``: it tells none."""
        if name := self._sends(view, handler, scope, offset):
            return name
        for value in self._project.resolver.resolve(handler, view, scope, offset):
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is not None and isinstance(value, Defined):
                return self._captures.logged_in(there, value.scope)
        return ""

    def _told(self, view: FileView, error: Expr, name: str, scope: int, offset: int, row: int) -> Iterator[_Handler]:
        monitor = Monitor("auto", Level.ERRORS, name, view.path, row) if name else None
        if error in WHATEVER:
            yield _Handler(monitor, "")
            return
        for value in self._project.resolver.resolve(error, view, scope, offset):
            if isinstance(value, Defined):
                yield _Handler(monitor, key_of(value))
            elif isinstance(value, External) and monitor is None:
                yield _Handler(None, value.path)

    def _middleware(self, view: FileView) -> Iterator[_Handler]:
        """Middleware that sends what comes out of the handlers of requests."""
        for number, scope in enumerate(view.facts.scopes):
            if scope.kind != "function" or not self._is_middleware(view, number):
                continue
            names = [p.name for p in scope.params if p.name not in OWN_NAMES][1:_NEXT]
            names = ["self.app"] if scope.name == _OF_ASGI else names
            family = set(family_of(view, number))
            for going_on in (n for name in names for n in view.calls_by_tail.get(tail_of(name), ())):
                call = view.facts.calls[going_on]
                if call.callee not in names or call.scope not in family:
                    continue
                sent = self._sent_around(view, going_on)
                if sent is not None:
                    yield _Handler(sent._replace(how="auto"), "", is_middleware=scope.name != _OF_ASGI)

    def _sent_around(self, view: FileView, number: int) -> Monitor | None:
        blocks = view.facts.blocks
        for at in view.blocks_around(view.facts.calls[number]):
            for handler in handlers_of(view, at) if blocks[at].kind == "try" else ():
                named = blocks[handler].items
                if not named or "Exception" in named or "BaseException" in named:
                    sent = self._captures.sends(view, handler)
                    return sent.monitor if sent is not None and not sent.doubt else None
        return None

    def _is_middleware(self, view: FileView, number: int) -> bool:
        scope = view.facts.scopes[number]
        owner = view.facts.scopes[scope.parent]
        if owner.kind == "class":
            names = [p.name for p in scope.params if p.name not in OWN_NAMES]
            is_of_asgi = scope.name == _OF_ASGI and names == _ASGI
            return is_of_asgi or (scope.name == _DISPATCHING and any(tail_of(base) == _BASE for base in owner.bases))
        for decorator in scope.decorators:
            callee = view.callee_of(decorator)
            if tail_of(callee) != _MIDDLEWARE:
                continue
            if isinstance(decorator, (tuple, list)) and decorator[0] == "call":
                call = view.facts.calls[decorator[1]]
                return bool(call.args) and call.args[0] in (("lit", "http"), ["lit", "http"])
            values = self._project.resolver.resolve(callee, view, scope.parent, scope.start)
            return any(isinstance(value, External) and value.path == "aiohttp.web.middleware" for value in values)
        return False


def _is_of_sanic(value: object) -> bool:
    """Whether something hangs on an application of Sanic's, and not on a part of one."""
    return isinstance(value, External) and value.path.startswith(_SANIC) and _PART not in value.path
