"""What switches project-wide instrumentation on, and where."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from monitorlint.index.calls import condition_holds
from monitorlint.index.launchers import Programs
from monitorlint.index.values import External, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Auto
    from monitorlint.index.project import Project
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_SETTERS = frozenset({"setdefault", "putenv"})


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

    def __init__(
        self,
        project: Project,
        files: tuple[str, ...],
        surroundings: Surroundings,
        loads_by_name: Callable[[frozenset[str]], bool],
    ) -> None:
        """Take the project.

        :param loads_by_name: Whether a program imports the rest of the project by names in its settings.
        """
        self._project = project
        self._files = files
        self._surroundings = surroundings
        self._loads_by_name = loads_by_name

    def find(self) -> Iterator[Switch]:
        """Every place that switches instrumentation on, in no particular order."""
        autos = self._project.catalogue.autos
        called = {a.target.rpartition(".")[2].removesuffix("()") for a in autos if a.how == "call"}
        imported = [a for a in autos if a.how == "import"]
        variables = {a.target: a for a in autos if a.how == "env"}
        assigned = {a.target: a for a in autos if a.how == "assign"}
        for view in self._project.views():
            for tail in called & view.calls_by_tail.keys():
                for number in view.calls_by_tail[tail]:
                    yield from self._called(view, number)
            for auto in imported:
                for row in view.facts.imports:
                    if f"{self._project.modules.external(row.target)}.".startswith(f"{auto.target}."):
                        yield Switch(auto, view.path, row.row, -1, False)
            yield from self._assigned(view, assigned, variables)
            yield from self._set_in_code(view, variables)
        for name, auto in variables.items():
            for value, path, line in self._surroundings.variable(name):
                if _switched_on(auto, value):
                    yield Switch(auto, path, line, -1, True)
        for auto in autos:
            if auto.how == "command":
                yield from self._launched(auto)

    def _launched(self, auto: Auto) -> Iterator[Switch]:
        """What a command starts; all of the project, where that is written nowhere, or loads its modules by name.

        A program of the project that starts others under the command counts for those alone that it names.
        """
        surroundings = self._surroundings
        deployed = list(surroundings.launches(auto.target))
        named = [(launch, self._started.started(launch)) for launch in deployed]
        if surroundings.is_importable(auto.package):
            code = (p for p in self._files if self._project.is_app(p))
            named += [(n, self._started.started(n)) for n in surroundings.launches_in_code(auto.target, code)]
        if deployed and not any(programs for _, programs in named):
            yield Switch(auto, deployed[0].path, deployed[0].row, -1, True)
        for launch, programs in named:
            if programs:
                yield Switch(auto, launch.path, launch.row, -1, self._loads_by_name(programs), programs)

    @cached_property
    def _started(self) -> Programs:
        return Programs(self._files, self._surroundings.scripts, self._surroundings.shell_scripts)

    def _called(self, view: FileView, number: int) -> Iterator[Switch]:
        call = view.facts.calls[number]
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, External):
                for auto in self._project.catalogue.auto_calls(value.path):
                    if all(condition_holds(self._project, view, call, c) is not False for c in auto.when):
                        yield Switch(auto, view.path, call.row, number, False)

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

    def _literal(self, view: FileView, call: Call, expr: Expr) -> str:
        values = self._project.resolver.resolve(expr, view, call.scope, call.start)
        return str(values[0].value) if len(values) == 1 and isinstance(values[0], Literal) else "?"

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


def _switched_on(auto: Auto, text: str) -> bool:
    if not auto.values:
        return bool(text)
    return text == "?" or text.lower() in {str(v).lower() for v in auto.values}
