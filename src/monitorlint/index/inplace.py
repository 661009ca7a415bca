"""Clients that a monitor is put on where they are: ``logfire.instrument_openai(client)``."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.values import External, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call


class InPlace:
    """Finds the calls that instrument a client without giving back another one."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def tags(self, value: External) -> tuple[Tag, ...]:
        """The monitors put on the client that ``value`` hangs on, by the call that made it."""
        return tuple(self._by_origin.get(value.origin, ())) if value.origin is not None else ()

    @cached_property
    def _by_origin(self) -> dict[tuple[str, int], list[Tag]]:
        table: dict[tuple[str, int], list[Tag]] = defaultdict(list)
        tails = sorted(self._project.catalogue.in_place_tails)
        for view in self._project.views():
            for tail in tails:
                for number in view.calls_by_tail.get(tail, ()):
                    for client, tag in self._put_on(view, number, view.facts.calls[number]):
                        table[client].append(tag)
        return table

    def _put_on(self, view: FileView, number: int, call: Call) -> Iterator[tuple[tuple[str, int], Tag]]:
        resolver = self._project.resolver
        for callee in resolver.callee(view, number):
            form = self._project.catalogue.wrapper(callee.path) if isinstance(callee, External) else None
            if form is None or not form.in_place:
                continue
            tag = Tag("client", form.vendor, form.path, form.group, form.level.value, view.path, call.row)
            for client in resolver.argument(view, call, form.argument):
                if isinstance(client, External) and client.origin is not None:
                    yield client.origin, tag
