"""One line per finding: ``path:line:column: CODE message``."""

from __future__ import annotations

from collections.abc import Iterator

from monitorlint.model.finding import Confidence, Finding
from monitorlint.model.run import RunResult
from monitorlint.report import ReportOptions, visible
from monitorlint.report.paths import displayed
from monitorlint.report.style import Style, printable


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """One line for every finding that nothing silences."""
    style = Style(options.color)
    for finding in visible(result):
        yield _line(finding, displayed(result.prefix, finding.path), style) + "\n"


def _line(finding: Finding, path: str, style: Style) -> str:
    place = f"{style.bold(printable(path))}:{finding.region.row}:{finding.region.column}:"
    line = f"{place} {style.severity(finding.severity, finding.code)} {printable(finding.message)}"
    return f"{line} {style.dim('(low confidence)')}" if finding.confidence is Confidence.LOW else line
