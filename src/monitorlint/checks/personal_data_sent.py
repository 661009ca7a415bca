"""What it does
------------
Reports a Sentry SDK that is told to send personal data.

Why is this bad?
----------------
Addresses, cookies, request bodies and the users' names go to Sentry with every event, and with the integrations of AI
SDKs the prompts and answers as well.

Example
-------
::

    sentry_sdk.init(dsn=DSN, send_default_pii=True)

Use instead
-----------
::

    sentry_sdk.init(dsn=DSN, send_default_pii=False)

How it decides
--------------
The option is the literal true, and no `before_send` or scrubber stands beside it. Opt-in: it may be what is wanted,
and the samples of Sentry's documentation have it.

References
----------
- https://docs.sentry.io/platforms/python/data-management/data-collected/
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
    code="MON416",
    name="personal-data-sent",
    summary="Sentry is told to send personal data",
    kind="setup",
    severity=Severity.INFO,
    default=False,
)

_SCRUBS = frozenset("before_send before_send_transaction event_scrubber beforeSend beforeSendTransaction".split())


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        if not is_init(call) or call.is_open or not _SCRUBS.isdisjoint(call.options):
            continue
        for name in ("send_default_pii", "sendDefaultPii"):
            if name in call.options and call.options[name].only is True:
                yield at_call(RULE, setup, call, f"{call.target} sends personal data: {name} is true", option=name)
