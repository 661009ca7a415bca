"""What it does
------------
Reports a Sentry SDK that runs in debug mode wherever the application runs.

Why is this bad?
----------------
The SDK prints a line for every event and span. In production that floods the logs, and in a browser every visitor's
console.

Example
-------
::

    sentry_sdk.init(dsn=DSN, debug=True)

Use instead
-----------
::

    sentry_sdk.init(dsn=DSN)

and `SENTRY_DEBUG=1` where it is wanted.

How it decides
--------------
`debug` is the literal true, and the call stands under no condition.

References
----------
- https://docs.sentry.io/platforms/python/configuration/options/#debug
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call, is_init
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON438",
    name="sentry-debug",
    summary="A Sentry SDK in debug mode, in production too",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        if is_init(call) and not call.is_handled and "debug" in call.options and call.options["debug"].only is True:
            message = f"{call.target} runs in debug mode"
            yield at_call(RULE, setup, call, message, option="debug", note="SENTRY_DEBUG=1 switches it on for one run")
