"""Clients that send their requests through the client of another package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.calls import condition_holds
from monitorlint.index.values import External

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog import Cover
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project


class Carriers:
    """Answers what covers a call: the rows of its own package, and those of the packages that carry it."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def rows(self, found: FoundCall, vendor: str, group: str) -> tuple[Cover, ...]:
        """The coverage rows of a monitor's group that speak of a call, or of what carries it."""
        covers, match = self._project.catalogue.covers, found.match
        own = covers(vendor, group, match.entry.package, match.method, match.target)
        if own or match.carrier is None:
            return tuple(row for row in own if not (row.unless and self._is_off(row, found)))
        methods = match.carrier.methods
        return tuple(
            row
            for package in self._packages(found)
            for method in methods
            for row in covers(vendor, group, package, method)
            if not row.direct
        )

    def _is_off(self, row: Cover, found: FoundCall) -> bool:
        """Whether a call says itself that a monitor is not to see it."""
        call = found.view.facts.calls[found.number]
        asked = (condition for condition in row.unless if condition.on_call)
        return any(condition_holds(self._project, found.view, call, condition) is True for condition in asked)

    def clients(self, found: FoundCall) -> Iterator[External]:
        """The clients that the call, or its client's constructor, was handed: their monitors see the call."""
        if found.match.carrier is not None:
            yield from self._handed(found, None)

    def _packages(self, found: FoundCall) -> Iterator[str]:
        carrier = found.match.carrier
        if carrier is None:
            return
        if carrier.package:
            yield carrier.package
            return
        for value in self._handed(found, carrier.argument):
            client = self._project.catalogue.client(value.path)
            if client is not None:
                yield client.entry.package

    def _handed(self, found: FoundCall, position: int | None) -> Iterator[External]:
        """What stands at a position (None: anywhere) among the arguments of the constructor, or of a plain function."""
        place = found.value.origin if found.match.client else (found.view.path, found.number)
        view = self._project.view(place[0]) if place is not None else None
        if place is None or view is None:
            return
        call = view.facts.calls[place[1]]
        exprs = call.args[position : position + 1] if position is not None else call.args
        for expr in (*exprs, *call.kwargs.values()):
            if isinstance(expr, str) or (expr and expr[0] == "call"):
                for value in self._project.resolver.resolve(expr, view, call.scope, call.start):
                    if isinstance(value, External):
                        yield value
