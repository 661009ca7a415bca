"""Project-wide instrumentation: what is switched on where, and what that covers."""

from __future__ import annotations

from functools import cached_property
from functools import partial as partial_of
from typing import TYPE_CHECKING

from monitorlint.catalog.rows import Auto, Cover
from monitorlint.index.arguments import Arguments
from monitorlint.index.below import Below
from monitorlint.index.carriers import Carriers
from monitorlint.index.conventions import is_for_servers
from monitorlint.index.known_jobs import KnownJobs
from monitorlint.index.left_out import is_left_out, left_out
from monitorlint.index.levels import Levels
from monitorlint.index.loaded_files import SERVED, LoadedFiles
from monitorlint.index.members import set_on
from monitorlint.index.pages import runs_in_pages_alone
from monitorlint.index.patches import family_of
from monitorlint.index.ranking import all_together, is_near, rank
from monitorlint.index.starters import Starters
from monitorlint.index.switches import Switch, Switches, is_below
from monitorlint.index.view import module_of, runs_on_import
from monitorlint.index.workers import Workers
from monitorlint.model.facts import ANYTHING, CallFlag
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.catalog import Form
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.outside import Outside
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings


# These import the modules of tasks that their settings name.
_TASKS = ("celery", "dramatiq", "huey")
# What programs are called that a server, or a command that stands nowhere, starts.
_PROGRAM = pattern(r"(?:^|/)(?:main|app|application|server|cli|manage|run|worker|[aw]sgi|__main__|[^/]*_app)\.py$")
# Programs of Django that answer no request.
_COMMAND = pattern(r"(?:^|/)(?:management/commands|migrations)/|(?:^|/)manage\.py$")

# How an agent is switched on that browsers know nothing of.
_OF_SERVERS = frozenset({"command", "env"})
# What may be covered by what is only named like a monitor, and by what is said to set one up.
_UNKNOWN = {"alike": ("http",), "set up": ("ai", "http")}

_Place = tuple[tuple[str, ...], "frozenset[str] | None", str]
"""The files that run a switch, the programs that it is for (None: not told), and the file it may be on for."""

_PLACE = Auto("", "", "call", "", "", Level.NONE)
"""Stands for something that is set up in code, whatever it is."""


class AutoInstrumentation:
    """What project-wide monitors cover."""

    def __init__(self, project: Project, reach: Reach, files: tuple[str, ...], surroundings: Surroundings) -> None:
        self._project = project
        self.surroundings = surroundings
        self._files = files
        self.reach = reach
        self._carriers = Carriers(project)
        self._framed: dict[tuple[str, ...], set[str]] = {}
        self._doubts: dict[_Place, str | None] = {}
        self._others: dict[_Place, frozenset[str]] = {}
        """The programs that are in doubt."""
        self._programs: dict[str, tuple[set[str], set[str], set[str]]] = {}
        self._sides: dict[str, str] = {}
        self._folders: dict[str, frozenset[str]] = {}
        """The top folders of an application from which something runs, by its own folder."""
        self._starters = Starters(project, reach)
        self._called: dict[str, bool] = {}
        self._plugins: dict[str, set[str]] = {}
        """What imports something that runs with a switch, by the path of that."""
        self._tops_unstarted: dict[str, str] = {}
        self._switches = Switches(project, reach, files, surroundings)
        self._arguments = Arguments(project, self._switches)
        self._levels = Levels(project, reach, surroundings, self._arguments)
        self.jobs = KnownJobs(project, self._switches, self._levels, self._starters, self._doubt)
        self._below = Below(project, surroundings, self._levels, self._doubt)
        self.loaded = LoadedFiles(project, reach, files, surroundings, self._switches)
        self._workers = Workers(project, reach, files, surroundings, self._switches, self._starters, self.loaded)

    def cover(self, found: FoundCall, outside: Outside | None = None) -> tuple[Switch, Level, str] | None:
        """The best switch that covers a call, the level it gives, and what leaves that in doubt (``""``: nothing)."""
        best: tuple[Switch, Level, str] | None = None
        partial: list[tuple[Switch, Level, frozenset[str]]] = []
        place = found.view.path
        at_import = found.view.function_of(found.view.facts.calls[found.number].scope) == 0
        for switch in self._switches.all:
            rows = self._rows(switch, found)
            doubt = self._doubt(switch, place) if rows else None
            if doubt is None and rows and not at_import:
                doubt = (is_near(switch.path, place) and self._unstarted(place)) or self._unused(switch, place) or None
            if doubt is None and rows and switch.auto.doubt and is_near(switch.path, place):
                # Who loads it may be hard to see, and nothing is proved by it anyway.
                doubt = switch.auto.doubt
            if doubt is None:
                continue
            doubt = doubt or self._starters.idle(switch)
            if not doubt and rows and outside is not None and self._workers.anywhere:
                doubt = self._workers.without(switch, partial_of(outside.tasks_above, found))
            for row in rows:
                level = self._levels.of(switch, row, place)
                # What nothing runs stands in no request, and no more outside of them.
                left = is_left_out(doubt)
                inside = ("" if left else self._inside(switch, row, found, outside)) if level else None
                if inside is not None and not left and row.within and outside is not None and level is not Level.NONE:
                    way = outside.of(found, (*row.within, *self.jobs.known(switch, place)))
                    inside = None if way is None else inside or way
                if level is None or level is Level.NONE or inside is None:
                    continue
                new = (switch, level, doubt or inside or self._levels.says(switch, row, place))
                if best is None or rank(*new, place) > rank(*best, place):
                    best = new
                if doubt and not inside and (without := self._without(switch, place)):
                    partial.append((switch, level, without))
        if best is not None and best[2] and len(partial) > 1:
            return all_together(partial) or best
        return best or self._below.of(found, self._switches.all)

    def _without(self, switch: Switch, path: str) -> frozenset[str]:
        """The programs that run a file without a switch, where that is all that is in doubt."""
        key = (self._starters.of(switch), None if switch.everywhere else switch.programs, path)
        return self._others.get(key, frozenset())

    def anywhere(self, package: str, method: str) -> Switch | None:
        """A switch that covers a method of a package in some program of the project."""
        covers = self._project.catalogue.covers
        for switch in self._switches.all:
            if any(
                row.level is not Level.NONE for row in covers(switch.auto.vendor, switch.auto.group, package, method)
            ):
                return switch
        return None

    def _rows(self, switch: Switch, found: FoundCall) -> tuple[Cover, ...]:
        """The coverage rows that a switch turns on, and that speak of a call."""
        auto = switch.auto
        if self._side(switch.path) == "browser" and is_for_servers(found.view, found.view.facts.calls[found.number]):
            return ()
        if auto.side and not {self._side(switch.path), self._side(found.view.path)} <= {"", auto.side}:
            return ()
        if auto.how == "patch":
            is_same = is_below(family_of(found.match.target), (family_of(auto.target),))
            return (Cover(auto.vendor, auto.group, "*", ("*",), auto.level),) if is_same else ()
        if auto.how in _UNKNOWN:
            return (Cover("", "", "*", ("*",), auto.level),) if found.match.entry.kind in _UNKNOWN[auto.how] else ()
        return self._carriers.rows(found, auto.vendor, auto.group)

    def _side(self, path: str) -> str:
        """The side of a framework's application that alone runs a switch; ``""`` where both do, or none."""
        if path not in self._sides:
            self._sides[path] = self.reach.frames.side_of(self.reach.importers(path))
        return self._sides[path]

    @property
    def switches(self) -> tuple[Switch, ...]:
        """Every place that switches instrumentation on."""
        return self._switches.all

    def takes_on(self, form: Form, path: str) -> tuple[Switch, str] | None:
        """The switch under which a monitor takes on what is logged in the program of a file, and what is in doubt.

        With ``form.member``, that member must be on; with ``form.group``, the switch must be for that.
        """
        best: tuple[Switch, str] | None = None
        for switch in self._switches.all if not form.if_called or self._is_called(form.if_called) else ():
            auto = switch.auto
            if auto.vendor != form.vendor or (best is not None and not best[1]):
                continue
            if auto.group != form.group if form.group else switch.call < 0:
                continue
            row = Cover(auto.vendor, auto.group, "", (), form.level, member=form.member)
            doubt = self._doubt(switch, path)
            doubt = self._may_be_loaded_under(switch, path) if doubt is None else doubt or auto.doubt
            is_there = doubt is not None and self._levels.of(switch, row, path) is not None
            on = set_on(self._project, switch, form) if is_there else None
            if doubt is not None and on is not None:
                doubt = doubt or on
                best = (switch, doubt) if best is None or not doubt else best
        return best

    def _is_called(self, path: str) -> bool:
        """Whether the application calls what has the last name of a path."""
        if path not in self._called:
            app = filter(self._project.is_app, self._files)
            self._called[path] = bool(self._project.store.calling(path.rpartition(".")[2], app))
        return self._called[path]

    @cached_property
    def listens_closely(self) -> bool:
        """Whether some monitor is told to take on of the logs what it would not by itself."""
        forms = [form for form in self._project.catalogue.log_captures if form.given]
        pairs = ((s, f) for f in forms for s in self._switches.all if s.auto.vendor == f.vendor)
        return any(set_on(self._project, s, f) is not None for s, f in pairs)

    def doubt_at(self, place: str, path: str) -> str | None:
        """What leaves in doubt that what one file sets up holds where another runs; None where it does not."""
        return self._doubt(Switch(_PLACE, place, 0, -1, everywhere=False), path)

    def holds_in_tasks(self, place: str) -> bool:
        """Whether what a file sets up holds for every task of Celery: where the only application is loaded."""
        return bool(only := self._workers.only_application) and self.doubt_at(place, only) == ""

    def is_started(self, path: str) -> bool:
        """Whether something that deploys the project names a file, by its name or as a module."""
        return self.surroundings.starts(path)

    def is_installed(self, path: str) -> bool:
        """Whether a package makes a command of something in a file."""
        return self.surroundings.installs(module_of(path))

    def runs_with(self, place: str, path: str, package: str) -> bool:
        """Whether some program surely runs a file together with one that sets up a package, which both may import.

        A package of a workspace that does not declare it serves other programs too.
        """
        together, _, above = self._programs_of(place)
        if path != place and path not in together and not self.loaded.has(place, above):
            return False
        return self.surroundings.is_declared(package, path)

    def lacking(self, place: str, path: str) -> frozenset[str]:
        """The programs that run a file without what another one sets up, where that is all that is in doubt."""
        return self._without(Switch(_PLACE, place, 0, -1, everywhere=False), path)

    def _doubt(self, switch: Switch, path: str) -> str | None:
        """What leaves in doubt that a switch is on where a file runs; None when it is not."""
        key = (self._starters.of(switch), None if switch.everywhere else switch.programs, path)
        if key not in self._doubts:
            self._doubts[key] = self._find_doubt(switch, path)
        return self._doubts[key]

    def doubt_of(self, switch: Switch, path: str) -> str | None:
        """What leaves in doubt that a switch is on where a file runs; None when it is not."""
        doubt = self._doubt(switch, path)
        return doubt if doubt is None else doubt or self._starters.idle(switch)

    def _inside(self, switch: Switch, row: Cover, found: FoundCall, outside: Outside | None) -> str | None:
        """What leaves in doubt that a call runs under one of the frameworks that a row asks for; None when it does not.

        A framework starts a transaction for each request or job; a script, a command, and code that runs while a
        module is imported have none, unless the program starts one itself.
        """
        if not row.within:
            return ""
        path = found.view.path
        call = found.view.facts.calls[found.number]
        decorators = found.view.decorator_names(found.view.function_of(call.scope))
        if "command" in decorators or runs_on_import(found.view, call):
            return None
        if row.within not in self._framed:
            direct = {p for p in self._files if self._switches.any_imports((p,), row.within)}
            started = (name.removesuffix("()") for name in row.within if name.endswith("()"))
            direct.update(*(self._project.store.calling(name, self.monitoring) for name in started))
            self._framed[row.within] = self.reach.all_importers(direct)
        app = self._project.is_app(path)
        above = {p for p in self.reach.importers(path) if self._project.is_app(p) or not app}
        tops = self._tops(above, path)
        above_switch = self.reach.importers(switch.path)
        is_loaded = switch.call >= 0 and self.loaded.has(switch.path, above_switch)
        programs = tops if is_loaded else above & switch.programs or tops & above_switch or tops
        # A server that is imported by what it imports is a program all the same.
        programs |= {p for p in above if SERVED.search(p)}
        framed = {p for p in programs & self._framed[row.within] if not self.is_command(p)}
        if not framed:
            # What nothing here starts, a server may load by its name.
            loaded = self._unstarted(path) if self._framed[row.within] else ""
            is_command = any(map(self.is_command, programs))
            return loaded or (self._arguments.framework(switch, row) if not is_command else "") or None
        others = {p for p in programs - framed if not self.loaded.is_migration_apart(p, path)}
        # To import a file is not to call what stands in it.
        others = outside.begun_in(found, others) if outside is not None and others else others
        return f"{min(others)} runs it outside any request or job" if others else ""

    def is_command(self, path: str) -> bool:
        """Whether a program answers no request. Elsewhere than in Django, ``manage.py`` is what serves, too."""
        is_command = _COMMAND.search(path) is not None and (self.loaded.is_django or not path.endswith("manage.py"))
        return is_command and path.rpartition("/")[2] not in self.surroundings.watched_commands

    def _tops(self, above: set[str], path: str) -> set[str]:
        """Those of a file's importers that nothing among them imports; the programs, where all import each other."""
        tops = {p for p in above if self.reach.directly_importing(p).isdisjoint(above - {p})}
        return tops or {p for p in above if self._project.store.is_program(p)} or {path}

    def _tops_in_application(self, path: str) -> set[str]:
        return self._tops({p for p in self.reach.importers(path) if self._project.is_app(p)}, path)

    def may_be_called_monitored(self, path: str) -> bool:
        """Whether any file that may call into ``path`` can have a monitor in its hands, by the imports."""
        if path in self._known_to_monitors:
            return True
        # What is loaded by its name, or by nothing that is seen, is called by whoever lies in the same package.
        if not self.monitors_in_folder_of(path):
            return False
        return bool(self._loader(path, self._loaders) or self._unstarted(path))

    def may_hold_monitor(self, path: str) -> bool:
        """Whether a file can have a monitor in its hands, by what it imports."""
        return path in self.monitoring

    def imports(self, package: str) -> bool:
        """Whether any file of the project imports a package."""
        return bool(self._switches.imported_below((package,)))

    def imports_monitor(self, path: str) -> bool:
        """Whether a file imports a monitor itself, or is the project's own helper."""
        return path in self._importing or path in self._project.helper_files

    def monitors_in_folder_of(self, path: str) -> bool:
        """Whether a file in the same folder of the root, or below it, can have a monitor in its hands."""
        return path.partition("/")[0] in self._monitoring_folders

    @cached_property
    def _known_to_monitors(self) -> set[str]:
        return self.reach.known_to(self.monitoring)

    @cached_property
    def _monitoring_folders(self) -> set[str]:
        return {path.partition("/")[0] for path in self.monitoring}

    @cached_property
    def monitoring(self) -> set[str]:
        """The files that can have a monitor in their hands, by what they import, and that."""
        return self.reach.all_importers(self._importing | self._project.helper_files)

    @property
    def monitoring_files(self) -> set[str]:
        """Likewise, without what stands for a side of a framework's application."""
        return {path for path in self.monitoring if self.reach.is_file(path)}

    @cached_property
    def _importing(self) -> set[str]:
        surrounds = self._project.catalogue.surrounds
        monitors = frozenset(module for module in self._switches.imported if surrounds(module))
        known = {p for p in self._files if not monitors.isdisjoint(self._project.store.packages(p))}
        return known | self._project.reporting_files

    @cached_property
    def beside_monitors(self) -> frozenset[str]:
        """The application's files that import a monitor, and those that import these."""
        beside = self._importing.union(*map(self.reach.directly_importing, self._importing))
        return frozenset(path for path in beside if self._project.is_app(path))

    def _find_doubt(self, switch: Switch, path: str) -> str | None:
        """Names a program that runs ``path`` without the switch; None when no program runs both.

        A module that nothing imports and that is no program by itself (settings, a plug-in) is loaded by a framework,
        for all of the project.
        """
        if switch.everywhere or switch.path == path:
            is_lost = switch.auto.how in _OF_SERVERS and runs_in_pages_alone(self._project, self.reach, path)
            return None if is_lost else ""
        if switch.programs:
            return self._find_launched(switch, path)
        if not self._project.is_app(switch.path) and self._project.is_app(path):
            return None
        places = self._starters.of(switch)
        programs = [self._programs_of(place) for place in places]
        together, perhaps, above = (set().union(*parts) for parts in zip(*programs, strict=True))
        alone = self.loaded.has(switch.path, above) if places == (switch.path,) else False
        if path not in together and not alone and self.loaded.is_settings(above):
            # A program that has nothing of Django loads no settings of it.
            under = above.union(filter(self.loaded.is_of_django, self.reach.naming(path)))
            doubt = self._run_without(switch, path, under)
            return None if doubt and not self.reach.is_imported(path) else doubt
        if path not in together and not alone:
            if path in perhaps:
                return f"{switch.path} is imported with it only by one command, or by a name not known"
            loader = self._loader(path, together)
            unknown = f"{loader} imports modules by names not known" if loader else ""
            return unknown or left_out(self._project, self.reach, path, together) or None
        if alone or (doubt := self.loaded.by_command(path, self.reach) or self._run_without(switch, path, above)):
            return "" if alone else doubt
        return self._starters.passed_over(switch, path, self._tops_in_application)

    def _programs_of(self, place: str) -> tuple[set[str], set[str], set[str]]:
        """The files that run in one program with a file, those that may, and those that import it."""
        if place not in self._programs:
            reach = self.reach
            self._programs[place] = (reach.running_with(place), reach.may_run_with(place), reach.importers(place))
        return self._programs[place]

    def _unstarted(self, path: str) -> str:
        """What is not told of a file that nothing is seen to run, nor what imports it; ``""``: something runs it.

        It may be loaded by its name, by a framework or a program elsewhere, or by nobody.
        """
        if not self._project.is_app(path) or not self._project.store.loads_by_name:
            return ""
        if path not in self._tops_unstarted:
            tops = self._tops_in_application(path)
            is_started = any(map(self._is_started, tops))
            self._tops_unstarted[path] = "" if is_started else f"nothing here tells which program runs {min(tops)}"
        return self._tops_unstarted[path]

    def _unused(self, switch: Switch, path: str) -> str:
        """What is not told of a file that only tests run, or no side of a framework's application; ``""``: one does."""
        frames = self.reach.frames
        frame = frames.frame_of(path) if frames and self._project.is_app(path) else None
        if frame is None or {frame.server, frame.browser}.isdisjoint(self.reach.importers(switch.path)):
            return self.loaded.only_tested(path, self.reach) if is_near(switch.path, path) else ""
        if any(map(self._is_program, self.reach.importers(path))):
            return ""
        # What lies in a folder of its own, such as the functions of a cloud, may well be run by something else.
        if frame.folder not in self._folders:
            above = f"{frame.folder}/" if frame.folder else ""
            run = self._switches.run_by(frozenset((frame.server, frame.browser)))[0]
            inside = (p.removeprefix(above) for p in run if p.startswith(above))
            self._folders[frame.folder] = frozenset(p.partition("/")[0] for p in inside)
        inner = path.removeprefix(f"{frame.folder}/")
        if inner.partition("/")[0] not in self._folders[frame.folder]:
            return ""
        return f"nothing that runs here imports {path.rpartition('/')[2]}"

    def _may_be_loaded_under(self, switch: Switch, path: str) -> str | None:
        """What is not told of a file that a switch's program may load by its name; None where none does.

        It lies near the switch, or imports something that runs with it, as plug-ins do.
        """
        if not is_near(switch.path, path):
            if switch.path not in self._plugins:
                self._plugins[switch.path] = self.reach.all_importers(self._programs_of(switch.path)[0])
            if path not in self._plugins[switch.path]:
                return None
        return self._unstarted(path) or None

    def _is_started(self, path: str) -> bool:
        """Whether a file is a program, by what it holds, by its name, or because it does something when it is run."""
        if self._is_program(path) or _PROGRAM.search(path) or _COMMAND.search(path):
            return True
        view = self._project.view(path)
        return view is None or any(
            call.scope == 0
            and call.flags & CallFlag.STATEMENT
            and isinstance(call.callee, str)
            and (0, call.callee) in view.bindings
            for call in view.facts.calls
        )

    def _run_without(self, switch: Switch, path: str, under: set[str]) -> str:
        """Names a program that runs ``path``, and is none of those ``under`` the switch; ``""`` for none.

        A program that loads plug-ins may load this one; only one that names it is known to run it.
        """
        app, reach = self._project.is_app(path), self.reach
        others = [
            p
            for p in reach.naming(path) - under
            if not reach.is_imported(p) and (self._project.is_app(p) or not app) and self._is_program(p)
        ]
        if not others:
            # A server of the project's own that serves the application runs all of it.
            is_served = any(not under.isdisjoint(reach.directly_importing(side)) for side in reach.frames.programs)
            apart = reach.frames.apart(path, reach.importers(path), under) if not is_served else ""
            return f"{apart} runs it without" if apart else ""
        self._others[self._starters.of(switch), None if switch.everywhere else switch.programs, path] = frozenset(
            others
        )
        return f"{min(others)} runs it without"

    def _is_program(self, path: str) -> bool:
        known = path in self.reach.frames.programs or self._project.store.is_program(path)
        return known or path in self._workers.programs

    def _loader(self, path: str, running: set[str]) -> str:
        """One of some running files that may import a file, or what imports that, by a name it makes up.

        A plug-in is known by what it is not: nothing imports it, and it is no program. It lies in the loader's package.
        """
        folder, _, inner = path.partition("/")
        near = sorted(p for p in self._loaders & running if p.startswith(f"{folder}/")) if inner else []
        if not near or not self._project.is_app(path):
            return ""
        is_program, tops = self._project.store.is_program, self._tops_in_application(path)
        return near[0] if any(not is_program(p) and p.startswith(f"{folder}/") for p in tops) else ""

    @cached_property
    def _loaders(self) -> set[str]:
        """The application's files that import something whose name is not known, or tell a queue of tasks to."""
        app, imports = filter(self._project.is_app, self._files), self._project.store.imports
        return {p for p in app if ANYTHING in imports(p) or self._switches.any_imports((p,), _TASKS)}

    def _find_launched(self, switch: Switch, path: str) -> str | None:
        """Likewise, where a switch is on in some programs only."""
        sure, perhaps = self._switches.run_by(switch.programs)
        if path not in sure:
            if path in perhaps:
                return "it is imported by a name not known"
            loader = self._loader(path, sure)
            return f"{loader} imports modules by names not known" if loader else None
        # Under the same command, whatever starts them.
        started = frozenset(p for s in self._switches.all if s.auto == switch.auto for p in s.programs)
        return self._run_without(switch, path, self._switches.run_by(started)[0])
