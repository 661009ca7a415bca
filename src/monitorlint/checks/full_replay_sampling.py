"""What it does
------------
Reports a sample rate of 1 for replays of sessions wherever the application runs.

Why is this bad?
----------------
Every visit is recorded, also those in which nothing happens. The quota for replays is used up within days, and then
those of errors are dropped, too.

Example
-------
::

    Sentry.init({ dsn, integrations: [Sentry.replayIntegration()], replaysSessionSampleRate: 1.0 });

Use instead
-----------
::

    Sentry.init({
      dsn,
      integrations: [Sentry.replayIntegration()],
      replaysSessionSampleRate: 0.1,
      replaysOnErrorSampleRate: 1.0,
    });

How it decides
--------------
The rate is the number 1 and nothing else, and the call stands under no condition. Opt-in: a small application may
well want all of its sessions.

References
----------
- https://docs.sentry.io/platforms/javascript/session-replay/#sampling
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import at_call, is_init
from monitorlint.model.finding import Applicability, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON429",
    name="full-replay-sampling",
    summary="Every session is recorded, in production too",
    kind="setup",
    severity=Severity.INFO,
    default=False,
    fixable="unsafe",
)

_RATE = "replaysSessionSampleRate"


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        rate = call.options[_RATE].only if is_init(call) and _RATE in call.options and not call.is_handled else None
        if rate == 1 and not isinstance(rate, bool):
            message = f"{_RATE} of {call.target} is 1: every session is recorded"
            remedy = Remedy("value", RULE.code, call.path, call.region, "", keyword=_RATE, value="0.1")
            cure = Cure(remedy, Fix(Applicability.UNSAFE, f"Set {_RATE} to 0.1"))
            yield at_call(RULE, setup, call, message, option=_RATE, note="0.1 records one in ten", cure=cure)
