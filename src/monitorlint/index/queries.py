"""Functions that a library of queries runs, and the handler that it tells of what they raise.

``useMutation({ mutationFn: save, onError: (error) => captureException(error) })``, and for all queries of a client
``new QueryCache({ onError })``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.values import External
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

CACHES: Final = {"queryFn": "QueryCache", "mutationFn": "MutationCache"}
"""What is told of the failures of all functions that are handed over by a name."""
HANDLER: Final = "onError"
TELLING_QUERIES: Final = ("@tanstack/react-query", "<5")
"""The versions in which a query has such a handler of its own; a mutation has one in all."""


class Asked(NamedTuple):
    """A call that is handed such a function."""

    number: int
    keyword: str


def asked_around(view: FileView, call: Call) -> Asked | None:
    """What runs the function that a call stands in; None where that is no such function."""
    number = call.parent
    while number >= 0:
        outer = view.facts.calls[number]
        for keyword in CACHES:
            expr = outer.kwargs.get(keyword)
            scope = view.facts.scopes[expr[1]] if isinstance(expr, (tuple, list)) and expr[0] == "fn" else None
            if scope is not None and scope.start <= call.start < scope.end:
                return Asked(number, keyword)
        number = outer.parent
    return None


def is_of(project: Project, view: FileView, number: int, packages: Container[str]) -> bool:
    """Whether what a call calls comes out of some packages."""
    values = project.resolver.callee(view, number)
    return any(isinstance(v, External) and v.path.partition(".")[0].partition("(")[0] in packages for v in values)


def tells_of_itself(project: Project, view: FileView, number: int) -> bool:
    """Whether what a call is told to call sees what that call alone runs.

    It asks a model, or is a method of what another call gave: ``streamText({ onError })``,
    ``result.toUIMessageStream({ onError })``.
    """
    kinds = project.catalogue.roots_match
    paths = [value.path for value in project.resolver.callee(view, number) if isinstance(value, External)]
    return any("()." in path or "ai" in kinds(path.partition(".")[0]) for path in paths)
