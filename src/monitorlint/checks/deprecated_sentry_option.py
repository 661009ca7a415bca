"""What it does
------------
Reports an option of `sentry_sdk.init` that the project's version of the SDK has deprecated.

Why is this bad?
----------------
The SDK warns at every start, and the next major version raises `TypeError` for options that it does not know.

Example
-------
::

    sentry_sdk.init(dsn=DSN, enable_tracing=True)

Use instead
-----------
::

    sentry_sdk.init(dsn=DSN, traces_sample_rate=0.1)

How it decides
--------------
By the locked version of `sentry-sdk`, or the lower bound that is asked for: `enable_tracing` since 2.21,
`profiles_sample_rate` (where it is not 0) and `profiles_sampler` since 2.72. Where the version is not known nothing is
reported. `send_default_pii` is deprecated since 2.72 too, and left to `personal-data-sent`; `enable_logs` still decides
whether log records are sent.

References
----------
- `_get_options` in sentry_sdk/client.py 2.20.0, 2.21.0, 2.70.0, 2.72.0 and 2.75.0
- https://docs.sentry.io/platforms/python/profiling/
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
    code="MON455",
    name="deprecated-sentry-option",
    summary="An option of the Python SDK that the installed version has deprecated",
    kind="setup",
    severity=Severity.INFO,
    default=True,
)

_PROFILES = 'profile_session_sample_rate, with profile_lifecycle "trace"'
_OPTIONS = {
    "enable_tracing": ((2, 21), "traces_sample_rate"),
    "profiles_sample_rate": ((2, 72), _PROFILES),
    "profiles_sampler": ((2, 72), _PROFILES),
}
"""Since when they warn, and what takes their place."""


def check(judged: Judged) -> Iterator[Finding]:
    """One finding for each such option of each ``init``."""
    setup = judged.setup
    minimum = setup.python_minimum("sentry-sdk")
    for call in setup.use.calls if minimum is not None else ():
        for name, (since, instead) in _OPTIONS.items() if call.target == "sentry_sdk.init" else ():
            option = call.options.get(name)
            is_off = option is not None and option.is_whole and set(option.literals) <= {None, 0}
            if option is None or is_off or minimum is None or minimum < since:
                continue
            message = f"{name} is deprecated since sentry-sdk {since[0]}.{since[1]}"
            yield at_call(RULE, setup, call, message, option=name, note=f"use {instead}")
