"""What may call a function that nobody is seen to call: what keeps it for later, or makes up its name."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.callers import fits
from monitorlint.index.dispatches import BY_NAME, STORING, in_file
from monitorlint.index.forms import Monitor
from monitorlint.index.lazily import names
from monitorlint.index.unknown import is_unknown
from monitorlint.index.values import Defined, Instance
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from monitorlint.index.around import Around
    from monitorlint.index.callers import CallGraph
    from monitorlint.index.dispatches import Dispatch
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key
    from monitorlint.index.view import FileView

MAX_ABOVE = 40
"""Where more calls have no monitor around them, which of them is meant is not to be told: none is followed up."""

_Call = tuple["FileView", int]


def _is_of_attribute(dispatch: Dispatch) -> bool:
    callee = dispatch.view.facts.calls[dispatch.number].callee
    return isinstance(callee, str) and "." in callee


def _is_particular(dispatch: Dispatch) -> bool:
    return not dispatch.view.facts.calls[dispatch.number].spread


class Dispatched:
    """Puts together what is kept, and the calls of what is kept."""

    def __init__(
        self,
        project: Project,
        reach: Reach,
        graph: CallGraph,
        around: Around,
        may_be_called_monitored: Callable[[str], bool],
    ) -> None:
        """Take what finds callers and monitors, and which files something monitored may call into."""
        self._project = project
        self._reach = reach
        self._graph = graph
        self._around = around
        self._may_be_called_monitored = may_be_called_monitored

    def monitored(self, above: Callable[[FileView, int], Monitor | None]) -> Iterator[tuple[Dispatch, Monitor]]:
        """The calls of what is known only while the program runs that have a monitor around or above them.

        :param above: The monitor on the ways to the function that a call stands in.
        """
        bare = (dispatch for dispatch, monitor in self._open if monitor is None)
        follows = sum(not self._is_renamed(dispatch) for dispatch in bare) <= MAX_ABOVE
        for dispatch, monitor in self._open:
            found = monitor or (above(dispatch.view, dispatch.number) if follows else None)
            if found is not None:
                yield dispatch, found

    @cached_property
    def _open(self) -> list[tuple[Dispatch, Monitor | None]]:
        """The calls of what is not known where monitored code may call, each with the monitor around it."""
        return [
            (dispatch, self._around.of(dispatch.view, dispatch.number))
            for dispatch in self._graph.dispatches.all
            if self._may_be_called_monitored(dispatch.view.path) and self._is_open(dispatch)
        ]

    def _is_open(self, dispatch: Dispatch) -> bool:
        """Whether it is not known, or not told here, what is called."""
        called = self._project.resolver.callee(dispatch.view, dispatch.number)
        is_own = any(isinstance(value, Defined) for value in called)
        # A known function that an attribute holds under its own name is found by that.
        return is_unknown(self._project, called) or (
            is_own and (not _is_of_attribute(dispatch) or self._is_renamed(dispatch))
        )

    def _is_renamed(self, dispatch: Dispatch) -> bool:
        """Whether an attribute holds a known function, under another name."""
        if not _is_of_attribute(dispatch):
            return False
        name = tail_of(dispatch.view.facts.calls[dispatch.number].callee)
        called = self._project.resolver.callee(dispatch.view, dispatch.number)
        views = ((self._project.view(v.file), v.scope) for v in called if isinstance(v, Defined))
        return any(view is not None and view.facts.scopes[scope].name != name for view, scope in views)

    def keepers(self, handed: Iterable[_Call]) -> Iterator[str]:
        """The project's own functions and classes that a function is handed to, by their names."""
        for view, number in handed:
            if any(isinstance(v, (Defined, Instance)) for v in self._project.resolver.callee(view, number)):
                yield tail_of(view.facts.calls[number].callee)

    def near(
        self, key: Key, handed: Sequence[_Call], monitored: Iterable[tuple[Dispatch, Monitor]]
    ) -> tuple[Monitor, tuple[str, int]] | None:
        """The monitor over a call that may be one of a function, and where that call stands.

        :param handed: Calls that the function is handed to.
        """
        view = self._project.view(key[0])
        if view is None:
            return None
        reasons: list[bool] = []
        attributes = self._graph.dispatches.attributes(Defined(*key))
        for dispatch, monitor in monitored:
            called = self._project.resolver.callee(dispatch.view, dispatch.number)
            is_it = Defined(*key) in called
            if not is_it and not is_unknown(self._project, called):
                continue
            is_fitting = fits(view, key[1], dispatch.view, dispatch.number, loosely=True)
            if dispatch.names and not is_it:
                if not is_fitting or view.facts.scopes[key[1]].name not in dispatch.names:
                    continue
            elif dispatch.named >= 0:
                if not is_fitting or not self._graph.may_be_taken(view, key[1], dispatch):
                    continue
            elif not is_it:
                reasons = reasons or [self._is_given_away(view, key[1], handed), self._is_kept(view, key[1], handed)]
                # What has its own code call anything may do so elsewhere as well.
                is_any = reasons[0] and not _is_particular(dispatch)
                tail = tail_of(dispatch.view.facts.calls[dispatch.number].callee)
                if not is_any and not (is_fitting and (reasons[1] or tail in attributes)):
                    continue
            if self._run_together(view.path, dispatch.view.path):
                return monitor, dispatch.place
        return None

    def elsewhere(self, key: Key) -> Iterator[Dispatch]:
        """The calls that may be ones of a function, in files that need not be looked through."""
        yield from self._in_bases(key)
        yield from self._in_tables(key)

    def _in_bases(self, key: Key) -> Iterator[Dispatch]:
        """The calls by a name that is made up that may be ones of a method, in classes that its own inherits from."""
        view = self._project.view(key[0])
        todo = [Defined(key[0], view.facts.scopes[key[1]].parent)] if view is not None else []
        seen = set(todo)
        while todo and view is not None:
            base = todo.pop()
            bases = (b for b in self._project.resolver.bases(*base) if isinstance(b, Defined) and b not in seen)
            todo.extend(bases)
            seen.update(todo)
            there = self._project.view(base.file)
            if base.file == key[0] or there is None or BY_NAME not in there.calls_by_tail:
                continue
            for dispatch in in_file(there):
                may_be = dispatch.named >= 0 and self._graph.may_be_taken(view, key[1], dispatch)
                if may_be and fits(view, key[1], there, dispatch.number, loosely=True):
                    yield dispatch

    def _in_tables(self, key: Key) -> Iterator[Dispatch]:
        """The calls of what a collection holds, one of which is a function, in files that import its own.

        ``const routes = new Map([["/a", showA]])``, and ``routes.get(path)(request)`` below.
        """
        view = self._project.view(key[0])
        name = view.facts.scopes[key[1]].name if view is not None else ""
        for path in sorted(self._reach.directly_importing(key[0])) if name else ():
            if not self._reach.is_file(path) or not self._project.is_app(path):
                continue
            if name.encode() not in self._project.store.text(path):
                continue
            there = self._project.view(path)
            if there is not None and self._graph.dispatches.holds(there, Defined(*key), name):
                fitting = (d for d in in_file(there) if d.named < 0 and not d.names)
                yield from (d for d in fitting if fits(view, key[1], there, d.number, loosely=True))  # type: ignore[arg-type]

    def unseen(self, key: Key, handed: Sequence[_Call]) -> tuple[Monitor, tuple[str, int]] | None:
        """Stands for whatever calls a function that the project has given away, where that is not seen."""
        view = self._project.view(key[0])
        if view is None or any(True for _ in self._graph.registries.calls(view, key[1], handed)):
            return None
        here = view.facts.scopes[key[1]]
        keeper = next(self._keepers(view, key[1], handed), "")
        if not keeper:
            return None
        place = (view.path, here.row)
        return Monitor("callers", Level.ERRORS, f"whoever {keeper} hands it to", *place), place

    def _keepers(self, view: FileView, scope: int, handed: Sequence[_Call]) -> Iterator[str]:
        """What of the project keeps a function: what it is handed to, or what marks it."""
        yield from self.keepers(handed)
        if self._graph.registries.is_marked(view, scope):
            yield next(iter(view.decorator_names(scope)))

    def _run_together(self, one: str, other: str) -> bool:
        """Whether some program runs two files; what is loaded by its name lies in the same package."""
        return one.partition("/")[0] == other.partition("/")[0] or other in self._reach.running_with(one)

    def _is_given_away(self, view: FileView, scope: int, handed: Sequence[_Call]) -> bool:
        """Whether the project marks a function, or hands it to its own code."""
        return any(True for _ in self._keepers(view, scope, handed))

    def _is_kept(self, view: FileView, scope: int, handed: Sequence[_Call]) -> bool:
        """Whether the project stores a function, marks it, hands it to its own code, or to a collection.

        Where the collection is seen, so are the calls of its elements.
        """
        here = view.facts.scopes[scope]
        if here.name == "__call__" and view.facts.scopes[here.parent].kind == "class":
            return True
        if any(True for _ in self._graph.registries.calls(view, scope, handed)):
            return False
        for there, number in handed:
            tail = tail_of(there.facts.calls[number].callee)
            if tail != here.name and tail in STORING:
                return True
        return (
            self._is_given_away(view, scope, handed)
            or any(
                not self._graph.registries.takes_out(*place)
                for place in self._graph.dispatches.stored(Defined(view.path, scope))
            )
            or any(names(e, here.name) for s in view.facts.scopes for e in s.returns)
        )
