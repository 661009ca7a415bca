"""For people at a terminal: each finding with its source, the evidence for it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from monitorlint.model.edits import Change
from monitorlint.model.finding import Confidence, Finding
from monitorlint.model.run import RunResult
from monitorlint.report import ReportOptions, visible
from monitorlint.report.frame import frame
from monitorlint.report.paths import displayed
from monitorlint.report.style import Style, printable

EVIDENCE = 8
"""Places of evidence that are shown; the machine formats carry all."""


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """One paragraph for every finding that nothing silences."""
    style = Style(options.color)
    for finding in visible(result):
        yield "\n".join(_paragraph(finding, result, options, style)) + "\n\n"


def _paragraph(finding: Finding, result: RunResult, options: ReportOptions, style: Style) -> Iterator[str]:
    path = displayed(result.prefix, finding.path)
    region = finding.region
    code = style.severity(finding.severity, finding.code)
    yield f"{code} {style.bold(f'{finding.name}: {printable(finding.message)}')}"
    margin = len(str(region.end_row + 1))
    edge = " " * margin
    yield f"{edge}{style.location('-->')} {printable(path)}:{region.row}:{region.column}"
    lines = list(frame(result.sources.get(finding.path, b""), region, options.width - margin - 3))
    if lines:
        bar = style.location("|")
        yield f"{edge} {bar}"
        for line in lines:
            number = style.location(str(line.number).rjust(margin)) if line.number else edge
            text = style.severity(finding.severity, line.text) if line.marks else line.text
            yield f"{number} {bar} {text}".rstrip()
        yield f"{edge} {bar}"
    for label, text in _remarks(finding, result.prefix):
        yield f"{edge} {style.location('=')} {style.bold(label)}: {printable(text)}"
    for changed in _edited(finding, result.sources.get(finding.path, b"")):
        yield f"{edge}   {printable(changed)}".rstrip()


def _remarks(finding: Finding, prefix: str) -> Iterator[tuple[str, str]]:
    for evidence in finding.evidence[:EVIDENCE]:
        yield "evidence", f"{displayed(prefix, evidence.path)}:{evidence.row} {evidence.text}"
    if len(finding.evidence) > EVIDENCE:
        yield "evidence", f"and {len(finding.evidence) - EVIDENCE} more places"
    if finding.confidence is Confidence.LOW:
        yield "confidence", "low; this finding does not fail the run unless --strict is given"
    if finding.note:
        yield "help", finding.note
    if finding.fix is not None:
        yield f"fix ({finding.fix.applicability.value})", finding.fix.message


def _edited(finding: Finding, source: bytes) -> Iterator[str]:
    """The lines that the edits of a fix change, as a patch has them."""
    if finding.fix is None or not finding.fix.edits:
        return
    from difflib import unified_diff  # noqa: PLC0415 - only for who asks to see the fixes

    # Edits count the bytes of UTF-8; a file in another encoding is not shown.
    with suppress(UnicodeDecodeError):
        after = Change(finding.fix.edits).applied(source).decode()
        before = source.decode()
        changed = unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
        yield from (line for line in changed if not line.startswith(("---", "+++")))
