"""Handlers of errors that a bot, or a worker of a queue, in Python is told of, and the functions whose errors they get.

``application.add_error_handler(report)``, ``@dp.errors()``, ``@app.error``, ``async def on_command_error(self, ctx,
error)``, ``Worker(queues, exception_handlers=[report])``, a middleware with an ``after_process_message``. What the
framework calls it knows by a decorator of its own, or because it was handed the function.

A handler under a condition may pass an error over: it leaves the verdict open.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.mentions import mentioning
from monitorlint.index.values import Defined, External, Instance
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import family_of, tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_NEVER: Final = pattern(r"(?!)")


class _Service(NamedTuple):
    """One kind of functions that frameworks call, and how they are told who hears of the errors of these."""

    roots: tuple[str, ...]
    """The packages, or modules of one, that tell the kind."""
    words: tuple[bytes, ...]
    """What stands in a file that sets such a handler up."""
    runs: re.Pattern[str]
    """What a decorator, or a call that is handed the function, is called below the package."""
    told: re.Pattern[str] = _NEVER
    """Likewise what takes the handler: by a call as its first argument, or as a decorator."""
    option: str = ""
    """The option of a call of the package that takes the handler, or a list of them."""
    method: str = ""
    """What an object is called by that is handed over as the handler."""
    named: frozenset[str] = frozenset()
    """What functions are called that are handlers: methods of a class made from one of the package's, or marked."""
    asks: tuple[bytes, ...] = ()
    """What the call that takes the handler says of errors, where it says more than the handler."""
    heirs: re.Pattern[str] = _NEVER
    """What the class of the package is called whose methods of such names are handlers."""


_COMMANDING: Final = r"(?:.*\.)?(?:hybrid_)?(?:command|group)"
_BOTS: Final = r"(?:.*\.)?(?:Auto(?:Sharded)?)?(?:Bot|Client|InteractionBot|AutoShardedBot|AutoShardedClient)"
_DISCORD: Final = ("discord", "disnake", "nextcord")
_MARKS: Final = frozenset({"event", "listen", "listener"})
"""Decorators by which bots of Discord's libraries are told of a function by its name."""
# Sources: python-telegram-bot 22.8, aiogram 3.31, discord.py 2.7, slack_bolt 1.30, pyTelegramBotAPI 4.37, rq 3.0,
# dramatiq 2.2, taskiq 0.13, faststream 0.7, temporalio 1.35, APScheduler 3.11: what each does with what a
# handler, a job or an activity raises.
_SERVICES: Final = (
    _Service(
        ("telegram.ext",),
        (b"add_error_handler",),
        pattern(r"(?:.*\.)?(?:\w+Handler|add_handlers?|run_(?:once|repeating|daily|monthly|custom))"),
        pattern(r".*\.add_error_handler"),
    ),
    _Service(
        ("aiogram",),
        (b"error",),
        pattern(r"(?!.*\berrors?\b)(?!.*errors_handler)(?!.*middleware).+"),
        pattern(r".*\.(?:errors?(?:\.register)?|(?:register_)?errors_handler)"),
    ),
    _Service(
        ("slack_bolt",),
        (b".error",),
        pattern(
            r".*\.(?:event|message|command|action|block_action|view|view_submission|view_closed|shortcut|global_shortcut"
            r"|message_shortcut|options|block_suggestion|function|step|attachment_action|dialog_\w+)"
        ),
        pattern(r".*\.error"),
    ),
    _Service(
        _DISCORD,
        (b"on_command_error",),
        pattern(rf"(?!.*app_commands)(?!.*\btree\b){_COMMANDING}"),
        named=frozenset({"on_command_error"}),
        heirs=pattern(_BOTS),
    ),
    _Service(
        _DISCORD,
        (b".error", b"CommandTree", b"command_error"),
        pattern(
            r".*(?:app_commands\..*command|\btree\..*command|CommandTree\(\)\..*command|slash_command|user_command"
            r"|message_command|context_menu)"
        ),
        pattern(r".*(?:CommandTree\(\)|\btree)\.error"),
        named=frozenset({"on_application_command_error", "on_slash_command_error"}),
        heirs=pattern(_BOTS),
    ),
    _Service(
        _DISCORD,
        (b"on_error",),
        pattern(r"(?:.*\.)?(?:event|listen|listener)"),
        named=frozenset({"on_error"}),
        heirs=pattern(_BOTS),
    ),
    _Service(
        ("telebot",),
        (b"exception_handler",),
        pattern(r".*\.(?:\w+_handler)"),
        option="exception_handler",
        method="handle",
    ),
    _Service(
        ("rq", "django_rq"),
        (b"exception_handlers", b"push_exc_handler"),
        pattern(r"(?:.*\.)?(?:enqueue\w*|job|schedule|cron)"),
        pattern(r".*\.push_exc_handler"),
        option="exception_handlers",
    ),
    _Service(
        ("dramatiq",),
        (b"after_process_message",),
        pattern(r"(?:.*\.)?actor"),
        named=frozenset({"after_process_message"}),
        heirs=pattern(r"(?:.*\.)?Middleware"),
    ),
    _Service(
        ("taskiq",),
        (b"on_error",),
        pattern(r".*\.task"),
        named=frozenset({"on_error"}),
        heirs=pattern(r"(?:.*\.)?TaskiqMiddleware"),
    ),
    _Service(
        ("faststream",),
        (b"consume_scope", b"on_consume"),
        pattern(r".*\.subscriber"),
        named=frozenset({"consume_scope", "on_consume"}),
        heirs=pattern(r"(?:.*\.)?BaseMiddleware"),
    ),
    _Service(
        ("temporalio",),
        (b"execute_activity",),
        pattern(r"(?:.*\.)?activity\.defn"),
        named=frozenset({"execute_activity"}),
        heirs=pattern(r"(?:.*\.)?ActivityInboundInterceptor"),
    ),
    _Service(
        ("apscheduler",),
        (b"add_listener",),
        pattern(r".*\.(?:add_job|scheduled_job)"),
        pattern(r".*\.add_listener"),
        asks=(b"EVENT_JOB_ERROR", b"EVENT_ALL"),
    ),
)
_GIVEN: Final = frozenset({"after_process_message"})
"""Handlers that are called for what went well, too: they ask whether there is an error."""
_BRANCHES: Final = frozenset({"if", "else", "case"})
_PASSED_OVER: Final = "passes over some errors"
_MAX_BASES: Final = 12
_MAX_GROUPS: Final = 3
"""So deep may groups of commands lie in each other."""


class _Handler(NamedTuple):
    monitor: Monitor
    doubt: str
    """What leaves in doubt that it tells of an error; ``""``: nothing."""


class ServiceHandlers:
    """Finds such handlers, and what they hear of."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        told_in: Callable[[FileView, int], str],
        captured: Callable[[FileView, int], str],
        doubt_of: Callable[[str], str],
    ) -> None:
        """Take what is asked of a function and of a call: what it tells a monitor by; and what is in doubt of that."""
        self._project = project
        self._auto = auto
        self._told_in = told_in
        self._captured = captured
        self._doubt_of = doubt_of

    def around(self, view: FileView, call: Call) -> Verdict:
        """The handler that hears of what a call raises in the function that the framework calls."""
        if not self._handlers:
            return Verdict(None)
        scope = view.function_of(call.scope)
        here = view.facts.scopes[scope]
        if here.kind != "function":
            return Verdict(None)
        for decorator in here.decorators:
            paths = self._marking(view, view.callee_of(decorator), here.parent, here.start)
            if (found := self._best(paths, view.path)).monitor is not None:
                return found
        return Verdict(None)

    def _marking(self, view: FileView, callee: Expr, scope: int, offset: int, depth: int = _MAX_GROUPS) -> list[str]:
        """The paths of what marks a function: of a group of commands, that is what marks the group."""
        paths = list(self._paths(self._project.resolver.resolve(callee, view, scope, offset)))
        owner, _, tail = callee.rpartition(".") if isinstance(callee, str) else ("", "", "")
        for value in (
            self._project.resolver.resolve(owner, view, scope, offset) if owner and not paths and depth else ()
        ):
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            group = there.facts.scopes[value.scope] if there is not None else None  # type: ignore[union-attr]
            for decorator in group.decorators if group is not None and group.kind == "function" else ():
                marking = there.callee_of(decorator)  # type: ignore[union-attr]
                above = self._marking(there, marking, group.parent, group.start, depth - 1)  # type: ignore[arg-type, union-attr]
                paths.extend(f"{path}.{tail}" for path in above)
        return paths

    def handed(self, view: FileView, number: int) -> Verdict:
        """The handler that hears of what a function raises that call ``number`` hands to a framework."""
        if not self._handlers:
            return Verdict(None)
        return self._best(self._paths(self._project.resolver.callee(view, number)), view.path)

    @property
    def doubtful(self) -> bool:
        """Whether one of them may pass an error over."""
        return any(handler.doubt for handlers in self._handlers.values() for handler in handlers)

    @property
    def are_there(self) -> bool:
        """Whether the application has such a handler."""
        return bool(self._handlers)

    def doubt_at(self, monitor: Monitor) -> str:
        """What leaves in doubt that one of them tells of an error; ``""``: nothing, or it is none of these."""
        place = (monitor.name, monitor.path, monitor.row)
        every = (handler for handlers in self._handlers.values() for handler in handlers)
        return next((h.doubt for h in every if (h.monitor.name, h.monitor.path, h.monitor.row) == place), "")

    def _best(self, paths: Iterable[str], file: str) -> Verdict:
        best = Verdict(None)
        paths = list(paths)
        for at, handlers in self._handlers.items():
            service = _SERVICES[at]
            if not any((tail := _below(path, service)) and service.runs.fullmatch(tail) for path in paths):
                continue
            for handler in handlers:
                doubt = self._auto.doubt_at(handler.monitor.path, file)
                doubt = doubt or handler.doubt if doubt is not None else None
                if doubt is not None and (best.monitor is None or (best.undecided and not doubt)):
                    best = Verdict(handler.monitor, (), doubt)
        return best

    def _paths(self, values: Iterable[object]) -> Iterator[str]:
        """The packages' paths that values have, and those that the classes they hang on are made from."""
        for value in values:
            if isinstance(value, External):
                yield value.path.removesuffix("()")

    @cached_property
    def _handlers(self) -> dict[int, list[_Handler]]:
        """The handlers, by the number of the kind."""
        if not self._project.catalogue.has_keywords:
            return {}
        found: dict[int, list[_Handler]] = {}
        for at, service in enumerate(_SERVICES):
            if not any(map(self._auto.imports, service.roots)):
                continue
            handlers = [
                h for view in mentioning(self._project, self._auto, *service.words) for h in self._in(view, service)
            ]
            found.update({at: handlers} if handlers else {})
        return found

    def _in(self, view: FileView, service: _Service) -> Iterator[_Handler]:
        yield from self._handed_over(view, service)
        yield from self._assigned(view, service)
        for number, scope in enumerate(view.facts.scopes):
            if scope.kind != "function":
                continue
            is_handler = scope.name in service.named and self._is_named(view, number, service)
            if is_handler or self._is_marked(view, number, service):
                yield from self._made(view, number)

    def _is_marked(self, view: FileView, number: int, service: _Service) -> bool:
        """Whether a decorator of the package makes a handler of a function."""
        scope = view.facts.scopes[number]
        for decorator in scope.decorators:
            callee = view.callee_of(decorator)
            if callee is not decorator and view.facts.calls[decorator[1]].args:  # type: ignore[index]
                # It is told which errors the handler is for.
                continue
            values = self._project.resolver.resolve(callee, view, scope.parent, scope.start)
            if any((tail := _below(path, service)) and service.told.fullmatch(tail) for path in self._paths(values)):
                return True
        return False

    def _is_named(self, view: FileView, number: int, service: _Service) -> bool:
        """Whether a function is a handler by its name: a method of a class of the package's, or marked as such."""
        scope = view.facts.scopes[number]
        if not _MARKS.isdisjoint(view.decorator_names(number)) and service.roots == _DISCORD:
            return True
        return view.facts.scopes[scope.parent].kind == "class" and self._is_heir(
            Defined(view.path, scope.parent), service
        )

    def _is_heir(self, owner: Defined, service: _Service) -> bool:
        todo, seen = [owner], {owner}
        while todo and len(seen) < _MAX_BASES:
            here = todo.pop()
            for base in self._project.resolver.bases(here.file, here.scope):
                if (
                    isinstance(base, External)
                    and (tail := _below(base.path, service))
                    and service.heirs.fullmatch(tail)
                ):
                    return True
                if isinstance(base, Defined) and base not in seen:
                    seen.add(base)
                    todo.append(base)
        return False

    def _handed_over(self, view: FileView, service: _Service) -> Iterator[_Handler]:
        """The handlers that a call of the package takes, as its first argument or by an option."""
        for number, call in enumerate(view.facts.calls):
            given = [call.kwargs[service.option]] if service.option in call.kwargs else []
            is_first = bool(call.args) and bool(service.told.fullmatch(f".{_dotted(call.callee)}"))
            is_first = is_first and self._is_for_errors(view, call, service)
            if not given and not is_first:
                continue
            tails = [_below(path, service) for path in self._paths(self._project.resolver.callee(view, number))]
            if given and any(tails):
                for expr in _each(given):
                    yield from self._meant(view, expr, call.scope, call.start, service.method)
            if is_first and any(tail and service.told.fullmatch(tail) for tail in tails):
                yield from self._meant(view, call.args[0], call.scope, call.start, "")

    def _assigned(self, view: FileView, service: _Service) -> Iterator[_Handler]:
        """The handlers that are put in the place of a method: ``bot.on_command_error = report``."""
        for row in view.facts.bindings if service.roots == _DISCORD else ():
            owner, _, name = row.name.rpartition(".")
            if owner and name in service.named:
                yield from self._meant(view, row.value, row.scope, row.start, "")

    def _is_for_errors(self, view: FileView, call: Call, service: _Service) -> bool:
        """Whether what takes the handler says nothing of what it is for, or that it is for errors."""
        if not service.asks or len(call.args) + len(call.kwargs) == 1:
            return True
        text = self._project.store.text(view.path)[call.start : call.end]
        return any(word in text for word in service.asks)

    def _meant(self, view: FileView, expr: Expr, scope: int, offset: int, method: str) -> Iterator[_Handler]:
        for value in self._project.resolver.resolve(expr, view, scope, offset):
            values = (
                self._project.resolver.attribute(value, method) if isinstance(value, Instance) and method else (value,)
            )
            for meant in values:
                there = self._project.view(meant.file) if isinstance(meant, Defined) else None
                if there is not None and isinstance(meant, Defined):
                    yield from self._made(there, meant.scope)

    def _made(self, view: FileView, scope: int) -> Iterator[_Handler]:
        """The handler that a function is, where it tells a monitor."""
        name = self._told_in(view, scope)
        if not name:
            return
        here = view.facts.scopes[scope]
        doubt = self._doubt_of(name)
        if not doubt and here.name not in _GIVEN and not self._tells_of_all(view, scope):
            doubt = f"{here.name or 'the handler'} {_PASSED_OVER}"
        yield _Handler(Monitor("auto", Level.ERRORS, name, view.path, here.row), doubt)

    def _tells_of_all(self, view: FileView, scope: int) -> bool:
        """Whether a function tells a monitor under no condition."""
        family = set(family_of(view, scope))
        for number, call in enumerate(view.facts.calls):
            if call.scope in family and self._captured(view, number):
                around = (view.facts.blocks[at] for at in view.blocks_around(call))
                if not any(block.scope in family and block.kind in _BRANCHES for block in around):
                    return True
        return False


def _below(path: str, service: _Service) -> str:
    """What a path says below one of the packages; ``""``: it is of none of them."""
    for root in service.roots:
        if path.startswith(f"{root}."):
            return path[len(root) + 1 :]
    return ""


def _dotted(expr: Expr) -> str:
    return expr if isinstance(expr, str) else tail_of(expr)


def _each(given: list[Expr]) -> Iterator[Expr]:
    """What is handed over, by itself or in lists."""
    for expr in given:
        if isinstance(expr, (tuple, list)) and expr and expr[0] == "seq":
            yield from expr[1]
        else:
            yield expr
