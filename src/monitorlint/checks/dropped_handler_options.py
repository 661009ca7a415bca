"""What it does
------------
Reports options of Sentry's Express error handler that version 11 no longer reads.

Why is this bad?
----------------
Version 11 sees the errors of Express by itself. `setupExpressErrorHandler` is kept so that nothing breaks, and does
not read its second argument: a `shouldHandleError` that let errors with status 404 through, or left others out, is
not asked any more.

Example
-------
::

    Sentry.setupExpressErrorHandler(app, { shouldHandleError: (error) => error.status >= 400 });

Use instead
-----------
::

    Sentry.init({
      dsn,
      integrations: [Sentry.expressIntegration({ shouldHandleError: (error) => error.status >= 400 })],
    });

How it decides
--------------
`setupExpressErrorHandler` or `expressErrorHandler` of `@sentry/node` gets an options object, and the installed version
is 11 or later.

References
----------
- `setupExpressErrorHandler` in @sentry/node 11.12.0
- https://docs.sentry.io/platforms/javascript/migration/v10-to-v11/
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
    code="MON412",
    name="dropped-handler-options",
    summary="Options of Sentry's Express error handler that version 11 does not read",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_SINCE = 11
_HANDLERS = frozenset({"setupExpressErrorHandler", "expressErrorHandler"})


def check(judged: Judged) -> Iterator[Finding]:
    """Every such call."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.name not in _HANDLERS or "shouldHandleError" not in call.options:
            continue
        installed = setup.installed(call.path, call.package)
        if installed is None or installed.major is None or installed.major < _SINCE:
            continue
        message = f"{call.package} {installed.shown} does not read shouldHandleError of {call.name}"
        note = "hand it to Sentry.expressIntegration() among the integrations of init"
        yield at_call(RULE, setup, call, message, option="shouldHandleError", note=note)
