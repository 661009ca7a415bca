"""What it does
------------
Reports an option of `sentry_sdk.init` that is spelt as in JavaScript.

Why is this bad?
----------------
The Python SDK refuses options that it does not know: `init` raises `TypeError`, and the application does not start.

Example
-------
::

    sentry_sdk.init(dsn=DSN, tracesSampleRate=0.1)

Use instead
-----------
::

    sentry_sdk.init(dsn=DSN, traces_sample_rate=0.1)

How it decides
--------------
A keyword argument of `sentry_sdk.init` has a capital letter; no option has one.

References
----------
- `_get_options` in sentry_sdk/client.py 2.75.0: `Unknown option`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call
from monitorlint.model.finding import Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON450",
    name="unknown-sentry-option",
    summary="An option of the Python SDK in the spelling of JavaScript",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_CAPITAL = pattern(r"(?<!^)([A-Z])")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such argument."""
    setup = judged.setup
    for call in setup.use.calls:
        for name in call.options if call.target == "sentry_sdk.init" else ():
            if name != name.lower():
                snake = _CAPITAL.sub(r"_\1", name).lower()
                message = f"sentry_sdk.init has no option {name}: it raises TypeError"
                yield at_call(RULE, setup, call, message, option=name, note=f"write {snake}")
