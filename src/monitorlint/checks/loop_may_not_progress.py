"""What it does
------------
Reports a loop that can take a turn on which nothing changes.

Why is this bad?
----------------
The next turn is then the same, and so is every turn after it.

Example
-------
::

    while len(picked) < wanted:
        for pool in pools:
            fresh = [item for item in pool if item not in picked]
            if fresh:
                picked.append(fresh[0])

Use instead
-----------
::

    while len(picked) < wanted:
        before = len(picked)
        for pool in pools:
            fresh = [item for item in pool if item not in picked]
            if fresh:
                picked.append(fresh[0])
        if len(picked) == before:
            break

How it decides
--------------
There is one condition (or one swallowed exception) between the turn and its progress, and everything else on the way
back to the head is free of side effects and reads local names only. Any other call, attribute or second condition keeps
the rule silent.

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
    code="MON308",
    name="loop-may-not-progress",
    summary="A loop with a turn that changes nothing",
    kind="loop",
    severity=Severity.WARNING,
    default=False,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every loop that can stand still."""
    return unbounded(RULE, judged, "nothing notices that it stands still", "stop when a turn changed nothing")
