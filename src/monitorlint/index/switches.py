"""Where a project switches instrumentation on."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.catalog.rows import Auto
from monitorlint.index.areas import area_of
from monitorlint.index.calls import condition_holds
from monitorlint.index.chosen import is_chosen
from monitorlint.index.patches import Patches
from monitorlint.index.surroundings import DEPLOYING_FOLDERS
from monitorlint.index.values import External, Literal
from monitorlint.index.view import tail_of, words_of
from monitorlint.model.facts import CONSTRUCTOR, EVERYTHING
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from monitorlint.catalog.rows import How
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Programs, Surroundings
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call
    from monitorlint.model.launch import Launch

SETTINGS = pattern(r"(?:^|/)(?:settings|config)/[^/]+\.py$|(?:^|/)(?:[^/]*settings[^/]*|apps)\.py$")
"""What Django is told the name of."""
MAX_DEPTH = 3
"""So many functions are looked at above a call that may be left out."""
_SWITCHING = ".instrument"
_WORD = pattern(r"[a-z]+")
_PACKAGE = pattern(r"@[\w.-]+/[\w.-]+|[\w.-]+")
# Not `otel` and its like: those are adapters of one library most of the time.
_MONITORS = frozenset(
    "sentry telemetry observability datadog newrelic applicationinsights appinsights apm bugsnag rollbar honeycomb "
    "signoz instana appsignal lightstep dynatrace raygun airbrake logrocket".split()
)
_SDKS = frozenset("js browser node nodejs react native rum agent expo core sdk next express collector".split())
_OTHERS = frozenset(
    "plugin webpack vite rollup eslint babel types mock mocks testkit cli transport winston pino api client".split()
)
# What writes logs in the form that a service reads; of Sentry's, it sends errors.
_LOGS = frozenset("logger loggers formatter formatters".split())
# How functions begin, or end, that set something up; and the modules of packages of which everything does.
_SETTING_UP = tuple("init setup set_up config instrument".split())
_SET_UP = ("init", "setup", "set_up", "configure")
_SET_UP_BY = _MONITORS | frozenset("otel opentelemetry tracing monitoring langfuse logfire langsmith".split())
_STARTED_BY = frozenset("sentry datadog newrelic bugsnag rollbar honeycomb".split())
_SETTERS = frozenset({"setdefault", "putenv"})
_ADDING = frozenset({"append", "extend", "insert", "add"})
# A program of these names what it runs in its settings.
_BY_NAME = ("django", "configurations", "pyramid", "airflow", "scrapy")


class Switch(NamedTuple):
    """One place that switches instrumentation on."""

    auto: Auto
    path: str
    row: int
    """0-based."""
    call: int
    """Number of the call in its file, -1 for the other ways."""
    everywhere: bool
    """A command or an environment variable of a deployment: every program of the project runs under it."""
    programs: frozenset[str] = frozenset()
    """The files that a command starts: these alone run under it, and what they import."""


class Switches:
    """Finds the switches of one project."""

    def __init__(self, project: Project, reach: Reach, files: tuple[str, ...], surroundings: Surroundings) -> None:
        self._project = project
        self._surroundings = surroundings
        self._files = files
        self._reach = reach
        self._patches = Patches(project)
        self._run: dict[frozenset[str], tuple[set[str], set[str]]] = {}
        self._imported_below: dict[tuple[str, ...], frozenset[str]] = {}

    @cached_property
    def all(self) -> tuple[Switch, ...]:
        """Every place that switches instrumentation on, in path order."""
        autos = self._project.catalogue.autos
        if not autos:
            return ()
        found = list(self._find())
        known = {switch.auto.vendor for switch in found if self._project.is_app(switch.path)}
        for auto in autos:
            if auto.how == "declared" and auto.vendor not in known:
                found.extend(self._declared(auto))
        if found:
            self._reach.preload(self._surroundings.preloads(self._files))
        return tuple(sorted(found, key=lambda s: (s.path, s.row, s.auto.vendor, s.auto.target)))

    def _declared(self, auto: Auto) -> Iterator[Switch]:
        """An agent that the project asks for, and starts nowhere: who deploys it may."""
        place = self._surroundings.declared(auto.target)
        if place is not None:
            doubt = f"{place[0]}:{place[1] + 1} asks for {auto.target}, and nothing here starts it"
            yield Switch(auto._replace(doubt=auto.doubt or doubt), *place, -1, True)

    def _find(self) -> Iterator[Switch]:
        autos = self._project.catalogue.autos
        called = {a.target.rpartition(".")[2].removesuffix("()") for a in autos if a.how == "call"}
        imported = [a for a in autos if a.how == "import"]
        variables = {a.target: a for a in autos if a.how == "env"}
        assigned = {a.target: a for a in autos if a.how == "assign"}
        for view in self._project.views():
            # ``import { init as startSentry } from "@sentry/react"``
            renamed = {row.local for row in view.facts.imports if row.target.rpartition(".")[2] in called}
            for tail in (called | renamed) & view.calls_by_tail.keys():
                for number in view.calls_by_tail[tail]:
                    yield from self._called(view, number)
            for number in self._called_anew(view, called):
                yield from self._called(view, number)
            for row in view.facts.imports:
                path = f"{self._project.modules.external(row.target)}."
                for auto in imported:
                    if path.startswith(f"{auto.target}."):
                        yield Switch(auto, view.path, row.row, -1, False)
            yield from self._handed_on(view)
            yield from self._assigned(view, assigned, variables)
            yield from self._added(view, assigned)
            yield from self._set_in_code(view, variables)
        yield from self._alike()
        yield from self._deployed(variables)
        for auto in autos:
            if auto.how == "command":
                yield from self._launched(auto)
        yield from self._named([auto for auto in autos if auto.how == "setting"])
        for patch in self._patches.all():
            yield Switch(patch.auto, patch.path, patch.row, -1, False)

    def _alike(self) -> Iterator[Switch]:
        """What is named like a monitor, and of which nothing more is known: it may set one up.

        Packages, and what other packages have that is said to set a monitor up.
        """
        catalogue, modules = self._project.catalogue, self._project.modules
        for path in self._files if any(map(_is_made_up, self.imported)) else ():
            for name in filter(_is_made_up, sorted(self._project.store.packages(path))):
                package = name.removesuffix(f".{EVERYTHING}")
                doubt = f"it is not known which modules of {package} are loaded by a name that is made up"
                yield Switch(Auto("", package, "set up", package, "", Level.TRACED, doubt=doubt), path, 0, -1, False)
        names = {path.partition(".")[0] for path in self.imported}
        alike = {n for n in names if is_named_like_monitor(n) and not catalogue.is_package(n)}
        set_up = {p for p in self.imported if _may_set_up(p) and not catalogue.is_package(p.partition(".")[0])}
        for path in self._files if alike or set_up else ():
            packages = self._project.store.packages(path)
            for name in sorted(alike.intersection(p.partition(".")[0] for p in packages) | (set_up & packages)):
                if modules.find(path, name.partition(".")[0])[0] is None:
                    how: How = "alike" if name in alike else "set up"
                    if how == "set up" and not self._sets_up(path, name):
                        continue
                    doubt = f"it is not known what {name} sets up"
                    yield Switch(Auto("", name, how, name, "", Level.TRACED, doubt=doubt), path, 0, -1, False)

    def _sets_up(self, path: str, name: str) -> bool:
        """Whether a file imports what sets a monitor up, and not only where that is installed.

        :param name: That, or the module of a package that it comes out of.
        """
        view = self._project.view(path)
        if view is None:
            return False
        for row in view.facts.imports:
            target = self._project.modules.external(row.target)
            is_it = is_below(target, (name,)) and sets_up_monitor(target)
            is_it = is_it or (is_below(row.target, (name,)) and sets_up_monitor(name))
            if is_it and row.local and _stands_by_itself(view, row.block):
                return True
        return False

    def _deployed(self, variables: dict[str, Auto]) -> Iterator[Switch]:
        """Environment variables that a deployment sets, or that a sample shows how to set."""
        for name, auto in variables.items():
            for value, path, line in self._surroundings.variable(name):
                if _switched_on(auto, value):
                    yield Switch(auto, path, line, -1, True)
            for value, path, line in self._surroundings.sampled(name):
                if _switched_on(auto, value) and area_of(path) == "app":
                    doubt = f"{path}:{line + 1} shows how it is switched on"
                    yield Switch(auto._replace(doubt=doubt), path, line, -1, True)

    def _named(self, autos: list[Auto]) -> Iterator[Switch]:
        """What Django is told to load: an application or a middleware, by its name in the settings."""
        files = [p for p in self._files if SETTINGS.search(p) and self._project.is_app(p)] if autos else []
        for path, row, name in self._surroundings.quoted(frozenset(a.target for a in autos), files):
            for auto in autos:
                if auto.target == name:
                    yield Switch(auto, path, row, -1, False)

    def _launched(self, auto: Auto) -> Iterator[Switch]:
        """What a command starts; all of the project, where that is written nowhere, or loads its modules by name.

        A program of the project that starts others under the command counts for those alone that it names.
        """
        surroundings = self._surroundings
        deployed = [launch for launch in surroundings.launches(auto.target) if area_of(launch.path) == "app"]
        if deployed and all(launch.develops for launch in deployed):
            first = deployed[0]
            auto = auto._replace(doubt=auto.doubt or f"{first.path}:{first.row + 1} starts it for development alone")
        else:
            deployed = [launch for launch in deployed if not launch.develops]
        named = [(launch, self._started.started(launch) or self._around(launch)) for launch in deployed]
        if surroundings.is_importable(auto.package):
            code = (p for p in self._files if self._project.is_app(p) and self._project.store.may_launch(p))
            named += [(n, self._started.started(n)) for n in surroundings.launches_in_code(auto.target, code)]
        if deployed and not any(programs for _, programs in named):
            yield Switch(auto, deployed[0].path, deployed[0].row, -1, True)
        for launch, programs in named:
            if programs:
                yield Switch(auto, launch.path, launch.row, -1, self._loads_by_name(programs), programs)

    def _around(self, launch: Launch) -> frozenset[str]:
        """The programs of the part of the project in which a launch lies that names none of them."""
        folder = launch.path.rpartition("/")[0]
        frames = self._reach.frames
        near = frames.named_in(launch.words) or frames.servers(folder)
        while folder.rpartition("/")[2].lower() in DEPLOYING_FOLDERS:
            folder = folder.rpartition("/")[0]
        if not near and folder:
            near = [p for p in self._files if p.startswith(f"{folder}/") and self._project.store.is_program(p)]
        return frozenset(near)

    @cached_property
    def _started(self) -> Programs:
        return self._surroundings.programs(self._files)

    def _loads_by_name(self, programs: frozenset[str]) -> bool:
        """Whether a program belongs to a framework that imports the rest of the project by names in its settings."""
        return self.any_imports(self.run_by(programs)[0], _BY_NAME)

    def any_imports(self, paths: Iterable[str], roots: tuple[str, ...]) -> bool:
        below = self.imported_below(roots)
        return any(not below.isdisjoint(self._project.store.packages(p)) for p in paths)

    def imported_below(self, roots: tuple[str, ...]) -> frozenset[str]:
        """The packages below one of some roots that files of the project import."""
        if roots not in self._imported_below:
            near = {name for root in roots for name in self._imported_by_root.get(root.partition(".")[0], ())}
            self._imported_below[roots] = frozenset(m for m in near if is_below(m, roots))
        return self._imported_below[roots]

    @cached_property
    def _imported_by_root(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.imported:
            found.setdefault(name.partition(".")[0], []).append(name)
        return found

    @cached_property
    def imported(self) -> frozenset[str]:
        """Whatever packages the files of the project import."""
        return frozenset().union(*map(self._project.store.packages, self._files))

    def _called(self, view: FileView, number: int) -> Iterator[Switch]:
        if view.path in self._project.helper_files:
            # What the helper holds ready is on where its function is called.
            return
        call = view.facts.calls[number]
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, External):
                for auto in self._project.catalogue.auto_calls(value.path):
                    if all(condition_holds(self._project, view, call, c) is not False for c in auto.when):
                        doubt = auto.doubt or self._left_off(view, call)
                        yield Switch(auto._replace(doubt=doubt), view.path, call.row, number, False)

    def _called_anew(self, view: FileView, called: set[str]) -> Iterator[int]:
        """Calls by a name that a file gives what switches on: ``enable = getattr(logfire, name)``, and ``enable()``.

        :param called: The last names of what switches on, whose calls are looked at anyway.
        """
        if self._roots.isdisjoint(m.partition(".")[0] for m in self._project.store.packages(view.path)):
            return
        given = {
            b.name
            for b in view.facts.bindings
            if b.how == "for" or is_chosen(view, b.value) or tail_of(b.value) in called
        }
        given.update(param.name for scope in view.facts.scopes for param in scope.params)
        for name in sorted(given - called):
            yield from view.calls_by_tail.get(name, ())

    @cached_property
    def _roots(self) -> frozenset[str]:
        """What the names of packages begin with that have something to call which switches on."""
        return frozenset(a.target.partition(".")[0] for a in self._project.catalogue.autos if a.how == "call")

    def _left_off(self, view: FileView, call: Call, depth: int = 0) -> str:
        """What leaves in doubt that a call runs which stands below ``if tracing:``, a parameter that is off.

        So may be each call of the function that it stands in.
        """
        number = call.block
        while number >= 0:
            block = view.facts.blocks[number]
            name = block.items[0] if block.kind == "if" and len(block.items) == 1 else None
            params = view.facts.scopes[block.scope].params
            at = next((i for i, param in enumerate(params) if param.name == name), -1)
            if at >= 0 and _is_off(params[at].default) and not self._turned_on(view, block.scope, at):
                return f"nothing here turns on `{name}`, which {view.path}:{call.row + 1} asks for"
            number = block.parent
        function = view.facts.scopes[view.function_of(call.scope)]
        if function.kind != "function" or function.name == CONSTRUCTOR or depth == MAX_DEPTH:
            return ""
        first = ""
        for caller, found in self._calls_of(view.path, function.name):
            doubt = self._left_off(caller, found, depth + 1)
            if not doubt:
                return ""
            first = first or doubt
        return first

    def _turned_on(self, view: FileView, scope: int, at: int) -> bool:
        """Whether anything that may be a call of a function hands over a parameter that is not off."""
        here = view.facts.scopes[scope]
        if here.name == CONSTRUCTOR:
            return True
        is_method = view.facts.scopes[here.parent].kind == "class" and not view.is_static(scope)
        name, place = here.params[at].name, at - is_method
        for _, call in self._calls_of(view.path, here.name):
            named = [call.kwargs[name]] if name in call.kwargs else []
            if not all(map(_is_off, (*call.args[place : place + 1], *call.spread, *named))):
                return True
        return False

    def _calls_of(self, path: str, name: str) -> Iterator[tuple[FileView, Call]]:
        """The calls of whatever has a name, in a file and those that may have something of it."""
        knowing = filter(self._project.is_app, self._reach.knowing(path))
        for calling in self._project.store.calling(name, knowing):
            if (view := self._project.view(calling)) is not None:
                for number in view.calls_by_tail.get(name, ()):
                    yield view, view.facts.calls[number]

    def _handed_on(self, view: FileView) -> Iterator[Switch]:
        """``setup(instrumentors=[OpenAIInstrumentor()])``: what it is handed to may switch it on."""
        for tail in self._instrumentors & view.calls_by_tail.keys():
            for number in view.calls_by_tail[tail]:
                made = view.facts.calls[number]
                outer = view.facts.calls[made.parent] if made.parent >= 0 else None
                if outer is None or not (made.start > outer.start and made.end <= outer.end):
                    continue
                for value in self._project.resolver.callee(view, number):
                    if isinstance(value, External):
                        doubt = (
                            f"{view.path}:{outer.row + 1} hands on {tail}, and it is not known to be switched on there"
                        )
                        for auto in self._project.catalogue.auto_calls(f"{value.path}(){_SWITCHING}"):
                            yield Switch(auto._replace(doubt=auto.doubt or doubt), view.path, made.row, -1, False)

    @cached_property
    def _instrumentors(self) -> frozenset[str]:
        """The last names of the classes whose instances are switched on by a method of theirs."""
        ending = f"(){_SWITCHING}"
        targets = (a.target for a in self._project.catalogue.autos if a.how == "call" and a.target.endswith(ending))
        return frozenset(target.removesuffix(ending).rpartition(".")[2] for target in targets)

    def _set_in_code(self, view: FileView, variables: dict[str, Auto]) -> Iterator[Switch]:
        """``os.environ.setdefault(NAME, value)`` and ``os.putenv(NAME, value)``."""
        for tail in _SETTERS & view.calls_by_tail.keys() if variables else ():
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                if len(call.args) != 2 or not isinstance(call.callee, str) or "os" not in call.callee.split("."):
                    continue
                name, value = (self._literal(view, call, expr) for expr in call.args)
                auto = variables.get(name)
                if auto is not None and _switched_on(auto, value):
                    yield Switch(auto, view.path, call.row, -1, False)

    def _added(self, view: FileView, assigned: dict[str, Auto]) -> Iterator[Switch]:
        """``litellm.callbacks.append(handler)``: what an assignment would set gets one more."""
        for tail in _ADDING & view.calls_by_tail.keys() if assigned else ():
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                base, _, attribute = (
                    call.callee.rpartition(".")[0].rpartition(".") if isinstance(call.callee, str) else ("", "", "")
                )
                if not base or not any(target.endswith(f".{attribute}") for target in assigned):
                    continue
                for found in self._project.resolver.resolve(base, view, call.scope, call.start):
                    auto = assigned.get(f"{found.path}.{attribute}") if isinstance(found, External) else None
                    if auto is not None:
                        yield Switch(auto, view.path, call.row, -1, False)

    def _literal(self, view: FileView, call: Call, expr: Expr) -> str:
        values = self._project.resolver.resolve(expr, view, call.scope, call.start)
        return str(values[0].value) if len(values) == 1 and isinstance(values[0], Literal) else "?"

    def _assigned(self, view: FileView, assigned: dict[str, Auto], variables: dict[str, Auto]) -> Iterator[Switch]:
        tails = {target.rpartition(".")[2] for target in assigned}
        for binding in view.facts.bindings:
            name, mark, key = binding.name.partition("[]")
            if mark and key in variables and name.endswith("environ"):
                value = binding.value
                text = str(value[1]) if isinstance(value, (tuple, list)) and value[0] == "lit" else "?"
                if _switched_on(variables[key], text):
                    yield Switch(variables[key], view.path, binding.row, -1, False)
            elif "." in name and not mark and name.rpartition(".")[2] in tails:
                scope = view.facts.blocks[binding.block].scope
                base, _, attribute = name.rpartition(".")
                values = self._project.resolver.resolve(base, view, scope, binding.start)
                paths = {f"{found.path}.{attribute}" for found in values if isinstance(found, External)}
                # A module that is handed in under its own name, whatever type it is said to have.
                imported = self._project.store.packages(view.path)
                is_named = len(paths) == len(values) or name.partition(".")[0] in imported
                for path in sorted(paths & assigned.keys()) or [name] * is_named:
                    if path in assigned and binding.value not in (None, ("seq", ()), ["seq", []]):
                        yield Switch(assigned[path], view.path, binding.row, -1, False)

    def running_with(self, path: str) -> set[str]:
        """The files that run in some program in which a file runs too."""
        return self._reach.running_with(path)

    def run_by(self, programs: frozenset[str]) -> tuple[set[str], set[str]]:
        """The files that run when some programs do, and with them those that may."""
        if programs not in self._run:
            self._run[programs] = (self._reach.run_by(programs), self._reach.may_be_run_by(programs))
        return self._run[programs]


def is_named_like_monitor(package: str) -> bool:
    """Whether the name of a package speaks of monitoring, and not of a plug-in, of logs or of a service's interface."""
    # An alias such as `@/mocks/sentry` is no package.
    if _PACKAGE.fullmatch(package) is None:
        return False
    scope, mark, name = package.lower().rpartition("/")
    words = _WORD.findall(name)
    if mark and not _SDKS.isdisjoint(words):
        # Not everything that a monitor's vendor publishes monitors.
        words += _WORD.findall(scope)
    return not _MONITORS.isdisjoint(words) and _OTHERS.isdisjoint(words) and not _formats_logs(words)


def _formats_logs(words: Collection[str]) -> bool:
    return "sentry" not in words and not _LOGS.isdisjoint(words)


def sets_up_monitor(path: str) -> bool:
    """Whether a dotted path of an import is one of a function that sets a monitor up, or of a module of a monitor."""
    above, dot, name = path.rpartition(".")
    if not dot or _formats_logs(_WORD.findall(above.lower())):
        return False
    if name.startswith(_SETTING_UP) or name.endswith(_SET_UP):
        return not _SET_UP_BY.isdisjoint(words_of(name) | words_of(above.rpartition(".")[2]))
    return name in _STARTED_BY


def _is_made_up(path: str) -> bool:
    """Whether what instruments packages is loaded from below a dotted path, by a name that is not known."""
    return path.endswith(f".instrumentation.{EVERYTHING}")


def _may_set_up(path: str) -> bool:
    """Whether a dotted path of an import is one of such a function, or of a module that is named for a monitor.

    In TypeScript what is imported out of a module is not part of the path.
    """
    above, _, name = path.rpartition(".")
    return sets_up_monitor(path) or bool(above and name.lower() in _SET_UP_BY)


def _stands_by_itself(view: FileView, number: int) -> bool:
    """Whether no ``try`` is around a block."""
    while number >= 0:
        block = view.facts.blocks[number]
        if block.kind == "try":
            return False
        number = block.parent
    return True


def is_below(module: str, roots: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of some roots, or lies below one."""
    return any(f"{module}.".startswith(f"{root}.") for root in roots)


def _is_off(expr: Expr) -> bool:
    return isinstance(expr, (tuple, list)) and expr[0] == "lit" and not expr[1]


def _switched_on(auto: Auto, text: str) -> bool:
    if not auto.values:
        return bool(text)
    return text == "?" or text.lower() in {str(v).lower() for v in auto.values}
