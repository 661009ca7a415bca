"""What it does
------------
Reports a ``for`` over a collection whose body itself awaits, asks a model, fetches or queries.

Why is this bad?
----------------
The collection decides how long it takes: with ten thousand elements, a second each becomes three hours, and nobody is
told.

Example
-------
::

    for lesson in lessons:
        await process(lesson)

Use instead
-----------
::

    turns = 0
    for lesson in lessons:
        turns += 1
        if turns % 100 == 0:
            detect_infinite_loop("process_lessons", turns, {"lesson": lesson.id})
        await process(lesson)

How it decides
--------------
The collection is neither a literal nor a ``range``, and the call stands directly in the body, in no inner loop or
function. Off by default: such loops end by themselves and are common.

References
----------
- The thresholds of the loop guard: docs/configuration.md
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
    code="MON320",
    name="unwatched-batch-loop",
    summary="A loop that calls out once per element, without a guard",
    kind="loop",
    severity=Severity.INFO,
    default=False,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every batch loop without a guard."""
    return unbounded(RULE, judged, "nothing tells how far it has come", "call the loop guard every hundred turns")
