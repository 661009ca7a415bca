"""Functions of the project that run a function they are handed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.values import Defined, Instance
from monitorlint.index.view import OWN_NAMES, tail_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.around import Around
    from monitorlint.index.forms import Monitor
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

MAX_HELPERS = 3
"""So many functions may pass a function on before one runs it."""


class Runners:
    """Tells what becomes of a function that is handed to a call."""

    def __init__(self, project: Project, around: Around) -> None:
        self._project = project
        self._around = around
        self._memo: dict[tuple[str, int, int], tuple[bool, Monitor | None]] = {}

    def of(self, view: FileView, number: int) -> list[Monitor | None]:
        """The monitor around the run, for each function that call ``number`` may call and that runs what it gets.

        Empty: the callee is not known, or does not run it.
        """
        found: list[Monitor | None] = []
        for target in self._targets(view, number):
            runs, monitor = self._run_in(target, 0)
            if runs:
                found.append(monitor)
        return found

    def by_name(self, view: FileView, number: int) -> list[Monitor]:
        """The monitors in methods of the project that run what they get and are called what ``number`` calls."""
        callee = view.facts.calls[number].callee
        if not isinstance(callee, str) or "." not in callee or self._project.resolver.callee(view, number):
            return []
        found = (self._run_in(target, 0)[1] for target in self._methods.get(tail_of(callee), ()))
        return [monitor for monitor in found if monitor is not None]

    @cached_property
    def _methods(self) -> dict[str, list[Defined]]:
        """The methods that take something, by name."""
        table: dict[str, list[Defined]] = {}
        for view in self._project.views():
            for number, scope in enumerate(view.facts.scopes):
                is_method = scope.kind == "function" and view.facts.scopes[scope.parent].kind == "class"
                if is_method and len(scope.params) > 1:
                    table.setdefault(scope.name, []).append(Defined(view.path, number))
        return table

    def _targets(self, view: FileView, number: int) -> Iterator[Defined]:
        for value in self._project.resolver.callee(view, number):
            if isinstance(value, Instance):
                called = self._project.resolver.attribute(value, "__call__")
                yield from (m for m in called if isinstance(m, Defined))
            elif isinstance(value, Defined):
                there = self._project.view(value.file)
                if there is not None and there.facts.scopes[value.scope].kind == "function":
                    yield value
                    yield from self._overriding(there, value.scope)

    def _started(self, view: FileView, number: int, names: set[str]) -> list[Defined]:
        """The project's functions that a package is handed together with one: ``pool.submit(self._run, function)``."""
        call = view.facts.calls[number]
        others = [a for a in call.args if isinstance(a, str) and a not in names]
        values = (v for a in others for v in self._project.resolver.resolve(a, view, call.scope, call.start))
        return [v for v in values if isinstance(v, Defined)]

    def _overriding(self, view: FileView, scope: int) -> Iterator[Defined]:
        """The methods of the project's subclasses that override this one."""
        here = view.facts.scopes[scope]
        if view.facts.scopes[here.parent].kind != "class":
            return
        todo = list(self._heirs(view.path, here.parent))
        seen: set[Defined] = set()
        while todo:
            heir = todo.pop()
            there = self._project.view(heir.file)
            if heir in seen or there is None:
                continue
            seen.add(heir)
            for row in there.members.get(heir.scope, {}).get(here.name, ()):
                if row.how == "def" and isinstance(row.value, (tuple, list)):
                    yield Defined(heir.file, row.value[1])
            todo.extend(self._heirs(heir.file, heir.scope))

    def _heirs(self, file: str, scope: int) -> Iterator[Defined]:
        """The classes that name one as their base: in the files that are looked through, and in its own."""
        yield from self._project.subclasses(file, scope)
        view = self._project.view(file)
        if view is None or file in self._kept:
            return
        for number, here in enumerate(view.facts.scopes):
            named = any(tail_of(base) == view.facts.scopes[scope].name for base in here.bases)
            if named and Defined(file, scope) in self._project.resolver.bases(file, number):
                yield Defined(file, number)

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(self._project.kept)

    def _run_in(self, target: Defined, depth: int) -> tuple[bool, Monitor | None]:
        """Whether a function runs what it is handed, and the monitor around that."""
        key = (target.file, target.scope, depth)
        if key not in self._memo:
            self._memo[key] = (False, None)
            self._memo[key] = self._runs(target, depth)
        return self._memo[key]

    def _runs(self, target: Defined, depth: int) -> tuple[bool, Monitor | None]:
        view = self._project.view(target.file)
        if view is None or depth > MAX_HELPERS:
            return False, None
        scopes = view.facts.scopes
        inside = {target.scope}
        for number in range(target.scope + 1, len(scopes)):
            if scopes[number].parent in inside:
                inside.add(number)
        names = {p.name for s in inside for p in scopes[s].params if p.name not in OWN_NAMES}
        for number, call in enumerate(view.facts.calls):
            if call.scope not in inside:
                continue
            if isinstance(call.callee, str) and call.callee in names:
                return True, self._monitor(view, number, target)
            if not any(isinstance(a, str) and a in names for a in call.args) or tail_of(call.callee) == "isinstance":
                continue
            for helper in [*self._targets(view, number)] or self._started(view, number, names):
                runs, monitor = self._run_in(helper, depth + 1)
                if runs:
                    return True, monitor or self._monitor(view, number, target)
        return False, None

    def _monitor(self, view: FileView, number: int, target: Defined) -> Monitor | None:
        return self._around.of(view, number) or self._around.decorated(view, target.scope)
