"""The coverage ledger for people: a table per area, then every site with its verdict and the evidence for it."""

from __future__ import annotations

from collections.abc import Iterator

from monitorlint.model.run import RunResult
from monitorlint.model.site import Site
from monitorlint.report import ReportOptions
from monitorlint.report.ledger import CALL_STATUS, LOOP_STATUS, Row, counted_kinds, percentage, rows
from monitorlint.report.paths import displayed
from monitorlint.report.style import Style, printable

_COLORS = {"monitored": "32", "bounded": "32", "guarded": "32", "unmonitored": "31", "unbounded": "31", "unknown": "33"}


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Tables, sites, and the percentage."""
    style = Style(options.color)
    table = rows(result)
    for area in dict.fromkeys(row.area for row in table):
        yield style.bold(f"{area} code") + "\n"
        here = [row for row in table if row.area == area]
        yield from _table([row for row in here if row.kind != "loop"], (*CALL_STATUS, "percent"))
        yield from _table([row for row in here if row.kind == "loop"], LOOP_STATUS)
        yield "\n"
    for site in result.sites:
        yield from _site(site, result.prefix, style)
    if result.sites:
        yield "\n"
    yield _verdict(result) + "\n"


def _table(table: list[Row], columns: tuple[str, ...]) -> Iterator[str]:
    if not table:
        return
    yield _cells("kind", ["sites", *columns])
    for row in table:
        values = [str(row.sites), *(str(number) for _, number in row.counts)]
        if "percent" in columns:
            values.append("-" if row.percent is None else f"{row.percent:.1f}%")
        yield _cells(row.kind, values)


def _cells(head: str, values: list[str]) -> str:
    return f"  {head:<6}" + "".join(f"{value:>13}" for value in values) + "\n"


def _site(site: Site, prefix: str, style: Style) -> Iterator[str]:
    place = f"{style.bold(printable(displayed(prefix, site.path)))}:{site.region.row}:{site.region.column}:"
    status = style.paint(site.status, _COLORS.get(site.status, "2"))
    line = f"{place} {site.kind} {printable(site.target)}: {status}"
    monitor = site.monitored_by
    if monitor is not None:
        where = f"{printable(displayed(prefix, monitor.path))}:{monitor.line}"
        line += f" ({monitor.level.value}), {monitor.how} {printable(monitor.name)} at {where}"
    elif site.reason:
        line += f" ({printable(site.reason)})"
    yield line + "\n"
    for item in site.evidence:
        yield f"    {style.dim('=')} {printable(displayed(prefix, item.path))}:{item.row} {printable(item.text)}\n"


def _verdict(result: RunResult) -> str:
    percent, monitored, counted = percentage(result)
    scope = f"{'/'.join(counted_kinds(result))} calls in {'/'.join(result.areas)} code"
    if percent is None:
        return f"Monitored: nothing to count ({scope})"
    return f"Monitored: {percent:.1f}% ({monitored} of {counted} {scope})"
