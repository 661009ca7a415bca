"""What it does
------------
Reports a loop with a constant condition, or over an iterator that never ends, in which nothing can end it.

Why is this bad?
----------------
Only killing the process stops it. Until then it holds a worker, a thread or the event loop, and whatever it calls is
called for ever.

Example
-------
::

    for number in itertools.count():
        total += number

Use instead
-----------
::

    for number in range(limit):
        total += number

How it decides
--------------
The body has no ``break``, ``return``, ``raise`` or call that ends the process. Loops that wait for input, messages or
a clock are services and stay silent, and so do generators, whose consumer decides. A body whose calls are unknown, or
that survives the errors of its requests, is taken for a server's main loop; one that only calls a model, a server or a
database is not.

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
    code="MON301",
    name="loop-without-exit",
    summary="A loop with no condition and no way out",
    kind="loop",
    severity=Severity.ERROR,
    default=True,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every loop that nothing can end."""
    return unbounded(RULE, judged, "nothing in the code can end it", "give it a condition, a `break` or a cap")
