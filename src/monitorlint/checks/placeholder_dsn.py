"""What it does
------------
Reports a Sentry DSN that is a placeholder, or no DSN at all.

Why is this bad?
----------------
With a placeholder that has the form of a DSN every event is sent to nobody, in silence. One that has not: the
JavaScript SDK writes one line to the console and stays off, and the Python SDK raises `BadDsn`, so that the
application does not start.

Example
-------
::

    SENTRY_DSN=https://YOUR_BACKEND_DSN@sentry.io/123456

Use instead
-----------
::

    SENTRY_DSN=https://0123456789abcdef0123456789abcdef@o123.ingest.sentry.io/4507

An empty value, or none, switches monitoring off and is accepted.

How it decides
--------------
It looks at variables whose name ends in `SENTRY_DSN` in environment files that programs read, and at literals given
to `init`. Files that show how one is written (`.env.example`, `.env.sample`, `.env.template` …), those for tests and
copies that were put aside (`.env.bak`) are passed over, and so is a value that other variables are put into.

References
----------
- `dsnFromString` in @sentry/core 11.12.0; `sentry_sdk.utils.Dsn` 2.75.0
- https://docs.sentry.io/concepts/key-terms/dsn-explainer/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import DSN_NAME, at_call, dsn_problem, finding, is_init
from monitorlint.model.finding import Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON417",
    name="placeholder-dsn",
    summary="A Sentry DSN that leads nowhere",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_UNREAD = pattern(
    r"(?:^|[.\-_])(?:test|tests|testing|ci|e2e|mock|cypress|playwright|backup|bak|old|orig|save)(?:$|[.\-_])",
    re.IGNORECASE,
)
_OWNER = "the owner of the Sentry project finds it under Settings, Client Keys; an empty value switches Sentry off"


def check(judged: Judged) -> Iterator[Finding]:
    """Every DSN that is a placeholder or malformed."""
    setup = judged.setup
    for file in setup.env_files():
        if _UNREAD.search(file.path.rpartition("/")[2]):
            continue
        for variable in file.env.variables if file.env is not None else ():
            if not DSN_NAME.search(variable.name) or variable.is_template:
                continue
            problem = dsn_problem(variable.value.reveal())
            if problem:
                yield finding(
                    RULE,
                    setup,
                    file.path,
                    variable.region,
                    f"The value of {variable.name} {problem}",
                    target=variable.name,
                    note=_OWNER,
                )
    for call in setup.use.calls:
        option = call.options.get("dsn") if is_init(call) else None
        # Of a text that something is put into only the beginning is known, and `…` stands for the rest.
        literals = [v for v in option.literals if isinstance(v, str) and v[-1:] != "…"] if option is not None else []
        if len(literals) > 1:
            # A function that reads any variable may give any of the texts that its callers hand it.
            literals = [text for text in literals if "://" in text and "@" in text]
        problem = next(filter(None, map(dsn_problem, literals)), "")
        if problem:
            message = f"The DSN given to {call.target} {problem}"
            yield at_call(RULE, setup, call, message, option="dsn", note=_OWNER)
