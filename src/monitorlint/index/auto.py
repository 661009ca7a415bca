"""Project-wide instrumentation: what is switched on where, and what that covers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from monitorlint.index.calls import condition_holds
from monitorlint.index.values import Collected, External, Literal
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog import Auto, Cover
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call


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


class AutoInstrumentation:
    """What project-wide monitors cover."""

    def __init__(self, project: Project, reach: Reach, files: tuple[str, ...], surroundings: Surroundings) -> None:
        self._project = project
        self._surroundings = surroundings
        self._files = files
        self._reach = reach
        self._without: dict[tuple[str, bool, str], str | None] = {}
        self._programs: dict[str, tuple[set[str], set[str]]] = {}

    @cached_property
    def switches(self) -> tuple[Switch, ...]:
        """Every place that switches instrumentation on, in path order."""
        autos = self._project.catalogue.autos
        if not autos:
            return ()
        return tuple(sorted(self._find(), key=lambda s: (s.path, s.row, s.auto.vendor, s.auto.target)))

    def _find(self) -> Iterator[Switch]:
        autos = self._project.catalogue.autos
        called = {a.target.rpartition(".")[2].removesuffix("()") for a in autos if a.how == "call"}
        imported = {a.target: a for a in autos if a.how == "import"}
        variables = {a.target: a for a in autos if a.how == "env"}
        assigned = {a.target: a for a in autos if a.how == "assign"}
        for view in self._project.views():
            for tail in called & view.calls_by_tail.keys():
                for number in view.calls_by_tail[tail]:
                    yield from self._called(view, number)
            for row in view.facts.imports:
                if row.target in imported:
                    yield Switch(imported[row.target], view.path, row.row, -1, False)
            yield from self._assigned(view, assigned, variables)
        for name, auto in variables.items():
            for value, path, line in self._surroundings.variable(name):
                if _switched_on(auto, value):
                    yield Switch(auto, path, line, -1, True)
        for auto in autos:
            if auto.how == "command" and (place := self._surroundings.command(auto.target)) is not None:
                yield Switch(auto, place[0], place[1], -1, True)

    def _called(self, view: FileView, number: int) -> Iterator[Switch]:
        call = view.facts.calls[number]
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, External):
                for auto in self._project.catalogue.auto_calls(value.path):
                    if all(condition_holds(self._project, view, call, c) is not False for c in auto.when):
                        yield Switch(auto, view.path, call.row, number, False)

    def _assigned(self, view: FileView, assigned: dict[str, Auto], variables: dict[str, Auto]) -> Iterator[Switch]:
        for binding in view.facts.bindings:
            name, mark, key = binding.name.partition("[]")
            if mark and key in variables and name.endswith("environ"):
                value = binding.value
                text = str(value[1]) if isinstance(value, (tuple, list)) and value[0] == "lit" else "?"
                if _switched_on(variables[key], text):
                    yield Switch(variables[key], view.path, binding.row, -1, False)
            elif "." in name and not mark and any(name.rpartition(".")[2] == t.rpartition(".")[2] for t in assigned):
                scope = view.facts.blocks[binding.block].scope
                base, _, attribute = name.rpartition(".")
                for found in self._project.resolver.resolve(base, view, scope, binding.start):
                    auto = assigned.get(f"{found.path}.{attribute}") if isinstance(found, External) else None
                    if auto is not None and binding.value not in (None, ("seq", ()), ["seq", []]):
                        yield Switch(auto, view.path, binding.row, -1, False)

    def cover(self, found: FoundCall) -> tuple[Switch, Level, str] | None:
        """The best switch that covers a call, the level it gives, and what leaves that in doubt (``""``: nothing)."""
        best: tuple[Switch, Level, str] | None = None
        match = found.match
        for switch in self.switches:
            auto = switch.auto
            rows = self._project.catalogue.covers(
                auto.vendor, auto.group, match.entry.package, match.method, match.target
            )
            if not rows:
                continue
            key = (switch.path, switch.everywhere, found.view.path)
            if key not in self._without:
                self._without[key] = self._program_without(switch, found.view.path)
            without = self._without[key]
            if without is None:
                continue
            doubt = f"{without} runs it without" if without else ""
            for row in rows:
                level = self._level(switch, row)
                if level is None or level is Level.NONE:
                    continue
                if best is None or (not doubt, level.rank) > (not best[2], best[1].rank):
                    best = (switch, level, doubt)
        return best

    def may_be_called_monitored(self, path: str) -> bool:
        """Whether any file that may call into ``path`` can have a monitor in its hands, by the imports."""
        return not self._monitoring.isdisjoint(self._reach.importers(path))

    @cached_property
    def _monitoring(self) -> set[str]:
        """The files that import a monitor, directly or through other files of the project."""
        catalogue, store = self._project.catalogue, self._project.store
        direct = {
            path
            for path in self._files
            if any("monitor" in catalogue.roots_match(module) for module in store.imports(path) if module[0] != ".")
        }
        return self._reach.all_importers(direct | self._project.helper_files)

    def _program_without(self, switch: Switch, path: str) -> str | None:
        """A program that runs ``path`` without the switch; ``""``: there is none; None: no program runs both.

        A module that nothing imports and that is no program by itself (settings, a plug-in) is loaded by a framework,
        for all of the project.
        """
        if switch.everywhere or switch.path == path:
            return ""
        if not self._project.is_app(switch.path) and self._project.is_app(path):
            return None
        reach = self._reach
        if switch.path not in self._programs:
            self._programs[switch.path] = (reach.running_with(switch.path), reach.importers(switch.path))
        together, above = self._programs[switch.path]
        alone = above == {switch.path} and not self._project.store.is_program(switch.path)
        if path not in together and not alone:
            return None
        app = self._project.is_app(path)
        others = [
            p
            for p in reach.importers(path) - above
            if self._project.store.is_program(p) and (self._project.is_app(p) or not app) and not reach.is_imported(p)
        ]
        return min(others) if others and not alone else ""

    def _level(self, switch: Switch, row: Cover) -> Level | None:
        """What a row of the coverage table comes to under this very call of ``init``; None: it does not hold."""
        view = self._project.view(switch.path) if switch.call >= 0 else None
        call = view.facts.calls[switch.call] if view is not None else None
        auto = switch.auto
        explicit = False
        if view is not None and call is not None and row.member:
            explicit = self._names_member(view, call, auto.adds, row.member) is True
            only = self._names_member(view, call, auto.only, row.member)
            if only is False or self._names_member(view, call, auto.drops, row.member) is True:
                return None
        if not explicit:
            if row.opt_in:
                return None
            if (
                call is not None
                and view is not None
                and any(condition_holds(self._project, view, call, c) is True for c in auto.unless)
            ):
                return None
            if any(self._surroundings.is_importable(name) for name in row.unless_importable):
                return None
        if not self._surroundings.satisfies(row.package, row.versions) or not self._surroundings.satisfies(
            auto.package, row.monitor_versions
        ):
            return None
        if row.traced_if and call is not None and self._traces(call, row):
            return Level.TRACED
        return row.level

    @staticmethod
    def _traces(call: Call, row: Cover) -> bool:
        for keyword in row.traced_if:
            value = call.kwargs.get(keyword, ("lit", None))
            if not (isinstance(value, (tuple, list)) and value[0] == "lit" and value[1] in (None, 0, 0.0, False)):
                return True
        # `sentry_sdk.init(**options)`: what is in there is not known, and a sample rate usually is.
        return any(s is not None for s in call.spread)

    def _names_member(self, view: FileView, call: Call, keyword: str, member: str) -> bool | None:
        """Whether the collection under ``keyword`` holds ``member``; None: there is no such argument, or no literal."""
        if not keyword or keyword not in call.kwargs:
            return None
        resolver = self._project.resolver
        known = False
        for value in resolver.resolve(call.kwargs[keyword], view, call.scope, call.start):
            if isinstance(value, Literal) and value.value is None:
                continue
            if not isinstance(value, Collected) or not isinstance(value.expr, tuple):
                return None
            known = True
            there = self._project.view(value.file)
            for part in value.expr[1] if there is not None else ():
                expr: Expr = part
                for element in resolver.resolve(expr, there, value.scope, value.offset):  # type: ignore[arg-type]
                    if isinstance(element, External) and element.path == self._project.catalogue.reduce(member):
                        return True
        return False if known else None


def _switched_on(auto: Auto, text: str) -> bool:
    if not auto.values:
        return bool(text)
    return text == "?" or text.lower() in {str(v).lower() for v in auto.values}
