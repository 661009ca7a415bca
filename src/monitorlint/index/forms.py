"""Monitors as code uses them: spans, decorators and call forms, the catalogue's and those a project makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import Defined, External, Generated, Instance
from monitorlint.index.view import OWN_NAMES, tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Form
    from monitorlint.index.project import Project
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_ENTERING = frozenset({"enter_context", "enter_async_context"})
_BINDING = frozenset({"partial"})
_SPANS = frozenset({"start_as_current_span"})
_ACTIVE_SPANS = frozenset({"startActiveSpan"})
# A type that says nothing of what is handed in.
_ABSTRACT = ("typing.", "abc.")
# What is asked about a function, and does not run it.
_LOOKING = frozenset(
    "wraps isinstance callable iscoroutinefunction isasyncgenfunction signature getattr hasattr update_wrapper cast "
    "partial print type id len str repr ValueError TypeError".split()
)
# Methods of functions in JavaScript that run them.
_RUNNING = ("call", "apply")
MAX_NESTING = 6
"""How deep a project may build monitors out of its own monitors."""


class Monitor(NamedTuple):
    """A monitor that holds at some place."""

    how: str
    level: Level
    name: str
    path: str
    row: int
    """0-based."""


class Forms:
    """Recognises monitors. Everything is remembered: the same helper is met at every site."""

    def __init__(self, project: Project, is_untraced: Callable[[str], bool]) -> None:
        """:param is_untraced: Whether the spans of a monitor go nowhere."""
        self._project = project
        self._is_untraced = is_untraced
        self._catalogue = project.catalogue
        self._memo: dict[tuple[str, Value], tuple[str, Level] | None] = {}

    def span(self, expr: Expr, view: FileView, scope: int, offset: int) -> tuple[str, Level] | None:
        """Name and level, when ``with expr:`` monitors what stands in it."""
        found = self._best("span", self._project.resolver.resolve(expr, view, scope, offset))
        return found or self._told_by_name(expr, view, scope, offset)

    def decorator(self, expr: Expr, view: FileView, scope: int, offset: int) -> tuple[str, Level] | None:
        """Name and level, when ``@expr`` monitors the function."""
        return self._best("decorator", self._project.resolver.resolve(expr, view, scope, offset))

    def lasting(self, expr: Expr, view: FileView, scope: int, offset: int) -> tuple[str, Level] | None:
        """Likewise, of a generator: what ends when that is returned has ended before it runs."""
        values = self._project.resolver.resolve(expr, view, scope, offset)
        return self._best("decorator", tuple(v for v in values if not self._ends_at_return(v)))

    def _ends_at_return(self, value: Value) -> bool:
        form = self._catalogue.decorator(value.path) if isinstance(value, External) else None
        return form is not None and form.at_return

    def call(self, view: FileView, number: int) -> tuple[str, Level] | None:
        """Name and level, when call ``number`` runs a function that it is handed, monitored."""
        values = self._project.resolver.callee(view, number)
        tail = tail_of(view.facts.calls[number].callee)
        if tail in _ACTIVE_SPANS and self._project.catalogue.autos and not values and not self._of_own(view, number):
            # On a tracer that somebody hands in: nothing else is called that.
            return f"opentelemetry.trace.Tracer.{tail}", Level.TRACED
        return self._best("call", values)

    def _of_own(self, view: FileView, number: int) -> bool:
        call = view.facts.calls[number]
        return self._lacks(call.callee, view, call.scope, call.start)

    def option(self, view: FileView, number: int, keyword: str) -> tuple[str, Level] | None:
        """Likewise, for the function that it is handed under a keyword: ``define({ run: async () => … })``."""
        return self._best(f"call {keyword}", self._project.resolver.callee(view, number))

    def opens_span(self, value: Defined) -> bool:
        """Whether a function opens a span in its own body."""
        view = self._project.view(value.file)
        return view is not None and self._opens_span(view, value.scope, 0) is not None

    def may_monitor(self, expr: Expr, view: FileView, scope: int, offset: int) -> bool:
        """Whether nothing is known of an expression that would keep it from being a monitor.

        What a package of the catalogue has is known, and so is what the project's own code does, unless it hands the
        function on to something else, or runs it in a ``with`` of which not all is known.
        """
        for value in self._project.resolver.resolve(view.callee_of(expr), view, scope, offset):
            if isinstance(value, Defined):
                there = self._project.view(value.file)
                if there is not None and "overload" in there.decorator_names(value.scope):
                    continue
                if there is None or not (self._passes_on(there, value.scope) or self._enters(there, value.scope)):
                    return False
            elif not isinstance(value, External) or self._catalogue.is_package(value.path.partition(".")[0]):
                return False
        return True

    def may_open_span(self, expr: Expr, view: FileView, scope: int, offset: int) -> bool:
        """Likewise, of a ``with``: the project's own may open a span where it calls something that is not known."""
        for value in self._project.resolver.resolve(view.callee_of(expr), view, scope, offset):
            if isinstance(value, Defined):
                if not self._is_left_to_heirs(value) and not self._calls_unknown(value):
                    return False
            elif not isinstance(value, External) or self._catalogue.is_package(value.path.partition(".")[0]):
                return False
        return True

    def _calls_unknown(self, value: Defined, depth: int = 0) -> bool:
        """Whether a function, or the entering of a class's instances, calls something that nothing is known of."""
        view = self._project.view(value.file)
        if view is None or depth > MAX_NESTING:
            return True
        inside = {value.scope}
        for method in ("__init__", "__enter__", "__aenter__"):
            rows = view.members.get(value.scope, {}).get(method, ())
            inside.update(row.value[1] for row in rows if isinstance(row.value, (tuple, list)) and row.value[0] == "fn")
        for number, call in enumerate(view.facts.calls):
            if call.scope in inside:
                values = self._project.resolver.callee(view, number)
                # A plain name that is not bound here is one of the language's own.
                is_builtin = isinstance(call.callee, str) and "." not in call.callee
                if (not values and not is_builtin) or any(isinstance(v, Instance) or _is_abstract(v) for v in values):
                    return True
                if any(map(self._is_left_to_heirs, values)):
                    return True
                if any(isinstance(v, Defined) and v != value and self._calls_unknown(v, depth + 1) for v in values):
                    return True
        return False

    def _is_left_to_heirs(self, value: Value) -> bool:
        """Whether a method of the project's says nothing itself: which class's it is that runs is not known."""
        view = self._project.view(value.file) if isinstance(value, Defined) else None
        return view is not None and "abstractmethod" in view.decorator_names(value.scope)  # type: ignore[union-attr]

    def _enters(self, view: FileView, scope: int) -> bool:
        """Whether a function runs the one that it is handed in a ``with`` that may open a span."""
        family = {scope, *self._nested(view, scope)}
        names = {p.name for s in family for p in view.facts.scopes[s].params if p.name not in OWN_NAMES}
        for call in view.facts.calls:
            if call.scope in family and isinstance(call.callee, str) and call.callee in names:
                blocks = (view.facts.blocks[at] for at in view.blocks_around(call))
                entered = [b for b in blocks if b.kind == "with" and b.scope in family]
                if any(self.may_open_span(i, view, b.scope, b.start) for b in entered for i in b.items):
                    return True
        return False

    def _passes_on(self, view: FileView, scope: int) -> bool:
        """Whether a function hands the function that it is handed to something that may run it, and does not itself."""
        if view.facts.scopes[scope].kind != "function":
            return False
        family = {scope, *self._nested(view, scope)}
        names = {p.name for s in family for p in view.facts.scopes[s].params if p.name not in {"self", "cls"}}
        own = {p.name for p in view.facts.scopes[scope].params}
        found = False
        for call in view.facts.calls:
            if call.scope not in family:
                continue
            if isinstance(call.callee, str) and call.callee in own:
                return False
            given = [a for a in (*call.args, *call.kwargs.values()) if isinstance(a, str)]
            found = found or (tail_of(call.callee) not in _LOOKING and not names.isdisjoint(given))
        return found

    def _best(self, kind: str, values: Values) -> tuple[str, Level] | None:
        best: tuple[str, Level] | None = None
        for value in values:
            found = self._of(kind, value)
            if found is not None and (best is None or found[1].rank > best[1].rank):
                best = found
        return best

    def _of(self, kind: str, value: Value, depth: int = 0) -> tuple[str, Level] | None:
        key = (kind, value)
        if key in self._memo:
            return self._memo[key]
        if depth > MAX_NESTING:
            return None
        # A helper that is built on itself is no monitor.
        self._memo[key] = None
        self._memo[key] = self._recognise(kind, value, depth + 1)
        return self._memo[key]

    def _recognise(self, kind: str, value: Value, depth: int) -> tuple[str, Level] | None:
        match value:
            case External(path) if kind in {"span", "decorator", "call"}:
                ask = {
                    "span": self._catalogue.span,
                    "decorator": self._catalogue.decorator,
                    "call": self._catalogue.call_form,
                }
                form: Form | None = ask[kind](self._project.declared(path))
                if form is None or (form.level is Level.TRACED and self._is_untraced(form.vendor)):
                    return None
                return path, form.level
            case Generated(file, scope) if kind == "span":
                view = self._project.view(file)
                if view is not None and _CONTEXT_MANAGERS.intersection(view.decorator_names(scope)):
                    return self._opens_span(view, scope, depth) or self._in_its_place(view, scope, depth)
            case Instance(file, scope) if kind == "span":
                view = self._project.view(file)
                for method in ("__enter__", "__aenter__"):
                    for row in view.members.get(scope, {}).get(method, ()) if view else ():
                        if isinstance(row.value, (tuple, list)) and row.value[0] == "fn" and view is not None:
                            found = self._opens_span(view, row.value[1], depth)
                            if found is not None:
                                return (view.symbol(scope), found[1])
            case Defined(file, scope) if kind != "span":
                view = self._project.view(file)
                if view is not None and view.facts.scopes[scope].kind == "function":
                    return self._wraps(view, scope, depth, keyword=kind.partition(" ")[2])
        return None

    def _opens_span(self, view: FileView, scope: int, depth: int) -> tuple[str, Level] | None:
        """A context manager of the project that opens a span while its body runs."""
        for block in view.facts.blocks:
            if block.kind == "with" and block.scope == scope:
                for item in block.items:
                    found = self._span_at(item, view, scope, block.start, depth)
                    if found is not None:
                        return view.symbol(scope), found[1]
        for number, call in enumerate(view.facts.calls):
            if call.scope != scope:
                continue
            entered = tail_of(call.callee) in _ENTERING and call.args
            values = (
                self._project.resolver.resolve(call.args[0], view, scope, call.start)
                if entered
                else self._project.resolver.result(view, number)
            )
            for value in values:
                found = self._of("span", value, depth)
                if found is not None:
                    return view.symbol(scope), found[1]
        return None

    def _in_its_place(self, view: FileView, scope: int, depth: int) -> tuple[str, Level] | None:
        """The span that a sister class, or a subclass, opens in a method of this name.

        ``self.tracer = NoTracer()``, until somebody hands a real one in; ``tracer: Tracer``, which is abstract.
        """
        here = view.facts.scopes[scope]
        if here.parent <= 0 or view.facts.scopes[here.parent].kind != "class":
            return None
        bases = [b for b in self._project.resolver.bases(view.path, here.parent) if isinstance(b, Defined)]
        beside = (
            Defined(view.path, n)
            for n, s in enumerate(view.facts.scopes)
            if s.bases and not set(bases).isdisjoint(self._project.resolver.bases(view.path, n))
        )
        bases.append(Defined(view.path, here.parent))
        for heir in dict.fromkeys((*beside, *(h for b in bases for h in self._project.subclasses(b.file, b.scope)))):
            there = self._project.view(heir.file)
            for row in there.members.get(heir.scope, {}).get(here.name, ()) if there is not None else ():
                if row.how == "def" and isinstance(row.value, (tuple, list)) and there is not None:
                    found = self._opens_span(there, row.value[1], depth)
                    if found is not None:
                        return found
        return None

    def _span_at(self, item: Expr, view: FileView, scope: int, offset: int, depth: int) -> tuple[str, Level] | None:
        for value in self._project.resolver.resolve(item, view, scope, offset):
            found = self._of("span", value, depth)
            if found is not None:
                return found
        return self._told_by_name(item, view, scope, offset)

    def _told_by_name(self, expr: Expr, view: FileView, scope: int, offset: int) -> tuple[str, Level] | None:
        """``with tracer.start_as_current_span(…)`` on a tracer that somebody hands in: nothing else is called that."""
        callee = view.callee_of(expr)
        if callee is expr or tail_of(callee) not in _SPANS or not self._catalogue.autos:
            return None
        known = self._project.resolver.resolve(callee, view, scope, offset)
        if any(not (isinstance(v, External) and v.path.startswith(_ABSTRACT)) for v in known):
            return None
        if self._is_untraced("opentelemetry") or self._lacks(callee, view, scope, offset):
            return None
        return f"opentelemetry.trace.Tracer.{tail_of(callee)}", Level.TRACED

    def _lacks(self, callee: Expr, view: FileView, scope: int, offset: int) -> bool:
        """Whether a method is asked of instances of classes of the project's own, all of which is known, without it."""
        receiver = callee.rpartition(".")[0] if isinstance(callee, str) else callee[1] if callee else None
        values = self._project.resolver.resolve(receiver, view, scope, offset)
        return bool(values) and all(isinstance(v, Instance) and self._is_known(v.file, v.scope, 0) for v in values)

    def _is_known(self, file: str, scope: int, depth: int) -> bool:
        """Whether a class and those above it stand in the project, and make up no attributes."""
        view = self._project.view(file)
        if view is None or depth > MAX_NESTING or "__getattr__" in view.members.get(scope, {}):
            return False
        bases = self._project.resolver.bases(file, scope)
        named = [base for base in view.facts.scopes[scope].bases if base != "object"]
        is_whole = len(bases) == len(named)
        return is_whole and all(isinstance(b, Defined) and self._is_known(b.file, b.scope, depth + 1) for b in bases)

    def _wraps(self, view: FileView, scope: int, depth: int, *, keyword: str = "") -> tuple[str, Level] | None:
        """A function of the project that runs the function it is handed inside a monitor: decorator or call form.

        :param keyword: What is handed over is an object, and this the name of the function in it.
        """
        scopes = view.facts.scopes
        names = {p.name for p in scopes[scope].params if p.name not in OWN_NAMES}
        if not names:
            return None
        family = {scope, *self._nested(view, scope)}
        names = {f"{name}.{keyword}" for name in names} if keyword else names
        names |= self._aliases(view, family, names)
        run = names.union(f"{name}.{method}" for name in names for method in _RUNNING)
        for number, call in enumerate(view.facts.calls):
            if call.scope not in family:
                continue
            runs_it = isinstance(call.callee, str) and call.callee in run
            if runs_it and (found := self._around(view, number, family, depth)) is not None:
                return view.symbol(scope), found[1]
            handed = any(isinstance(a, str) and a in names for a in (*call.args, *call.kwargs.values()))
            # `helper(partial(fn, *args))`: it is the function that the helper is handed.
            is_bound = tail_of(call.callee) in _BINDING and call.parent >= 0
            # `with tracer.start_as_current_span(name)` is handed a name.
            handed = handed and not call.flags & CallFlag.WITH_ITEM
            if handed and (found := self._handed_on(view, call.parent if is_bound else number, depth)) is not None:
                return view.symbol(scope), found[1]
        return None

    @staticmethod
    def _aliases(view: FileView, family: set[int], handed: set[str]) -> set[str]:
        """The local names of a function that is handed over, bare or decorated: ``run = inner(fn) if on else fn``."""
        found: set[str] = set()
        for binding in view.facts.bindings:
            if binding.scope not in family or binding.how != "assign" or "." in binding.name or "[]" in binding.name:
                continue
            value = binding.value
            parts = value[1] if isinstance(value, (tuple, list)) and value and value[0] == "any" else (value,)
            for part in parts:
                is_call = isinstance(part, (tuple, list)) and part and part[0] == "call"
                given = view.facts.calls[part[1]].args if is_call else [part]  # type: ignore[index]
                if len(given) == 1 and isinstance(given[0], str) and given[0] in handed:
                    found.add(binding.name)
        return found

    def _handed_on(self, view: FileView, number: int, depth: int) -> tuple[str, Level] | None:
        """``return observe(name=…)(fn)``: the function goes on to another monitor."""
        for value in self._project.resolver.callee(view, number):
            for kind in ("decorator", "call"):
                found = self._of(kind, value, depth)
                if found is not None:
                    return found
        return None

    def _around(self, view: FileView, number: int, family: set[int], depth: int) -> tuple[str, Level] | None:
        call = view.facts.calls[number]
        blocks = view.facts.blocks
        at = call.block
        while at >= 0 and blocks[at].scope in family:
            block = blocks[at]
            if block.kind == "with":
                for item in block.items:
                    found = self._span_at(item, view, block.scope, block.start, depth)
                    if found is not None:
                        return found
            at = block.parent
        if (found := self._run_by(view, number, family, depth)) is not None:
            return found
        function = view.function_of(call.scope)
        here = view.facts.scopes[function]
        for decorator in here.decorators:
            for value in self._project.resolver.resolve(decorator, view, here.parent, here.start):
                found = self._of("decorator", value, depth)
                if found is not None:
                    return found
        scopes = {call.scope, *_scopes_around(view, call)}
        for other, opened in enumerate(view.facts.calls):
            # `span = tracer.start_span(…)` before the call, ended in a `finally`: no `with`, a span all the same.
            if opened.scope in scopes and opened.start < call.start and not opened.flags & CallFlag.WITH_ITEM:
                for value in self._project.resolver.result(view, other):
                    if isinstance(value, External) and (found := self._of("span", value, depth)) is not None:
                        return found
        return None

    def _run_by(self, view: FileView, number: int, family: set[int], depth: int) -> tuple[str, Level] | None:
        """``return traced(lambda: fn(*args))``: another monitor runs what the call stands in."""
        call = view.facts.calls[number]
        parent = call.parent
        while parent >= 0 and view.facts.calls[parent].scope in family:
            outer = view.facts.calls[parent]
            if outer.scope != call.scope or not call.flags & CallFlag.AWAITED:
                for value in self._project.resolver.callee(view, parent):
                    if (found := self._of("call", value, depth)) is not None:
                        return found
            parent = outer.parent
        return None

    @staticmethod
    def _nested(view: FileView, scope: int) -> Iterator[int]:
        inside = {scope}
        for number in range(scope + 1, len(view.facts.scopes)):
            if view.facts.scopes[number].parent in inside:
                inside.add(number)
                yield number


def _is_abstract(value: Value) -> bool:
    """Whether all that is known of what is called is a type that says nothing of it: ``T().begin``."""
    return isinstance(value, External) and value.path.startswith(_ABSTRACT) and "()." in value.path


def _scopes_around(view: FileView, call: Call) -> Iterator[int]:
    """The scopes in which the functions around a call are run at once: ``context.with(active, () => run())``."""
    parent = call.parent
    while parent >= 0:
        outer = view.facts.calls[parent]
        if tail_of(outer.callee) == "with":
            yield outer.scope
        parent = outer.parent
