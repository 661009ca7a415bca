"""Handlers of a whole application that tell a monitor of every error that gets to them.

``app.onError((error) => captureException(error))``, ``new TRPCServer({ onError })``, Fastify's ``setErrorHandler``,
Express's ``app.use((err, req, res, next) => …)``, Flask's ``@app.errorhandler(Exception)``: what a request's handler
raises and does not catch comes there.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.around import Around
from monitorlint.index.base_tasks import BaseTasks
from monitorlint.index.captures import REJECTED
from monitorlint.index.conventions import CONVENTIONS, serves
from monitorlint.index.forms import Monitor
from monitorlint.index.framework_handlers import FrameworkHandlers
from monitorlint.index.handed_routes import HandedRoutes
from monitorlint.index.hook_files import files_with_hooks
from monitorlint.index.job_callbacks import JobCallbacks
from monitorlint.index.procedures import Procedures
from monitorlint.index.queries import CACHES, HANDLER, TELLING_QUERIES, Asked, asked_around, is_of, tells_of_itself
from monitorlint.index.rest_framework import RestFramework
from monitorlint.index.routes import BARE, WRAPPED, answers, is_path, is_route, loses_rejections, route_of, takes_next
from monitorlint.index.sentry_order import answered_before
from monitorlint.index.served_by_sdks import ServedBySdks
from monitorlint.index.task_signals import TaskSignals
from monitorlint.index.told_errors import ToldErrors
from monitorlint.index.values import Defined, External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import family_of, tail_of
from monitorlint.index.watched_tasks import WatchedTasks
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.conventions import Convention
    from monitorlint.index.project import Project
    from monitorlint.index.service_handlers import ServiceHandlers
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_TAKING: Final = frozenset({"onError", "setErrorHandler"})
"""Methods of an application that take its handler."""
_OPTIONS: Final = ("onError", "errorHandler")
_CATCHING: Final = "catch"
"""The option of routers of some packages that takes their handler."""
_ROUTERS: Final = frozenset({"itty-router"})
_CHAINING: Final = frozenset({"elysia", "hono"})
"""Packages of which an application is made in one chain of calls."""
_REPLACED: Final = "another error is made of it, which may be passed over"
"""What leaves in doubt that a handler hears of an error that one nearby catches."""
_MIDDLEWARE: Final = 4
"""Parameters by which Express knows a handler of errors from any other."""
_OF_EXPRESS: Final = pattern(r"Express|Connect|\.errorHandler$", re.IGNORECASE)
"""Handlers that monitors bring along for Express, and for what works as it does."""
_WRAPPING: Final = pattern(r"(?:express_?)?(?:async|catch|wrap|try)_?[a-z]+|wrap", re.IGNORECASE)
"""What functions of packages are called that make a handler of one that gives a promise."""
_SERVICES: Final = (
    *(
        "telegram.ext",
        "aiogram",
        "slack_bolt",
        "discord",
        "disnake",
        "nextcord",
        "telebot",
        "rq",
        "django_rq",
        "dramatiq",
    ),
    *("taskiq", "faststream", "temporalio", "apscheduler"),
)
"""What tells bots and workers in Python whom to tell of errors."""
_HOOK: Final = pattern(r"use[A-Z]")
_ADDING: Final = frozenset({"add_middleware", "Middleware"})
"""What Starlette's applications are told of middleware by, which takes no instance of it."""
_EXPRESS: Final = "express"
_PASSED: Final = "by next"
"""Likewise as `BARE` and `WRAPPED`."""


class ErrorHooks:
    """Finds the handlers, and what they see."""

    def __init__(self, project: Project, auto: AutoInstrumentation, captures: Captures) -> None:
        self._project = project
        self._auto = auto
        self._captures = captures
        self._procedures = Procedures(project)
        self._misplaced: dict[tuple[str, int], str] = {}
        """What takes errors before a handler of Express hears of them, by the place of that."""
        self._tasks = BaseTasks(project, captures, self._told_in)
        self._watched = WatchedTasks(project, auto, self._captured)
        self._handed_routes = HandedRoutes(project, auto)
        self._rest = RestFramework(project, auto, captures, self.sends)
        self._told_errors = ToldErrors(project, auto, captures, self.sends)
        self._signals = TaskSignals(project, auto, self.sends)
        self._jobs = JobCallbacks(project, auto, captures, self.sends, self._told_in)
        self._sdks = ServedBySdks(project, auto, self.sends)
        self._frameworks = FrameworkHandlers(project, auto, captures, self.sends, self._told_in, self._captured)

    def of(self, found: FoundCall) -> Verdict:
        """The handler that whatever a call raises comes to."""
        return self.at(found.view, found.number, found.match.entry)

    def at(self, view: FileView, number: int, entry: Entry) -> Verdict:
        """The handler to which comes what call ``number`` raises; none where a handler nearby catches that.

        That one may make another error of it, of which the last one knows nothing.
        """
        call = view.facts.calls[number]
        is_passed = self._is_passed_on(view, call, entry)
        best = self._by_convention(view, call)
        best = best if best.monitor is not None else self._by_middleware(view, number)
        task = self._tasks.around(view, call, entry)
        # A job that raises another error fails as well.
        if task is not None and not self._captures.swallowed(view, call, entry):
            return self._verdict(task)
        is_heard = self._signals.anywhere or bool(self._watched.askers) or self._services is not None
        if is_heard and not self._captures.swallowed(view, call, entry):
            for told in (
                self._signals.around(view, call),
                self._services.around(view, call) if self._services is not None else Verdict(None),
                self._watched.around(view, number),
            ):
                if told.monitor is not None:
                    return told._replace(undecided=told.undecided or self._captures.doubt_of(told.monitor.name))
        heard = self._frameworks.around(view, call)
        is_replaced = heard.monitor is not None and self._captures.is_caught(view, call, entry)
        is_kept = is_replaced and (not self._frameworks.hear_all or self._captures.swallowed(view, call, entry))
        if heard.monitor is not None and not is_kept:
            return heard._replace(undecided=heard.undecided or (_REPLACED if is_replaced else ""))
        answered = self._rest.around(view, call, entry) if self._captures.anywhere else None
        if answered is not None and not self._captures.swallowed(view, call, entry):
            return self._verdict(answered)
        if best.monitor is None and self._jobs.are_there and not self._captures.swallowed(view, call, entry):
            told = self._jobs.around(view)
            if told.monitor is not None:
                return told
        how = self._way(view, call, is_passed=is_passed)
        asked = asked_around(view, call) if not how and best.monitor is None else None
        if best.monitor is None and not how and asked is None:
            return best
        if how == WRAPPED and self._project.catalogue.has_keywords:
            return self._in_place_of(view, number, entry)
        is_caught = self._captures.is_caught(view, call, entry) and not is_passed
        if is_caught and (best.monitor is not None or self._captures.swallowed(view, call, entry)):
            return Verdict(None)
        told = self._told_of(view, asked) if asked is not None else self._best(view.path, best, how)
        if not is_caught or told.monitor is None:
            return told
        is_passed_over = self._captures.is_passed_over(view, call, entry, told.monitor.path)
        doubt = told.undecided or _REPLACED
        return Verdict(None) if is_passed_over else told._replace(undecided=doubt)

    def _in_place_of(self, view: FileView, number: int, entry: Entry) -> Verdict:
        """The handler of an application to which comes what leaves the function that answers a request."""
        leaving = self._captures.leaving.of(view, number, entry)
        if leaving is None or self._captures.swallowed(view, view.facts.calls[number], entry):
            return Verdict(None)
        is_taken, taking = self._told_errors.for_one_of(leaving)
        if not is_taken:
            best = self._best(view.path, Verdict(None), WRAPPED)
            if best.monitor is None or best.undecided:
                return best
            return best._replace(undecided=self._told_errors.doubt_of(best.monitor, view, number))
        best = Verdict(None)
        for hook in taking:
            doubt = self._auto.doubt_at(hook.path, view.path)
            if doubt is not None and (best.monitor is None or (best.undecided and not doubt)):
                best = Verdict(hook, (), doubt or self._captures.doubt_of(hook.name))
        return best

    def handed(self, view: FileView, number: int, place: int | str) -> Verdict:
        """The handler to which comes what a function raises that call ``number`` is handed at a place."""
        call = view.facts.calls[number]
        outer = view.facts.calls[call.parent] if call.parent >= 0 else call
        if place in CACHES:
            return self._told_of(view, Asked(number, str(place)))
        if self._hooks and is_route(call) and is_path(call):
            return self._best(view.path, Verdict(None), BARE)
        if self._hooks and is_route(outer) and is_path(outer) and self._passes_on(view, number):
            return self._best(view.path, Verdict(None), WRAPPED)
        heard = self._frameworks.handed(view, number)
        is_known = heard.monitor is not None or self._services is None
        return heard if is_known else self._services.handed(view, number)  # type: ignore[union-attr]

    @cached_property
    def _services(self) -> ServiceHandlers | None:
        """Handlers of bots and workers in Python; None: the application has none."""
        if not any(map(self._auto.imports, _SERVICES)):
            return None
        from monitorlint.index.service_handlers import ServiceHandlers  # noqa: PLC0415 - few projects have such handlers

        captures = self._captures
        services = ServiceHandlers(self._project, self._auto, self._told_in, self._captured, captures.doubt_of)
        return services if services.are_there else None

    def _way(self, view: FileView, call: Call, *, is_passed: bool) -> str:
        """How what a call raises gets to the framework; ``""``: not that is known."""
        if is_passed:
            return _PASSED
        if not (self._hooks or self._told_errors.are_there):
            return ""
        how = route_of(view, call) or (WRAPPED if self._is_made_handler(view, call) else "")
        return how or (WRAPPED if self._handed_routes.has(view, view.function_of(call.scope)) else "")

    def _told_of(self, view: FileView, asked: Asked) -> Verdict:
        """The handler that a library of queries tells what a function raises that it runs."""
        call = view.facts.calls[asked.number]
        is_told = CACHES[asked.keyword] != "QueryCache" or self._auto.surroundings.satisfies(
            *TELLING_QUERIES, view.path
        )
        handler = call.kwargs.get(HANDLER) if is_told else None
        name = self._sends(view, handler, call.scope, call.start, middleware=False) if handler is not None else ""
        if name:
            return self._verdict(Monitor("wrapper", Level.ERRORS, name, view.path, call.row))
        return self._best(view.path, Verdict(None), CACHES[asked.keyword])

    def _best(self, path: str, best: Verdict, how: str) -> Verdict:
        """The best of what is known and of the handlers that see what is raised in a file.

        :param how: How it gets there.
        """
        ways = {
            BARE: {"", _EXPRESS}
            - ({_EXPRESS} if how == BARE and loses_rejections(self._auto.surroundings, path) else set()),
            WRAPPED: {"", _EXPRESS},
            _PASSED: {_EXPRESS},
        }
        for hook, kind in self._hooks:
            if kind not in ways.get(how, {how}):
                continue
            doubt = self._auto.doubt_at(hook.path, path)
            doubt = doubt or self._placed(hook) or self._captures.doubt_of(hook.name) if doubt is not None else None
            if doubt is None or (best.monitor is not None and (doubt or not best.undecided)):
                continue
            best = Verdict(hook, (), doubt)
        return best

    def _is_made_handler(self, view: FileView, call: Call) -> bool:
        """Whether a call stands in a function of which a handler is made: ``asyncHandler(async (req, res) => …)``."""
        outer = call.parent
        while outer >= 0:
            around = view.facts.calls[outer]
            if around.scope != call.scope:
                handed = [view.facts.scopes[e[1]] for e in around.args if isinstance(e, (tuple, list)) and e[0] == "fn"]
                takes = any(h.start <= call.start < h.end and answers(h.params) for h in handed)
                if takes and self._passes_on(view, outer):
                    return True
            outer = around.parent
        return False

    def _passes_on(self, view: FileView, number: int) -> bool:
        """Whether a call makes a handler of Express of one that gives a promise, of which the rejection goes on."""
        values = self._project.resolver.callee(view, number)
        functions = [value for value in values if isinstance(value, Defined)]
        if not functions:
            return _WRAPPING.fullmatch(tail_of(view.facts.calls[number].callee)) is not None
        return any(self._hands_to_next(function) for function in functions)

    def _hands_to_next(self, function: Defined) -> bool:
        view = self._project.view(function.file)
        if view is None or "next" not in view.parameters:
            return False
        family = set(family_of(view, function.scope))
        numbers = (*view.references.get("next", ()), *view.calls_by_tail.get("next", ()))
        calls = (view.facts.calls[number] for number in numbers)
        return any(
            c.scope in family and c.args and (c.callee == "next" or tail_of(c.callee) in REJECTED) for c in calls
        )

    def _is_passed_on(self, view: FileView, call: Call, entry: Entry) -> bool:
        """Whether what a call raises is caught and handed to `next`, by which Express goes on to its handler."""
        if "next" not in view.parameters or not self._hooks or not takes_next(view, call.scope):
            return False
        handler = self._captures.handler_of(view, call, entry)
        if handler is None:
            return False
        block = view.facts.blocks[handler]
        told = (view.facts.calls[number] for number in view.calls_by_tail.get("next", ()))
        if any(c.callee == "next" and c.args and block.start <= c.start < block.end for c in told):
            return True
        for number in view.references.get("next", ()):
            taking = view.facts.calls[number]
            if tail_of(taking.callee) in REJECTED and taking.end == block.end and taking.start < block.start:
                return True
            if block.start <= taking.start < block.end and self._calls_next(view, number):
                return True
        return False

    def _calls_next(self, view: FileView, number: int) -> bool:
        """Whether a function of the project that is handed `next` with the error calls it with something."""
        place = next((at for at, arg in enumerate(view.facts.calls[number].args) if arg == "next"), -1)
        for value in self._project.resolver.callee(view, number) if place >= 0 else ():
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is None or not isinstance(value, Defined):
                continue
            names = [param.name for param in there.facts.scopes[value.scope].params[place : place + 1]]
            calls = (there.facts.calls[at] for name in names for at in there.calls_by_tail.get(name, ()))
            if any(c.scope == value.scope and c.callee in names and c.args for c in calls):
                return True
        return False

    def _by_convention(self, view: FileView, call: Call) -> Verdict:
        """The handler that a framework finds by its name, where the call stands in a function that it calls."""
        for convention, folder, monitor in self._exported:
            if serves(convention, folder, view, call, self._project.store.text(view.path)):
                return self._verdict(monitor)
        told = self._sdks.around(view, call)
        doubt = told.undecided or (self._captures.doubt_of(told.monitor.name) if told.monitor is not None else "")
        return told._replace(undecided=doubt)

    def _by_middleware(self, view: FileView, number: int) -> Verdict:
        """What the middleware of a procedure tells of the error of the handler in which a call stands."""
        for outer in Around.run_in(view, number) if self._captures.anywhere else ():
            for there, following in self._procedures.around(view, outer):
                for told in self._procedures.told(there, following):
                    name = self._captured(there, told)
                    if name:
                        row = there.facts.calls[told].row
                        return self._verdict(Monitor("wrapper", Level.ERRORS, name, there.path, row))
        return Verdict(None)

    def _verdict(self, monitor: Monitor) -> Verdict:
        return Verdict(monitor, (), self._captures.doubt_of(monitor.name))

    @cached_property
    def _exported(self) -> tuple[tuple[Convention, str, Monitor], ...]:
        return tuple(self._find_exported())

    def _find_exported(self) -> Iterator[tuple[Convention, str, Monitor]]:
        for path in sorted(self._auto.beside_monitors):
            for convention in CONVENTIONS:
                placed = convention.handler.fullmatch(path)
                view = self._project.view(path) if placed is not None else None
                if placed is None or view is None:
                    continue
                end = view.facts.scopes[0].end + 1
                name = self._sends(view, convention.name, 0, end, middleware=False) or self._ready(
                    view, convention, end
                )
                if name:
                    yield convention, placed.group(1), Monitor("auto", Level.ERRORS, name, path, 0)

    def _ready(self, view: FileView, convention: Convention, end: int) -> str:
        """The handler that a monitor brings along, where that is what is exported."""
        catalogue = self._project.catalogue
        for value in self._project.resolver.name(convention.name, view, 0, end):
            path = value.path.removesuffix("()") if isinstance(value, External) else ""
            is_known = bool(path) and (catalogue.hook(path) is not None or catalogue.capture(path) is not None)
            if is_known or self._captures.is_guess(path):
                return path
        return ""

    def doubt_of(self, monitor: Monitor) -> str:
        """What leaves in doubt that something sends an error; ``""``: nothing."""
        doubt = self._captures.doubt_of(monitor.name) or self._frameworks.doubt_of(monitor) or self._placed(monitor)
        return doubt or self._watched.doubt_of(monitor) or (self._services.doubt_at(monitor) if self._services else "")

    @property
    def doubtful(self) -> bool:
        """Whether of something that the application has it is in doubt that it sends errors."""
        is_known = not (self._captures.doubtful or self._frameworks.doubtful or self._watched.askers)
        is_known = is_known and not (self._services is not None and self._services.doubtful)
        return not is_known or bool(self._hooks and self._misplaced)

    def _placed(self, hook: Monitor) -> str:
        """What takes errors before a handler hears of them; ``""``: nothing."""
        return self._misplaced.get((hook.path, hook.row), "") if hook.how == "auto" else ""

    @property
    def anywhere(self) -> bool:
        """Whether the application has such a handler."""
        return (
            bool(self._hooks or self._told_errors.are_there or self._exported or self._watched.askers)
            or self._frameworks.are_there
            or self._sdks.are_there
            or self._services is not None
        )

    @cached_property
    def _hooks(self) -> tuple[tuple[Monitor, str], ...]:
        """The handlers, and what each is one of: Express, a cache of queries, something else (``""``)."""
        views = [view for view in self._project.views() if self._project.is_app(view.path)]
        found = [hook for view in views for hook in self._made(view)]
        if self._captures.anywhere:
            beside = files_with_hooks(self._project, self._auto.reach)
            found.extend(hook for view in (*views, *beside) for hook in self._in(view))
        found.extend((hook, "") for hook in self._told_errors.for_all())
        return tuple(found)

    def _made(self, view: FileView) -> Iterator[tuple[Monitor, str]]:
        """The handlers that a monitor brings along: ``setupExpressErrorHandler(app)``, ``app.use(sentry())``."""
        for tail in sorted(self._project.catalogue.hook_tails & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                for value in self._project.resolver.callee(view, number):
                    if isinstance(value, External) and self._project.catalogue.hook(value.path) is not None:
                        call = view.facts.calls[number]
                        kind = _EXPRESS if _OF_EXPRESS.search(value.path) is not None else ""
                        yield self._hook(view, call, value.path, kind), kind
        # `app.use(middleware.errorHandler)`, `app.add_middleware(ReporterMiddleware)`
        for tail in sorted(self._project.catalogue.hook_tails & view.references.keys()):
            for number in view.references[tail]:
                call = view.facts.calls[number]
                kind = _EXPRESS if tail_of(call.callee) == "use" else ""
                for expr in call.args if kind or tail_of(call.callee) in _ADDING else ():
                    for value in self._project.resolver.resolve(expr, view, call.scope, call.start):
                        if isinstance(value, External) and self._project.catalogue.hook(value.path) is not None:
                            yield self._hook(view, call, value.path, kind), kind

    def _hook(self, view: FileView, call: Call, name: str, kind: str) -> Monitor:
        """A handler that a call sets up, where nothing takes errors before it; else, that is remembered."""
        if kind == _EXPRESS and (found := answered_before(self._project, view, call)):
            self._misplaced[view.path, call.row] = found
        return Monitor("auto", Level.ERRORS, name, view.path, call.row)

    def _in(self, view: FileView) -> Iterator[tuple[Monitor, str]]:
        for number, call in enumerate(view.facts.calls):
            callee = call.callee if isinstance(call.callee, str) else ""
            tail = callee.rpartition(".")[2]
            if not callee and tail_of(call.callee) in _TAKING and is_of(self._project, view, number, _CHAINING):
                tail = tail_of(call.callee)
            handlers: list[Expr] = [call.kwargs[key] for key in _OPTIONS if key in call.kwargs]
            if _CATCHING in call.kwargs and is_of(self._project, view, number, _ROUTERS):
                handlers.append(call.kwargs[_CATCHING])
            if handlers and (_HOOK.match(tail) is not None or tells_of_itself(self._project, view, number)):
                # What a hook of React is told to call sees what that hook runs.
                handlers = []
            if tail in _TAKING or tail == "use":
                handlers.extend(call.args)
            for handler in handlers:
                name = self._sends(view, handler, call.scope, call.start, middleware=tail == "use")
                if name:
                    kind = _EXPRESS if tail == "use" else tail if tail in CACHES.values() else ""
                    yield self._hook(view, call, name, kind), kind

    def keeps(self, entry: Entry) -> bool:
        """Whether the application has a handler that sends nothing of what a call raises, and nobody else is told."""
        return self._told_errors.keeps(entry)

    def sends(self, view: FileView, expr: Expr, scope: int, offset: int) -> str:
        """What a handler, which is called with an error, tells a monitor by; ``""``: it tells none."""
        return self._sends(view, expr, scope, offset, middleware=False)

    def _sends(self, view: FileView, expr: Expr, scope: int, offset: int, *, middleware: bool) -> str:
        """What a handler calls to tell a monitor; ``""`` where it tells none, or is no handler of errors."""
        for value in self._project.resolver.resolve(expr, view, scope, offset):
            if isinstance(value, External) and not middleware and self._is_capture(value.path):
                return value.path
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is None or not isinstance(value, Defined):
                continue
            if middleware and len(there.facts.scopes[value.scope].params) != _MIDDLEWARE:
                continue
            name = self._told_in(there, value.scope)
            if name:
                return name
        return ""

    def _told_in(self, view: FileView, scope: int) -> str:
        """What a function, or one that stands in it, calls to tell a monitor."""
        inside = set(family_of(view, scope))
        calls = (number for number, call in enumerate(view.facts.calls) if call.scope in inside)
        names = filter(None, (self._captured(view, number) for number in calls))
        if not self._captures.guesses_anywhere:
            return next(names, "")
        return min(names, key=self._captures.is_guess, default="")

    def _is_capture(self, path: str) -> bool:
        return self._project.catalogue.capture(path) is not None or self._captures.is_guess(path)

    def _captured(self, view: FileView, number: int) -> str:
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, External) and self._is_capture(value.path):
                return value.path
        reporter = self._captures.reporters.called(view, number)
        if reporter is None and self._captures.guesses_anywhere:
            reporter = self._captures.guesses.called(view, number)
        return reporter.path if reporter is not None else ""
