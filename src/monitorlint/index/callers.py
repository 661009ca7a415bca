"""Who calls a function, over the whole project: what "every path to it is monitored" needs."""

from __future__ import annotations

from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from monitorlint.index.commands import Commands
from monitorlint.index.dispatches import Dispatches
from monitorlint.index.lazily import member_name, names, parts_of
from monitorlint.index.overriding import Overriding
from monitorlint.index.own_senders import calls_through
from monitorlint.index.protocols import Protocols
from monitorlint.index.registries import Registries
from monitorlint.index.unknown import is_unknown
from monitorlint.index.values import Defined, External, Instance
from monitorlint.index.view import handed, tail_of, words_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.dispatches import Dispatch
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

# Handing a function to one of these runs it at this place, in the same context.
_RUNS_HERE = frozenset(
    "to_thread partial wait_for gather run_sync sync_to_async run_in_threadpool create_task run shield".split()
)
# Decorators that leave a function to be called by whoever calls it in the code.
_TRANSPARENT = frozenset(
    "staticmethod classmethod property cached_property abstractmethod override overload lru_cache cache cached wraps "
    "contextmanager asynccontextmanager retry backoff on_exception on_predicate final deprecated typechecked "
    "validate_call no_type_check setter getter deleter singledispatch singledispatchmethod dataclass beartype inject "
    "cache_resource cache_data output_types".split()
)
# Words of their names that say so as well: ``@sleep_and_retry``, ``@memoize_for(60)``.
_PASSING = frozenset("retry retries retrying cached memoize memoized throttle throttled timed timeit".split())
CONSTRUCTING = frozenset({"__init__", "__post_init__"})
"""What runs when an instance is made, ``__post_init__`` where that is a dataclass."""
# Methods of strings, containers and files: the name alone says nothing at all.
_BUILTIN = frozenset({n for t in (str, bytes, list, dict, set) for n in dir(t)} | {*"read write close open".split()})
# Names that every other framework has.
_COMMON = _BUILTIN | frozenset(
    "run call execute query search send start stop process handle load save create invoke get put post".split()
)
LOADING = frozenset("import_module import_string import_object locate __import__ exec_module load_module".split())
"""Functions that load a module by its name."""
_GRAPH = frozenset(
    {"add_node", "add_conditional_edges", "add_sequence", "addNode", "addConditionalEdges", "addSequence"}
)
_GRAPHS = ("langgraph.", "@langchain/langgraph.")
MAX_GUESSES = 12
"""Files that call a method of some name; where there are more, the name alone says nothing either."""
MAX_LOADERS = 4
"""So many files that may load another by a made-up name are looked at."""
MAX_KEEPERS = 12
"""So many files that hand something to a class are looked at."""
MAX_LOOK_ALIKES = 60
"""Calls of something unknown that are looked at for one that may run a function."""

How: TypeAlias = Literal["calls", "hands on", "may call"]


class CallSite(NamedTuple):
    view: FileView
    number: int
    how: How
    """``hands on``: the function goes to something that may call it whenever it likes; ``may call``: the call has the
    function's name, and what it is called on is not known."""
    is_virtual: bool = False
    """The call may be one of another class's method: which of them runs is not known."""
    is_renamed: bool = False
    """It is handed to the call under another name, which may stand for other functions as well."""


class CallGraph:
    """Callers by name, resolved on demand."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self.registries = Registries(project, reach)
        self.dispatches = Dispatches(project)
        self.commands = Commands(project, reach)
        self._together: dict[str, set[str]] = {}
        self._overriding = Overriding(project, reach)
        self._protocols = Protocols(project, reach)

    def is_entry(self, view: FileView, scope: int) -> bool:
        """Whether something outside the project's own code may call this function: a route, a task, a dunder."""
        here = view.facts.scopes[scope]
        if here.kind != "function":
            return True
        if here.name.startswith("__") and here.name.endswith("__") and here.name not in {*CONSTRUCTING, "__call__"}:
            return True
        for decorator in here.decorators:
            parts = str(view.callee_of(decorator) or "").split(".")
            if not _TRANSPARENT.isdisjoint(parts) or not _PASSING.isdisjoint(words_of(parts[-1])):
                continue
            if not self._is_monitor_or_own(view, scope, decorator):
                return True
        return False

    def _is_monitor_or_own(self, view: FileView, scope: int, decorator: object) -> bool:
        here = view.facts.scopes[scope]
        for value in self._project.resolver.resolve(decorator, view, here.parent, here.start):  # type: ignore[arg-type]
            if isinstance(value, (Defined, Instance)):
                return True
            if isinstance(value, External) and self._project.catalogue.decorator(value.path) is not None:
                return True
            # `again = backoff.on_exception(…)`, `@again`
            if isinstance(value, External) and not _TRANSPARENT.isdisjoint(value.path.replace("()", "").split(".")):
                return True
        return False

    def callers(self, view: FileView, scope: int) -> Iterator[CallSite]:
        """The places that call (or run) a function: those in files that are read already, then the others."""
        overridden = set(self._overriding.of(view, scope))
        sites = self._callers(view, scope, {Defined(view.path, scope), *overridden})
        is_shared = any(map(self._overriding.is_shared, overridden))
        own = {Defined(view.path, scope), Defined(view.path, view.facts.scopes[scope].parent)}
        handed_to: list[tuple[FileView, int]] = []
        for site in sites:
            values = self._project.resolver.callee(site.view, site.number) if site.how == "calls" else ()
            others = {v for v in values if isinstance(v, Defined)} - own
            # What a class alone overrides is no method of another one.
            is_virtual = bool(others if is_shared else others - overridden) and all(map(self._is_method, others))
            if site.how == "hands on" and (runs := self.commands.run_by(site.view, site.number)):
                yield from (CallSite(there, number, "calls") for there, number in runs)
                continue
            yield site._replace(is_virtual=True) if is_virtual else site
            if site.how == "hands on":
                handed_to.append((site.view, site.number))
        yield from (CallSite(there, number, "calls") for there, number in self.commands.of_class(view, scope))
        for caller, number in self.registries.calls(view, scope, handed_to):
            if self._counts(caller.path, view.path):
                yield CallSite(caller, number, "may call")

    def in_file(self, path: str, view: FileView, scope: int, name: str = "") -> Iterator[CallSite]:
        """The places in one file that call a function of another, or hand it on.

        :param name: What it is called, where that is not its own name.
        """
        return self._in_file(path, name or view.facts.scopes[scope].name, {Defined(view.path, scope)}, guess=False)

    def _is_method(self, value: Defined) -> bool:
        view = self._project.view(value.file)
        return view is not None and view.facts.scopes[view.facts.scopes[value.scope].parent].kind == "class"

    def _callers(self, view: FileView, scope: int, targets: set[Defined]) -> Iterator[CallSite]:
        here = view.facts.scopes[scope]
        name = here.name
        owner = here.parent
        if name in CONSTRUCTING:
            name = view.facts.scopes[owner].name
            targets.add(Defined(view.path, owner))
        if owner > 0 and view.facts.scopes[owner].kind == "function":
            yield from self._in_file(view.path, name, targets, guess=False)
            return
        known = {path for target in targets for path in self._reach.knowing(target.file)}
        able = {path for path in known if self._counts(path, view.path)}
        if name == "__call__":
            yield from self._instance_calls(able, targets)
            return
        guess = view.facts.scopes[owner].kind == "class" and self._is_distinctive(name, able)
        first = sorted((self._mentions.get(name, set()) & able) | {view.path})
        for path in first:
            yield from self._in_file(path, name, targets, guess=guess)
        # What is defined in a module is called by its imported name, or as an attribute of something.
        scoped = here.parent if here.name in CONSTRUCTING else scope
        is_global = view.facts.scopes[scoped].parent == 0
        store, done = self._project.store, self._kept | {view.path}
        is_method = view.facts.scopes[owner].kind == "class"
        calling = store.calling(name, able, must_import=is_global)
        handing = [*(store.importing(name, able) if is_global else store.handing(name, able) if is_method else ())]
        for path in dict.fromkeys([*calling, *handing]):
            if path not in done:
                yield from self._in_file(path, name, targets, guess=guess and path in calling)
        yield from self._by_made_up_names(view, owner)
        for there, number in calls_through(self._project, view, scope, able):
            yield CallSite(there, number, "calls")
        if is_method:
            yield from self._renamed(name, targets)

    def _renamed(self, name: str, targets: set[Defined]) -> Iterator[CallSite]:
        """The calls that a method is handed to under another name: ``run = self.function or self.run``."""
        views = (self._project.view(path) for path in sorted({target.file for target in targets}))
        for view in filter(None, views):
            for row in view.facts.bindings:
                if row.how != "assign" or row.name == name or row.name not in view.references:
                    continue
                if not any(isinstance(part, str) and part.endswith(f".{name}") for part in parts_of(row.value)):
                    continue
                for number in view.references[row.name]:
                    call = view.facts.calls[number]
                    values = self._project.resolver.resolve(row.name, view, call.scope, call.start)
                    if not targets.isdisjoint(v for v in values if isinstance(v, Defined)):
                        yield CallSite(view, number, "hands on", is_renamed=True)

    @staticmethod
    def _by_made_up_names(view: FileView, owner: int) -> Iterator[CallSite]:
        """The calls that any method of a class may be handed to: ``add(name, getattr(self, name))``."""
        for number in view.calls_by_tail.get("getattr", ()):
            call = view.facts.calls[number]
            first, name = (*call.args, None, None)[:2]
            is_known = isinstance(name, (tuple, list)) and name[0] == "lit"
            is_own = owner > 0 and isinstance(first, str) and view.instance_of(call.scope, first) == owner
            if is_own and call.parent >= 0 and not is_known:
                yield CallSite(view, call.parent, "hands on")

    def is_node(self, site: CallSite) -> bool:
        """Whether a function is handed to a graph of LangGraph, which runs it as one of its nodes or edges."""
        return tail_of(site.view.facts.calls[site.number].callee) in _GRAPH and any(
            isinstance(value, External) and value.path.startswith(_GRAPHS)
            for value in self._project.resolver.callee(site.view, site.number)
        )

    def _instance_calls(self, able: set[str], targets: set[Defined]) -> Iterator[CallSite]:
        """Calls of something that is no function by its name, and turns out to be an instance."""
        resolver = self._project.resolver
        for view in self._project.views():
            if view.path not in able:
                continue
            for number in called_values(view):
                for value in resolver.callee(view, number):
                    called = resolver.attribute(value, "__call__") if isinstance(value, Instance) else ()
                    if not targets.isdisjoint(v for v in called if isinstance(v, Defined)):
                        yield CallSite(view, number, "calls")
                        break

    def _counts(self, path: str, about: str) -> bool:
        return self._project.is_app(path) or not self._project.is_app(about)

    def _is_distinctive(self, name: str, able: set[str]) -> bool:
        """Whether a call of a method of this name on something unknown may well be one of this very method."""
        return name not in _COMMON and len(self._project.store.calling(name, able)) <= MAX_GUESSES

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(self._project.kept)

    @cached_property
    def _mentions(self) -> dict[str, set[str]]:
        """Names that are called or handed over in the kept files, and where."""
        table: dict[str, set[str]] = {}
        for view in self._project.views():
            for name in view.calls_by_tail.keys() | view.references.keys():
                table.setdefault(name, set()).add(view.path)
            for row in view.facts.imports:
                name = row.target.rpartition(".")[2]
                if row.local not in {name, "", "*"}:
                    table.setdefault(name, set()).add(view.path)
        return table

    def _in_file(self, path: str, name: str, targets: set[Defined], *, guess: bool) -> Iterator[CallSite]:
        view = self._project.view(path)
        if view is None:
            return
        resolver = self._project.resolver
        local = {name, *(i.local for i in view.facts.imports if i.target.rpartition(".")[2] == name)}
        for tail in sorted(local):
            for number in view.calls_by_tail.get(tail, ()):
                values = resolver.callee(view, number)
                if not targets.isdisjoint(v for v in values if isinstance(v, Defined)):
                    yield CallSite(view, number, "calls")
                elif guess and "." in str(view.facts.calls[number].callee) and is_unknown(self._project, values):
                    yield CallSite(view, number, "may call")
            for number in view.references.get(tail, ()):
                call = view.facts.calls[number]
                for expr in handed(call):
                    if tail_of(expr) != tail:
                        continue
                    values = resolver.resolve(expr, view, call.scope, call.start)
                    if not targets.isdisjoint(v for v in values if isinstance(v, Defined)):
                        runs = tail_of(call.callee) in _RUNS_HERE
                        yield CallSite(view, number, "calls" if runs else "hands on")

    def look_alikes(self, view: FileView, scope: int) -> Iterator[tuple[FileView, int]]:
        """Calls of something unknown that may be calls of a function nobody is seen to call.

        A method may be called on any object that is handed around, a function that escapes (is returned, or stored)
        under any name. What is called must be unknown, run in one program with the function, and take such arguments.
        """
        here = view.facts.scopes[scope]
        overridden = tuple(self._overriding.of(view, scope))
        # A function of JavaScript need not take all that it is handed.
        member = member_name(view, scope)
        if view.facts.scopes[here.parent].kind == "class":
            if here.name.startswith("_") or (here.name in _BUILTIN and not overridden):
                return
            # What loads a class by its name knows nothing of its bases, and hands the class on all the same.
            around = [base.file for base in overridden]
            around += sorted(self._reach.loaders(view.path))[:MAX_LOADERS] if overridden else ()
            found: Iterable[tuple[FileView, int]] = chain(
                self._method_calls(here.name),
                self._calls_beside(here.name, around, view.path),
                self._calls_in(here.name, self._overriding.promised(view, here.parent, here.name), view.path),
            )
            if here.name in _BUILTIN:
                # `text.encode()` is a string's, `self.model.encode(texts)` may be one of the project's.
                found = ((v, n) for v, n in found if _is_of_own_attribute(v, n))
        elif member:
            found = self._method_calls(member)
        elif self.escapes(view, scope):
            found = self._handed_calls
        else:
            return
        if view.path not in self._together:
            self._together[view.path] = self._reach.running_with(view.path).union(
                *map(self._reach.running_with, sorted(self._reach.loaders(view.path))[:MAX_LOADERS])
            )
        together = self._together[view.path]
        # What no file imports is loaded by its name, by something in the same package.
        folder, _, inner = view.path.partition("/")
        importing = self._reach.directly_importing(view.path)
        is_loose = bool(inner) and not any(self._counts(path, view.path) for path in importing)
        # A plug-in's method is called by whoever knows the base class that it inherits from.
        is_loose = is_loose and (here.is_async or view.facts.scopes[here.parent].kind == "function" or bool(overridden))
        # A method that few call, under a name of its own: what hands the objects around may be set up by name.
        is_loose = is_loose or (bool(inner) and self._is_rare_method(view, scope))
        left = MAX_LOOK_ALIKES
        for caller, number in found:
            if not left:
                return
            runs = caller.path in together or (is_loose and caller.path.partition("/")[0] == folder)
            if runs and self._counts(caller.path, view.path) and (member or fits(view, scope, caller, number)):
                left -= 1
                values = self._project.resolver.callee(caller, number)
                # A file that is handed an instance need not import, nor name, what that is of.
                if is_unknown(self._project, values) or Defined(view.path, scope) in values:
                    yield caller, number
        if self._protocols.anywhere and view.facts.scopes[here.parent].kind == "class":
            yield from self._by_protocol(view, scope)

    def _by_protocol(self, view: FileView, scope: int) -> Iterator[tuple[FileView, int]]:
        """The calls of what a protocol asks for, where the class of a method has all of that."""
        name = view.facts.scopes[scope].name
        beside = self._calls_beside(name, self._protocols.beside(view.path), view.path)
        calls = ((c, n) for c, n in chain(self._method_calls(name), beside) if self._counts(c.path, view.path))
        for caller, number in islice(calls, MAX_LOOK_ALIKES):
            if caller.path in self._together[view.path] and fits(view, scope, caller, number):
                values = self._project.resolver.callee(caller, number)
                if self._protocols.may_be(view, scope, values):
                    yield caller, number

    def may_be_taken(self, view: FileView, scope: int, dispatch: Dispatch) -> bool:
        """Whether a method may be what a call takes by a name that is made up: ``getattr(self, f"on_{event}")``."""
        here = view.facts.scopes[scope]
        if here.parent <= 0 or view.facts.scopes[here.parent].kind != "class":
            return False
        taking = dispatch.view.facts.calls[dispatch.named]
        holder, name = taking.args[:2]
        is_literal = isinstance(name, (tuple, list)) and name[0] == "lit"
        if is_literal and name[1] != here.name:  # type: ignore[index]
            return False
        owner = dispatch.view.instance_of(taking.scope, holder) if isinstance(holder, str) else None
        if owner is None:
            known = self._project.resolver.resolve(holder, dispatch.view, taking.scope, taking.start)
            is_held = is_literal or self._is_held(view, here.parent, dispatch)
            return not known and not here.name.startswith("_") and is_held
        return self._are_kin(Defined(view.path, here.parent), Defined(dispatch.view.path, owner))

    def _is_held(self, view: FileView, owner: int, dispatch: Dispatch) -> bool:
        """Whether an instance of a class is handed to the class, or the function, that a call stands in."""
        there = dispatch.view
        scope = there.function_of(there.facts.calls[dispatch.number].scope)
        while scope > 0 and there.facts.scopes[there.facts.scopes[scope].parent].kind == "function":
            scope = there.facts.scopes[scope].parent
        if there.facts.scopes[there.facts.scopes[scope].parent].kind == "class":
            scope = there.facts.scopes[scope].parent
        keeper, held = Defined(there.path, scope), Defined(view.path, owner)
        name = there.facts.scopes[scope].name
        known = [path for path in self._reach.knowing(there.path) if self._counts(path, there.path)]
        for path in self._project.store.calling(name, known, must_import=True)[:MAX_KEEPERS]:
            caller = self._project.view(path)
            for number in caller.calls_by_tail.get(name, ()) if caller is not None else ():
                if keeper not in self._project.resolver.callee(caller, number):  # type: ignore[arg-type]
                    continue
                call = caller.facts.calls[number]  # type: ignore[union-attr]
                for expr in (*call.args, *call.kwargs.values()):
                    values = self._project.resolver.resolve(expr, caller, call.scope, call.start)  # type: ignore[arg-type]
                    kinds = (Defined(v.file, v.scope) for v in values if isinstance(v, Instance))
                    if any(self._are_kin(kind, held) for kind in kinds):
                        return True
        return False

    def _are_kin(self, one: Defined, other: Defined) -> bool:
        """Whether one class is the other, or inherits from it."""
        if one == other:
            return True
        for start, end in ((one, other), (other, one)):
            todo, seen = [start], {start}
            while todo:
                here = todo.pop()
                for base in self._project.resolver.bases(here.file, here.scope):
                    if base == end:
                        return True
                    if isinstance(base, Defined) and base not in seen:
                        seen.add(base)
                        todo.append(base)
        return False

    def _is_rare_method(self, view: FileView, scope: int) -> bool:
        here = view.facts.scopes[scope]
        if view.facts.scopes[here.parent].kind != "class" or here.name in _COMMON:
            return False
        calls = (1 for caller, _ in self._method_calls(here.name) if self._counts(caller.path, view.path))
        return sum(islice(calls, MAX_GUESSES + 1)) <= MAX_GUESSES

    def _calls_beside(self, name: str, files: Iterable[str], about: str) -> Iterator[tuple[FileView, int]]:
        """Calls of methods of this name in files that are not looked through, and import one of those given."""
        able = {path for file in files for path in self._reach.knowing(file)}
        yield from self._calls_in(name, self._project.store.calling(name, able) if able else (), about)

    def _calls_in(self, name: str, files: Iterable[str], about: str) -> Iterator[tuple[FileView, int]]:
        for path in islice((path for path in files if self._counts(path, about)), MAX_LOOK_ALIKES):
            view = self._project.view(path) if path not in self._kept else None
            for number in view.calls_by_tail.get(name, ()) if view is not None else ():
                if "." in str(view.facts.calls[number].callee):  # type: ignore[union-attr]
                    yield view, number  # type: ignore[misc]

    @staticmethod
    def escapes(view: FileView, scope: int) -> bool:
        """Whether a function is returned by, or stored in, the file that defines it."""
        facts = view.facts
        name = facts.scopes[scope].name
        return any(names(e, name) for s in facts.scopes for e in s.returns) or any(
            names(b.value, name) for b in facts.bindings if b.how != "def"
        )

    def _method_calls(self, name: str) -> Iterator[tuple[FileView, int]]:
        for view in self._project.views_by_tail.get(name, ()):
            for number in view.calls_by_tail[name]:
                if "." in str(view.facts.calls[number].callee):
                    yield view, number

    @cached_property
    def _handed_calls(self) -> tuple[tuple[FileView, int], ...]:
        """Calls that functions make of their own parameters. What is called with nothing, or anything, says nothing."""
        return tuple(
            (view, number)
            for view in self._project.views()
            for number, call in enumerate(view.facts.calls)
            if isinstance(call.callee, str)
            and call.callee in view.parameters
            and (call.args or call.kwargs)
            and not call.spread
            and any(p.name == call.callee for p in view.facts.scopes[view.function_of(call.scope)].params)
        )


def _is_of_own_attribute(view: FileView, number: int) -> bool:
    call = view.facts.calls[number]
    first, *rest = call.callee.split(".") if isinstance(call.callee, str) else ("",)
    return len(rest) > 1 and view.instance_of(call.scope, first) is not None


def called_values(view: FileView) -> Iterator[int]:
    """Calls of a parameter, an attribute that an assignment set, a variable, or an element of something."""
    for number, call in enumerate(view.facts.calls):
        if not isinstance(call.callee, str):
            if call.callee is not None and call.callee[0] == "item":
                yield number
            continue
        first, _, rest = call.callee.partition(".")
        if "." in rest:
            continue
        params = (*view.facts.scopes[call.scope].params, *view.facts.scopes[view.function_of(call.scope)].params)
        owner = view.instance_of(call.scope, first) if rest else None
        rows = view.members.get(owner, {}).get(rest, ()) if owner is not None else ()
        if not rest:
            rows = view.bindings.get((view.function_of(call.scope), first), ())
        if any(row.how != "def" for row in rows) or (not rest and any(p.name == first for p in params)):
            yield number


def fits(view: FileView, scope: int, caller: FileView, number: int, *, loosely: bool = False) -> bool:
    """Whether a function can be called, and awaited, like this.

    :param loosely: In a function that can await, what a call gives may be awaited later.
    """
    here, call = view.facts.scopes[scope], caller.facts.calls[number]
    may_await = loosely and caller.facts.scopes[caller.function_of(call.scope)].is_async
    if here.is_async and not call.flags & CallFlag.AWAITED and call.parent < 0 and not may_await:
        return False
    if not here.is_async and call.flags & CallFlag.AWAITED:
        return False
    kinds = {p.kind for p in here.params}
    if not call.kwargs.keys() <= {p.name for p in here.params} and "**" not in kinds:
        return False
    bound = 1 if view.facts.scopes[here.parent].kind == "class" and not view.is_static(scope) else 0
    given = len(call.args) + len(call.kwargs)
    if loosely and not call.spread and given < sum(p.kind == "" and p.default is None for p in here.params[bound:]):
        return False
    return "*" in kinds or len(call.args) + bound <= sum(p.kind == "" for p in here.params)
