"""All facts of one project, and the questions that cross files."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol

from monitorlint.index.areas import area_of_calls
from monitorlint.index.forwarders import FORWARDERS
from monitorlint.index.heirs import overridden
from monitorlint.index.resolve import Resolver
from monitorlint.index.values import Defined, Instance
from monitorlint.index.view import FileView, tail_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitorlint.catalog import Catalogue
    from monitorlint.index.handed import Handed
    from monitorlint.index.modules import Modules
    from monitorlint.model.facts import Call, FileFacts

MAX_CALLERS = 200
"""A function with more callers than this says nothing of what its parameters are."""


class _Calls:
    """The calls of one function, as one answer that can be remembered."""

    __slots__ = ("calls",)

    def __init__(self, calls: tuple[tuple[FileView, Call], ...]) -> None:
        self.calls = calls


class Store(Protocol):
    """Where facts come from."""

    def facts(self, path: str) -> FileFacts | None:
        """The facts of a file, read now if need be; None when it cannot be read."""

    def imports(self, path: str) -> frozenset[str]:
        """The modules that a file's import statements name."""

    def packages(self, path: str) -> frozenset[str]:
        """The dotted paths of what a file imports, apart from what lies beside it."""

    def is_program(self, path: str) -> bool:
        """Whether a file is started by itself (``if __name__ == "__main__":``)."""

    def may_launch(self, path: str) -> bool:
        """Whether the words of a command that monitors what it starts stand in a file."""

    def text(self, path: str) -> bytes:
        """The bytes of a file; none when it cannot be read."""

    @property
    def loads_by_name(self) -> bool:
        """Whether programs of the language often load modules that no import of theirs names."""

    def calling(self, name: str, among: Iterable[str], *, must_import: bool = False) -> Sequence[str]:
        """Those of some files in whose text ``name(`` occurs, sorted.

        :param must_import: Pass over those that neither import the name nor have it as an attribute of something.
        """

    def handing(self, name: str, among: Iterable[str]) -> Sequence[str]:
        """Those of some files that take an attribute of this name from something and do not call it."""

    def importing(self, name: str, among: Iterable[str]) -> Sequence[str]:
        """Those of some files that import something by this name and have no call of it, sorted."""


class Project:
    """The facts of the files that were kept, and of those that names lead to."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        modules: Modules,
        kept: Iterable[str],
        areas: Mapping[str, str],
    ) -> None:
        """Take what is known before any file is read.

        :param kept: Files that may hold sites. Together with ``calling`` they alone are looked through for callers.
        :param areas: The area of every file; callers in tests and examples do not count for application code.
        """
        self.catalogue = catalogue
        self.modules = modules
        self.kept = tuple(sorted(kept))
        self.store = store
        self._areas = areas
        self._views: dict[str, FileView | None] = {}
        self._indirect: dict[Defined, list[tuple[FileView, Call]]] = {}
        self._helpers: frozenset[str] = frozenset()
        self._beside: dict[str, frozenset[str]] = {}
        self._helper_path = self._wrapper_path = ""
        self._wrappers: tuple[tuple[str, ...], ...] = ()
        self.reporting_files: frozenset[str] = frozenset()
        """Files that tell packages of errors of which nothing is known, by the names that trackers have for it."""
        self.resolver = Resolver(self)

    def view(self, path: str) -> FileView | None:
        """The view of one file, read now if need be; None for a folder or a file that cannot be read."""
        if path not in self._views:
            facts = None if path.endswith("/") else self.store.facts(path)
            area = area_of_calls(path, self._areas.get(path, "app"))
            self._views[path] = FileView(path, facts, area) if facts is not None else None
        return self._views[path]

    def views(self) -> Iterator[FileView]:
        """The views of the kept files, by path."""
        for path in self.kept:
            view = self.view(path)
            if view is not None:
                yield view

    @cached_property
    def views_by_tail(self) -> dict[str, list[FileView]]:
        """The kept files that call something, by the last name of what they call."""
        found: dict[str, list[FileView]] = {}
        for view in self.views():
            for name in view.calls_by_tail:
                found.setdefault(name, []).append(view)
        return found

    def name_helpers(self, helpers: Iterable[str], wrappers: Iterable[str], paths: tuple[str, str]) -> None:
        """Says which modules are the project's monitoring helpers, and which functions its own wrappers.

        :param paths: The catalogue paths of a helper module, and of what a wrapper stands for: its forms are the same.
        """
        self._helpers = frozenset(helpers)
        self._helper_path, self._wrapper_path = paths
        self._wrappers = tuple(tuple(w.split(".")) for w in wrappers)

    @property
    def helper_files(self) -> frozenset[str]:
        """Paths of the helper modules."""
        return self._helpers

    def helper(self, file: str, name: str) -> str | None:
        """The catalogue path that a name of a helper module (or a wrapper of the user's) stands for."""
        module = (*self.modules.names(file), name)
        if any(module[-len(w) :] == w for w in self._wrappers):
            return self._wrapper_path
        return f"{self._helper_path}.{name}" if file in self._helpers else None

    def declared(self, path: str) -> str:
        """What a name of another package stands for: a declared wrapper for the helper, anything else for itself."""
        for words in self._wrappers:
            name = ".".join(words)
            if len(words) > 1 and path.startswith(name) and path[len(name) : len(name) + 1] in {"", ".", "("}:
                return self._wrapper_path + path[len(name) :]
        return path

    def beside(self, path: str) -> frozenset[str]:
        """The packages that the files in the folder of one import."""
        folder = path.rpartition("/")[0]
        if folder not in self._beside:
            others = (other for other in self._areas if other.rpartition("/")[0] == folder)
            self._beside[folder] = frozenset().union(*map(self.store.packages, others))
        return self._beside[folder]

    def is_app(self, path: str) -> bool:
        return self._areas.get(path, "app") == "app"

    @cached_property
    def calls_instances(self) -> bool:
        """Whether the project imports a package whose instances are called themselves."""
        imported = frozenset().union(*map(self.store.packages, self.kept))
        return any(f"{module}.".startswith(f"{root}.") for root in self.catalogue.instance_roots for module in imported)

    @cached_property
    def _calls_by_tail(self) -> dict[str, list[tuple[FileView, int]]]:
        table: dict[str, list[tuple[FileView, int]]] = defaultdict(list)
        for view in self.views():
            for tail, numbers in view.calls_by_tail.items():
                table[tail].extend((view, number) for number in numbers)
        return table

    @cached_property
    def _aliases(self) -> dict[str, set[str]]:
        """Last name of an import's target to the other names it is imported as."""
        table: dict[str, set[str]] = defaultdict(set)
        for view in self.views():
            for row in view.facts.imports:
                name = row.target.rpartition(".")[2]
                if row.local not in {name, "", "*"}:
                    table[name].add(row.local)
        return table

    @cached_property
    def _heirs(self) -> dict[str, list[Defined]]:
        """Last name of a base to the classes that name it."""
        table: dict[str, list[Defined]] = defaultdict(list)
        for view in self.views():
            for number, scope in enumerate(view.facts.scopes):
                for base in scope.bases:
                    table[tail_of(base)].append(Defined(view.path, number))
        return table

    def prepare(self, found: Iterable[tuple[str, Iterable[tuple[str, int, int]]]]) -> None:
        """Takes the indirect calls of the kept files, before anybody resolves.

        Resolution itself asks for them: what it found in the middle of this, it found without some of them, and
        what depends on who asked first depends on the order of the files.

        :param found: What `indirect_calls` gives for each kept file.
        """
        table: dict[Defined, list[tuple[FileView, Call]]] = defaultdict(list)
        for path, rows in found:
            view = self.view(path)
            if view is None:
                continue
            for file, scope, number in rows:
                table[Defined(file, scope)].append((view, view.facts.calls[number]))
        self._indirect = table
        self.resolver = Resolver(self)

    def indirect_calls(self, path: str) -> list[tuple[str, int, int]]:
        """Calls of a file through a local variable or a table (``cls = registry[kind]; cls(client)``).

        :return: File and scope of what may be called, and the number of the call.
        """
        view = self.view(path)
        if view is None:
            return []
        return [
            (*value, number)
            for number in self._indirect_calls(view)
            for value in self.resolver.callee(view, number)
            if isinstance(value, Defined)
        ]

    @staticmethod
    def _indirect_calls(view: FileView) -> Iterator[int]:
        """Those that hand something over: they are asked for what parameters are."""
        for number in view.calls_by_tail.get("", ()):
            callee = view.facts.calls[number].callee
            is_value = callee is not None and not isinstance(callee, str) and callee[0] in {"item", "call"}
            if is_value and _hands_over(view.facts.calls[number]):
                yield number
        inner = (b for b in view.facts.bindings if b.scope > 0)
        local = {b.name for b in inner if b.how not in {"def", "augmented"} and "." not in b.name}
        for name in sorted(local & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[name]:
                call = view.facts.calls[number]
                if (
                    call.callee == name
                    and _hands_over(call)
                    and any(row.how != "def" for row in view.bindings.get((view.function_of(call.scope), name), ()))
                ):
                    yield number

    def subclasses(self, file: str, scope: int) -> Iterable[Defined]:
        """Classes among the kept files that name this class as a base."""
        view = self.view(file)
        if view is None:
            return ()
        here = Defined(file, scope)
        name = view.facts.scopes[scope].name
        return [h for h in self._heirs.get(name, ()) if h != here and here in self.resolver.bases(h.file, h.scope)]

    def hides(self, package: str, name: str) -> bool:
        """Whether the file of a package says ``from .chat import chat``: from then on, the name is the function's."""
        return any(target.endswith(f".{name}.{name}") for target in self.store.imports(package))

    def callers(self, file: str, scope: int, handed: Handed) -> Iterable[tuple[FileView, Call]]:
        """The calls in kept application files (and the file itself) that call this function or construct this class.

        :param handed: The argument that is asked for: calls that say nothing of it are left out before it is found out
            what they call. ``d.get("key")`` hands nothing to a ``get(client)`` of the project's.
        """
        key = ("callers", file, scope, handed)
        found = self.resolver.once(key, lambda: [_Calls(tuple(self._find_callers(file, scope, handed)))])
        return found[0].calls if found else ()

    def _find_callers(self, file: str, scope: int, handed: Handed) -> Iterator[tuple[FileView, Call]]:
        view = self.view(file)
        if view is None:
            return
        here = view.facts.scopes[scope]
        target = Defined(file, scope)
        owner = here.parent if here.parent >= 0 and view.facts.scopes[here.parent].kind == "class" else None
        wanted = {target}
        names = {here.name}
        if here.name == "__init__" and owner is not None:
            wanted.add(Defined(file, owner))
            names.add(view.facts.scopes[owner].name)
            wanted.update(self._heirs_without_init(file, owner))
            names.update(v.facts.scopes[h.scope].name for h in wanted if (v := self.view(h.file)) is not None)
        else:
            wanted.update(overridden(self, self.resolver, view, scope))
        yield from islice(self._candidates(view, names, wanted, handed), MAX_CALLERS + 1)

    def _heirs_without_init(self, file: str, owner: int) -> Iterator[Defined]:
        seen = {Defined(file, owner)}
        todo = list(self.subclasses(file, owner))
        while todo:
            heir = todo.pop()
            view = self.view(heir.file)
            if heir in seen or view is None or "__init__" in view.members.get(heir.scope, {}):
                continue
            seen.add(heir)
            yield heir
            todo.extend(self.subclasses(heir.file, heir.scope))

    def _candidates(
        self, view: FileView, names: set[str], wanted: set[Defined], handed: Handed
    ) -> Iterator[tuple[FileView, Call]]:
        # A file that only exports a private function under a public name is none of the kept ones.
        tails = names | {name.lstrip("_") for name in names}
        for name in names:
            tails |= self._aliases.get(name, set())
        if any(self._is_class(w) for w in wanted):
            tails.add("cls")
        seen: set[tuple[str, int]] = set()
        only_app = self.is_app(view.path)
        for tail in sorted(tails):
            for caller, number in self._calls_by_tail.get(tail, ()):
                call = caller.facts.calls[number]
                if not handed.says(call) or (only_app and not self.is_app(caller.path)):
                    continue
                if (caller.path, number) not in seen and self._calls_one_of(caller, number, wanted):
                    seen.add((caller.path, number))
                    yield caller, call
        if view.path not in self.kept:
            for tail in sorted(names):
                for number in view.calls_by_tail.get(tail, ()):
                    call = view.facts.calls[number]
                    if handed.says(call) and self._calls_one_of(view, number, wanted):
                        yield view, call
        others = (row for target in sorted(wanted) for row in self._indirect.get(target, ()))
        for caller, call in chain(others, self._forwarded(tails, wanted)):
            if handed.says(call) and (not only_app or self.is_app(caller.path)):
                yield caller, call

    def _forwarded(self, names: set[str], wanted: set[Defined]) -> Iterator[tuple[FileView, Call]]:
        """``asyncio.to_thread(f, x)`` calls ``f(x)``: the call is given as if it stood there."""
        for name in sorted(names):
            for caller, number, position in self._forwarded_by_name.get(name, ()):
                call = caller.facts.calls[number]
                values = self.resolver.resolve(call.args[position], caller, call.scope, call.start)
                if any(isinstance(v, Defined) and v in wanted for v in values):
                    yield caller, call._replace(args=call.args[position + 1 :])

    @cached_property
    def _forwarded_by_name(self) -> dict[str, list[tuple[FileView, int, int]]]:
        """Calls that run a function they are handed, by the function's last name: file, number, position."""
        table: dict[str, list[tuple[FileView, int, int]]] = defaultdict(list)
        for tail, position in FORWARDERS.items():
            for view, number in self._calls_by_tail.get(tail, ()):
                args = view.facts.calls[number].args
                if position < len(args):
                    table[tail_of(args[position])].append((view, number, position))
        return table

    def _is_class(self, target: Defined) -> bool:
        view = self.view(target.file)
        return view is not None and view.facts.scopes[target.scope].kind == "class"

    def _calls_one_of(self, view: FileView, number: int, wanted: set[Defined]) -> bool:
        for value in self.resolver.callee(view, number):
            if isinstance(value, Defined) and value in wanted:
                return True
            if isinstance(value, Instance):
                for member in self.resolver.attribute(value, "__call__"):
                    if member in wanted:
                        return True
        return False


def _hands_over(call: Call) -> bool:
    return any(expr is not None for expr in (*call.args, *call.kwargs.values()))
