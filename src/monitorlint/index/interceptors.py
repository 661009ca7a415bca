"""Interceptors of axios that tell a monitor of failed requests: ``api.interceptors.response.use(ok, report)``."""

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

_TAKING: Final = ".interceptors.response.use"
_FAILED: Final = 1
"""Position of what is called with the failure."""
_AXIOS: Final = "axios"


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
        """The interceptor that hears of a request which fails, where the client, or axios itself, has one."""
        if found.match.entry.package != _AXIOS:
            return Verdict(None)
        for monitor in self._all.get(found.value.origin, ()):
            # What is put on axios itself is on where the file runs that puts it there.
            doubt = "" if found.value.origin is not None else self._auto.doubt_at(monitor.path, found.view.path)
            if doubt is not None:
                return Verdict(monitor, (), doubt)
        return Verdict(None)

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
