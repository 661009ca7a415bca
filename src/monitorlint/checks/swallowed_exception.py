"""What it does
------------
Reports an exception handler around an AI call or a fetch that keeps the failure from the project's error monitor: it
prints what it catches, and that is all.

Why is this bad?
----------------
Sentry, and monitors like it, get the exceptions that nobody catches and those that are handed to them. Of a handler
that prints what it caught and goes on, they learn nothing: the call may fail for every user, and no alert comes. That
the call is traced does not help: a span is recorded, and no error.

Example
-------
::

    try {
      lessons = await (await fetch("/api/lessons")).json();
    } catch (error) {
      console.error("Cannot load the lessons", error);
    }

Use instead
-----------
::

    try {
      lessons = await (await fetch("/api/lessons")).json();
    } catch (error) {
      Sentry.captureException(error);
      console.error("Cannot load the lessons", error);
    }

How it decides
--------------
The handler catches whatever the call raises, and a program that runs the file starts Sentry, Bugsnag, Rollbar or
Honeybadger, or sends them something. All that the handler does with the exception is to print it (``print``,
``traceback.print_exc``, ``console.error``, ``console.log``). It is silent about handlers that do anything else with it:
raise or reject (there or below), hand it to a function, store, return or show it, log it as an error (the logging
integration of Python's SDK makes events of those) or as a warning, which is said on purpose; about those that call out
again, as a fall-back; and about probes, telemetry, migrations and scripts. ``captureConsoleIntegration`` and its like
see what goes to the console. A monitor that sees the failure of the call itself, such as an integration for the SDK of
a model or a wrapper around the call, needs nothing from the handler. A call that nothing monitors at all is a finding
of MON101 or MON201 already, and their repair repairs this. For empty handlers: MON605.

References
----------
- https://docs.sentry.io/platforms/javascript/usage/#capturing-errors
- https://docs.sentry.io/platforms/python/integrations/logging/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.swallowed import swallowed
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON602",
    name="swallowed-exception",
    summary="An exception of a monitored call that is only printed",
    kind="error",
    severity=Severity.WARNING,
    default=False,
    fixable="unsafe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such handler, at its first call."""
    return swallowed(RULE, judged, "console", "is only printed")
