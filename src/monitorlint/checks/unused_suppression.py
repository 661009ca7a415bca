"""What it does
------------
Reports a ``monitorlint: ignore`` comment that silences nothing.

Why is this bad?
----------------
A stale comment hides the next real finding on its line.

Example
-------
::

    total = a + b  # monitorlint: ignore[MON101] batch job

Use instead
-----------
::

    total = a + b

How it decides
--------------
The rules that the comment names were on for this file, and none of them found anything where it stands.

References
----------
- docs/configuration.md
"""

from __future__ import annotations

from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

RULE = Rule(
    code="MON903",
    name="unused-suppression",
    summary="A suppression that silences nothing",
    kind="tool",
    severity=Severity.WARNING,
    default=True,
)
