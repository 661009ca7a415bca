"""What a run says about itself on standard error: the files it did not read, and one line of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from monitorlint.model.finding import Confidence, Severity
from monitorlint.model.run import RunResult
from monitorlint.report import visible
from monitorlint.report.links import ISSUES
from monitorlint.report.paths import displayed
from monitorlint.report.style import printable


def failures(result: RunResult) -> Iterator[str]:
    """One line for each bug of ours that the run met; one bug that many files run into is one line."""
    met: dict[tuple[str, str], list[str]] = {}
    for item in result.failures:
        met.setdefault((item.where, item.error), []).append(printable(displayed(result.prefix, item.path)))
    for (where, error), paths in met.items():
        which = f"{paths[0]} and {len(paths) - 1} more files were" if len(paths) > 1 else f"{paths[0]} was"
        yield f"internal error in {where}: {printable(error)}; {which} not checked whole, report it at {ISSUES}"


MAX_NAMED = 5


def remarks(result: RunResult) -> Iterator[str]:
    """One line for each file that was left out and each baseline entry that is out of date.

    Of many files with the same reason the first are named, and the others counted.
    """
    number: Counter[str] = Counter()
    for skipped in result.skipped:
        number[skipped.reason] += 1
        if number[skipped.reason] <= MAX_NAMED:
            yield f"skipped {printable(displayed(result.prefix, skipped.path))}: {printable(skipped.reason)}"
    for reason, count in number.items():
        if count > MAX_NAMED:
            yield f"skipped {counted(count - MAX_NAMED, 'more file')}: {printable(reason)}"
    for stale in result.stale:
        path = printable(displayed(result.prefix, stale.path))
        yield (
            f"stale baseline entry {path}: {stale.code} {printable(stale.text)}: nothing matches it any more; "
            "drop it with --update-baseline"
        )


def summary(result: RunResult) -> str:
    """The one line of counts: findings by severity, what is held back, and how much was read."""
    found = list(visible(result))
    parts = [
        ", ".join(
            counted(number, severity.value)
            for severity in Severity
            if (number := sum(finding.severity is severity for finding in found))
        )
    ]
    suppressed = sum(finding.suppressed is not None and finding.suppressed != "baseline" for finding in result.findings)
    held = ", ".join(
        f"{number} {what}"
        for number, what in ((suppressed, "suppressed"), (result.baseline_debt, "in the baseline"))
        if number
    )
    low = sum(finding.confidence is Confidence.LOW for finding in found)
    parts += [f"{low} of low confidence" if low else "", held]
    detail = "; ".join(part for part in parts if part)
    head = f"Found {counted(len(found), 'finding')}" if found else "No findings"
    line = f"{head}{f' ({detail})' if detail else ''} in {counted(result.files, 'file')}"
    if result.unreadable:
        line += f"; {counted(result.unreadable, 'file')} could not be read"
    if result.skipped:
        line += f"; {len(result.skipped)} skipped"
    return line


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def statistics(result: RunResult) -> list[tuple[int, str, str]]:
    """Count, code and name of every rule with findings, most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in visible(result))
    return sorted(((number, code, name) for (code, name), number in counts.items()), key=lambda row: (-row[0], row[1]))
