"""Loops as sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.loops import classify
from monitorlint.model.finding import Evidence, Region
from monitorlint.model.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.call_kinds import FileCallKinds
    from monitorlint.index.view import FileView
    from monitorlint.model.loops import Loop


def _header(loop: Loop) -> Region:
    """The header alone: a comment in the body does not speak of the loop."""
    row, column = loop.row + 1, loop.column + 1
    return Region(row, column, row, column + len(loop.header), loop.start, loop.body_start)


def loop_sites(view: FileView, kinds: FileCallKinds, *, plain: bool) -> Iterator[Site]:
    """The loop sites of one file, in source order.

    :param plain: Whether loops over collections are sites too.
    """
    for loop in view.facts.loops:
        if loop.plain and not plain:
            continue
        verdict = classify(loop, view.facts, kinds)
        yield Site(
            kind="loop",
            path=view.path,
            region=_header(loop),
            language=view.facts.language,
            area=view.area,
            confidence=verdict.confidence,
            target=verdict.reason or loop.kind,
            is_async=loop.kind == "async-for",
            stream="no",
            status=verdict.status,
            function=view.symbol(view.function_of(loop.scope)),
            text=loop.header,
            evidence=tuple(Evidence(view.path, row, text) for row, text in verdict.evidence),
            reason=verdict.detail,
            code=verdict.code,
        )
