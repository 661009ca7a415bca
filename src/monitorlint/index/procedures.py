"""Procedures that are made in steps: what is said before the handler runs around it.

``const traced = t.procedure.use(({ next }) => withSpan(next)); traced.input(schema).mutation(handler)``
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.values import Defined, External
from monitorlint.index.view import family_of, tail_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

_ANSWERING: Final = frozenset("query mutation subscription handler action stateAction".split())
"""The last steps, which take the handler."""


class Procedures:
    """Finds the middlewares of a procedure."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def around(self, view: FileView, number: int) -> Iterator[tuple[FileView, int]]:
        """The calls by which middlewares run the handler that call ``number`` is handed: `next`, and where."""
        if tail_of(view.facts.calls[number].callee) not in _ANSWERING:
            return
        for value in self._project.resolver.callee(view, number):
            for tag in value.tags if isinstance(value, External) else ():
                there = self._project.view(tag.path) if tag.how == "before" else None
                if there is not None:
                    yield from self._run_by(there, tag.row)

    @staticmethod
    def told(view: FileView, number: int) -> Iterator[int]:
        """The calls that a middleware hands the error of what ran: `next`, which is call ``number``, raises none."""
        bindings = view.facts.bindings
        results = [row for row in bindings if row.value in (("call", number), ["call", number])]
        names = {f"{row.name}.error" for row in results}
        scopes = {scope for row in results for scope in family_of(view, row.scope)}
        names.update(
            row.name for row in bindings if row.scope in scopes and isinstance(row.value, str) and row.value in names
        )
        for at, call in enumerate(view.facts.calls) if names else ():
            if call.scope in scopes and any(isinstance(arg, str) and arg in names for arg in call.args):
                yield at

    def _run_by(self, view: FileView, number: int) -> Iterator[tuple[FileView, int]]:
        call = view.facts.calls[number]
        for value in self._project.resolver.resolve(call.args[0], view, call.scope, call.start):
            there = self._project.view(value.file) if isinstance(value, Defined) else None
            if there is None or not isinstance(value, Defined):
                continue
            inside = {value.scope}
            for scope in range(value.scope + 1, len(there.facts.scopes)):
                if there.facts.scopes[scope].parent in inside:
                    inside.add(scope)
            yield from ((there, n) for n in there.calls_by_tail.get("next", ()) if there.facts.calls[n].scope in inside)
