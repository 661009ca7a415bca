"""What it does
------------
Reports an option of `Sentry.init` that version 11 of the JavaScript SDK ignores.

Why is this bad?
----------------
The option is still written, so everybody believes in it. `sendDefaultPii: false` no longer keeps personal data back,
and a `beforeSendTransaction` that removes it is not called.

Example
-------
::

    Sentry.init({ dsn, sendDefaultPii: false });

Use instead
-----------
::

    Sentry.init({ dsn, dataCollection: { userInfo: false, cookies: false, httpBodies: [] } });

How it decides
--------------
The installed version is 11 or later, by the lock file or the range, and the options are written out. None of the
names occurs in the packages of 11.12.0. `beforeSendTransaction` and `ignoreTransactions` are read with
`traceLifecycle: "static"` only. Opt-in: too few public projects run version 11 to measure it on.

References
----------
- https://docs.sentry.io/platforms/javascript/migration/v10-to-v11/
- `grep -r sendDefaultPii node_modules/@sentry/core/build`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import TRAIN, at_call, is_init
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON414",
    name="ignored-sentry-option",
    summary="An option that the installed Sentry SDK ignores",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_SINCE = 11
_GONE = {
    "sendDefaultPii": "dataCollection",
    "enableLogs": "",
    "profilesSampleRate": "profileSessionSampleRate and profileLifecycle",
    "profilesSampler": "profileSessionSampleRate and profileLifecycle",
    "registerEsmLoaderHooks": "",
    "skipOpenTelemetrySetup": "enableOpenTelemetrySetup",
    "disableInstrumentationWarnings": "",
}
"""The options, and what took their place."""
_STATIC = {"beforeSendTransaction": "beforeSendSpan", "ignoreTransactions": "ignoreSpans"}


def check(judged: Judged) -> Iterator[Finding]:
    """One finding for each such option of each ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.package not in TRAIN or not is_init(call):
            continue
        installed = setup.installed(call.path, call.package)
        if installed is None or installed.major is None or installed.major < _SINCE:
            continue
        names = _GONE if call.is_open or "traceLifecycle" in call.options else {**_GONE, **_STATIC}
        for name in names:
            if name in call.options:
                instead = names[name]
                yield at_call(
                    RULE,
                    setup,
                    call,
                    f"{call.package} {installed.shown} ignores the option {name}",
                    option=name,
                    note=f"its place took {instead}" if instead else "remove it",
                    severity=Severity.ERROR if _is_grave(call, name) else None,
                )


def _is_grave(call: SentryCall, name: str) -> bool:
    """Whether data is sent that the option was to keep back."""
    return name in _STATIC or (name == "sendDefaultPii" and call.options[name].only is False)
