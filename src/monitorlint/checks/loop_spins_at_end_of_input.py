"""What it does
------------
Reports a loop that reads until it sees a marker and never asks whether the input has ended.

Why is this bad?
----------------
At the end of a file or of a process's output a read gives an empty value at once, again and again: the loop spins at
full speed when the writer died before the marker.

Example
-------
::

    while True:
        line = process.stdout.readline()
        if line.startswith("READY"):
            break

Use instead
-----------
::

    while True:
        line = process.stdout.readline()
        if not line:
            raise EOFError("the process ended before it was ready")
        if line.startswith("READY"):
            break

How it decides
--------------
The loop has a constant condition, assigns what ``read`` or ``readline`` gives to a name, and every exit asks for a text
in that name. A test for emptiness that leaves, an exit on anything else (a counter, the process's state), and devices
whose reads time out with an empty value keep it silent.

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
    code="MON309",
    name="loop-spins-at-end-of-input",
    summary="A read loop that the end of the input does not end",
    kind="loop",
    severity=Severity.ERROR,
    default=True,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every read loop that spins at the end."""
    return unbounded(
        RULE, judged, "nothing asks whether there is more to read", "leave the loop when the value is empty"
    )
