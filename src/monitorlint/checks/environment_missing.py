"""What it does
------------
Reports a start of the JavaScript SDK that does not say which environment it runs in.

Why is this bad?
----------------
Node and browsers report `production` where nothing is said, `NODE_ENV` or not: the errors of a developer's machine
stand among those of users, and wake somebody up.

Example
-------
::

    Sentry.init({ dsn: process.env.SENTRY_DSN });

Use instead
-----------
::

    Sentry.init({ dsn: process.env.SENTRY_DSN, environment: process.env.NODE_ENV });

How it decides
--------------
The options are written out, `environment` is not among them, the call stands under no condition, and no file of the
project sets `SENTRY_ENVIRONMENT`. Next.js, whose SDK looks at `NODE_ENV` itself, is left out. Opt-in: where events are
sent in production alone there is only one.

References
----------
- Run with @sentry/node 10.63.0 and 11.12.0: `NODE_ENV=development` reports `production`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import BROWSER, SERVER, at_call, is_init
from monitorlint.model.finding import Applicability, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON436",
    name="environment-missing",
    summary="A start of Sentry that does not say which environment it runs in",
    kind="setup",
    severity=Severity.INFO,
    default=False,
    fixable="unsafe",
)

_OPTION = "environment"


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    if setup.declares_variable("SENTRY_ENVIRONMENT"):
        return
    for call in setup.use.calls:
        if call.package not in BROWSER | SERVER or not is_init(call) or call.is_open or call.is_handled:
            continue
        if _OPTION in call.options or call.area != "app" or "dsn" not in call.options:
            continue
        value = _value(setup, call)
        remedy = Remedy("option", RULE.code, call.path, call.region, "", keyword=_OPTION, value=value)
        yield at_call(
            RULE,
            setup,
            call,
            f"{call.target} has no environment: events of every machine say production",
            option=_OPTION,
            note=f"add environment: {value}" if value else "add environment",
            cure=Cure(remedy, Fix(Applicability.UNSAFE, f"Add environment: {value}")) if value else None,
        )


def _value(setup: ProjectSetup, call: SentryCall) -> str:
    """What holds the environment where the call runs; ``""`` where that is not known."""
    if call.package in SERVER:
        return "process.env.NODE_ENV"
    manifest = setup.manifest_of(call.path)
    has_vite = manifest is not None and manifest.dependency("vite") is not None
    return "import.meta.env.MODE" if has_vite else ""
