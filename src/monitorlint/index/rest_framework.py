"""The function that Django REST framework calls with whatever its views raise, which the settings name.

``REST_FRAMEWORK = {"EXCEPTION_HANDLER": "shop.errors.handle"}``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.mentions import mentioning
from monitorlint.index.request_classes import RequestClasses
from monitorlint.index.values import Defined, External
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.captures import Captures
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_SETTING: Final = "EXCEPTION_HANDLER"
_PACKAGE: Final = "rest_framework."
_MARKING: Final = frozenset({"api_view", "action"})
_ANSWERING: Final = frozenset(
    "get post put patch delete head options list create retrieve update partial_update destroy dispatch initial".split()
)
_MAX_BASES: Final = 12


class RestFramework:
    """Finds the handler, and the views that it hears of."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        captures: Captures,
        sends: Callable[[FileView, Expr, int, int], str],
    ) -> None:
        """:param sends: What a handler tells a monitor by; ``""``: it tells none."""
        self._classes = RequestClasses(project, auto, captures, sends)
        self._project = project
        self._auto = auto
        self._sends = sends

    def around(self, view: FileView, call: Call, entry: Entry) -> Monitor | None:
        """The handler that is told of what a call raises in the method of a view that it stands in.

        Or what the class of the view tells, of whatever framework that is.
        """
        scope = view.function_of(call.scope)
        if scope <= 0 or self.handler is None or not self._is_view(view, scope):
            return self._classes.around(view, call, entry)
        return self.handler

    def _is_view(self, view: FileView, scope: int) -> bool:
        here = view.facts.scopes[scope]
        for decorator in here.decorators:
            callee = view.callee_of(decorator)
            if tail_of(callee) in _MARKING:
                values = self._project.resolver.resolve(callee, view, here.parent, here.start)
                if any(isinstance(value, External) and value.path.startswith(_PACKAGE) for value in values):
                    return True
        return here.name in _ANSWERING and self._is_of_package(Defined(view.path, here.parent))

    def _is_of_package(self, owner: Defined) -> bool:
        view = self._project.view(owner.file)
        if view is None or view.facts.scopes[owner.scope].kind != "class":
            return False
        todo, seen = [owner], {owner}
        while todo and len(seen) < _MAX_BASES:
            here = todo.pop()
            for base in self._project.resolver.bases(here.file, here.scope):
                if isinstance(base, External) and base.path.startswith(_PACKAGE):
                    return True
                if isinstance(base, Defined) and base not in seen:
                    seen.add(base)
                    todo.append(base)
        return False

    @cached_property
    def handler(self) -> Monitor | None:
        """What the handler tells; None: there is none, or it tells nothing."""
        for view in mentioning(self._project, self._auto, _SETTING.encode()):
            for name, row in _named(view):
                file, names = self._project.modules.find(view.path, name)
                there = self._project.view(file) if file is not None else None
                if there is None or len(names) != 1:
                    continue
                told = self._sends(there, names[0], 0, there.facts.scopes[0].end + 1)
                if told:
                    return Monitor("auto", Level.ERRORS, told, view.path, row)
        return None


def _named(view: FileView) -> Iterator[tuple[str, int]]:
    """The dotted names that the settings of a file have for the handler."""
    for binding in view.facts.bindings:
        value = binding.value
        if isinstance(value, (tuple, list)) and value and value[0] == "map":
            for key, part in value[1]:
                if (
                    key == _SETTING
                    and isinstance(part, (tuple, list))
                    and part[0] == "lit"
                    and isinstance(part[1], str)
                ):
                    yield part[1], binding.row
