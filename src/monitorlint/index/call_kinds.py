"""What the calls of one file do, for the classification of its loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.catalog.rows import SITE_KINDS
from monitorlint.index.calls import find_calls
from monitorlint.index.values import Defined, External, Instance
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

GUARDS = frozenset({"detect_infinite_loop", "detectInfiniteLoop"})


class SiteKinds:
    """Kinds of the calls that leave the project; each call is looked at once, when it is asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, int], str | None] = {}
        self._inside: dict[tuple[str, int], frozenset[str]] = {}

    def of(self, view: FileView, number: int) -> str | None:
        """The kind of one call; None where it does not leave the project."""
        key = (view.path, number)
        if key not in self._known:
            found = next(find_calls(self._project, view, (number,)), None)
            self._known[key] = found.match.entry.kind if found is not None else None
        return self._known[key]

    def inside(self, view: FileView, function: int) -> frozenset[str]:
        """The kinds of the calls that stand in the body of one function: the rest of its file is not looked at."""
        key = (view.path, function)
        if key not in self._inside:
            kinds = (self.of(view, number) for number in view.calls_by_function.get(function, ()))
            self._inside[key] = frozenset(kind for kind in kinds if kind is not None)
        return self._inside[key]


class FileCallKinds:
    """Answers for one file."""

    def __init__(self, project: Project, sites: SiteKinds, view: FileView) -> None:
        self._project = project
        self._sites = sites
        self._view = view
        self._kinds: dict[int, str | None] = {}
        self._paths: dict[int, str | None] = {}

    def kind_of(self, call_id: int) -> str | None:
        """Kind of a call: itself a site, or a function of the project with a site in its own body."""
        if call_id not in self._kinds:
            self._kinds[call_id] = self._kind_of(call_id)
        return self._kinds[call_id]

    def _kind_of(self, call_id: int) -> str | None:
        own = self._sites.of(self._view, call_id)
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
        return next((k for k in SITE_KINDS if k in kinds), None)

    def named(self, name: str) -> Sequence[Call]:
        """The calls of the file whose callee's last name is this, in source order."""
        return self._view.calls_by_name.get(name, ())

    def path_of(self, call_id: int) -> str | None:
        """Dotted path of a callee: a package's, or ``project:file:symbol``."""
        if call_id not in self._paths:
            self._paths[call_id] = self._path_of(call_id)
        return self._paths[call_id]

    def _path_of(self, call_id: int) -> str | None:
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
