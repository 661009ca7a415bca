"""What is told a log service of an error, where a project has no other monitor of errors: Axiom, Better Stack, Loki.

``log.error("no answer", { error })`` of ``next-axiom``, ``withAxiom(handler)``, a logger of winston's with a transport
of a service, or a function of the project that hands the error on to one of these. A log is stored, and whether
anybody is told of it is set in the service: no proof. But who has their errors there on purpose, and nowhere else,
is not told that nobody watches. Where errors are captured by a monitor, a log counts for nothing, as ever.
Sources: npm next-axiom 1.10.0, @axiomhq/logging 0.4.1, @axiomhq/nextjs 0.4.0, @logtail/next 0.4.0, @logtail/node 0.5.9.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.around import Around
from monitorlint.index.forms import Monitor
from monitorlint.index.own_reports import OwnReporters, OwnReports, caught_at
from monitorlint.index.quiet import Quiet
from monitorlint.index.reporters import HANDLERS, MAX_HELPERS, Reporter
from monitorlint.index.unanswered import LOUD
from monitorlint.index.values import Defined, External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import family_of, tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.chains import Chains
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

_LOGGERS: Final = (
    *("next-axiom", "@axiomhq/logging", "@axiomhq/nextjs", "@axiomhq/react", "@logtail/next", "@logtail/node"),
    *("@logtail/edge", "@logtail/js", "@logtail/browser", "@datadog/browser-logs"),
)
"""Packages whose own loggers send what they are told."""
_TRANSPORTS: Final = (
    *("@axiomhq/winston", "@axiomhq/pino", "@logtail/winston", "@logtail/pino", "@logtail/bunyan", "winston-loki"),
    *("pino-loki", "pino-datadog-transport", "datadog-winston", "winston-cloudwatch"),
)
"""Packages by which loggers of other packages send it."""
_SERVICES: Final = (*_LOGGERS, *_TRANSPORTS)
_PINO: Final = "pino"
"""It is told of its transports by their names."""
_TARGET: Final = pattern(rb"""\btarget:\s*["'`](@axiomhq/pino|@logtail/pino|pino-loki|pino-datadog-transport)["'`]""")
_MADE: Final = pattern(r"(?:winston|pino|bunyan)\b.*")
_WRAPPING: Final = frozenset(
    {"withAxiom", "withAxiomRouteHandler", "withBetterStack", "withBetterStackRouteHandler", "withLogtail"}
)
"""What is handed the handler of a request, and tells the service of whatever that raises."""
_MAKER: Final = "createAxiomRouteHandler"
"""What makes one of these, of a logger."""
_PARAMETER: Final = pattern(r"(\w+)(?:\.\w+)*\.log\.(?:error|fatal)")
"""The logger that these put on the request."""
_QUOTED: Final = pattern(rb"""'[^'\\\n]*'|"[^"\\\n]*\"""")

MAX_STEPS: Final = 3
"""So many loggers are made of each other."""
_ITSELF: Final = (
    rb"(?<![\w$])(?:(?<=\.\.\.)|(?<!\.))(?<!String\()(?<!stringify\()%s\b(?!\s*(?:\?\.|\.|:|=|instanceof\b))"
)


class LogServices(OwnReports):
    """Finds these loggers, and what the handlers above a call tell them."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        reach: Reach,
        captures: Captures,
        chains: Callable[[], Chains],
    ) -> None:
        """:param captures: What finds the handlers that tell a monitor of the catalogue's."""
        super().__init__(project, auto, reach, chains)
        self._others = captures
        self._logging: dict[tuple[str, int], bool] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What hears of a call below a handler that tells such a logger."""
        if not self._files or not self._project.is_app(found.view.path) or self._is_watched:
            return Verdict(None)
        told = self._told(found.view, found.number, found.match.entry) or self._quiet.of(found).monitor
        if told is None:
            return Verdict(None)
        return Verdict(told, (), f"{told.name} tells a log service of it, and what it makes of that is not read")

    @cached_property
    def _files(self) -> frozenset[str]:
        """The files of the application that have such loggers."""
        if self._project.store.loads_by_name:
            return frozenset()
        return frozenset(path for path in self._reach.application() if self._has_service(path))

    @cached_property
    def _is_watched(self) -> bool:
        """Whether something in the application tells a monitor of the catalogue's of errors."""
        views = (view for view in self._project.views() if self._project.is_app(view.path))
        # ``capture("signed_up")`` of PostHog's is no error.
        return any(not form.when for view in views for _, form, _ in self._others.outright(view))

    @cached_property
    def _reporters(self) -> OwnReporters:
        return _Loggers(self._project, self)

    @cached_property
    def _quiet(self) -> Quiet:
        return Quiet(self._captures, self._hooks.sends)

    def _has_service(self, path: str) -> bool:
        modules = self._project.store.imports(path)
        if any(module.startswith(_SERVICES) for module in modules):
            return True
        return _PINO in modules and self._sends_made(path)

    def _sends_made(self, path: str) -> bool:
        """Whether a file that makes a logger has a transport of a service's for it."""
        if any(_is_of(package, _TRANSPORTS) for package in self._project.store.packages(path)):
            return True
        return _TARGET.search(self._project.store.text(path)) is not None

    def is_service(self, view: FileView, number: int) -> bool:
        """Whether a call tells a logger that sends it to a service, at the level of errors."""
        key = (view.path, number)
        if key not in self._logging:
            call = view.facts.calls[number]
            self._logging[key] = tail_of(call.callee) in LOUD and self._is_logger(view, number)
        return self._logging[key]

    def _is_logger(self, view: FileView, number: int) -> bool:
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, External) and _is_of(value.path, _LOGGERS):
                return True
            if isinstance(value, External) and _MADE.fullmatch(value.path):
                return self._sends_made(self._maker(view, number))
        call = view.facts.calls[number]
        met = _PARAMETER.fullmatch(call.callee) if isinstance(call.callee, str) else None
        if met is None or not any(self._wraps(view, outer) for outer in Around.run_in(view, number)):
            return False
        scopes = (view.facts.scopes[at] for at in view.scopes_around(call.scope))
        return any(param.name == met[1] for scope in scopes for param in scope.params)

    def _maker(self, view: FileView, number: int) -> str:
        """The file that a logger comes from; ``const log = logger.child({ part })`` is made of another one."""
        name = _root(view, number)
        for _ in range(MAX_STEPS):
            target = next((row.target for row in view.facts.imports if row.local == name), "")
            if target:
                return self._project.modules.find(view.path, target)[0] or view.path
            values = [row.value for row in view.bindings.get((0, name), ())]
            made = next((value[1] for value in values if isinstance(value, (tuple, list)) and value[0] == "call"), None)
            if made is None:
                break
            name = _root(view, made)
        return view.path

    def _wraps(self, view: FileView, number: int) -> bool:
        """Whether a call is handed the handler of a request, to tell a service of what that raises."""
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, External) and _is_of(value.path, _LOGGERS):
                return tail_of(value.path) in _WRAPPING or f"{_MAKER}()" in value.path
        return False

    def _told_here(self, view: FileView, number: int, entry: Entry) -> Monitor | None:
        told = super()._told_here(view, number, entry)
        call = view.facts.calls[number]
        if told is not None or self._captures.swallowed(view, call, entry):
            return told
        outer = next((at for at in (number, *Around.run_in(view, number)) if self._wraps(view, at)), None)
        if outer is None:
            return None
        return Monitor("wrapper", Level.ERRORS, tail_of(view.facts.calls[outer].callee), view.path, call.row)

    def _calling(self, key: tuple[str, int]) -> Iterator[tuple[FileView, int]]:
        rows = list(super()._calling(key))
        yield from rows or (call for call in self._chains().edges.handed(key) if self._wraps(*call))

    def is_direct(self, function: Defined) -> bool:  # noqa: ARG002 - no function is
        """A logger tells of what it is handed alone."""
        return False

    def _find_reporter(self, function: Defined, depth: int) -> bool:
        view = self._project.view(function.file)
        if view is None or view.facts.scopes[function.scope].kind == "class":
            return False
        text = self._project.store.text(view.path)
        family = set(family_of(view, function.scope))
        for number, call in enumerate(view.facts.calls):
            if call.scope not in family or any(
                view.facts.blocks[at].kind in HANDLERS for at in view.blocks_around(call)
            ):
                continue
            if not is_handed(text[call.start : call.end], caught_at(view, call, text)):
                continue
            if self.is_service(view, number):
                return True
            values = self._project.resolver.callee(view, number) if depth < MAX_HELPERS - 1 else ()
            if any(isinstance(value, Defined) and self.is_reporter(value, depth + 1) for value in values):
                return True
        return False


class _Loggers(OwnReporters):
    """What tells whether a call tells such a logger of what was caught."""

    def __init__(self, project: Project, services: LogServices) -> None:
        super().__init__(project, services)
        self._services = services

    def called(self, view: FileView, number: int) -> Reporter | None:
        """The logger that a call tells, or the function of the project that does."""
        call = view.facts.calls[number]
        text = self._project.store.text(view.path)
        if not is_handed(text[call.start : call.end], caught_at(view, call, text)):
            return None
        if self._services.is_service(view, number) and isinstance(call.callee, str):
            return self.named(call.callee)
        found = super().called(view, number)
        return self.named(call.callee) if found is not None and isinstance(call.callee, str) else found


def _root(view: FileView, number: int) -> str:
    callee = view.facts.calls[number].callee
    return callee.partition(".")[0] if isinstance(callee, str) else ""


def _is_of(path: str, packages: tuple[str, ...]) -> bool:
    return any(path == package or path.startswith((f"{package}.", f"{package}(")) for package in packages)


def is_handed(called: bytes, names: list[bytes]) -> bool:
    """Whether a call is handed one of these itself: no text of it, such as ``error.message`` or ``String(error)``."""
    code = _QUOTED.sub(b"", called)
    return any(re.search(_ITSELF % re.escape(name), code) is not None for name in names)
