"""What it does
------------
Reports a database query that no monitoring covers.

Why is this bad?
----------------
A query that gets slower as a table grows is the most common reason for an outage that nobody saw coming.

Example
-------
::

    rows = connection.execute(statement)

Use instead
-----------
::

    with monitor_operation("load_users"):
        rows = connection.execute(statement)

How it decides
--------------
As ``unmonitored-ai-call`` does, for the db entries of the catalogue. The rule is opt-in: name its code, or a prefix
of it, in ``select`` or ``extend-select``.

References
----------
- What counts as monitored: docs/decisions/0006-monitored-by-callers.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.unmonitored import unmonitored
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON501",
    name="unmonitored-database-query",
    summary="A database query that no monitoring covers",
    kind="db",
    severity=Severity.INFO,
    default=False,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such operation without a monitor."""
    return unmonitored(RULE, judged)
