"""Views that tell a monitor of what they raise, by a method of their class, or by a view for exceptions.

Tornado's ``log_exception``, ``handle_exception`` of Django REST framework's, a ``dispatch`` of Django's, or a
``dispatch_request`` of Flask's, with a handler around that of the class above; ``@exception_view_config()`` of
Pyramid's.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.mentions import mentioning
from monitorlint.index.values import Defined, External
from monitorlint.index.view import family_of, tail_of
from monitorlint.model.rows import NamedTuple
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

_VERBS: Final = frozenset("get post put patch delete head options prepare initial".split())
_OF_VIEWS: Final = _VERBS | frozenset(
    "list create retrieve update partial_update destroy perform_create perform_update perform_destroy form_valid "
    "form_invalid get_context_data get_queryset get_object".split()
)
_MAX_BASES: Final = 12
_PYRAMID: Final = "pyramid.view."
_VIEWS: Final = frozenset({"view_config", "notfound_view_config", "forbidden_view_config"})
_EXCEPTIONS: Final = "exception_view_config"
_WIDEST: Final = ("Exception", "BaseException")


class _Kind(NamedTuple):
    """Classes that a framework makes to answer requests."""

    package: str
    told: tuple[str, ...]
    """Their methods that are handed whatever the others raise."""
    passed: tuple[str, ...] = ()
    """Their methods through which that comes."""


_KINDS: Final = (
    _Kind("tornado.web.", ("log_exception", "write_error")),
    _Kind("rest_framework.", ("handle_exception",), ("dispatch",)),
    _Kind("django.views.", (), ("dispatch",)),
    _Kind("django.contrib.", (), ("dispatch",)),
    _Kind("flask.views.", (), ("dispatch_request",)),
)


class RequestClasses:
    """Finds them, and what they tell."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        captures: Captures,
        sends: Callable[[FileView, Expr, int, int], str],
    ) -> None:
        """:param sends: What a handler tells a monitor by; ``""``: it tells none."""
        self._project = project
        self._auto = auto
        self._captures = captures
        self._sends = sends
        self._told: dict[tuple[Defined, str], Monitor | None] = {}

    def around(self, view: FileView, call: Call, entry: Entry) -> Monitor | None:
        """What is told of whatever a call raises in the view, or the method of one, that it stands in."""
        scope = view.function_of(call.scope)
        if scope <= 0:
            return None
        here = view.facts.scopes[scope]
        if self._exception_view is not None and self._is_view(view, scope):
            return self._exception_view
        if here.name not in _OF_VIEWS or view.facts.scopes[here.parent].kind != "class":
            return None
        owner = Defined(view.path, here.parent)
        key = (owner, entry.package)
        if key not in self._told:
            self._told[key] = next(self._tellers(owner, entry), None)
        return self._told[key]

    def _tellers(self, owner: Defined, entry: Entry) -> Iterator[Monitor]:
        packages = tuple(self._packages(owner))
        for kind in _KINDS:
            if not any(path.startswith(kind.package) for path in packages):
                continue
            for view, scope in (method for name in kind.told for method in self._methods(owner, name)):
                here = view.facts.scopes[scope]
                told = self._sends(view, ("fn", scope), here.parent, here.start)
                told = told or self._captures.logged_in(view, scope)
                if told:
                    yield Monitor("auto", Level.ERRORS, told, view.path, here.row)
            for name in kind.passed:
                for view, scope in self._methods(owner, name):
                    yield from self._around_above(view, scope, name, entry)

    def _around_above(self, view: FileView, scope: int, name: str, entry: Entry) -> Iterator[Monitor]:
        """The handler around the calls by which a method goes on to that of the class above."""
        family = set(family_of(view, scope))
        own = (view.facts.calls[number] for number in view.calls_by_tail.get(name, ()))
        for call in own:
            if call.scope in family and not isinstance(call.callee, str):
                sent = self._captures.around(view, call, entry)
                if sent is not None and not sent.doubt:
                    yield sent.monitor._replace(how="auto")

    def _methods(self, owner: Defined, name: str) -> Iterator[tuple[FileView, int]]:
        for value in self._project.resolver.attribute(owner, name):
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is not None and isinstance(value, Defined):
                yield there, value.scope

    def _packages(self, owner: Defined) -> Iterator[str]:
        """The paths of the packages' classes that a class is made from."""
        todo, seen = [owner], {owner}
        while todo and len(seen) < _MAX_BASES:
            here = todo.pop()
            for base in self._project.resolver.bases(here.file, here.scope):
                if isinstance(base, External):
                    yield base.path
                if isinstance(base, Defined) and base not in seen:
                    seen.add(base)
                    todo.append(base)

    @cached_property
    def _exception_view(self) -> Monitor | None:
        """The view of Pyramid's for all exceptions, where it tells a monitor of them."""
        for view in mentioning(self._project, self._auto, _EXCEPTIONS.encode()):
            for number, scope in enumerate(view.facts.scopes):
                for call in self._marks(view, number, frozenset({_EXCEPTIONS})):
                    context = call.kwargs.get("context", call.args[0] if call.args else "Exception")
                    told = self._sends(view, ("fn", number), scope.parent, scope.start)
                    if told and isinstance(context, str) and context in _WIDEST:
                        return Monitor("auto", Level.ERRORS, told, view.path, scope.row)
        return None

    def _is_view(self, view: FileView, scope: int) -> bool:
        return any(True for _ in self._marks(view, scope, _VIEWS))

    def _marks(self, view: FileView, scope: int, names: frozenset[str]) -> Iterator[Call]:
        """The calls of Pyramid's by which a function is made a view."""
        here = view.facts.scopes[scope]
        for decorator in here.decorators if here.kind == "function" else ():
            call = (
                view.facts.calls[decorator[1]]
                if isinstance(decorator, (tuple, list)) and decorator[0] == "call"
                else None
            )
            if call is None or tail_of(call.callee) not in names:
                continue
            values = self._project.resolver.resolve(call.callee, view, here.parent, here.start)
            if any(isinstance(value, External) and value.path.startswith(_PYRAMID) for value in values):
                yield call
