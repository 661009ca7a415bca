"""What one run produced: the only thing the report formats see."""

from __future__ import annotations

from monitorlint.model.finding import Finding
from monitorlint.model.rows import NamedTuple
from monitorlint.model.rule import Rule
from monitorlint.model.site import Site


class Skipped(NamedTuple):
    """A file that was not read, and why."""

    path: str
    reason: str
    """``too large``, ``minified``, ``symlink loop`` …: one line for standard error."""


class StaleEntry(NamedTuple):
    """A baseline entry that no finding matches any more."""

    path: str
    code: str
    text: str


class Failure(NamedTuple):
    """A bug of ours in one stage for one file."""

    path: str
    where: str
    error: str


class RunResult(NamedTuple):
    """Findings and sites in a fixed order: path, row, column, code."""

    findings: tuple[Finding, ...] = ()
    """All findings of the reported files, the suppressed ones included (``Finding.suppressed``)."""
    sites: tuple[Site, ...] = ()
    """Every site of the reported files, covered or not, in every area."""
    rules: tuple[Rule, ...] = ()
    """The rules that were on."""
    files: int = 0
    """Files that were reported on."""
    unreadable: int = 0
    """Of those, the ones that could not be read or parsed (each has a MON901 or MON902 finding)."""
    skipped: tuple[Skipped, ...] = ()
    baseline_debt: int = 0
    """Findings that the baseline holds back."""
    stale: tuple[StaleEntry, ...] = ()
    failures: tuple[Failure, ...] = ()
    sources: dict[str, bytes] = {}  # noqa: RUF012
    """Bytes of the files that have findings, for code frames."""
    prefix: str = ""
    """How to get from the working directory to the project root; ``""`` when they are one."""
    areas: tuple[str, ...] = ("app",)
    """The areas that the settings report on: what a coverage percentage counts."""
