"""Functions and classes that an application in Python is handed to answer requests with, by a call.

``Route("/orders", orders)``, ``app.add_url_rule("/orders", view_func=Orders.as_view("orders"))``,
``web.get("/orders", orders)``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.mentions import mentioning
from monitorlint.index.routes import is_path
from monitorlint.index.values import Defined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
_TAKING: Final = frozenset({"Route", "add_route", "add_url_rule", "add_api_route", *(f"add_{verb}" for verb in _VERBS)})
_OF_AIOHTTP: Final = frozenset(f"web.{verb}" for verb in _VERBS)
_WORDS: Final = (b"Route(", b"add_url_rule(", b"_route(", b".router.add_", b"import web")
"""One of these stands in every file with such a call."""
_AS_VIEW: Final = ".as_view"
_METHODS: Final = frozenset({*_VERBS, *(f"on_{verb}" for verb in _VERBS), "dispatch", "dispatch_request"})


class HandedRoutes:
    """Finds them."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._auto = auto

    def has(self, view: FileView, scope: int) -> bool:
        """Whether a function answers requests, by itself or as a method of a class that does."""
        if scope <= 0 or not self._all:
            return False
        if Defined(view.path, scope) in self._all:
            return True
        here = view.facts.scopes[scope]
        return here.name in _METHODS and Defined(view.path, here.parent) in self._all

    @cached_property
    def _all(self) -> frozenset[Defined]:
        if not self._project.catalogue.has_keywords:
            return frozenset()
        views = mentioning(self._project, self._auto, *_WORDS)
        return frozenset(value for view in views if self._project.is_app(view.path) for value in self._in(view))

    def _in(self, view: FileView) -> Iterator[Defined]:
        for tail in sorted({*_TAKING, *_VERBS} & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                if is_path(call) and (tail in _TAKING or str(call.callee) in _OF_AIOHTTP):
                    for expr in (*call.args[1:], *call.kwargs.values()):
                        name = _handed(view, expr)
                        values = self._project.resolver.resolve(name, view, call.scope, call.start) if name else ()
                        yield from (value for value in values if isinstance(value, Defined))


def _handed(view: FileView, expr: Expr) -> str:
    """The name of what an argument hands over: of the function, or of the class of which it makes one."""
    if isinstance(expr, str):
        return expr
    callee = view.callee_of(expr)
    if not isinstance(callee, str):
        return ""
    return callee.removesuffix(_AS_VIEW) if callee.endswith(_AS_VIEW) else callee if callee[:1].isupper() else ""
