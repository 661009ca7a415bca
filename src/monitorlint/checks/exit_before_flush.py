"""What it does
------------
Reports a process that ends right after an error was captured, without waiting until it is sent.

Why is this bad?
----------------
The SDK sends events in the background. `process.exit()` ends the process before the request has left it, and the one
error that brought the service down is the one that nobody sees.

Example
-------
::

    Sentry.captureException(error);
    process.exit(1);

Use instead
-----------
::

    Sentry.captureException(error);
    await Sentry.flush(2000);
    process.exit(1);

How it decides
--------------
`process.exit`, `Deno.exit` or `os._exit` stands in the same function as a capture, behind it and in its block, and
nothing between the two calls `flush` or `close`, or is awaited. An exit in a callback (`setTimeout`,
`flush().then(…)`) is another function. `sys.exit` waits for the events of the Python SDK.

References
----------
- https://docs.sentry.io/platforms/javascript/guides/node/configuration/draining/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Evidence, Region, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON603",
    name="exit-before-flush",
    summary="A process that ends before a captured error is sent",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such exit."""
    setup = judged.setup
    for lost in setup.use.lost:
        flush = "sentry_sdk.flush(timeout=2)" if lost.target.startswith("sentry_sdk") else "await Sentry.flush(2000)"
        yield finding(
            RULE,
            setup,
            lost.path,
            Region(*lost.place),
            "The process ends before the error captured above is sent",
            target=lost.target,
            evidence=[Evidence(lost.path, lost.row, f"{lost.target} hands the event to the background")],
            note=f"put {flush} before it",
            area=lost.area,
            symbol=lost.function,
        )
