"""Errors in Python that nothing keeps on their way out of a request, a job or a program, where Sentry hears of those.

``sentry_sdk.init()`` puts itself under the frameworks that it finds, and at the end of the program and of its threads:
what a view raises becomes an event, without any tracing. It proves nothing: a framework may ask others about an error
first, and what a task of an event loop raises may be looked at by nobody.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.calls import condition_holds
from monitorlint.index.forms import Monitor
from monitorlint.index.leaving import ANSWERED
from monitorlint.index.values import External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.edges import Edges
    from monitorlint.index.error_hooks import ErrorHooks
    from monitorlint.index.project import Project
    from monitorlint.index.steps import Key
    from monitorlint.index.switches import Switch
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

# Source: sentry-sdk 2.75, `integrations/__init__.py`: what is on by default, and what where it is installed.
_VENDOR: Final = "sentry"
_GROUP: Final = "sentry-default"
_DOUBT: Final = "it hears of an error only where nothing keeps that on its way"
_FAILED: Final = ("fastapi.", "starlette.")
"""Their ``HTTPException`` is sent where it says that the server failed."""
_MIGRATIONS: Final = "/migrations/"
_DEEP: Final = 3
MAX_FUNCTIONS: Final = 60
"""So many functions above a call are looked at."""


class Uncaught:
    """Follows what a call raises up to where nothing keeps it."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        captures: Captures,
        hooks: ErrorHooks,
        edges: Edges,
    ) -> None:
        self._project = project
        self._auto = auto
        self._captures = captures
        self._hooks = hooks
        self._edges = edges
        self._known: dict[tuple[Key, str], bool] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What is told of what a call raises because nothing keeps it."""
        view, entry = found.view, found.match.entry
        if not self._starts or not self._project.is_app(view.path):
            return Verdict(None)
        switch, doubt = self._started(view.path)
        if switch is None or not self._goes_up(view, found.number, entry, set()):
            return Verdict(None)
        monitor = Monitor("auto", Level.ERRORS, switch.auto.target, switch.path, switch.row)
        return Verdict(monitor, (), doubt or _DOUBT)

    @cached_property
    def _starts(self) -> tuple[Switch, ...]:
        """Where Sentry is started with what it has by default."""
        if not self._project.store.loads_by_name:
            return ()
        meant = (s for s in self._auto.switches if s.auto.vendor == _VENDOR and s.auto.group == _GROUP)
        return tuple(switch for switch in meant if self._project.is_app(switch.path) and not self._is_off(switch))

    def _is_off(self, switch: Switch) -> bool:
        """Whether it is started without what it has by default, and nothing in place of that."""
        view = self._project.view(switch.path) if switch.call >= 0 else None
        if view is None:
            return False
        call = view.facts.calls[switch.call]
        asked = (condition_holds(self._project, view, call, condition) for condition in switch.auto.unless)
        return any(answer is True for answer in asked) and not any(key in call.kwargs for key in switch.auto.adds)

    def _started(self, path: str) -> tuple[Switch | None, str]:
        best: tuple[Switch | None, str] = None, ""
        for switch in self._starts:
            doubt = self._auto.doubt_of(switch, path)
            if doubt is not None and (best[0] is None or (best[1] and not doubt)):
                best = switch, doubt
        return best

    def _goes_up(self, view: FileView, number: int, entry: Entry, seen: set[Key]) -> bool:
        """Whether what a call raises leaves the function it stands in, and nothing above keeps it."""
        call = view.facts.calls[number]
        if self._captures.around(view, call, entry) is not None:
            return True
        if self._captures.swallowed(view, call, entry):
            return False
        left = self._captures.leaving.of(view, number, entry) or entry
        if ANSWERED in left.errors:
            return self._has_failed(view, call, entry)
        scope = view.function_of(call.scope)
        return not self._hooks.keeps(left) and (scope <= 0 or self._leaves((view.path, scope), left, seen))

    def _has_failed(self, view: FileView, call: Call, entry: Entry) -> bool:
        """Whether the answers that a handler makes of an error all say that the server failed."""
        handler = self._captures.handler_of(view, call, entry)
        made = list(self._answers(view, handler)) if handler is not None else []
        return bool(made) and all(map(_is_failure, made))

    def _answers(self, view: FileView, handler: int) -> Iterator[Call]:
        for number, call in enumerate(view.facts.calls):
            if tail_of(call.callee) == "HTTPException" and handler in view.blocks_around(call):
                values = self._project.resolver.callee(view, number)
                if any(isinstance(v, External) and v.path.startswith(_FAILED) for v in values):
                    yield call

    def _leaves(self, key: Key, entry: Entry, seen: set[Key]) -> bool:
        memo = (key, entry.package)
        if not seen and memo in self._known:
            return self._known[memo]
        if key in seen or len(seen) >= MAX_FUNCTIONS:
            # A function that calls itself: what else calls it tells.
            return key in seen
        is_asked_for = not seen
        seen.add(key)
        rows = [row for row in self._edges.all(key) if row.sure and self._project.is_app(row.call[0].path)]
        leaves = all(
            row.near is not None or self._goes_up(*row.call, entry, seen) or self._is_of_migrations(row.caller, _DEEP)
            for row in rows
        )
        # What holds of a function on the way leaves out those that are looked at already: it is no answer by itself.
        if is_asked_for:
            self._known[memo] = leaves
        return leaves

    def _is_of_migrations(self, key: Key, deep: int) -> bool:
        """Whether migrations of a database alone call a function: they run once, whatever they keep."""
        if _MIGRATIONS in key[0]:
            return True
        rows = [row for row in self._edges.all(key) if row.sure and self._project.is_app(row.call[0].path)]
        return bool(rows) and deep > 0 and all(self._is_of_migrations(row.caller, deep - 1) for row in rows)


def _is_failure(call: Call) -> bool:
    """Whether an answer has a status of 500 or more."""
    given = call.kwargs.get("status_code", call.args[0] if call.args else None)
    if isinstance(given, (tuple, list)):
        return given[0] == "lit" and isinstance(given[1], int) and given[1] >= 500
    return isinstance(given, str) and given.rpartition(".")[2].startswith("HTTP_5")
