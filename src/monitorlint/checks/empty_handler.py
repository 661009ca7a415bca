"""What it does
------------
Reports an exception handler around an AI call or a fetch that is empty.

Why is this bad?
----------------
Whatever goes wrong, nobody learns of it: not the caller, not the log, and not the project's error monitor. It may be
meant so, for a request that is not worth an error; then a comment says so to the next reader.

Example
-------
::

    try:
        requests.post(url, json=visit, timeout=5)
    except Exception:
        pass

Use instead
-----------
::

    try:
        requests.post(url, json=visit, timeout=5)
    except Exception as error:
        sentry_sdk.capture_exception(error)

How it decides
--------------
As MON602 does for handlers that print: the handler catches whatever the call raises, something monitors the call, and
Sentry, Bugsnag, Rollbar or Honeybadger runs with it. It holds no statement but ``pass``, and no comment; it does not
stand in a loop, where it goes on to the next turn, and is not the handler of a promise, whose ``.catch(() => {})`` says
that nobody waits. Opt-in: in about one in five it was meant.

References
----------
- https://docs.astral.sh/ruff/rules/try-except-pass/
- https://eslint.org/docs/latest/rules/no-empty
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
    code="MON605",
    name="empty-handler",
    summary="An exception of a monitored call that an empty handler drops",
    kind="error",
    severity=Severity.WARNING,
    default=False,
    fixable="unsafe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such handler, at its first call."""
    return swallowed(RULE, judged, "nothing", "is dropped by an empty handler")
