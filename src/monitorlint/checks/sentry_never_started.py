"""What it does
------------
Reports a project that captures errors for Sentry and never starts it.

Why is this bad?
----------------
Without `init` there is no client: `capture_exception` and `captureException` return, and nothing is sent.

Example
-------
::

    import sentry_sdk

    sentry_sdk.capture_exception(error)      # nobody has called sentry_sdk.init

Use instead
-----------
::

    sentry_sdk.init(dsn=os.environ.get("SENTRY_DSN"))

How it decides
--------------
Application code calls a capturing function of `sentry_sdk`, `@sentry/node`, `@sentry/react` or `@sentry/browser`, and
nowhere in the project is there an `init`, a helper module's start, or another package of Sentry's that brings one.
Opt-in: a library may leave the start to the application that it is part of.

References
----------
- https://docs.sentry.io/platforms/python/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call, is_init, is_python
from monitorlint.model.finding import Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON454",
    name="sentry-never-started",
    summary="Errors are captured for Sentry, which is never started",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_CAPTURES = frozenset("capture_exception capture_message captureException captureMessage".split())
_HELPER = pattern(r"(?:^|/)(?:sentry_monitoring|sentryMonitoring)\.\w+$")
_PACKAGES = frozenset({"sentry_sdk", "@sentry/node", "@sentry/react", "@sentry/browser"})


def check(judged: Judged) -> Iterator[Finding]:
    """The first capture of each language."""
    setup = judged.setup
    for python in (True, False):
        calls = [call for call in setup.use.calls if is_python(call) is python and call.area == "app"]
        captures = [call for call in calls if call.name in _CAPTURES and not _HELPER.search(call.path)]
        modules = {row.module for row in setup.use.imports if (row.module == "sentry_sdk") is python}
        if not captures or any(map(is_init, setup.use.calls)) or not modules <= _PACKAGES:
            continue
        first = captures[0]
        yield at_call(RULE, setup, first, f"{first.target} sends nothing: Sentry is never started in this project")
