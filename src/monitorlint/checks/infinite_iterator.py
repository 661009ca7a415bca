"""What it does
------------
Reports a ``for`` over ``count``, ``cycle``, ``repeat`` or ``iter(callable, sentinel)`` that only another system's
answer ends.

Why is this bad?
----------------
The iterator itself never ends, and what ends it is not in the program's hands.

Example
-------
::

    for _ in itertools.count():
        if requests.get(url).json()["ready"]:
            break
        time.sleep(1)

Use instead
-----------
::

    for _ in range(MAX_POLLS):
        if requests.get(url).json()["ready"]:
            break
        time.sleep(1)

How it decides
--------------
The iterator is resolved to ``itertools`` or to the builtin ``iter``. An exit that compares the iterator's own number
counts as a cap; retries and pages over an endless iterator are reported as such (MON304, MON306).

References
----------
- itertools.count: https://docs.python.org/3/library/itertools.html#itertools.count
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
    code="MON311",
    name="infinite-iterator",
    summary="An endless iterator that only the outside ends",
    kind="loop",
    severity=Severity.WARNING,
    default=True,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every endless iterator that the outside ends."""
    return unbounded(RULE, judged, "nothing counts the turns", "give the iteration a cap")
