"""What it does
------------
Reports a ``monitorlint: ignore`` comment that names a code or name that no rule has.

Why is this bad?
----------------
The comment does not do what its author meant.

Example
-------
::

    client.chat.completions.create(...)  # monitorlint: ignore[MON1O1] batch job

Use instead
-----------
::

    client.chat.completions.create(...)  # monitorlint: ignore[MON101] batch job

How it decides
--------------
The text between the brackets is compared with all codes and names.

References
----------
- docs/configuration.md
"""

from __future__ import annotations

from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

RULE = Rule(
    code="MON904",
    name="unknown-code-in-suppression",
    summary="A suppression that names no rule",
    kind="tool",
    severity=Severity.WARNING,
    default=True,
)
