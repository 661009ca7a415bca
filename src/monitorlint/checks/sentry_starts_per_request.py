"""What it does
------------
Reports a start of Sentry's Python SDK in a function that runs for each request or task.

Why is this bad?
----------------
Until the first request nothing is reported, and no worker that has had none reports anything. Each further one makes
a new client with a thread of its own, and the integrations look at the application too late.

Example
-------
::

    @app.get("/")
    def index():
        sentry_sdk.init(dsn=DSN)

Use instead
-----------
::

    sentry_sdk.init(dsn=DSN)
    app = FastAPI()

How it decides
--------------
`sentry_sdk.init` stands in a function whose decorator registers a route, a task or what runs before each request
(`get`, `post`, `route`, `websocket`, `task`, `shared_task`, `before_request`, `middleware` …), or whose first parameter
is named `request`. Functions that run when an application starts are none of these.

References
----------
- https://docs.sentry.io/platforms/python/#configure
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON456",
    name="sentry-starts-per-request",
    summary="A start of Sentry in a function that runs for each request",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such start."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.target == "sentry_sdk.init" and call.handler and call.area == "app":
            message = f"Sentry is started anew for each request: {call.function} is a handler ({call.handler})"
            yield at_call(RULE, setup, call, message, note="start it where the program starts")
