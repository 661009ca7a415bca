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
`flush().then(…)`) is another function. `sys.exit` waits for the events of the Python SDK. Likewise for an exit in a
handler of `uncaughtException` or `unhandledRejection`, in a package that starts an SDK for servers: that captures the
error in a handler of its own, and Node runs both. A handler that only logs takes nothing from it.

References
----------
- https://docs.sentry.io/platforms/javascript/guides/node/configuration/draining/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import SERVER, finding, is_init
from monitorlint.model.finding import Evidence, Region, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import LostEvent, SentryCall

RULE = Rule(
    code="MON603",
    name="exit-before-flush",
    summary="A process that ends before a captured error is sent",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_FATAL = "process."
"""Begins the names of events of the process."""


def check(judged: Judged) -> Iterator[Finding]:
    """Every such exit."""
    setup = judged.setup
    captured = {(lost.path, lost.place[4]) for lost in setup.use.lost if not lost.target.startswith(_FATAL)}
    for lost in setup.use.lost:
        if lost.target.startswith(_FATAL):
            if (lost.path, lost.place[4]) not in captured and (start := _start(setup, lost.path)) is not None:
                yield _fatal(setup, lost, start)
            continue
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


def _start(setup: ProjectSetup, path: str) -> SentryCall | None:
    """The start of an SDK for servers in the package of a file."""
    manifest = setup.manifest_of(path)
    for call in setup.use.calls:
        if is_init(call) and call.package in SERVER and call.area == "app" and setup.manifest_of(call.path) is manifest:
            return call
    return None


def _fatal(setup: ProjectSetup, lost: LostEvent, start: SentryCall) -> Finding:
    event = lost.target.removeprefix(_FATAL)
    return finding(
        RULE,
        setup,
        lost.path,
        Region(*lost.place),
        f"The process ends before Sentry has sent the error that this handler of {event} is for",
        target=lost.target,
        evidence=[
            Evidence(lost.path, lost.row, f"handles {event}"),
            Evidence(start.path, start.place[0], "starts Sentry, which captures it in a handler of its own"),
        ],
        note="put await Sentry.flush(2000) before it",
        area=lost.area,
        symbol=lost.function,
    )
