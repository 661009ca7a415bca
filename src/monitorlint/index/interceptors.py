"""What a client is given to hear of failed requests, where that tells a monitor.

``api.interceptors.response.use(ok, report)`` of axios, got's ``hooks: { beforeError: [report] }``, and ofetch's
``onRequestError`` with ``onResponseError``; ky's ``beforeError``, which leaves open what gets no answer.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.values import External
from monitorlint.index.verdict import Verdict
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_TAKING: Final = ".interceptors.response.use"
_FAILED: Final = 1
"""Position of what is called with the failure."""
_AXIOS: Final = "axios"
_OPTIONS: Final = {"got": ("hooks.beforeError",), "ofetch": ("onRequestError", "onResponseError")}
"""What is called with failures, by client: all of them are needed to hear of every one."""
_PARTLY: Final = {"ky": "hooks.beforeError"}
"""Likewise, what is called with an answer of 4xx or 5xx alone."""
_ANSWERED: Final = "it hears of answers with an error alone, and not of requests without one"


class Interceptors:
    """Finds them, by the client that they are put on."""

    def __init__(
        self, project: Project, auto: AutoInstrumentation, sends: Callable[[FileView, Expr, int, int], str]
    ) -> None:
        """:param sends: What a handler tells a monitor by; ``""``: it tells none."""
        self._project = project
        self._auto = auto
        self._sends = sends

    def of(self, found: FoundCall) -> Verdict:
        """What hears of a request which fails, where the client, or axios itself, has something that does."""
        if found.match.entry.package in _OPTIONS:
            return Verdict(self._by_options(found, _OPTIONS[found.match.entry.package]))
        if found.match.entry.package in _PARTLY:
            partly = self._by_options(found, (_PARTLY[found.match.entry.package],))
            return Verdict(partly, (), _ANSWERED if partly is not None else "")
        if found.match.entry.package != _AXIOS:
            return Verdict(None)
        for monitor in self._all.get(found.value.origin, ()):
            # What is put on axios itself is on where the file runs that puts it there.
            doubt = "" if found.value.origin is not None else self._auto.doubt_at(monitor.path, found.view.path)
            if doubt is not None:
                return Verdict(monitor, (), doubt)
        return Verdict(None)

    def _by_options(self, found: FoundCall, names: tuple[str, ...]) -> Monitor | None:
        origin = found.value.origin
        view = self._project.view(origin[0]) if origin is not None else None
        if origin is None or view is None:
            return None
        call = view.facts.calls[origin[1]]
        told = [self._told(view, call, call.kwargs.get(name)) for name in names]
        return Monitor("client", Level.ERRORS, told[0], view.path, call.row) if all(told) else None

    def _told(self, view: FileView, call: Call, expr: Expr) -> str:
        """What one of some handlers tells a monitor by."""
        is_list = isinstance(expr, (tuple, list)) and bool(expr) and expr[0] == "seq"
        handlers = expr[1] if is_list else (expr,)  # type: ignore[index]
        return next(filter(None, (self._sends(view, one, call.scope, call.start) for one in handlers)), "")

    @cached_property
    def _all(self) -> dict[tuple[str, int] | None, list[Monitor]]:
        table: dict[tuple[str, int] | None, list[Monitor]] = {}
        for origin, monitor in self._find():
            table.setdefault(origin, []).append(monitor)
        return table

    def _find(self) -> Iterator[tuple[tuple[str, int] | None, Monitor]]:
        for view in self._project.views():
            for number in view.calls_by_tail.get("use", ()):
                call = view.facts.calls[number]
                if not isinstance(call.callee, str) or not call.callee.endswith(_TAKING) or len(call.args) <= _FAILED:
                    continue
                name = self._sends(view, call.args[_FAILED], call.scope, call.start)
                base = call.callee.removesuffix(_TAKING)
                for value in self._project.resolver.resolve(base, view, call.scope, call.start) if name else ():
                    if isinstance(value, External) and value.path.partition(".")[0] == _AXIOS:
                        yield value.origin, Monitor("client", Level.ERRORS, name, view.path, call.row)
