"""Names of globals that a scope binds to what is not known, and that mean the global all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.view import FileView

_INJECTED: Final = pattern(r"\$|jQuery\w*|\$(?!fetch\b).*")


def means_global(view: FileView, scope: int, name: str) -> bool:
    """Whether a name that a scope binds stands for the global.

    A plug-in that is handed ``$`` is handed jQuery, and AngularJS hands over ``$http``: nobody calls anything else so.
    ``$fetch`` is taken out of something that holds it (``const { $fetch } = useContext()``); a parameter of that name,
    and what a call gives, may be anything.
    """
    if _INJECTED.fullmatch(name) is not None:
        return True
    if not name.startswith("$") or (scope, name) in view.imports:
        return False
    if any(param.name == name and param.kind == "" for param in view.facts.scopes[scope].params):
        return False
    return all(row.value is None for row in view.bindings.get((scope, name), ()))
