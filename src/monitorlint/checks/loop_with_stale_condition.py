"""What it does
------------
Reports a ``while`` loop whose condition reads local variables that the loop never changes.

Why is this bad?
----------------
Once entered, the loop cannot end: the next test has the same answer as the first.

Example
-------
::

    left = 10
    while left > 0:
        send(queue[0])

Use instead
-----------
::

    left = 10
    while left > 0:
        send(queue[0])
        left -= 1

How it decides
--------------
Every name in the condition is a parameter or local of the loop's own function, holds a number or a flag, and is written
neither in the loop nor by a nested function. A call, an attribute, an element or an ``await`` in the condition, any way
out of the body, or a ``yield`` keeps the rule silent.

References
----------
- ESLint no-unmodified-loop-condition: https://eslint.org/docs/latest/rules/no-unmodified-loop-condition
- clang-tidy bugprone-infinite-loop: https://clang.llvm.org/extra/clang-tidy/checks/bugprone/infinite-loop.html
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
    code="MON302",
    name="loop-with-stale-condition",
    summary="A loop whose condition nothing changes",
    kind="loop",
    severity=Severity.ERROR,
    default=True,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every loop whose condition stays what it was."""
    return unbounded(
        RULE, judged, "once entered, it never ends", "change what the condition tests, or leave the loop with `break`"
    )
