"""Wrappers, spans and decorators in the function that a call stands in."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from monitorlint.index.class_wrapping import ClassWrapping
from monitorlint.index.forms import Monitor
from monitorlint.index.lazily import keeps, leaves, parts_of
from monitorlint.index.likeness import are_same
from monitorlint.index.read_later import is_given_on_unread, readings
from monitorlint.index.verdict import higher
from monitorlint.index.view import tail_of, words_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.forms import Forms
    from monitorlint.index.procedures import Procedures
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding, Call


_start = attrgetter("start")
_ENDING = frozenset({"end", "finish", "end_span", "__exit__", "__aexit__"})
MONITORS = frozenset(
    "trace traced tracer tracing span spans observe observed observability instrument instrumented "
    "instrumentation monitored telemetry apm otel opentelemetry sentry datadog newrelic langfuse "
    "langsmith logfire mlflow".split()
)
"""What monitors are called."""
# What is begun, and ended by hand.
_BEGUN = frozenset({"generation", "observation", "transaction", "segment", "subsegment"})
# What is only said of a function: there are locks, windows and threads that monitor something.
_OF_FUNCTIONS = MONITORS | {"monitor", "monitoring"}
# These have ended when the function that they stand in, or around, has returned.
_LEFT = frozenset({"span", "decorator"})
_ENTERING = frozenset({"enter_context", "enter_async_context"})
_STACKS = frozenset({"ExitStack", "AsyncExitStack"})


class Around:
    """Finds the monitor around a call."""

    def __init__(
        self, project: Project, forms: Forms, procedures: Procedures, may_hold_monitor: Callable[[str], bool]
    ) -> None:
        """Take what finds the monitors, and which files can hold one."""
        self._project = project
        self._forms = forms
        self._procedures = procedures
        self._wrapping = ClassWrapping(project, forms, may_hold_monitor)
        self._likely: dict[tuple[str, int], Monitor | None] = {}
        self._wrapped: set[tuple[str, int]] = set()
        self._chosen: set[tuple[str, int]] = set()
        self._read: set[tuple[str, int]] = set()
        self._left: dict[tuple[str, int], Monitor] = {}
        """Monitors around calls of which what they give is read later, by the file and the number of the call."""
        self._ended_before: set[tuple[str, int]] = set()
        self._memo: dict[tuple[str, int], Monitor | None] = {}

    def of(self, view: FileView, number: int) -> Monitor | None:
        """The monitor of the highest level around call ``number``; None where there is none."""
        key = (view.path, number)
        if key not in self._memo:
            best = self._of(view, number)
            if best is not None and best.how in _LEFT and is_given_on_unread(self._project, view, number):
                self._left[key] = best
                best = higher(self._handed_over(view, number), self._before(view, number))
                best = higher(best, self.decorated(view, view.function_of(view.facts.calls[number].scope), lasts=True))
            self._memo[key] = best
        return self._memo[key]

    def _of(self, view: FileView, number: int) -> Monitor | None:
        call = view.facts.calls[number]
        best = self._handed_over(view, number)
        for at in view.blocks_around(call):
            block = view.facts.blocks[at]
            if leaves(view, call, at):
                return higher(best, self._begun(view, call, block.scope)) if block.kind == "body" else best
            if block.kind != "with":
                continue
            for item in block.items:
                found = self._forms.span(item, view, block.scope, block.start)
                if found is not None:
                    best = higher(best, Monitor("span", found[1], found[0], view.path, block.row))
        best = higher(best, self._before(view, number))
        best = higher(best, self._beside(view, call))
        best = higher(best, self._begun(view, call))
        best = higher(best, self._entered(view, call))
        return higher(best, self.decorated(view, view.function_of(call.scope)))

    def like_monitor(self, view: FileView, number: int) -> Monitor | None:
        """What stands around a call, is named like a monitor, and comes out of the project or is not known at all.

        Or the monitor that stands around the very same call where a condition asks for it, or around one that gives
        something on which is read when it has ended.
        """
        key = (view.path, number)
        if key not in self._likely:
            self._likely[key] = self._find_likely(view, number)
        return self._likely[key]

    def _find_likely(self, view: FileView, number: int) -> Monitor | None:
        self.of(view, number)
        left = self._left.get((view.path, number))
        if left is not None:
            self._ended_before.add((left.path, left.row))
            return left
        chosen = self._in_other_arm(view, number)
        if chosen is not None:
            self._chosen.add((chosen.path, chosen.row))
            return chosen
        call = view.facts.calls[number]
        for at in view.blocks_around(call):
            block = view.facts.blocks[at]
            if leaves(view, call, at):
                return self._begun_by_name(view, call, block.scope) if block.kind == "body" else None
            for item in block.items if block.kind == "with" else ():
                if self._is_named(item, view, block.scope, block.start, opens=True):
                    return Monitor("span", Level.TRACED, _name(view, item), view.path, block.row)
        here = view.facts.scopes[view.function_of(call.scope)]
        for decorator in here.decorators:
            if self._is_named(decorator, view, here.parent, here.start):
                return Monitor("decorator", Level.TRACED, _name(view, decorator), view.path, here.row)
        begun = self._begun_by_name(view, call) or self._reading(view, number)
        if begun is not None:
            return begun
        for outer in map(view.facts.calls.__getitem__, self.run_in(view, number)):
            if self._is_named(outer.callee, view, outer.scope, outer.start):
                return Monitor("wrapper", Level.TRACED, _name(view, outer.callee), view.path, outer.row)
        wrapping = self._wrapping.around(view, view.function_of(call.scope))
        if wrapping is None:
            return None
        there, row = wrapping
        self._wrapped.add((there.path, row))
        return Monitor("wrapper", Level.TRACED, view.symbol(view.function_of(call.scope)), there.path, row)

    def _reading(self, view: FileView, number: int) -> Monitor | None:
        """``watch(pages(), span)``: the generator that a call gives is read in a function, under a monitor."""
        for there, loop in readings(self._project, view, number):
            spans = (self._forms.span(item, there, *place) for item, place in _opened(there, loop))
            opened = next(filter(None, spans), None)
            near = Monitor("span", opened[1], opened[0], there.path, loop.row) if opened is not None else None
            near = near or self._begun(there, loop) or self._begun_by_name(there, loop)
            if near is not None:
                self._read.add((near.path, near.row))
                return near
        return None

    def _in_other_arm(self, view: FileView, number: int) -> Monitor | None:
        """``if traced: with span(…): load(x)`` and ``else: load(x)``: all that the condition chooses is the monitor."""
        calls, blocks = view.facts.calls, view.facts.blocks
        call = calls[number]
        named = view.calls_by_tail[tail_of(call.callee)]
        for other in named if len(named) > 1 else ():
            twin = calls[other]
            if other == number or view.function_of(twin.scope) != view.function_of(call.scope):
                continue
            apart = set(view.blocks_around(call)).symmetric_difference(view.blocks_around(twin))
            if any(blocks[at].kind in {"if", "else"} for at in apart) and are_same(view, call, twin):
                near = self.of(view, other)
                if near is not None:
                    return near
        return None

    def _begun_by_name(self, view: FileView, call: Call, within: int = -1) -> Monitor | None:
        """``made = trace.generation(…)`` before a call and ``made.end()`` behind it, of something unknown."""
        for name, rows in self._ended(view, call, within):
            for row in rows:
                for part in parts_of(row.value):
                    callee = view.callee_of(part)
                    words = words_of(tail_of(callee))
                    scope = view.facts.blocks[row.block].scope
                    if not (MONITORS | _BEGUN).isdisjoint(words) and self._forms.may_monitor(
                        part, view, scope, row.start
                    ):
                        return Monitor("span", Level.TRACED, name, view.path, row.row)
        return None

    def doubt_of(self, monitor: Monitor) -> str:
        """What leaves in doubt that something `like_monitor` found is one."""
        if (monitor.path, monitor.row) in self._ended_before:
            return f"{monitor.path}:{monitor.row + 1} ends when a generator is returned, before that is read"
        if (monitor.path, monitor.row) in self._chosen:
            return f"{monitor.path}:{monitor.row + 1} is around it only where a condition asks for that"
        if (monitor.path, monitor.row) in self._read:
            return f"{monitor.path}:{monitor.row + 1} is around what reads it, where that is handed it"
        if (monitor.path, monitor.row) in self._wrapped:
            return f"{monitor.path}:{monitor.row + 1} puts monitors around methods, perhaps around {monitor.name}"
        return f"{monitor.name} is named like a monitor"

    def _is_named(self, expr: Expr, view: FileView, scope: int, offset: int, *, opens: bool = False) -> bool:
        """Whether an expression has a name like a monitor's, and nothing more is known of it.

        :param opens: It stands in a ``with``.
        """
        callee = view.callee_of(expr)
        words = words_of(tail_of(callee))
        if opens:
            return not MONITORS.isdisjoint(words) and self._forms.may_open_span(expr, view, scope, offset)
        if _OF_FUNCTIONS.isdisjoint(words):
            # `@observe.llm(…)`: a method of something that has such a name, and of which something is known.
            holder = callee.rpartition(".")[0] if isinstance(callee, str) else ""
            if tail_of(holder) not in MONITORS or not self._project.resolver.resolve(callee, view, scope, offset):
                return False
        return self._forms.may_monitor(expr, view, scope, offset)

    @staticmethod
    def run_in(view: FileView, number: int) -> Iterator[int]:
        """The calls that run a call: it stands in a lambda, or is a coroutine, among their arguments."""
        calls = view.facts.calls
        call = calls[number]
        parent = call.parent
        while parent >= 0:
            if calls[parent].scope != call.scope or not call.flags & CallFlag.AWAITED:
                yield parent
                if keeps(calls[parent]):
                    return
            parent = calls[parent].parent

    def _beside(self, view: FileView, call: Call) -> Monitor | None:
        """An earlier item of the same ``with``: ``with span(…), closing(client.stream(…)) as s:``."""
        blocks = view.facts.blocks
        # The body of the `with` is the first block of its kind that begins behind the call.
        for number in range(bisect_right(blocks, call.end, key=_start), len(blocks)):
            block = blocks[number]
            if block.row > call.row:
                return None
            if block.kind != "with":
                continue
            own = next((n for n, item in enumerate(block.items) if _holds(view, item, call)), 0)
            for item in block.items[:own]:
                found = self._forms.span(item, view, block.scope, block.start)
                if found is not None:
                    return Monitor("span", found[1], found[0], view.path, block.row)
            return None
        return None

    def _begun(self, view: FileView, call: Call, within: int = -1) -> Monitor | None:
        """``span = tracer.start_span(…)`` before a call and ``span.end()`` after it, in one function.

        A call runs the functions among its arguments when it is done: ``streamText({ onFinish: () => span.end() })``.
        """
        best: Monitor | None = None
        for name, rows in self._ended(view, call, within):
            found = self._forms.span(name, view, call.scope, call.start)
            if found is not None:
                best = higher(best, Monitor("span", found[1], found[0], view.path, rows[0].row))
        return best

    @staticmethod
    def _ended(view: FileView, call: Call, within: int = -1) -> Iterator[tuple[str, list[Binding]]]:
        """What is ended behind a call, and was set before it in its function: the name, and where it was set.

        :param within: A lambda around the call in which it must be set; -1: wherever in the function.
        """
        function = view.function_of(call.scope)
        lambdas = list(_lambdas_around(view, call.scope))
        lambdas = lambdas[: lambdas.index(within) + 1] if within >= 0 else lambdas
        for tail in sorted(_ENDING & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                ended = view.facts.calls[number]
                name, dot, _ = ended.callee.rpartition(".") if isinstance(ended.callee, str) else ("", "", "")
                if not dot or not _ends_behind(view, ended, call):
                    continue
                own = next((scope for scope in lambdas if (scope, name) in view.bindings), -1)
                if own < 0 and within >= 0:
                    continue
                if own >= 0:
                    # What another lambda ends is a variable of its own.
                    bound = view.bindings[own, name] if own in _lambdas_around(view, ended.scope) else []
                else:
                    # A variable of the module counts where this very function sets it.
                    bound = [*view.bindings.get((function, name), ()), *view.bindings.get((0, name), ())]
                rows = [b for b in bound if b.start < call.start and _sets_in(view, b) == function]
                if rows:
                    yield name, rows

    def _entered(self, view: FileView, call: Call) -> Monitor | None:
        """``stack.enter_context(span)`` before a call that stands in the ``with`` of the stack, or in its function."""
        function = view.function_of(call.scope)
        best: Monitor | None = None
        for tail in sorted(_ENTERING & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                entering = view.facts.calls[number]
                if entering.start > call.start or view.function_of(entering.scope) != function or not entering.args:
                    continue
                if any(
                    view.facts.blocks[at].end < call.end and _is_stack(view, at) for at in view.blocks_around(entering)
                ):
                    continue
                found = self._forms.span(entering.args[0], view, entering.scope, entering.start)
                if found is not None:
                    best = higher(best, Monitor("span", found[1], found[0], view.path, entering.row))
        return best

    def _handed_over(self, view: FileView, number: int) -> Monitor | None:
        """The call stands in a lambda (or is a coroutine) that a monitoring call runs."""
        for outer in self.run_in(view, number):
            call = view.facts.calls[outer]
            found = self._forms.call(view, outer)
            for keyword, expr in call.kwargs.items() if found is None else ():
                if _encloses(view, expr, view.facts.calls[number].scope):
                    found = self._forms.option(view, outer, keyword)
            if found is not None:
                return Monitor("wrapper", found[1], found[0], view.path, call.row)
        return None

    def _before(self, view: FileView, number: int) -> Monitor | None:
        """The call stands in the handler of a procedure that a middleware runs under a monitor."""
        for outer in self.run_in(view, number):
            for there, following in self._procedures.around(view, outer):
                found = self.of(there, following)
                if found is not None:
                    return found
        return None

    def running(self, view: FileView, number: int) -> Monitor | None:
        """The monitor that call ``number`` itself puts around a function it is handed: ``startSpan({…}, load)``."""
        call = view.facts.calls[number]
        found = self._forms.call(view, number) or self._forms.decorator(call.callee, view, call.scope, call.start)
        return Monitor("wrapper", found[1], found[0], view.path, call.row) if found is not None else None

    def decorated(self, view: FileView, scope: int, *, lasts: bool = False) -> Monitor | None:
        """The monitor that a function, or its class, is decorated with.

        :param lasts: It must go on when the function has returned a generator, as it must where that is one itself.
        """
        scopes = view.facts.scopes
        here = scopes[scope]
        best: Monitor | None = None
        form = self._forms.lasting if lasts or here.is_generator else self._forms.decorator
        for decorator in here.decorators:
            found = form(decorator, view, here.parent, here.start)
            if found is not None:
                best = higher(best, Monitor("decorator", found[1], found[0], view.path, here.row))
        owner = scopes[here.parent] if here.parent > 0 else None
        if owner is not None and owner.kind == "class":
            for decorator in owner.decorators:
                if _names_method(view, decorator, here.name):
                    found = self._forms.decorator(decorator, view, owner.parent, owner.start)
                    if found is not None:
                        best = higher(best, Monitor("decorator", found[1], found[0], view.path, owner.row))
        return best


def _opened(view: FileView, call: Call) -> Iterator[tuple[Expr, tuple[int, int]]]:
    """The items of the ``with`` blocks around a call, with the scope and the offset of each."""
    for block in map(view.facts.blocks.__getitem__, view.blocks_around(call)):
        yield from ((item, (block.scope, block.start)) for item in (block.items if block.kind == "with" else ()))


def _sets_in(view: FileView, binding: Binding) -> int:
    """The function in which a binding is made."""
    return view.function_of(view.facts.blocks[binding.block].scope)


def _lambdas_around(view: FileView, scope: int) -> Iterator[int]:
    """The lambdas around (or at) a scope, the innermost first, up to the named function that they stand in."""
    while view.facts.scopes[scope].kind == "lambda":
        yield scope
        scope = view.facts.scopes[scope].parent


def _ends_behind(view: FileView, ended: Call, call: Call) -> bool:
    """Whether what ends something runs behind a call: below it in its function, or in a function it is handed."""
    if ended.start < call.end:
        return ended.start > call.start and ended.scope != call.scope
    return view.function_of(ended.scope) == view.function_of(call.scope)


def _names_method(view: FileView, decorator: Expr, name: str) -> bool:
    """``@workflow(method_name="run")`` on a class speaks of that method; without the keyword, of all."""
    if not isinstance(decorator, (tuple, list)) or decorator[0] != "call":
        return False
    named = view.facts.calls[decorator[1]].kwargs.get("method_name")
    return named is not None and named in (("lit", name), ["lit", name])


def _name(view: FileView, expr: Expr) -> str:
    """The dotted name of what is called, or of an expression that is one."""
    callee = view.callee_of(expr)
    return callee if isinstance(callee, str) else tail_of(callee)


def _is_stack(view: FileView, at: int) -> bool:
    """Whether a block is the ``with`` of a stack of context managers, which leaves them all at its end."""
    block = view.facts.blocks[at]
    return block.kind == "with" and any(tail_of(view.callee_of(item)) in _STACKS for item in block.items)


def _encloses(view: FileView, expr: Expr, scope: int) -> bool:
    """Whether an expression is a function in which a scope lies, or that is it."""
    if not isinstance(expr, (tuple, list)) or not expr or expr[0] != "fn":
        return False
    while scope > 0 and scope != expr[1]:
        scope = view.facts.scopes[scope].parent
    return scope > 0


def _holds(view: FileView, expr: Expr, call: Call) -> bool:
    """Whether an expression is the call, or has a part that is, or in whose arguments it stands."""
    for part in parts_of(expr):
        if isinstance(part, (tuple, list)) and part[0] == "call":
            outer = view.facts.calls[part[1]]
            if outer.start <= call.start and call.end <= outer.end:
                return True
    return False
