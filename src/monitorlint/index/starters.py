"""Which files start what a function switches on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.switches import Switch
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Scope


_LIBRARY = pattern(r"(?:^|/)(?:lib|libs|utils?|helpers?|services?|monitoring|observability|analytics|tracking)/[^/]+$")
# What frameworks and platforms call in files that nothing imports.
_CALLED = frozenset("register setup main handler handle default onRequest init load start boot bootstrap run".split())
MAX_ABOVE = 3
"""Functions that lead to the one in which a switch stands are followed up so far."""


class Starters:
    """Finds the files that run a switch."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._memo: dict[tuple[str, int, int], tuple[str, ...]] = {}
        self._idle: dict[tuple[str, int], bool] = {}

    def of(self, switch: Switch) -> tuple[str, ...]:
        """Its own file, or those that import, or call, the function that it stands in."""
        return self._files(switch, 0)

    def passed_over(self, switch: Switch, path: str, tops_of: Callable[[str], set[str]]) -> str:
        """Names a script that runs a file, and what the switch stands in, and calls nothing that leads to it.

        :param tops_of: What runs a file, and is imported by nothing.
        """
        places = self._files(switch, MAX_ABOVE)
        if places == self.of(switch) or not self._reach.importers(path).isdisjoint(places):
            return ""
        tops = tops_of(path)
        if not tops or not all(map(self._runs_itself, tops)):
            return ""
        if any(path in self._reach.running_with(place) for place in places):
            return ""
        return f"{min(tops)} calls nothing that starts it"

    def idle(self, switch: Switch) -> str:
        """Says that nothing in the project so much as names the function that a switch stands in."""
        key = switch.path, switch.call
        view = self._project.view(switch.path) if switch.call >= 0 else None
        if view is None:
            return ""
        here = view.facts.scopes[view.function_of(view.facts.calls[switch.call].scope)]
        if key not in self._idle:
            # Frameworks call what files export that nothing imports.
            top = here.parent == 0 or self._is_method(view, here)
            plain = here.kind == "function" and top and not here.decorators and bool(here.name)
            plain = plain and here.name not in _CALLED
            self._idle[key] = plain and not self._users(switch, 0) and self._is_unnamed(view.path, here.name)
        return f"nothing calls {here.name}() of {switch.path}" if self._idle[key] else ""

    def _is_method(self, view: FileView, here: Scope) -> bool:
        """Whether a function is a method of a class that is based on nothing, so that nobody knows it but by its name.

        In TypeScript, what a class implements is not among its bases.
        """
        owner = view.facts.scopes[here.parent]
        plain = owner.kind == "class" and owner.parent == 0 and not owner.bases and not owner.decorators
        return plain and not here.name.startswith("__") and self._project.store.loads_by_name

    def _is_unnamed(self, path: str, name: str) -> bool:
        """Whether a name stands once in its own file, and in no other of an application that imports this file."""
        text, word = self._project.store.text, name.encode()
        application = set(self._reach.application())
        if self._reach.directly_importing(path).isdisjoint(application):
            # Of a file of pages that is called like one of a library, and that nothing imports, nobody has a function.
            if self._project.store.loads_by_name or not _LIBRARY.search(path) or self._reach.loaders(path):
                return False
        elif text(path).count(word) != 1:
            return False
        return not any(word in text(other) for other in application if other != path)

    def _runs_itself(self, path: str) -> bool:
        """Whether a file calls a function of its own when it is loaded: ``main()``."""
        view = self._project.view(path) if self._project.is_app(path) else None
        functions = {s.name for s in view.facts.scopes if s.kind == "function" and s.parent == 0} if view else set()
        calls = view.facts.calls if view is not None else ()
        return any(c.scope == 0 and isinstance(c.callee, str) and c.callee in functions for c in calls)

    def _files(self, switch: Switch, far: int) -> tuple[str, ...]:
        key = (switch.path, switch.call, far)
        if key not in self._memo:
            self._memo[key] = tuple(sorted(self._users(switch, far))) or (switch.path,)
        return self._memo[key]

    def _users(self, switch: Switch, far: int) -> set[str]:
        view = self._project.view(switch.path) if switch.call >= 0 else None
        scope = view.function_of(view.facts.calls[switch.call].scope) if view is not None else 0
        return self._of_function(view, scope, far) if view is not None and scope != 0 else set()

    def _of_function(self, view: FileView, scope: int, far: int, within: frozenset[int] = frozenset()) -> set[str]:
        """The files that import, or call, a function; none where it may be run otherwise.

        :param far: So many functions that call it are looked above.
        :param within: Functions of the file that it calls, one after the other.
        """
        here = view.facts.scopes[scope]
        calls = (view.facts.calls[number] for number in view.calls_by_tail.get(here.name, ()))
        callers = {view.function_of(call.scope) for call in calls if call.callee == here.name} - {scope}
        if here.kind != "function" or here.parent != 0 or (within and here.decorators):
            return set()
        users = self._starting_beside(view, callers, far, within | {scope})
        if users is None:
            return set()
        knowing = self._reach.knowing(view.path) - {view.path}
        store = self._project.store
        named = {p for p in knowing if any(t.rpartition(".")[2] == here.name for t in store.imports(p))}
        named.update(store.calling(here.name, knowing))
        return users.union(top for user in named for top in self._starting(user, here.name, far))

    def _starting_beside(self, view: FileView, callers: set[int], far: int, within: frozenset[int]) -> set[str] | None:
        """The files that start functions of a file; None where it may run one of them itself, or somebody else does."""
        if not callers.isdisjoint(within) or len(within) > MAX_ABOVE:
            return None
        above = [self._of_function(view, scope, far, within) if scope else set() for scope in sorted(callers)]
        return set().union(*above) if all(above) else None

    def _starting(self, path: str, name: str, far: int) -> set[str]:
        """A file that calls a function, or those that start it, where it does so in functions of its own alone."""
        view = self._project.view(path) if far and self._project.is_app(path) else None
        numbers = view.calls_by_tail.get(name, ()) if view is not None else ()
        scopes = {view.function_of(view.facts.calls[number].scope) for number in numbers} if view is not None else set()
        if view is None or not scopes or 0 in scopes:
            return {path}
        above = [set(filter(self._project.is_app, self._of_function(view, scope, far - 1))) for scope in scopes]
        return set().union(*above) if all(above) else {path}
