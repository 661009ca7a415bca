"""Calls of methods that any class with such methods has: those of protocols."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.values import Defined
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView

_PROTOCOL = frozenset({"typing.Protocol", "typing_extensions.Protocol"})


def is_of_protocol(project: Project, value: Value) -> bool:
    """Whether something is a method of a protocol, which any class with such a method follows."""
    return _protocol_of(project, value) is not None


class Protocols:
    """Tells which classes follow a protocol that they need not name."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._follows: dict[tuple[Defined, Defined], bool] = {}

    @cached_property
    def anywhere(self) -> bool:
        """Whether a file of the application may say what one is."""
        packages = self._project.store.packages
        return any(not _PROTOCOL.isdisjoint(packages(path)) for path in self._reach.application())

    def beside(self, path: str) -> list[str]:
        """The files that one imports itself, and that may say what they are to be handed."""
        packages = self._project.store.packages
        return [p for p in sorted(self._reach.directly_imported(path)) if not _PROTOCOL.isdisjoint(packages(p))]

    def may_be(self, view: FileView, scope: int, values: Values) -> bool:
        """Whether a method may be what is called, as its class has all that the protocol asks for."""
        owner = Defined(view.path, view.facts.scopes[scope].parent)
        protocols = [_protocol_of(self._project, value) for value in values]
        return bool(protocols) and all(p is not None and self._is_followed(p, owner) for p in protocols)

    def _is_followed(self, protocol: Defined, owner: Defined) -> bool:
        key = (protocol, owner)
        if key not in self._follows:
            view = self._project.view(protocol.file)
            scopes = view.facts.scopes if view is not None else ()
            asked = {s.name for s in scopes if s.parent == protocol.scope and s.kind == "function"}
            self._follows[key] = all(self._project.resolver.attribute(owner, name) for name in asked)
        return self._follows[key]


def _protocol_of(project: Project, value: Value) -> Defined | None:
    """The protocol of which something is a method."""
    view = project.view(value.file) if isinstance(value, Defined) else None
    if view is None or not isinstance(value, Defined):
        return None
    owner = view.facts.scopes[value.scope].parent
    is_one = owner > 0 and any(tail_of(base) == "Protocol" for base in view.facts.scopes[owner].bases)
    return Defined(value.file, owner) if is_one else None
