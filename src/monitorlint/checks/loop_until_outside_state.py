"""What it does
------------
Reports a loop whose only exits depend on what a database, a server or a browser answers.

Why is this bad?
----------------
Rows that cannot be deleted, a page that always grows, or an identifier that is always taken keep it running.

Example
-------
::

    while queryset.exists():
        queryset[:500].delete()

Use instead
-----------
::

    while queryset.exists():
        deleted, _ = queryset[:500].delete()
        if not deleted:
            raise StuckError(queryset)

How it decides
--------------
Every exit is decided by the result of a call of kind ``http`` or ``db`` or of a browser, and neither a counter nor a
clock is compared. Queries that move on by an offset or a last key, that leave out what was handled, or whose exit tests
how many rows a turn changed are silent.

References
----------
- CWE-835: https://cwe.mitre.org/data/definitions/835.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.unbounded import unbounded
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON307",
    name="loop-until-outside-state",
    summary="A loop that another system has to end",
    kind="loop",
    severity=Severity.WARNING,
    default=False,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every loop that the outside ends."""
    return unbounded(RULE, judged, "nothing counts the turns", "cap the turns, or stop when a turn changed nothing")
