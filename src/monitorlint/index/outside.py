"""Ways to a call that begin where no request is answered and no job is done.

What sees a call only inside a transaction sees nothing there: while a module is imported or a server starts, in a
command, and in the threads that these start. A thread that a request starts goes on with its transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.callers import CONSTRUCTING, fits
from monitorlint.index.celery_tasks import CeleryTasks
from monitorlint.index.jobs import QUEUES, TIMERS, nest_job, runs_later, takes_jobs
from monitorlint.index.lazily import parts_of
from monitorlint.index.protocols import is_of_protocol
from monitorlint.index.unknown import is_unknown
from monitorlint.index.values import Defined, External
from monitorlint.index.view import runs_on_import, tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.chains import Chains
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Caller, Key
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

MAX_ABOVE = 80
"""So many functions are followed up; what lies above is not known."""

MAX_LOOKED_AT = 40
"""Files that call a method of some name; where there are more, any of them may call this one."""

_SCHEDULED = "scheduled_job"
_RUNNING = frozenset(
    "to_thread wait_for gather run_sync sync_to_async run_in_threadpool create_task run shield".split()
)
_IN_LOOP = frozenset("run_in_executor call_soon call_soon_threadsafe call_later call_at".split())
# Keywords, lists and decorators that take what runs while a server starts or stops.
_SERVERS = ("fastapi", "starlette", "litestar")
_HOOKS = frozenset({"lifespan", "on_startup", "on_shutdown"})
_HOOK_LISTS = ("on_startup.append", "on_shutdown.append", "on_cleanup.append")
_EVENTS = frozenset({"startup", "shutdown"})
_EVENT_CALLS = frozenset({"on_event", "add_event_handler"})
_SERVING = frozenset("before_serving after_serving before_server_start after_server_start main_process_start".split())
# What a command's decorator comes from; others have commands that are answers to somebody.
_COMMAND_LINES = ("click", "rich_click", "asyncclick", "typer", "flask", "quart", "apiflask")
# What makes of a function one that runs in a container of its own.
_REMOTE = ("modal.",)
_HARMLESS = (*_COMMAND_LINES, *_SERVERS, *_REMOTE, "functools.", "contextlib.")
# Calls that begin a transaction which ends elsewhere.
_BEGINNING = frozenset("start_transaction begin_transaction continue_trace BackgroundTask WebTransaction".split())
# Bases of classes whose methods nobody calls but the project.
_PLAIN = ("abc.", "typing.", "typing_extensions.", "enum.", "pydantic.", "collections.", "dataclasses.")
# Decorators that say nothing of who calls a function.
_PASSING = frozenset(
    "staticmethod classmethod abstractmethod override overload lru_cache cache wraps contextmanager "
    "asynccontextmanager retry final typechecked no_type_check".split()
)


_CONTAINED = frozenset({"function", "method", "cls", "enter", "exit"})
_SCRIPT = pattern(r"(?:^|/)scripts/[^/]+\.py$")

_HOOK = -1
"""Stands for a server that starts or stops, in place of a function."""


# Decorators of what a queue or a server runs; anybody may call such a function as well.
_JOBS = frozenset(
    "task shared_task periodic_task actor job db_task db_periodic_task get post put patch delete head options route "
    "api_route websocket".split()
)


# Servers that a command may start itself.
_STARTED = frozenset("uvicorn hypercorn gunicorn waitress daphne granian aiohttp tornado gevent cheroot".split())


class _Way(NamedTuple):
    key: Key
    is_sure: bool
    """Every call on it is known to be one of the function below."""


class _Step(NamedTuple):
    above: tuple[_Way, ...] = ()
    is_open: bool = False
    """Something that is not known may call the function, too."""
    is_outside: bool = False
    """It begins outside itself, or something calls it there, at ``place`` where that is sure."""
    place: str = ""
    is_called: bool = False
    """The project is seen to call it."""
    shown: str = ""
    """Where a file that others import calls it, to show what it does when it is run by itself."""


class _Above(NamedTuple):
    """Where the ways to a function may come from."""

    files: frozenset[str]
    """The files of what calls it, of what calls that, and so on."""
    loaded: frozenset[str]
    """Those of them that whoever imports them may set going."""
    served: frozenset[str]
    """Those of them that hold what a server or a queue runs."""
    tasks: frozenset[str]
    """Those of these that hold a task of Celery's."""


class Outside:
    """Tells where the ways to a call begin."""

    def __init__(self, project: Project, reach: Reach, chains: Chains, is_command: Callable[[str], bool]) -> None:
        """:param is_command: Whether the program of a path answers no request."""
        self._project = project
        self._reach = reach
        self._chains = chains
        self._is_command = is_command
        self._tasks = CeleryTasks(project)
        self._memo: dict[tuple[Key, frozenset[str]], str | None] = {}
        self._steps: dict[tuple[Key, frozenset[str]], _Step] = {}
        self._looks_alike: dict[Key, bool] = {}
        self._above_all: dict[Key, _Above | None] = {}
        self._together: dict[str, set[str]] = {}
        """The files that some program runs together with one."""

    def of(self, found: FoundCall, within: Iterable[str]) -> str | None:
        """What leaves in doubt that a call runs inside a request or a job; None: every known way begins outside.

        :param within: What the monitor begins a transaction for: the queues among it run nothing outside.
        """
        view = found.view
        scope = view.facts.calls[found.number].scope
        known = QUEUES.intersection(within)
        begun = self._begun(view, scope, known)
        if begun is None:
            return ""
        key = (view.path, _running(view, begun))
        if (key, known) not in self._memo:
            self._memo[key, known] = self._judge(key, known) if key[1] else ""
        return self._memo[key, known] if key[1] or begun == scope else None

    def _begun(self, view: FileView, scope: int, known: frozenset[str]) -> int | None:
        """The scope that starts what a scope holds: a lambda that a timer is handed runs where that one is set.

        None: what another lambda holds runs whenever somebody likes.
        """
        while view.facts.scopes[scope].kind == "lambda":
            number = view.handing[scope][0] if scope in view.handing else -1
            if number < 0 or not self._starts(view, number, known):
                return None
            scope = view.facts.calls[number].scope
        return scope

    def begun_in(self, found: FoundCall, programs: set[str]) -> set[str]:
        """Those of some programs, all of which import the file of a call, from which a way to it may lead."""
        above = self._above_of(found)
        if above is None:
            return programs
        importing = self._reach.all_importers(set(above.loaded))
        serving = self._reach.all_importers(set(above.served))
        return {
            path
            for path in programs
            if path in above.files or path in importing or (path in serving and self._serves(path))
        }

    def tasks_above(self, found: FoundCall) -> frozenset[str]:
        """The files with tasks of Celery's that lead to a call, or may do so where there is too much to look at."""
        above = self._above_of(found)
        if above is not None:
            return above.tasks
        importers = self._reach.importers(found.view.path)
        return frozenset(path for path in importers if self._tasks.any_in(path))

    def _above_of(self, found: FoundCall) -> _Above | None:
        view = found.view
        key = (view.path, _running(view, view.facts.calls[found.number].scope))
        if key not in self._above_all:
            self._above_all[key] = self._find_above(key)
        return self._above_all[key]

    def _serves(self, path: str) -> bool:
        """Whether a program may answer requests, or work through a queue, of a kind that begins no transaction."""
        packages = self._project.store.packages(path)
        return not self._is_command(path) or any(name.partition(".")[0] in _STARTED for name in packages)

    def _find_above(self, start: Key) -> _Above | None:
        """Whatever may lie above a function; None where that is too much to look at."""
        todo, seen = [start], {start}
        loaded: set[str] = set()
        served: set[str] = set()
        tasks: set[str] = set()
        while todo:
            key = todo.pop()
            view = self._project.view(key[0])
            if key[1] <= 0 or view is None:
                loaded.add(key[0])
                continue
            names = (tail_of(view.callee_of(d)) for d in view.facts.scopes[key[1]].decorators)
            is_task = self._tasks.is_task(view, key[1])
            is_job = is_task or not _JOBS.isdisjoint(names)
            if is_job:
                served.add(key[0])
                tasks.update({key[0]} if is_task else ())
            elif self._is_open(view, key[1]):
                loaded.add(key[0])
            for there, number in self._calls(key, view, is_job=is_job):
                if there is None or len(seen) > MAX_ABOVE:
                    return None
                call = there.facts.calls[number]
                if is_job and tail_of(call.callee) not in {view.facts.scopes[key[1]].name, "run"}:
                    # `order.delay(…)`: a worker runs it.
                    continue
                caller = (there.path, _running(there, call.scope))
                if caller not in seen:
                    seen.add(caller)
                    todo.append(caller)
        return _Above(frozenset(path for path, _ in seen), *map(frozenset, (loaded, served, tasks)))

    def _calls(self, key: Key, view: FileView, *, is_job: bool) -> Iterator[tuple[FileView | None, int]]:
        """What calls a function, hands it on, or may be a call of it. No file: there is too much to look at."""
        for row in self._callers(key):
            yield row.call
        yield from self._alike(key, view)
        # `order.run(…)` runs a job where it stands.
        for path in self._project.store.calling("run", self._reach.importers(key[0])) if is_job else ():
            if (there := self._project.view(path)) is None:
                continue
            for number in there.calls_by_tail.get("run", ()):
                call = there.facts.calls[number]
                name = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
                if name and Defined(*key) in self._project.resolver.resolve(name, there, call.scope, call.start):
                    yield there, number

    def _judge(self, start: Key, known: frozenset[str]) -> str | None:
        todo = [_Way(start, is_sure=True)]
        seen = {start: True}
        place = shown = ""
        is_open = is_outside = False
        while todo and not (is_open and place):
            way = todo.pop()
            if len(seen) > MAX_ABOVE:
                is_open = True
                break
            if (way.key, known) not in self._steps:
                self._steps[way.key, known] = self._step(way.key, known)
            step = self._steps[way.key, known]
            is_outside = is_outside or step.is_outside
            place = place or (step.place if way.is_sure else "")
            shown = shown or step.shown
            for above in step.above:
                is_sure = above.is_sure and way.is_sure
                if not seen.get(above.key, False) and (is_sure or above.key not in seen):
                    seen[above.key] = is_sure
                    todo.append(_Way(above.key, is_sure))
            is_open = is_open or step.is_open or (step.is_called and self._has_look_alike(way.key))
        if is_outside and not is_open:
            return None
        place = place or (shown if not is_open else "")
        return f"{place} runs it outside any request or job" if place else ""

    def _step(self, key: Key, known: frozenset[str]) -> _Step:
        """What one function has above it."""
        view = self._project.view(key[0])
        if view is None or self._begins_one(view, key[1]):
            return _Step(is_open=True)
        here = view.facts.scopes[key[1]]
        if self._is_hook(view, key[1]):
            place = _place(view, here.row)
            return _Step(is_open=self._may_begin_one(view, key[1]), is_outside=True, place=place)
        job = nest_job(self._project, view, key[1])[0]
        is_job = bool(job) and job not in known
        if not is_job and self._is_open(view, key[1]):
            return _Step(is_open=True)
        found: list[_Way] = []
        place = _place(view, here.row) if is_job else ""
        shown = ""
        is_open, is_outside, is_called = False, is_job, is_job
        for row in self._callers(key):
            is_called = True
            above = self._above(row, here.name, known)
            if above is None:
                is_open = True
            elif above.key[1] > 0:
                found.append(above)
            elif above.key[1] == 0 and self._is_shown(above.key[0]):
                shown = shown or _place(row.call[0], row.place[1])
            else:
                is_outside = True
                place = place or (_place(row.call[0], row.place[1]) if above.is_sure else "")
        return _Step(tuple(found), is_open or not is_called, is_outside, place, is_called, shown)

    def _callers(self, key: Key) -> Iterator[Caller]:
        number = 0
        while (row := self._chains.caller(key, number)) is not None:
            yield row
            number += 1

    def _above(self, row: Caller, name: str, known: frozenset[str]) -> _Way | None:
        """The function that makes a call of another; 0: a module does, on import; `_HOOK`; None: not known."""
        view, number = row.call
        call = view.facts.calls[number]
        begun = self._begun(view, call.scope, known) if row.near is None else None
        if begun is None:
            return None
        scope = _running(view, begun)
        tail = tail_of(call.callee)
        if row.sure:
            # What the project's code is handed, it may wrap for later as well as run.
            if name in _handed(call) and tail not in _RUNNING:
                return None
            is_sure = not row.is_virtual
        elif self._takes_hook(view, number, name):
            return _Way((view.path, _HOOK), is_sure=True)
        elif self._starts(view, number, known):
            is_sure = True
        elif tail == name and isinstance(call.callee, str) and name not in _handed(call):
            is_sure = False
        else:
            return None
        if scope == 0 and begun == call.scope and not runs_on_import(view, call) and view.function_of(call.scope) == 0:
            return None
        return _Way((view.path, scope), is_sure)

    def _is_shown(self, path: str) -> bool:
        """Whether a program is one that others import: what loads it by its name may call the rest of it."""
        return self._project.store.is_program(path) and self._reach.is_imported(path)

    def _starts(self, view: FileView, number: int, known: frozenset[str]) -> bool:
        """Whether a call runs what it is handed in a thread of its own, or soon."""
        tail = tail_of(view.facts.calls[number].callee)
        if tail in _IN_LOOP or tail in TIMERS:
            return True
        values = self._project.resolver.callee(view, number)
        return runs_later(values) or takes_jobs(tail, values, known)

    def _takes_hook(self, view: FileView, number: int, name: str) -> bool:
        """Whether a call makes a function one that runs while a server starts or stops."""
        call = view.facts.calls[number]
        if isinstance(call.callee, str) and call.callee.endswith(_HOOK_LISTS):
            return True
        if tail_of(call.callee) == "add_event_handler":
            return _is_event(call)
        if not any(key in _HOOKS and _names(value, name) for key, value in call.kwargs.items()):
            return False
        values = self._project.resolver.callee(view, number)
        return bool(values) and all(isinstance(v, External) and v.path.startswith(_SERVERS) for v in values)

    def _is_hook(self, view: FileView, scope: int) -> bool:
        """Whether a function is a command, or runs while a server starts or stops."""
        here = view.facts.scopes[scope]
        for decorator in here.decorators:
            callee = view.callee_of(decorator)
            tail = tail_of(callee)
            if tail in _SERVING or tail == _SCHEDULED:
                return True
            if tail == "on_event" and isinstance(decorator, (tuple, list)) and decorator[0] == "call":
                return _is_event(view.facts.calls[decorator[1]])
            if tail == "command" and isinstance(callee, str):
                values = self._project.resolver.resolve(callee, view, here.parent, here.start)
                known = [v.path for v in values if isinstance(v, External)]
                if ".cli." in callee or any(path.startswith(_COMMAND_LINES) for path in known):
                    return True
            if tail in _CONTAINED and self._is_remote(decorator, view, scope):
                return True
        # What `manage.py runscript` begins with lies in a folder of that name, and nothing imports it.
        is_script = here.name == "run" and here.parent == 0 and _SCRIPT.search(view.path) is not None
        if is_script and not self._reach.is_imported(view.path):
            return True
        return here.name == "handle" and self._is_command(view.path)

    def _is_remote(self, decorator: Expr, view: FileView, scope: int) -> bool:
        here = view.facts.scopes[scope]
        values = self._project.resolver.resolve(view.callee_of(decorator), view, here.parent, here.start)
        return any(isinstance(value, External) and value.path.startswith(_REMOTE) for value in values)

    def _is_open(self, view: FileView, scope: int) -> bool:
        """Whether something that is not seen here may call a function."""
        here = view.facts.scopes[scope]
        names = (tail_of(view.callee_of(decorator)) for decorator in here.decorators)
        if self._chains.graph.is_entry(view, scope) or any(name not in _PASSING for name in names):
            return True
        graph, target = self._chains.graph, Defined(view.path, scope)
        if graph.escapes(view, scope) or graph.dispatches.stored(target) or graph.dispatches.attributes(target):
            return True
        return view.facts.scopes[here.parent].kind == "class" and self._is_of_package(Defined(view.path, here.parent))

    def _is_of_package(self, owner: Defined) -> bool:
        """Whether a class is, by one of its bases, something that a package knows how to use."""
        todo, seen = [owner], {owner}
        while todo:
            here = todo.pop()
            for base in self._project.resolver.bases(here.file, here.scope):
                if isinstance(base, External) and not base.path.startswith(_PLAIN):
                    return True
                if isinstance(base, Defined) and base not in seen:
                    seen.add(base)
                    todo.append(base)
        return False

    def _begins_one(self, view: FileView, scope: int) -> bool:
        """Whether a function begins a transaction itself."""
        calls = view.calls_by_function.get(scope, ()) if not _BEGINNING.isdisjoint(view.calls_by_tail) else ()
        return any(tail_of(view.facts.calls[number].callee) in _BEGINNING for number in calls)

    def _may_begin_one(self, view: FileView, scope: int) -> bool:
        """Whether a decorator of a command, or of a hook, may begin a transaction around it."""
        here = view.facts.scopes[scope]
        for decorator in here.decorators:
            for value in self._project.resolver.resolve(view.callee_of(decorator), view, here.parent, here.start):
                there = self._project.view(value.file) if isinstance(value, Defined) else None
                if there is not None and not _BEGINNING.isdisjoint(there.calls_by_tail):
                    return True
                is_known = not isinstance(value, External) or value.path.startswith(_HARMLESS)
                if not is_known and tail_of(view.callee_of(decorator)) not in _PASSING:
                    return True
        return False

    def _has_look_alike(self, key: Key) -> bool:
        """Whether some call that nothing connects with a function may be one of it."""
        view = self._project.view(key[0])
        if key not in self._looks_alike and view is not None:
            known = {(row.call[0].path, row.call[1]) for row in self._callers(key)}
            alike = self._alike(key, view)
            self._looks_alike[key] = any(there is None or (there.path, number) not in known for there, number in alike)
        return self._looks_alike.get(key, False)

    def _alike(self, key: Key, view: FileView) -> Iterator[tuple[FileView | None, int]]:
        """The calls that may be one of a function, and that nothing need connect with it."""
        is_method = view.facts.scopes[view.facts.scopes[key[1]].parent].kind == "class"
        return self._method_calls(key, view) if is_method else self._chains.graph.look_alikes(view, key[1])

    def _method_calls(self, key: Key, view: FileView) -> Iterator[tuple[FileView | None, int]]:
        """The calls that may be one of a method in the files that some program runs together with it.

        What is called is unknown, or stands for whatever has such a method. No file: there are too many to look at.
        """
        name = view.facts.scopes[key[1]].name
        if name in CONSTRUCTING:
            return
        if view.path not in self._together:
            self._together[view.path] = self._reach.running_with(view.path)
        paths = self._project.store.calling(name, filter(self._project.is_app, self._together[view.path]))
        if len(paths) > MAX_LOOKED_AT:
            yield None, 0
        for path in paths:
            there = self._project.view(path)
            for number in there.calls_by_tail.get(name, ()) if there is not None else ():
                if there is not None and "." in str(there.facts.calls[number].callee):
                    values = self._project.resolver.callee(there, number)
                    # A file that is handed an instance need not import, nor name, what that is of.
                    may_be = is_unknown(self._project, values) or Defined(*key) in values
                    may_be = may_be or any(is_of_protocol(self._project, v) for v in values)
                    if may_be and fits(view, key[1], there, number, loosely=True):
                        yield there, number


def _running(view: FileView, scope: int) -> int:
    """The function, or module, that runs the code of a scope: the bodies of classes run where these stand."""
    scope = view.function_of(scope)
    while view.facts.scopes[scope].kind == "class":
        scope = view.function_of(view.facts.scopes[scope].parent)
    return scope


def _is_event(call: Call) -> bool:
    first: Expr = call.args[0] if call.args else None
    return isinstance(first, (tuple, list)) and first[0] == "lit" and first[1] in _EVENTS


def _names(expr: Expr, name: str) -> bool:
    return any(tail_of(part) == name for part in parts_of(expr) if isinstance(part, str))


def _handed(call: Call) -> set[str]:
    parts = (part for expr in (*call.args, *call.kwargs.values()) for part in parts_of(expr))
    return {tail_of(part) for part in parts if isinstance(part, str)}


def _place(view: FileView, row: int) -> str:
    return f"{view.path}:{row + 1}"
