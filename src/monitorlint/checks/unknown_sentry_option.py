"""What it does
------------
Reports an option of `sentry_sdk.init` that is spelt as in JavaScript, or that the project's version does not know.

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
A keyword argument of `sentry_sdk.init` has a capital letter; no option has one. Also `request_bodies` and `with_locals`
where `sentry-sdk` is 2 or later, by the lock file or the lower bound that is asked for. Opt-in: a program that has such
an option does not start, so there was none to measure it on; it is meant for those who write one, or update from 1.

References
----------
- `_get_options` in sentry_sdk/client.py 1.45.1, 2.0.0 and 2.75.0: `Unknown option`
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
    summary="An option that the Python SDK does not know",
    kind="setup",
    severity=Severity.ERROR,
    default=False,
)

_SINCE = (2,)
_RENAMED = {"request_bodies": "max_request_body_size", "with_locals": "include_local_variables"}
"""Options of version 1 that 2 no longer takes, and their names in both."""
_CAPITAL = pattern(r"(?<!^)([A-Z])")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such argument."""
    setup = judged.setup
    minimum = setup.python_minimum("sentry-sdk") or (0,)
    for call in setup.use.calls:
        for name in call.options if call.target == "sentry_sdk.init" else ():
            instead = _CAPITAL.sub(r"_\1", name).lower() if name != name.lower() else _RENAMED.get(name, "")
            if instead and (name not in _RENAMED or minimum >= _SINCE):
                message = f"sentry_sdk.init has no option {name}: it raises TypeError"
                yield at_call(RULE, setup, call, message, option=name, note=f"write {instead}")
