"""A JSON array with one object per finding; the fields are a stable interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from monitorlint.model.finding import Finding, Fix
from monitorlint.model.run import RunResult
from monitorlint.report import ReportOptions, visible
from monitorlint.report.links import rule_page
from monitorlint.report.paths import displayed


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:  # noqa: ARG001 - every format has this signature
    """The findings that nothing silences, one at a time, so that a long report is never held as one string."""
    separator = "[\n"
    for finding in visible(result):
        yield separator + json.dumps(_finding(finding, result.prefix))
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _finding(finding: Finding, prefix: str) -> dict[str, Any]:
    region = finding.region
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "kind": finding.kind,
        "target": finding.target,
        "filename": displayed(prefix, finding.path),
        "location": {"row": region.row, "column": region.column},
        "end_location": {"row": region.end_row, "column": region.end_column},
        "fix": _fix(finding.fix),
        "evidence": [
            {"filename": displayed(prefix, item.path), "row": item.row, "text": item.text} for item in finding.evidence
        ],
        "url": rule_page(finding.code),
    }


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = None
    if fix.edits is not None:
        edits = [{"start": edit.start, "end": edit.end, "content": edit.content} for edit in fix.edits]
    return {"applicability": fix.applicability.value, "message": fix.message, "edits": edits}
