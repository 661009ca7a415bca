"""The coverage ledger: which sites there are, and how many of them are monitored.

The **percentage** is ``monitored / (monitored + unmonitored + unknown)`` over the AI calls and fetches, and over the
database, e-mail and file operations whose rule is on, in the areas that the settings report on. A site whose verdict is
unknown counts as not monitored; a suppressed site does not count at all; loops are listed and not part of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from monitorlint.model.run import RunResult
from monitorlint.model.site import Site

KINDS = ("ai", "http", "db", "email", "file", "loop")
AREAS = ("app", "test", "example", "benchmark")
CALL_STATUS = ("monitored", "unmonitored", "unknown", "suppressed")
LOOP_STATUS = ("bounded", "guarded", "service", "unbounded", "suppressed")
ALWAYS = frozenset({"ai", "http"})


@dataclass(frozen=True, slots=True)
class Row:
    """How the sites of one kind in one area stand."""

    area: str
    kind: str
    counts: tuple[tuple[str, int], ...]
    """Status and number, every status of the kind in a fixed order."""

    @property
    def sites(self) -> int:
        return sum(number for _, number in self.counts)

    @property
    def percent(self) -> float | None:
        return None if self.kind == "loop" else share(self.counts)


def share(counts: Iterable[tuple[str, int]]) -> float | None:
    """Percent monitored, rounded to one decimal *downwards*, so that 100 means all; None when nothing counts."""
    known = dict(counts)
    total = known.get("monitored", 0) + known.get("unmonitored", 0) + known.get("unknown", 0)
    return known.get("monitored", 0) * 1000 // total / 10 if total else None


def counted_kinds(result: RunResult) -> tuple[str, ...]:
    """The kinds of call that the percentage is about."""
    selected = {rule.kind for rule in result.rules} | ALWAYS
    return tuple(kind for kind in KINDS if kind in selected and kind != "loop")


def rows(result: RunResult) -> list[Row]:
    """One row per area and kind that has sites."""
    counts = Counter((site.area, site.kind, site.status) for site in result.sites)
    areas = [*AREAS, *sorted({site.area for site in result.sites} - set(AREAS))]
    present = {(site.area, site.kind) for site in result.sites}
    return [
        Row(area, kind, tuple((status, counts[area, kind, status]) for status in statuses(kind)))
        for area in areas
        for kind in KINDS
        if (area, kind) in present
    ]


def statuses(kind: str) -> tuple[str, ...]:
    """What a site of the kind may be."""
    return LOOP_STATUS if kind == "loop" else CALL_STATUS


def percentage(result: RunResult) -> tuple[float | None, int, int]:
    """The percentage as defined above (None when no site counts), the monitored sites, and the sites that count."""
    kinds = counted_kinds(result)
    counting = Counter(site.status for site in result.sites if _counts(site, kinds, result.areas))
    total = counting["monitored"] + counting["unmonitored"] + counting["unknown"]
    return share(counting.items()), counting["monitored"], total


def _counts(site: Site, kinds: tuple[str, ...], areas: tuple[str, ...]) -> bool:
    return site.kind in kinds and site.area in areas
