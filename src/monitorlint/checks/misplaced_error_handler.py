"""What it does
------------
Reports a `setupExpressErrorHandler` that stands where errors do not come by.

Why is this bad?
----------------
Express hands an error to the handlers that are registered below the route. A route below Sentry's handler keeps its
errors from it, and so does a handler above which answers the request and passes nothing on.

Example
-------
::

    Sentry.setupExpressErrorHandler(app);
    app.get("/lessons/:id", lesson);

Use instead
-----------
::

    app.get("/lessons/:id", lesson);
    Sentry.setupExpressErrorHandler(app);

How it decides
--------------
In the function that calls `setupExpressErrorHandler(app)`, a route or a mounted router of the same `app` is
registered below it, under no further condition; or a function of four parameters is registered above it, which neither
calls the fourth nor captures the error itself. Handlers for every path (`*`), and those that do nothing but answer, may
stand below. Versions 8 to 10: 11 sees the errors by itself.

References
----------
- https://docs.sentry.io/platforms/javascript/guides/express/
- Run with @sentry/node 10.78.0: no event of a route below
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
    code="MON411",
    name="misplaced-error-handler",
    summary="Sentry's error handler stands where errors do not come by",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_PACKAGE = "@sentry/node"
_MAJORS = range(8, 11)
_WORDS = {
    "route": ("never sees the errors of the routes below it", "is registered below"),
    "handler": ("never sees an error: the handler above it answers", "passes nothing on"),
}


def check(judged: Judged) -> Iterator[Finding]:
    """Every such call."""
    setup = judged.setup
    for one in setup.use.misplaced:
        installed = setup.installed(one.path, _PACKAGE)
        if installed is None or installed.major not in _MAJORS:
            continue
        what, why = _WORDS[one.what]
        yield finding(
            RULE,
            setup,
            one.path,
            Region(*one.place),
            f"setupExpressErrorHandler {what}",
            target=f"{_PACKAGE}.setupExpressErrorHandler",
            evidence=[Evidence(one.path, one.row, why)],
            note="call it behind all routes, and before your own error handlers",
            symbol=one.function,
            area=one.area,
        )
