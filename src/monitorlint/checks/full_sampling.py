"""What it does
------------
Reports a sample rate of 1 for traces wherever the application runs.

Why is this bad?
----------------
Every request is traced. In production that costs quota, and the events that count are dropped once it is used up.

Example
-------
::

    sentry_sdk.init(dsn=DSN, traces_sample_rate=1.0)

Use instead
-----------
::

    sentry_sdk.init(dsn=DSN, traces_sample_rate=0.1)

How it decides
--------------
The rate is the number 1 and nothing else, and the call stands under no condition. Opt-in: a small application may
well want all of its traces.

References
----------
- https://docs.sentry.io/platforms/python/configuration/sampling/
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
    code="MON425",
    name="full-sampling",
    summary="Every trace is kept, in production too",
    kind="setup",
    severity=Severity.INFO,
    default=False,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        for name in ("traces_sample_rate", "tracesSampleRate") if is_init(call) else ():
            rate = call.options[name].only if name in call.options else None
            if rate == 1 and not isinstance(rate, bool):
                message = f"{name} of {call.target} is 1: every request is traced"
                yield at_call(RULE, setup, call, message, option=name, note="0.1 traces one in ten")
