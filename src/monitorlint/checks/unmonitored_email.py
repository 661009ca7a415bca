"""What it does
------------
Reports an e-mail that is sent where no monitoring covers it.

Why is this bad?
----------------
Mail servers refuse and delay; a confirmation that never left is noticed by the one who waits for it.

Example
-------
::

    smtp.send_message(message)

Use instead
-----------
::

    with monitor_operation("send_receipt"):
        smtp.send_message(message)

How it decides
--------------
As ``unmonitored-ai-call`` does, for the email entries of the catalogue. The rule is opt-in: name its code, or a prefix
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
    code="MON502",
    name="unmonitored-email",
    summary="An e-mail that is sent without monitoring",
    kind="email",
    severity=Severity.INFO,
    default=False,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such operation without a monitor."""
    return unmonitored(RULE, judged)
