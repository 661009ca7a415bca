"""Callback handlers that a call, or what it is made on, is given."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Collected, External, Instance, Literal
from monitorlint.index.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_KEYWORDS = ("callbacks", "callback_manager", "callback_handler", "handlers", "hooks")
_MODELS = ("llm", "model", "chat_model", "agent")
_ADDING = {"append": 0, "add": 0, "extend": 0, "insert": 1, "add_handler": 0}
_ABSTRACT = frozenset({"BaseCallbackHandler()", "AsyncCallbackHandler()", "BaseCallbackManager()", "Callbacks()"})
# A run of one of these hands its callbacks to the runs inside it, in the context of the task or thread.
_INHERITING = frozenset(
    {"langchain-core", "langchain", "langgraph", "deepagents", "@langchain/core", "@langchain/langgraph"}
)
_RUNNING = (
    "@langchain/langgraph.",
    "@langchain/core.tools.",
    "@langchain/core.runnables.",
    "langgraph.",
    "deepagents.",
    "langchain.agents.",
    "langchain.tools.",
    "langchain_core.tools.",
    "langchain_core.runnables.",
)
MAX_NESTING = 4
"""Lists of lists of handlers are followed this deep."""


class _Unknown:
    """Stands for a handler that is not known."""


_UNKNOWN = _Unknown()


class Handlers:
    """Finds the monitors among callback handlers."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._together: dict[str, set[str]] = {}

    def of(self, found: FoundCall) -> Verdict:
        """The monitor that a call's callbacks, or those of the constructor, report to.

        Where some of them are not known and the project has a monitor's handler, that one may be among them.
        """
        view, call = found.view, found.view.facts.calls[found.number]
        places = [(view, call), *self._made(found.value)]
        unknown: tuple[str, int] | None = None
        for where, given in places:
            for value in self._given(where, given):
                if isinstance(value, Monitor):
                    return Verdict(value._replace(path=where.path, row=given.row))
                unknown = unknown or (where.path, given.row)
        for other in self._project.resolver.callee(view, found.number) if unknown is None else ():
            if isinstance(other, External) and other.origin != found.value.origin:
                # The call may be made on this one instead.
                for where, given in self._made(other):
                    if any(True for _ in self._given(where, given)):
                        unknown = unknown or (where.path, given.row)
        if unknown is None or self.anywhere is None:
            return self._inherited(found)
        return Verdict(self.anywhere, (), f"the callbacks at {unknown[0]}:{unknown[1] + 1} are not known")

    def _made(self, value: External) -> Iterator[tuple[FileView, Call]]:
        """The constructor of what a call is made on, and that of the model it was given."""
        there = self._project.view(value.origin[0]) if value.origin is not None else None
        if value.origin is None or there is None:
            return
        call = there.facts.calls[value.origin[1]]
        yield there, call
        for expr in [call.kwargs[k] for k in _MODELS if k in call.kwargs] or call.args[:2]:
            for model in self._project.resolver.resolve(expr, there, call.scope, call.start):
                if isinstance(model, External) and model.origin not in {None, value.origin}:
                    where = self._project.view(model.origin[0])
                    if where is not None:
                        yield where, where.facts.calls[model.origin[1]]

    def _given(self, view: FileView, call: Call) -> Iterator[Monitor | _Unknown]:
        for keyword in _KEYWORDS:
            if keyword in call.kwargs:
                yield from self._handlers(call.kwargs[keyword], view, call.scope, call.start, MAX_NESTING)
        configs = [call.kwargs["config"]] if "config" in call.kwargs else call.args[1:2]
        for config in configs:
            yield from self._configured(config, view, call.scope, call.start, MAX_NESTING)

    def _configured(
        self, config: Expr, view: FileView, scope: int, offset: int, left: int
    ) -> Iterator[Monitor | _Unknown]:
        """The handlers in the configuration of a run, and in what is spread into it."""
        if isinstance(config, (tuple, list)) and config[0] == "call":
            made = view.facts.calls[config[1]]
            if "callbacks" in made.kwargs:
                yield from self._handlers(made.kwargs["callbacks"], view, scope, offset, MAX_NESTING)
                return
        for value in self._project.resolver.resolve(config, view, scope, offset):
            if isinstance(value, Collected) and isinstance(value.expr, tuple) and value.expr[0] == "map":
                there = self._project.view(value.file)
                for key, part in value.expr[1] if there is not None else ():
                    if key == "callbacks" and there is not None:
                        yield from self._handlers(part, there, value.scope, value.offset, MAX_NESTING)
                    elif key == "**" and there is not None and left:
                        yield from self._configured(part, there, value.scope, value.offset, left - 1)

    def _handlers(self, expr: Expr, view: FileView, scope: int, offset: int, left: int) -> Iterator[Monitor | _Unknown]:
        """What stands behind an expression: a handler, or a list of them with what is added to it later."""
        if isinstance(expr, (tuple, list)) and expr and expr[0] == "of":
            yield _UNKNOWN  # an annotation: the type, not the handler
            return
        values: Values = self._project.resolver.resolve(expr, view, scope, offset)
        added = list(self._added(view, expr, scope)) if isinstance(expr, str) else []
        if not left or not (values or added):
            yield _UNKNOWN
            return
        for where, part, inner, at in added:
            yield from self._handlers(part, where, inner, at, left - 1)
        for value in values:
            yield from self._handler(value, left)

    def _handler(self, value: Value, left: int) -> Iterator[Monitor | _Unknown]:
        catalogue = self._project.catalogue
        if isinstance(value, External):
            form = catalogue.callback(value.path)
            if form is not None:
                yield Monitor("callback", form.level, value.path.removesuffix("()"), "", 0)
            elif value.path.rpartition(".")[2] in _ABSTRACT:
                yield _UNKNOWN
        elif isinstance(value, Instance):
            for base in self._project.resolver.bases(value.file, value.scope):
                if isinstance(base, External):
                    yield from self._handler(base._replace(path=f"{base.path}()"), left)
        elif isinstance(value, Collected):
            yield from self._listed(value, left)
        elif not isinstance(value, Literal):
            yield _UNKNOWN

    def _listed(self, value: Collected, left: int) -> Iterator[Monitor | _Unknown]:
        there = self._project.view(value.file)
        if there is None or not isinstance(value.expr, tuple):
            return
        for part in value.expr[1] if value.expr[0] == "seq" else ():
            yield from self._handlers(part, there, value.scope, value.offset, left - 1)
        for binding in there.facts.bindings:
            if binding.start == value.offset and binding.how == "assign":
                for where, part, inner, at in self._added(there, binding.name, binding.scope):
                    yield from self._handlers(part, where, inner, at, left - 1)

    @staticmethod
    def _added(view: FileView, name: str, scope: int) -> Iterator[tuple[FileView, Expr, int, int]]:
        """What a function adds to the list of this name."""
        for tail, position in _ADDING.items():
            for number in view.calls_by_tail.get(tail, ()):
                call = view.facts.calls[number]
                if call.callee == f"{name}.{tail}" and position < len(call.args) and call.scope == scope:
                    yield view, call.args[position], call.scope, call.start

    @cached_property
    def anywhere(self) -> Monitor | None:
        """A monitor's handler that the project makes somewhere."""
        return next(iter(self._made_in_project), None)

    @cached_property
    def _made_in_project(self) -> tuple[Monitor, ...]:
        """The monitors' handlers that the application makes: the first in each file."""
        views = (v for v in self._project.views() if self._project.is_app(v.path))
        return tuple(m for m in map(self._first_made, views) if m is not None)

    def _first_made(self, view: FileView) -> Monitor | None:
        for tail in sorted(view.calls_by_tail):
            if not tail.lower().endswith(("handler", "tracer")):
                continue
            for number in view.calls_by_tail[tail]:
                for value in self._project.resolver.result(view, number):
                    form = self._project.catalogue.callback(value.path) if isinstance(value, External) else None
                    if form is not None and isinstance(value, External):
                        row = view.facts.calls[number].row
                        return Monitor("callback", form.level, value.path.removesuffix("()"), view.path, row)
        return None

    @cached_property
    def _runs_own_code(self) -> bool:
        """Whether LangChain runs functions of the project: nodes of a graph, tools, hooks of an agent."""
        store = self._project.store
        return any(
            f"{module}.".startswith(_RUNNING) and self._project.is_app(path)
            for path in self._project.kept
            for module in store.packages(path)
        )

    def _inherited(self, found: FoundCall) -> Verdict:
        """A handler that a call may have from the run that it is a part of: LangChain hands them down by itself.

        Whether there is such a run depends on who calls what, through graphs, agents and hooks that LangChain runs.
        """
        if found.match.entry.package not in _INHERITING or not self._project.is_app(found.view.path):
            return Verdict(None)
        if not self._runs_own_code:
            return Verdict(None)
        for made in self._made_in_project:
            if made.path not in self._together:
                self._together[made.path] = self._reach.running_with(made.path)
            if found.view.path in self._together[made.path]:
                return Verdict(made, (), f"it may run as a part of what {made.path}:{made.row + 1} is handed to")
        return Verdict(None)
