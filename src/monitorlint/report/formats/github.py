"""Workflow commands of GitHub Actions: annotations on the changed files of a pull request.

Escaping follows ``@actions/toolkit`` (``packages/core/src/command.ts``): data escapes ``%``, carriage return and line
feed, properties ``:`` and ``,`` as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitorlint.model.finding import Confidence, Finding, Severity
from monitorlint.model.run import RunResult
from monitorlint.report import ReportOptions, visible
from monitorlint.report.paths import displayed

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:  # noqa: ARG001 - every format has this signature
    """One command for every finding that nothing silences."""
    for finding in visible(result):
        yield _command(finding, displayed(result.prefix, finding.path)) + "\n"


def _command(finding: Finding, path: str) -> str:
    region = finding.region
    properties = {
        "title": f"{finding.code} {finding.name}",
        "file": path,
        "line": region.row,
        "endLine": region.end_row,
    }
    if region.row == region.end_row:  # GitHub takes columns only for one line
        properties |= {"col": region.column, "endColumn": region.end_column}
    fields = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    # A low-confidence finding does not fail the run, so it must not look like an error.
    command = "notice" if finding.confidence is Confidence.LOW else _COMMANDS[finding.severity]
    return f"::{command} {fields}::{_data(f'{path}:{region.row}:{region.column}: {finding.code} {finding.message}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
