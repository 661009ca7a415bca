"""Handlers that a framework is told of, by a method or a decorator of its own, and the functions whose errors they get.

``bot.catch(report)``, Koa's ``app.on('error', report)`` and its middleware around ``await next()``, Fastify's
``addHook('onError', report)``, ``worker.on('failed', report)``; Nest's filters and interceptors for all requests.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index import declared_handlers
from monitorlint.index.captures import handlers_of
from monitorlint.index.forms import Monitor
from monitorlint.index.jobs import NEST_QUEUES, nest_job
from monitorlint.index.values import Defined, External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import family_of, tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.captures import Captures
    from monitorlint.index.project import Project
    from monitorlint.index.queue_listeners import QueueListeners
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call


class _Framework(NamedTuple):
    name: str
    packages: frozenset[str]
    told: str
    """The method that takes the handler."""
    event: str
    """What that method is told first; ``""``: the handler itself."""
    here_only: bool = False
    """Each worker has a handler of its own: one in another file is another worker's."""
    constant: str = ""
    """What else the event may be written as, at its end."""


_FRAMEWORKS: Final = (
    _Framework("koa", frozenset({"koa", "@koa/router", "koa-router"}), "on", "error"),
    _Framework("fastify", frozenset({"fastify"}), "addHook", "onError"),
    _Framework("telegraf", frozenset({"telegraf"}), "catch", ""),
    _Framework("grammy", frozenset({"grammy"}), "catch", ""),
    _Framework("bolt", frozenset({"@slack/bolt"}), "error", ""),
    _Framework("bullmq", frozenset({"bullmq"}), "on", "failed", here_only=True),
    _Framework("bull", frozenset({"bull"}), "on", "failed", here_only=True),
    _Framework("bee-queue", frozenset({"bee-queue"}), "on", "failed", here_only=True),
    _Framework("sqs", frozenset({"sqs-consumer"}), "on", "processing_error", here_only=True),
    _Framework("agenda", frozenset({"agenda", "@hokify/agenda"}), "on", "fail"),
    _Framework("graphile", frozenset({"graphile-worker"}), "on", "job:error"),
    _Framework("kafkajs", frozenset({"kafkajs"}), "on", "consumer.crash", here_only=True, constant=".events.CRASH"),
    _Framework("restify", frozenset({"restify"}), "on", "restifyError"),
    _Framework("hapi", frozenset({"@hapi/hapi"}), "ext", "onPreResponse"),
    _Framework("hapi", frozenset({"@hapi/hapi"}), "on", "request"),
    _Framework("middy", frozenset({"@middy/core"}), "onError", "", here_only=True),
    _Framework("trigger", frozenset({"@trigger.dev/sdk"}), "onFailure", ""),
)
_THROUGH: Final = frozenset({"then", "map"})
"""What such a function may hand its parts to, and waits for."""
_STEP: Final = "step."
"""What a function of Inngest runs its parts by."""
_OPTIONS: Final = {
    "inngest": "onFailure",
    "@trigger.dev/sdk": "onFailure",
    "croner": "catch",
    "cron": "errorHandler",
}
"""The option of a call of a package that is told of what the function raises which the call is handed."""
_PLACES: Final = {"toad-scheduler": 2}
"""Likewise, the position of an argument."""
_NEST: Final = "@nestjs/common"
_NEST_CORE: Final = "@nestjs/core"
_SERVED: Final = frozenset(
    "Get Post Put Patch Delete All Head Options Sse Query Mutation ResolveField MessagePattern EventPattern".split()
)
"""Decorators of methods that answer requests."""
_GLOBAL: Final = {
    "catch": (b"APP_FILTER", b"useGlobalFilters"),
    "intercept": (b"APP_INTERCEPTOR", b"useGlobalInterceptors"),
}
"""The methods of filters and interceptors, and the words by which one is made that of all of an application."""
_INNGEST: Final = declared_handlers.INNGEST
_CONTROLLERS: Final = "routing-controllers"
_MCP: Final = "@modelcontextprotocol/sdk"
_WRAPPED: Final = "wrapMcpServerWithSentry"
"""What has a server of MCP tell Sentry of what its tools raise, by npm @sentry/core from 9.44 on."""
_SINCE: Final = ">=9.44"
_OF_TOOLS: Final = frozenset("tool registerTool resource registerResource prompt registerPrompt".split())
_READY: Final = "SentryGlobalFilter"
# Source: posthog-node 5.70.0 of npm, its `nestjs` read: without this option it tells of no error.
_POSTHOG: Final = pattern(rb"\bnew PostHogInterceptor\([^;]{0,300}?\bcaptureExceptions\s*:(?!\s*false\b)")
_PASSED_OVER: Final = "passes over some errors"
_NAMELESS: Final = "?"
"""Stands for a worker that is kept nowhere."""
_ERRORS: Final = "error"
_BRANCHES: Final = frozenset({"if", "else", "case"})
_WIDE: Final = frozenset({"Error"})


_OTHERS: Final = frozenset({*_OPTIONS, *_PLACES, *NEST_QUEUES, _NEST, _NEST_CORE, _CONTROLLERS, _MCP})
_PACKAGES: Final = _OTHERS.union(*(one.packages for one in _FRAMEWORKS))


class FrameworkHandlers:
    """Finds such handlers, and what they hear of."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        captures: Captures,
        sends: Callable[[FileView, Expr, int, int], str],
        told_in: Callable[[FileView, int], str],
        captured: Callable[[FileView, int], str],
    ) -> None:
        """Take what is asked of a handler (an expression), a function and a call: what it tells a monitor by."""
        self._project = project
        self._auto = auto
        self._captures = captures
        self._sends = sends
        self._told_in = told_in
        self._captured = captured
        self._told_on: dict[tuple[str, int], str] = {}
        """What the workers are called that are told of handlers, by the place."""

    @property
    def are_there(self) -> bool:
        """Whether the application has such a handler."""
        return bool(self._hooks) or self._auto.jobs.anywhere

    @property
    def hear_all(self) -> bool:
        """Whether what is raised in place of an error gets to them; Nest's pass over errors made for answers."""
        return "nest" not in self._hooks

    @cached_property
    def doubtful(self) -> bool:
        """Whether one of them may pass an error over."""
        return any(passed_over for hooks in self._hooks.values() for _, passed_over in hooks)

    def doubt_of(self, monitor: Monitor) -> str:
        """What a handler passes over; ``""``: nothing, or it is none of these."""
        place = (monitor.name, monitor.path, monitor.row)
        all_hooks = (pair for hooks in self._hooks.values() for pair in hooks)
        return next((doubt for hook, doubt in all_hooks if (hook.name, hook.path, hook.row) == place), "")

    def around(self, view: FileView, call: Call) -> Verdict:
        """The handler that hears of what a call raises in the function that the framework calls."""
        job = nest_job(self._project, view, view.function_of(call.scope), events=True)
        known = self._auto.jobs.told(*job, view.path)
        if known.monitor is not None and not known.undecided:
            return known
        told = self._told_here(view, call)
        return told if told.monitor is not None else known

    def _told_here(self, view: FileView, call: Call) -> Verdict:
        if not (self._roots and self._captures.anywhere) and not self._hooks:
            return Verdict(None)
        serving = next((name for name in ("nest", _CONTROLLERS) if name in self._hooks), "")
        if serving and self._is_served(view, call):
            return self._best(serving, view.path)
        if not self._roots.isdisjoint(NEST_QUEUES):
            told = self._listeners.of(view, view.function_of(call.scope))
            if told.monitor is not None:
                return told
        scope, number = call.scope, call.parent
        while number >= 0:
            outer = view.facts.calls[number]
            if scope in view.handing and view.handing[scope][0] == number:
                if tail_of(outer.callee) not in _THROUGH and not str(outer.callee).startswith(_STEP):
                    return self.handed(view, number)
                scope = outer.scope
            number = outer.parent
        return Verdict(None)

    def _by_option(self, view: FileView, number: int, root: str) -> Monitor | None:
        """The option of a call that takes the handler of what the function raises that it is handed."""
        call = view.facts.calls[number]
        handlers = [call.kwargs[_OPTIONS[root]]] if _OPTIONS.get(root) in call.kwargs else []
        for expr in call.args if root in _OPTIONS else ():
            if isinstance(expr, (tuple, list)) and expr and expr[0] == "map":
                handlers.extend(value for key, value in expr[1] if key == _OPTIONS[root])
        if root in _PLACES and len(call.args) > _PLACES[root]:
            handlers.append(call.args[_PLACES[root]])
        for handler in handlers:
            if name := self._sends(view, handler, call.scope, call.start):
                return Monitor("auto", Level.ERRORS, name, view.path, call.row)
        return None

    def handed(self, view: FileView, number: int) -> Verdict:
        """The handler that hears of what a function raises that call ``number`` hands to a framework."""
        for value in self._project.resolver.callee(view, number) if self._roots else ():
            root = _package(value.path) if isinstance(value, External) else ""
            if (told := self._by_option(view, number, root)) is not None:
                return Verdict(told)
            if isinstance(value, External) and _is_of_tools(value.path) and _MCP in self._hooks:
                return self._best(_MCP, view.path)
            for framework in _FRAMEWORKS:
                if root in framework.packages and framework.name in self._hooks:
                    worker = self._worker(view, number, framework) if framework.here_only else ""
                    return self._best(framework.name, view.path, worker, here_only=framework.here_only)
            if root == _INNGEST and root in self._hooks:
                return self._best(root, view.path)
        return Verdict(None)

    def _best(self, name: str, path: str, worker: str = "", *, here_only: bool = False) -> Verdict:
        """The best of the handlers that a framework is told of.

        :param worker: What the worker is called; ``""``: that is not known.
        """
        best = Verdict(None)
        for hook, passed_over in self._hooks[name]:
            other = self._told_on.get((hook.path, hook.row), "") if here_only and worker else ""
            if other not in {"", worker}:
                continue
            is_declared = declared_handlers.is_for(hook.path, path) if name == declared_handlers.TRIGGER else None
            doubt = None if here_only and hook.path != path else self._auto.doubt_at(hook.path, path)
            doubt = doubt if is_declared is None else "" if is_declared else None
            doubt = doubt or passed_over or self._captures.doubt_of(hook.name) if doubt is not None else None
            if doubt is not None and (best.monitor is None or (best.undecided and not doubt)):
                best = Verdict(hook, (), doubt)
        return best

    @staticmethod
    def _is_served(view: FileView, call: Call) -> bool:
        scope = view.function_of(call.scope)
        owner = view.facts.scopes[view.facts.scopes[scope].parent] if scope > 0 else None
        return owner is not None and owner.kind == "class" and not _SERVED.isdisjoint(view.decorator_names(scope))

    @cached_property
    def _hooks(self) -> dict[str, list[tuple[Monitor, str]]]:
        """The handlers by framework, and what leaves in doubt that they tell of an error."""
        roots = self._roots
        found: dict[str, list[tuple[Monitor, str]]] = {}
        for framework in _FRAMEWORKS:
            if not roots.isdisjoint(framework.packages):
                hooks = [(hook, "") for hook in self._told(framework)]
                hooks = self._with_middleware(framework, hooks) if framework.name == "koa" else hooks
                if framework.name == declared_handlers.TRIGGER:
                    declared = declared_handlers.of_configuration(self._project, self._views, self._paths, self._sends)
                    hooks += [(hook, "") for hook in declared]
                found.update({framework.name: found.get(framework.name, []) + hooks} if hooks else {})
        if not roots.isdisjoint({_NEST, _NEST_CORE}) and (filters := list(self._nest())):
            found["nest"] = filters
        if _MCP in roots and (wrapped := list(self._wrapped())):
            found[_MCP] = wrapped
        if _CONTROLLERS in roots and (told := list(self._controllers())):
            found[_CONTROLLERS] = told
        if _INNGEST in roots:
            there = declared_handlers.of_middleware(self._project, self._views, self._paths, self._told_in)
            found.update({_INNGEST: told} if (told := list(there)) else {})
        return found

    @cached_property
    def _listeners(self) -> QueueListeners:
        from monitorlint.index.queue_listeners import QueueListeners  # noqa: PLC0415 - few projects have such queues

        return QueueListeners(self._project, self._auto, self._captures, self._paths, self._told_in)

    @cached_property
    def _roots(self) -> frozenset[str]:
        """The packages with such handlers that these files import."""
        packages = self._project.store.packages
        return frozenset(_package(package) for path in self._paths for package in packages(path)) - {""}

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        """The files of the application that may have a monitor in their hands."""
        return tuple(sorted(filter(self._project.is_app, self._auto.monitoring_files)))

    def _views(self, tail: str, paths: tuple[str, ...]) -> Iterator[tuple[FileView, int]]:
        """The calls of a method in some files."""
        for path in self._project.store.calling(tail, paths):
            view = self._project.view(path)
            for number in view.calls_by_tail.get(tail, ()) if view is not None else ():
                yield view, number  # type: ignore[misc]

    def _told(self, framework: _Framework) -> Iterator[Monitor]:
        paths = self._paths
        if framework.here_only:
            packages = self._project.store.packages
            paths = tuple(path for path in paths if not framework.packages.isdisjoint(map(_package, packages(path))))
        for view, number in self._views(framework.told, paths):
            call = view.facts.calls[number]
            handler = _handler(call, framework.event, framework.constant)
            name = self._sends(view, handler, call.scope, call.start) if handler is not None else ""
            if not name and not framework.event and not call.args:
                # Of what is called as a logger is, the facts hold no arguments.
                name = next(filter(None, (self._told_in(view, scope) for scope in _inside(view, call))), "")
            if name and self._is_of(view, number, framework):
                self._told_on[view.path, call.row] = (
                    self._worker(view, number, framework) if framework.here_only else ""
                )
                yield Monitor("auto", Level.ERRORS, name, view.path, call.row)

    def _worker(self, view: FileView, number: int, framework: _Framework) -> str:
        """What the worker, or queue, is called that a call makes, or is made on; ``""``: that is not known."""
        callee = view.facts.calls[number].callee
        if not isinstance(callee, str):
            return ""
        receiver = callee.rpartition(".")[0]
        for row in view.facts.bindings:
            if row.how != "assign" or not isinstance(row.value, (tuple, list)) or row.value[0] != "call":
                continue
            if row.value[1] == number or (row.name == receiver and self._is_of(view, row.value[1], framework)):
                return row.name
        return "" if receiver else _NAMELESS

    def _is_of(self, view: FileView, number: int, framework: _Framework) -> bool:
        values = self._project.resolver.callee(view, number)
        return any(isinstance(v, External) and _package(v.path) in framework.packages for v in values)

    def _with_middleware(self, framework: _Framework, told: list[tuple[Monitor, str]]) -> list[tuple[Monitor, str]]:
        """Handlers, and middleware that is one; what other middleware keeps, the handlers do not hear of."""
        sending: list[tuple[Monitor, str]] = []
        keeping: list[tuple[str, int]] = []
        for view, handler in self._around_next(framework):
            block = view.facts.blocks[handler]
            sent = self._captures.sends(view, handler)
            emits = (view.facts.calls[number] for number in view.calls_by_tail.get("emit", ()))
            if sent is not None and not sent.doubt:
                sending.append((sent.monitor._replace(how="auto"), ""))
            elif block.kind == "except" and not any(block.start <= call.start < block.end for call in emits):
                keeping.append((view.path, block.row))
        heard: list[tuple[Monitor, str]] = []
        for hook, _ in told:
            kept = (
                f"{p}:{row + 1} may keep them" for p, row in keeping if self._auto.doubt_at(hook.path, p) is not None
            )
            heard.append((hook, next(kept, "")))
        return sending + heard

    def _around_next(self, framework: _Framework) -> Iterator[tuple[FileView, int]]:
        """The handlers of what others let out: ``async (ctx, next) => { try { await next(); } catch (e) { ... } }``."""
        for view, number in self._views("use", self._paths):
            call = view.facts.calls[number]
            if not self._is_of(view, number, framework):
                continue
            for expr in call.args:
                for value in self._project.resolver.resolve(expr, view, call.scope, call.start):
                    there = self._project.view(value.file) if isinstance(value, Defined) else None
                    if there is not None and isinstance(value, Defined):
                        yield from ((there, handler) for handler in _handlers_around_next(there, value.scope))

    def _nest(self) -> Iterator[tuple[Monitor, str]]:
        for path in self._paths:
            text = self._project.store.text(path)
            if _READY.encode() in text and any(word in text for word in _GLOBAL["catch"]):
                # Sentry counts as such what Nest answers with, which a service often makes of an error.
                yield Monitor("auto", Level.ERRORS, f"@sentry/nestjs.{_READY}", path, 0), f"{_READY} {_PASSED_OVER}"
            if _POSTHOG.search(text) and self._is_global("PostHogInterceptor", _GLOBAL["intercept"]):
                # It sends what a request ends with at 500 or more, which a service may make of an error, or not.
                name = "posthog-node.nestjs.PostHogInterceptor"
                yield Monitor("auto", Level.ERRORS, name, path, 0), f"PostHogInterceptor {_PASSED_OVER}"
            if b"@Catch(" in text or b"intercept(" in text:
                yield from self._classes(path)

    def _wrapped(self) -> Iterator[tuple[Monitor, str]]:
        """The servers of MCP that tell Sentry of what their tools raise."""
        for view, number in self._views(_WRAPPED, self._paths):
            for value in self._project.resolver.callee(view, number):
                name = value.path if isinstance(value, External) else ""
                package = name.partition(".")[0]
                if name.startswith("@sentry/") and self._auto.surroundings.satisfies(package, _SINCE, view.path):
                    yield Monitor("auto", Level.ERRORS, name, view.path, view.facts.calls[number].row), ""

    def _controllers(self) -> Iterator[tuple[Monitor, str]]:
        """The middleware after all controllers that is handed what they raise."""
        for path in self._paths:
            view = self._project.view(path) if b"@Middleware(" in self._project.store.text(path) else None
            if view is None:
                continue
            for number, scope in enumerate(view.facts.scopes):
                is_told = scope.name == "error" and scope.parent > 0
                is_told = is_told and "Middleware" in view.decorator_names(scope.parent)
                if is_told and (name := self._told_in(view, number)):
                    yield Monitor("auto", Level.ERRORS, name, path, scope.row), ""

    def _classes(self, path: str) -> Iterator[tuple[Monitor, str]]:
        """The filters and interceptors of a file that tell a monitor, where some file makes them everybody's."""
        view = self._project.view(path)
        for number, scope in enumerate(view.facts.scopes) if view is not None else ():
            if scope.name not in _GLOBAL or scope.parent <= 0:
                continue
            owner = view.facts.scopes[scope.parent]  # type: ignore[union-attr]
            if owner.kind != "class" or (scope.name == "catch" and not _is_wide(view, scope.parent)):  # type: ignore[arg-type]
                continue
            name = self._told_in(view, number)  # type: ignore[arg-type]
            if name and self._is_global(owner.name, _GLOBAL[scope.name]):
                doubt = "" if self._tells_of_all(view, number) else f"{owner.name} {_PASSED_OVER}"  # type: ignore[arg-type]
                yield Monitor("auto", Level.ERRORS, name, path, scope.row), doubt

    def _tells_of_all(self, view: FileView, scope: int) -> bool:
        """Whether a function tells a monitor under no condition."""
        family = set(family_of(view, scope))
        for number, call in enumerate(view.facts.calls):
            if call.scope in family and self._captured(view, number):
                around = (view.facts.blocks[at] for at in view.blocks_around(call))
                if not any(block.scope in family and block.kind in _BRANCHES for block in around):
                    return True
        return False

    def _is_global(self, name: str, words: tuple[bytes, ...]) -> bool:
        texts = map(self._project.store.text, self._paths)
        return any(name.encode() in text and any(word in text for word in words) for text in texts)


def _is_of_tools(path: str) -> bool:
    """Whether a path is that of a method by which a server of MCP takes a function."""
    server, _, method = path.rpartition(".")
    return method in _OF_TOOLS and (server.startswith(f"{_MCP}.") or server.endswith(f"{_WRAPPED}()"))


def _package(path: str) -> str:
    """The package of these that a dotted path begins with; ``""``: none."""
    return next((name for name in _PACKAGES if path.startswith(name) and path[len(name) :][:1] in {"", ".", "("}), "")


def _handlers_around_next(view: FileView, scope: int) -> Iterator[int]:
    """The handlers in a middleware around what comes after it."""
    names = [param.name for param in view.facts.scopes[scope].params[1:2]]
    family = set(family_of(view, scope))
    for number in (n for name in names for n in view.calls_by_tail.get(name, ())):
        call = view.facts.calls[number]
        if call.callee in names and call.scope in family:
            tried = (at for at in view.blocks_around(call) if view.facts.blocks[at].kind == "try")
            yield from (handler for at in tried for handler in handlers_of(view, at))


def _inside(view: FileView, call: Call) -> Iterator[int]:
    """The functions that stand among the arguments of a call."""
    for number, scope in enumerate(view.facts.scopes):
        if scope.parent == call.scope and call.start < scope.start and scope.end <= call.end:
            yield number


def _handler(call: Call, event: str, constant: str = "") -> Expr:
    """What a call hands over to hear of errors, or of one event."""
    if not event:
        return call.args[0] if call.args else None
    first = call.args[0] if len(call.args) > 1 else None
    is_meant = isinstance(first, (tuple, list)) and first[0] == "lit" and first[1] == event
    is_meant = is_meant or _is_event(first, event)
    is_meant = is_meant or (bool(constant) and isinstance(first, str) and first.endswith(constant))
    return call.args[1] if is_meant else None


def _is_event(expr: Expr, event: str) -> bool:
    """Whether an object names an event, and not parts of it that are no errors (``{ name, channels: 'app' }``)."""
    if not isinstance(expr, (tuple, list)) or expr[0] != "map":
        return False
    parts = dict(expr[1])
    name, channels = parts.get("name"), parts.get("channels", ("lit", _ERRORS))
    given = channels[1] if isinstance(channels, (tuple, list)) and channels[0] == "seq" else (channels,)
    named = {part[1] for part in given if isinstance(part, (tuple, list)) and part[0] == "lit"}
    return isinstance(name, (tuple, list)) and tuple(name) == ("lit", event) and _ERRORS in named


def _is_wide(view: FileView, owner: int) -> bool:
    """Whether a filter is for whatever is raised: ``@Catch()``."""
    for decorator in view.facts.scopes[owner].decorators:
        if isinstance(decorator, (tuple, list)) and decorator[0] == "call":
            call = view.facts.calls[decorator[1]]
            if tail_of(call.callee) == "Catch":
                return not call.args or any(arg in _WIDE for arg in call.args if isinstance(arg, str))
    return False
