"""Who monitors a call, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from monitorlint.index.callers import CallGraph
from monitorlint.index.captures import Captures
from monitorlint.index.carriers import Carriers
from monitorlint.index.forms import Forms, Monitor
from monitorlint.index.inplace import InPlace
from monitorlint.index.values import Collected, External, Literal
from monitorlint.model.facts import CallFlag
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_ORDER = ("wrapper", "span", "decorator", "client", "callback", "option", "auto", "callers")
_CALLBACK_KEYWORDS = ("callbacks", "callback_manager", "callback_handler", "handlers", "hooks")
MAX_FUNCTIONS = 400
"""Callers of callers are followed through this many functions."""


class Verdict(NamedTuple):
    monitor: Monitor | None
    chain: tuple[tuple[str, int], ...] = ()
    """Path and 0-based row of the calls between the monitor and the site, outermost first."""
    undecided: str = ""
    """What could not be decided; then ``monitor`` is what may hold."""


class _Caller(NamedTuple):
    """One call of a function."""

    caller: tuple[str, int]
    """The calling function: path and scope."""
    place: tuple[str, int]
    near: Monitor | None
    """The monitor around the call."""
    sure: bool


class _Step:
    """A function on the way up."""

    __slots__ = ("at", "called", "chain", "key")

    def __init__(self, key: tuple[str, int], chain: tuple[tuple[str, int], ...]) -> None:
        self.key = key
        self.chain = chain
        self.at = 0
        self.called = False


class Monitoring:
    """Answers "who monitors this?" for calls of one project."""

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach, *, present: bool) -> None:
        """:param present: Whether any file of the project imports a monitor; without one, nothing is looked for."""
        self._project = project
        self._auto = auto
        self._present = present
        self._forms = Forms(project)
        self._graph = CallGraph(project, reach)
        self._exposed: set[tuple[str, int]] = set()
        self._edges: dict[tuple[str, int], tuple[list[_Caller], Iterator[_Caller]]] = {}
        self._captures = Captures(project, auto)
        self._carriers = Carriers(project)
        self._in_place = InPlace(project)

    def of(self, found: FoundCall) -> Verdict:
        """The verdict on one call: the monitor of the highest level that covers it."""
        best: Verdict = Verdict(None)
        for verdict in self._all(found):
            if verdict.monitor is None:
                continue
            if best.monitor is None or _better(verdict, best):
                best = verdict
            if best.monitor is not None and best.monitor.level is Level.ALERTED:
                break
        return best

    def _all(self, found: FoundCall) -> Iterator[Verdict]:
        view, call = found.view, found.view.facts.calls[found.number]
        near = self._around(view, found.number)
        if near is not None:
            yield Verdict(near)
        for monitor in self._on_client(found):
            yield Verdict(monitor)
        handler = self._callback(found) if self._present or found.value.tags else None
        if handler is not None:
            yield Verdict(handler)
        covered = self._auto.cover(found)
        if covered is not None:
            switch, level, doubt = covered
            yield Verdict(Monitor("auto", level, switch.auto.target, switch.path, switch.row), (), doubt)
        if near is None and self._present and self._auto.may_be_called_monitored(view.path):
            yield self._by_callers(view, view.function_of(call.scope))
        captured = self._captures.around(view, call, found.match.entry) if self._present else None
        if captured is not None:
            yield Verdict(captured.monitor, (captured.switch,) if captured.switch else (), captured.doubt)

    def _around(self, view: FileView, number: int) -> Monitor | None:
        """A wrapper, span or decorator in the same function."""
        if not self._present:
            return None
        call = view.facts.calls[number]
        best = self._handed_over(view, number)
        for at in view.blocks_around(call):
            block = view.facts.blocks[at]
            if block.kind != "with":
                continue
            for item in block.items:
                found = self._forms.span(item, view, block.scope, block.start)
                if found is not None:
                    best = _higher(best, Monitor("span", found[1], found[0], view.path, block.row))
        if call.flags & CallFlag.WITH_ITEM:
            best = _higher(best, self._beside(view, call))
        return _higher(best, self._decorated(view, view.function_of(call.scope)))

    def _beside(self, view: FileView, call: Call) -> Monitor | None:
        """An earlier item of the same ``with``: ``with span(…), client.stream(…) as s:``."""
        for block in view.facts.blocks:
            if block.kind != "with" or not block.row <= call.row <= block.row + 12 or call.start > block.start:
                continue
            for item in block.items:
                if isinstance(item, (tuple, list)) and item[0] == "call":
                    other = view.facts.calls[item[1]]
                    if other.start == call.start and other.end == call.end:
                        break
                found = self._forms.span(item, view, block.scope, block.start)
                if found is not None:
                    return Monitor("span", found[1], found[0], view.path, block.row)
        return None

    def _handed_over(self, view: FileView, number: int) -> Monitor | None:
        """The call stands in a lambda (or is a coroutine) that a monitoring call runs."""
        calls = view.facts.calls
        call = calls[number]
        parent = call.parent
        while parent >= 0:
            outer = calls[parent]
            lazy = outer.scope != call.scope or not call.flags & CallFlag.AWAITED
            found = self._forms.call(view, parent) if lazy else None
            if found is not None:
                return Monitor("wrapper", found[1], found[0], view.path, outer.row)
            parent = outer.parent
        return None

    def _decorated(self, view: FileView, scope: int) -> Monitor | None:
        scopes = view.facts.scopes
        here = scopes[scope]
        best: Monitor | None = None
        for decorator in here.decorators:
            found = self._forms.decorator(decorator, view, here.parent, here.start)
            if found is not None:
                best = _higher(best, Monitor("decorator", found[1], found[0], view.path, here.row))
        owner = scopes[here.parent] if here.parent > 0 else None
        if owner is not None and owner.kind == "class":
            for decorator in owner.decorators:
                if self._names_method(view, decorator, here.name):
                    found = self._forms.decorator(decorator, view, owner.parent, owner.start)
                    if found is not None:
                        best = _higher(best, Monitor("decorator", found[1], found[0], view.path, owner.row))
        return best

    @staticmethod
    def _names_method(view: FileView, decorator: Expr, name: str) -> bool:
        """``@workflow(method_name="run")`` on a class speaks of that method; without the keyword, of all."""
        if not isinstance(decorator, (tuple, list)) or decorator[0] != "call":
            return False
        named = view.facts.calls[decorator[1]].kwargs.get("method_name")
        return named is not None and named in (("lit", name), ["lit", name])

    def _on_client(self, found: FoundCall) -> Iterator[Monitor]:
        match = found.match
        for tag in (*found.value.tags, *self._in_place.tags(found.value), *self._carriers.tags(found)):
            if tag.group in {"", "*"} or self._carriers.rows(found, tag.vendor, tag.group):
                yield Monitor(tag.how, Level(tag.level), tag.name, tag.path or found.view.path, tag.row)
        if match.via is not None:
            form = match.via
            if form.group in {"", "*"} or self._carriers.rows(found, form.vendor, form.group):
                yield Monitor("client", form.level, form.path, *self._place(found))
        origin = found.value.origin
        there = self._project.view(origin[0]) if origin is not None else None
        if origin is None or there is None:
            return
        made = there.facts.calls[origin[1]]
        for option in self._project.catalogue.options:
            if option.keyword not in made.kwargs or not self._carriers.rows(found, option.vendor, option.group):
                continue
            if self._option_holds(there, made, option.keyword, option.contains, option.values, option.paths):
                yield Monitor("option", option.level, f"{option.vendor}:{option.keyword}", there.path, made.row)

    def _place(self, found: FoundCall) -> tuple[str, int]:
        origin = found.value.origin
        there = self._project.view(origin[0]) if origin is not None else None
        if origin is None or there is None:
            return found.view.path, found.view.facts.calls[found.number].row
        return there.path, there.facts.calls[origin[1]].row

    def _option_holds(
        self,
        view: FileView,
        call: Call,
        keyword: str,
        contains: str,
        values: tuple[object, ...],
        paths: tuple[str, ...],
    ) -> bool:
        if not contains and not values and not paths:
            return True
        for value in self._project.resolver.resolve(call.kwargs[keyword], view, call.scope, call.start):
            if isinstance(value, Literal):
                if (contains and contains in str(value.value)) or value.value in values:
                    return True
            elif isinstance(value, External):
                if value.path in paths:
                    return True
            elif isinstance(value, Collected) and contains and contains in repr(value.expr):
                return True
        return False

    def _callback(self, found: FoundCall) -> Monitor | None:
        view, call = found.view, found.view.facts.calls[found.number]
        monitor = self._handlers(view, call)
        origin = found.value.origin
        if monitor is None and origin is not None and (there := self._project.view(origin[0])) is not None:
            monitor = self._handlers(there, there.facts.calls[origin[1]])
        return monitor

    def _handlers(self, view: FileView, call: Call) -> Monitor | None:
        resolver = self._project.resolver
        exprs = [call.kwargs[k] for k in _CALLBACK_KEYWORDS if k in call.kwargs]
        configs = [call.kwargs["config"]] if "config" in call.kwargs else call.args[1:2]
        for expr in exprs:
            for value in resolver.resolve(expr, view, call.scope, call.start):
                monitor = self._handler(value, view, call)
                if monitor is not None:
                    return monitor
        for config in configs:
            for value in resolver.resolve(config, view, call.scope, call.start):
                if isinstance(value, Collected) and isinstance(value.expr, tuple) and value.expr[0] == "map":
                    for key, part in value.expr[1]:
                        there = self._project.view(value.file)
                        if key == "callbacks" and there is not None:
                            for inner in resolver.resolve(part, there, value.scope, value.offset):
                                monitor = self._handler(inner, view, call)
                                if monitor is not None:
                                    return monitor
        return None

    def _handler(self, value: object, view: FileView, call: Call) -> Monitor | None:
        if isinstance(value, External):
            form = self._project.catalogue.callback(value.path)
            return Monitor("callback", form.level, value.path.removesuffix("()"), view.path, call.row) if form else None
        if isinstance(value, Collected) and isinstance(value.expr, tuple) and value.expr[0] == "seq":
            there = self._project.view(value.file)
            for part in value.expr[1] if there is not None else ():
                for inner in self._project.resolver.resolve(part, there, value.scope, value.offset):  # type: ignore[arg-type]
                    monitor = self._handler(inner, view, call) if not isinstance(inner, Collected) else None
                    if monitor is not None:
                        return monitor
        return None

    def _by_callers(self, view: FileView, scope: int) -> Verdict:
        """Whether every path to a function inside the project is monitored.

        Goes up through the calls that no monitor covers, one caller at a time, because the first path without a
        monitor settles it: one that gets to a function that something outside calls, or that nobody calls.
        """
        start = (view.path, scope)
        if self._is_exposed(start):
            return Verdict(None)
        path = [_Step(start, ())]
        seen = {start}
        worst: Verdict | None = None
        doubt = ""
        while path:
            step = path[-1]
            row = self._caller(step.key, step.at)
            step.at += 1
            if row is None:
                path.pop()
                if not step.called:
                    # Nobody is known to call it: a way in that is not seen here.
                    self._exposed.update(s.key for s in (*path, step))
                    return Verdict(None)
                continue
            if not row.sure:
                if row.near is None:
                    doubt = doubt or f"{row.place[0]}:{row.place[1] + 1} may call it without"
                continue
            step.called = True
            if row.near is not None:
                found = Verdict(row.near._replace(how="callers"), (row.place, *step.chain))
                if worst is None or row.near.level.rank < worst.monitor.level.rank:  # type: ignore[union-attr]
                    worst = found
                continue
            if row.caller in seen:
                continue
            seen.add(row.caller)
            if len(seen) > MAX_FUNCTIONS or self._is_exposed(row.caller):
                self._exposed.update(s.key for s in path)
                return Verdict(None)
            path.append(_Step(row.caller, (row.place, *step.chain)))
        return Verdict(None) if worst is None else worst._replace(undecided=doubt)

    def _is_exposed(self, key: tuple[str, int]) -> bool:
        """Whether something outside the project's own code may call a function, or nothing above it has a monitor."""
        if key in self._exposed:
            return True
        view = self._project.view(key[0])
        if (
            view is None
            or view.facts.scopes[key[1]].kind != "function"
            or self._graph.is_entry(view, key[1])
            or not self._auto.may_be_called_monitored(key[0])
        ):
            self._exposed.add(key)
            return True
        return False

    def _caller(self, key: tuple[str, int], number: int) -> _Caller | None:
        """Caller ``number`` of a function; None when there are no more. They are looked for as they are asked for."""
        if key not in self._edges:
            self._edges[key] = ([], self._find_callers(key))
        rows, more = self._edges[key]
        while len(rows) <= number:
            row = next(more, None)
            if row is None:
                return None
            rows.append(row)
        return rows[number]

    def _find_callers(self, key: tuple[str, int]) -> Iterator[_Caller]:
        view = self._project.view(key[0])
        if view is None:
            return
        for site in self._graph.callers(view, key[1]):
            call = site.view.facts.calls[site.number]
            caller = (site.view.path, site.view.function_of(call.scope))
            yield _Caller(caller, (site.view.path, call.row), self._around(site.view, site.number), site.sure)


def _higher(first: Monitor | None, second: Monitor | None) -> Monitor | None:
    if first is None or second is None:
        return first or second
    return second if second.level.rank > first.level.rank else first


def _better(verdict: Verdict, best: Verdict) -> bool:
    assert verdict.monitor is not None
    assert best.monitor is not None
    if bool(verdict.undecided) != bool(best.undecided):
        return not verdict.undecided
    return verdict.monitor.level.rank > best.monitor.level.rank or (
        verdict.monitor.level is best.monitor.level
        and _ORDER.index(verdict.monitor.how) < _ORDER.index(best.monitor.how)
    )
