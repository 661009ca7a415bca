"""The coverage ledger as JSON, version 1; the fields are a stable interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from monitorlint.model.run import RunResult
from monitorlint.model.site import MonitoredBy, Site
from monitorlint.report import ReportOptions
from monitorlint.report.ledger import counted_kinds, percentage, rows
from monitorlint.report.paths import displayed

VERSION = 1


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:  # noqa: ARG001 - every format has this signature
    """Every site, one line each, and the summary."""
    yield f'{{"version": {VERSION}, "sites": ['
    separator = "\n"
    for site in result.sites:
        yield separator + json.dumps(_site(site, result.prefix))
        separator = ",\n"
    yield f'\n], "summary": {json.dumps(_summary(result))}}}\n'


def _site(site: Site, prefix: str) -> dict[str, Any]:
    return {
        "kind": site.kind,
        "path": displayed(prefix, site.path),
        "line": site.region.row,
        "column": site.region.column,
        "end_line": site.region.end_row,
        "language": site.language,
        "area": site.area,
        "confidence": site.confidence.value,
        "target": site.target,
        "async": site.is_async,
        "stream": site.stream,
        "status": site.status,
        "monitored_by": _monitor(site.monitored_by, prefix),
        "function": site.function,
        "timeout": None if site.kind == "loop" else site.timeout,
    }


def _monitor(monitor: MonitoredBy | None, prefix: str) -> dict[str, Any] | None:
    if monitor is None:
        return None
    return {
        "how": monitor.how,
        "level": monitor.level.value,
        "name": monitor.name,
        "path": displayed(prefix, monitor.path),
        "line": monitor.line,
    }


def _summary(result: RunResult) -> dict[str, Any]:
    percent, monitored, counted = percentage(result)
    return {
        "files": result.files,
        "unreadable": result.unreadable,
        "skipped": len(result.skipped),
        "percent": percent,
        "monitored": monitored,
        "counted": counted,
        "kinds": list(counted_kinds(result)),
        "areas": list(result.areas),
        "table": [
            {"area": row.area, "kind": row.kind, "sites": row.sites, **dict(row.counts), "percent": row.percent}
            for row in rows(result)
        ],
    }
