"""Which files start what a function switches on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.switches import Switch


class Starters:
    """Finds the files that run a switch."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._memo: dict[tuple[str, int], tuple[str, ...]] = {}

    def of(self, switch: Switch) -> tuple[str, ...]:
        """Its own file, or those that import, or call, the function that it stands in."""
        key = (switch.path, switch.call)
        if key not in self._memo:
            self._memo[key] = tuple(sorted(self._users(switch))) or (switch.path,)
        return self._memo[key]

    def _users(self, switch: Switch) -> set[str]:
        view = self._project.view(switch.path) if switch.call >= 0 else None
        scope = view.function_of(view.facts.calls[switch.call].scope) if view is not None else 0
        if view is None or scope == 0:
            return set()
        here = view.facts.scopes[scope]
        calls = (view.facts.calls[number] for number in view.calls_by_tail.get(here.name, ()))
        if here.kind != "function" or here.parent != 0 or any(view.function_of(c.scope) != scope for c in calls):
            return set()
        knowing = self._reach.knowing(switch.path) - {switch.path}
        store = self._project.store
        named = {p for p in knowing if any(t.rpartition(".")[2] == here.name for t in store.imports(p))}
        return named.union(store.calling(here.name, knowing))
