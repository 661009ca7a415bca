"""What it does
------------
Reports work on whole files (archives, copies, uploads) that no monitoring covers.

Why is this bad?
----------------
Such work grows with its input and blocks whoever waits for it.

Example
-------
::

    shutil.copytree(source, target)

Use instead
-----------
::

    with monitor_operation("copy_assets"):
        shutil.copytree(source, target)

How it decides
--------------
As ``unmonitored-ai-call`` does, for the file entries of the catalogue. The rule is opt-in: name its code, or a prefix
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
    code="MON503",
    name="unmonitored-file-operation",
    summary="A file operation that no monitoring covers",
    kind="file",
    severity=Severity.INFO,
    default=False,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such operation without a monitor."""
    return unmonitored(RULE, judged)
