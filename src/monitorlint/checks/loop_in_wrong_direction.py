"""What it does
------------
Reports a loop whose counter moves away from the limit that it is compared with.

Why is this bad?
----------------
The loop never reaches its limit.

Example
-------
::

    while index < len(items):
        show(items[index])
        index -= 1

Use instead
-----------
::

    while index < len(items):
        show(items[index])
        index += 1

How it decides
--------------
The condition orders one name, every write of that name in the loop is a literal step in the wrong direction, the other
side is not written, and there is no other exit.

References
----------
- ESLint for-direction: https://eslint.org/docs/latest/rules/for-direction
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
    code="MON310",
    name="loop-in-wrong-direction",
    summary="A counter that moves away from its limit",
    kind="loop",
    severity=Severity.ERROR,
    default=True,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every counter that runs the wrong way."""
    return unbounded(RULE, judged, "it never gets there", "turn the step or the comparison round")
