"""What the calls of one file do, for the classification of its loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.calls import find_calls
from monitorlint.index.values import Defined, External, Instance
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

GUARDS = frozenset({"detect_infinite_loop", "detectInfiniteLoop"})


class SiteKinds:
    """Kinds of the calls that leave the project; each call is looked at once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, dict[int, str]] = {}
        self._inside: dict[tuple[str, int], frozenset[str]] = {}

    def record(self, path: str, kinds: dict[int, str]) -> None:
        """Takes what was found elsewhere for a file."""
        self._known[path] = kinds

    def of(self, view: FileView) -> dict[int, str]:
        """The kinds of a file's calls, by number."""
        if view.path not in self._known:
            self._known[view.path] = self._found(view, None)
        return self._known[view.path]

    def inside(self, view: FileView, function: int) -> frozenset[str]:
        """The kinds of the calls that stand in the body of one function: the rest of its file is not looked at."""
        key = (view.path, function)
        if key not in self._inside:
            numbers = view.calls_by_function.get(function, ())
            known = self._known.get(view.path)
            kinds = self._found(view, numbers) if known is None else {n: known[n] for n in numbers if n in known}
            self._inside[key] = frozenset(kinds.values())
        return self._inside[key]

    def _found(self, view: FileView, numbers: Sequence[int] | None) -> dict[int, str]:
        return {f.number: f.match.entry.kind for f in find_calls(self._project, view, numbers)}


class FileCallKinds:
    """Answers for one file."""

    def __init__(self, project: Project, sites: SiteKinds, view: FileView) -> None:
        self._project = project
        self._sites = sites
        self._view = view

    def kind_of(self, call_id: int) -> str | None:
        """Kind of a call: itself a site, or a function of the project with a site in its own body."""
        own = self._sites.of(self._view).get(call_id)
        if own is not None:
            return own
        for value in self._project.resolver.callee(self._view, call_id):
            if isinstance(value, Defined):
                kind = self._inside(value)
                if kind is not None:
                    return kind
        return None

    def _inside(self, target: Defined) -> str | None:
        view = self._project.view(target.file)
        if view is None or view.facts.scopes[target.scope].kind != "function":
            return None
        kinds = self._sites.inside(view, target.scope)
        return next((k for k in ("ai", "http", "db", "email", "file") if k in kinds), None)

    def path_of(self, call_id: int) -> str | None:
        """Dotted path of a callee: a package's, or ``project:file:symbol``."""
        for value in self._project.resolver.callee(self._view, call_id):
            match value:
                case External(path):
                    return path
                case Defined(file, scope) | Instance(file, scope):
                    view = self._project.view(file)
                    return f"project:{file}:{view.symbol(scope)}" if view is not None else None
        return None

    def is_guard(self, call_id: int) -> bool:
        """Whether a call counts or limits the turns of a loop."""
        path = self.path_of(call_id)
        if path is not None and self._project.catalogue.guard(path):
            return True
        return tail_of(self._view.facts.calls[call_id].callee) in GUARDS
