"""What it does
------------
Reports a Sentry DSN that stands in the code.

Why is this bad?
----------------
A DSN is no secret. But every copy of the code, on a laptop or in a fork, reports to the same project, and another
environment needs another build.

Example
-------
::

    sentry_sdk.init("https://0123456789abcdef0123456789abcdef@o123.ingest.sentry.io/4507")

Use instead
-----------
::

    sentry_sdk.init(os.environ.get("SENTRY_DSN"))

How it decides
--------------
A literal given to `init` as its DSN has the form of one. Opt-in: Sentry's own wizard writes it there.

References
----------
- https://docs.sentry.io/concepts/key-terms/dsn-explainer/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call, dsn_problem, is_init
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON418",
    name="hard-coded-dsn",
    summary="A Sentry DSN that stands in the code",
    kind="setup",
    severity=Severity.INFO,
    default=False,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        option = call.options.get("dsn") if is_init(call) else None
        literals = [v for v in option.literals if isinstance(v, str) and "://" in v] if option is not None else []
        if literals and not any(map(dsn_problem, literals)):
            message = f"The DSN of {call.target} stands in the code"
            yield at_call(RULE, setup, call, message, option="dsn", note="read SENTRY_DSN from the environment")
