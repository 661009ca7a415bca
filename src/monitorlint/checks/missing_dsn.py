"""What it does
------------
Reports a start of Sentry in a browser that is given no DSN.

Why is this bad?
----------------
The SDK starts, and every event is dropped: in a browser there is no environment to look the DSN up in, as the SDKs for
servers do.

Example
-------
::

    Sentry.init({ tracesSampleRate: 0.1 });

Use instead
-----------
::

    Sentry.init({ dsn: import.meta.env.VITE_SENTRY_DSN, tracesSampleRate: 0.1 });

How it decides
--------------
`init` of an SDK that runs in browsers alone is called with options that are all written out, without `dsn`, and without
`enabled: false` or `spotlight`. SDKs that have a side on a server, and those of Electron and of mobile applications,
get the DSN elsewhere. Opt-in: no public project with this was found to measure it on.

References
----------
- `BrowserClient` and `init` in @sentry/browser 10.78.0 and 11.12.0; `process.env.SENTRY_DSN` in @sentry/node
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import BROWSER, at_call
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON457",
    name="missing-dsn",
    summary="A start of Sentry in a browser that is given no DSN",
    kind="setup",
    severity=Severity.ERROR,
    default=False,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.package not in BROWSER or call.name != "init" or call.area != "app" or call.is_open:
            continue
        enabled = call.options.get("enabled")
        if {"dsn", "spotlight"} & call.options.keys() or (enabled is not None and False in enabled.literals):
            continue
        message = f"{call.target} is given no DSN: every event is dropped"
        yield at_call(
            RULE, setup, call, message, option="dsn", note="add dsn, from a variable that the bundler puts in"
        )
