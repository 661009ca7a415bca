"""What schedulers of jobs, and servers of GraphQL, are told to call when a job or a resolver fails.

``DAG(on_failure_callback=report)`` of Airflow, ``@failure_hook def report(context)`` of Dagster,
``@flow(on_failure=[report])`` of Prefect, ``formatError``. Which jobs one is told of is not looked at: nothing is
proved by it, and nothing refuted.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.mentions import mentioning
from monitorlint.index.values import External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.captures import Captures
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_CALLBACKS: Final = frozenset({"on_failure_callback"})
"""What a scheduler of jobs is told to call with whatever a job raises, by whatever call or setting."""
_OPTIONS: Final = {"prefect": frozenset({"on_failure", "on_crashed"})}
"""Likewise, where a decorator of this package takes it."""
_MARKING: Final = {"dagster": frozenset({"failure_hook", "run_failure_sensor"})}
"""The decorators of a package that make such a callback of a function."""
_RESOLVED: Final = frozenset({"didEncounterErrors", "formatError", "onExecuteDone"})
"""Methods by which a server of GraphQL tells of what resolvers raise."""
_GRAPHQL: Final = ("@apollo/server", "apollo-server", "graphql-yoga", "mercurius", "@nestjs/graphql")


class JobCallbacks:
    """Finds them, where they send what they are called with."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        captures: Captures,
        sends: Callable[[FileView, Expr, int, int], str],
        told_in: Callable[[FileView, int], str],
    ) -> None:
        """Take what is asked of a handler (an expression) and of a function: what it tells a monitor by."""
        self._project = project
        self._auto = auto
        self._captures = captures
        self._sends = sends
        self._told_in = told_in

    @property
    def are_there(self) -> bool:
        """Whether the application has such a callback."""
        return bool(self._callbacks)

    def around(self, view: FileView) -> Verdict:
        """What is called when a job, or a resolver, fails that runs a file. Which it is told for is not looked at."""
        for hook in self._callbacks:
            if self._auto.doubt_at(hook.path, view.path) is not None:
                return Verdict(
                    hook, (), f"{hook.path}:{hook.row + 1} takes what fails in some functions, perhaps not in all"
                )
        return Verdict(None)

    @cached_property
    def _callbacks(self) -> tuple[Monitor, ...]:
        """The callbacks that send what they are called with."""
        if not self._captures.anywhere:
            return ()
        optional = frozenset().union(*(keys for root, keys in _OPTIONS.items() if self._auto.imports(root)))
        marking = frozenset().union(*(names for root, names in _MARKING.items() if self._auto.imports(root)))
        words = sorted({*_CALLBACKS, *optional, *marking})
        found: list[Monitor] = []
        for view in mentioning(self._project, self._auto, *(word.encode() for word in words)):
            found.extend(self._told(view))
            found.extend(self._by_option(view) if optional else ())
            found.extend(self._marked(view) if marking else ())
        resolved = [word.encode() for word in _RESOLVED] if any(map(self._auto.imports, _GRAPHQL)) else []
        for view in mentioning(self._project, self._auto, *resolved) if resolved else ():
            for number, scope in enumerate(view.facts.scopes):
                if scope.name in _RESOLVED and (name := self._told_in(view, number)):
                    found.append(Monitor("auto", Level.ERRORS, name, view.path, scope.row))
        return tuple(found)

    def _told(self, view: FileView) -> Iterator[Monitor]:
        facts = view.facts
        told: list[tuple[Expr, int, int, int]] = [
            (value, call.scope, call.start, call.row)
            for call in facts.calls
            for key, value in call.kwargs.items()
            if key in _CALLBACKS
        ]
        for row in facts.bindings:
            scope = facts.blocks[row.block].scope
            if row.name.partition("[]")[2] in _CALLBACKS:
                told.append((row.value, scope, row.start, row.row))
            elif isinstance(row.value, (tuple, list)) and row.value and row.value[0] == "map":
                told.extend((v, scope, row.start, row.row) for key, v in row.value[1] if key in _CALLBACKS)
        for number, here in enumerate(facts.scopes):
            maps = (e for e in here.returns if isinstance(e, (tuple, list)) and e and e[0] == "map")
            told.extend((v, number, here.end, here.row) for e in maps for key, v in e[1] if key in _CALLBACKS)
        for expr, scope, start, at in told:
            if name := self._sends(view, expr, scope, start):
                yield Monitor("auto", Level.ERRORS, name, view.path, at)

    def _by_option(self, view: FileView) -> Iterator[Monitor]:
        """The callbacks that a decorator of a package is handed, by themselves or in a list."""
        for number, call in enumerate(view.facts.calls):
            for root, keys in _OPTIONS.items():
                given = [value for key, value in call.kwargs.items() if key in keys]
                if not given or not self._is_of(view, root, number):
                    continue
                for expr in _each(given):
                    if name := self._sends(view, expr, call.scope, call.start):
                        yield Monitor("auto", Level.ERRORS, name, view.path, call.row)

    def _marked(self, view: FileView) -> Iterator[Monitor]:
        """The functions of which a decorator makes a callback."""
        for number, scope in enumerate(view.facts.scopes):
            for callee in map(view.callee_of, scope.decorators):
                for root, names in _MARKING.items():
                    if tail_of(callee) not in names:
                        continue
                    values = self._project.resolver.resolve(callee, view, scope.parent, scope.start)
                    is_meant = any(isinstance(v, External) and v.path.startswith(f"{root}.") for v in values)
                    if is_meant and (name := self._told_in(view, number)):
                        yield Monitor("auto", Level.ERRORS, name, view.path, scope.row)

    def _is_of(self, view: FileView, root: str, number: int) -> bool:
        values = self._project.resolver.callee(view, number)
        return any(isinstance(value, External) and value.path.startswith(f"{root}.") for value in values)


def _each(given: list[Expr]) -> Iterator[Expr]:
    """What is handed over, by itself or in lists."""
    for expr in given:
        if isinstance(expr, (tuple, list)) and expr and expr[0] == "seq":
            yield from expr[1]
        else:
            yield expr
