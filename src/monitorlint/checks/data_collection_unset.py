"""What it does
------------
Reports a start of version 11 of the JavaScript SDK that leaves open which data it collects.

Why is this bad?
----------------
`sendDefaultPii` is gone, and was off. What took its place, `dataCollection`, is on: users, cookies, headers, bodies of
requests, and the prompts and answers of AI calls are sent unless it says otherwise.

Example
-------
::

    Sentry.init({ dsn: process.env.SENTRY_DSN });

Use instead
-----------
::

    Sentry.init({
      dsn: process.env.SENTRY_DSN,
      dataCollection: { userInfo: false, cookies: false, httpBodies: [] },
    });

How it decides
--------------
The installed version is 11 or later, the options are written out, and `dataCollection` is not among them. Opt-in: what
may be sent is for the owner to decide.

References
----------
- `resolveDataCollectionOptions` in @sentry/core 11.12.0
- https://docs.sentry.io/platforms/javascript/migration/v10-to-v11/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import TRAIN, at_call, is_init
from monitorlint.model.finding import Applicability, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON415",
    name="data-collection-unset",
    summary="A start of Sentry 11 that leaves open which data it collects",
    kind="setup",
    severity=Severity.INFO,
    default=False,
    fixable="unsafe",
)

_SINCE = 11
_OPTION = "dataCollection"
_LEAST = "{ userInfo: false, cookies: false, httpBodies: [] }"


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.package not in TRAIN or not is_init(call) or call.is_open or call.area != "app":
            continue
        installed = setup.installed(call.path, call.package)
        if installed is None or installed.major is None or installed.major < _SINCE or _OPTION in call.options:
            continue
        message = f"{call.package} {installed.shown} collects users, cookies, bodies and prompts unless it is told"
        remedy = Remedy("option", RULE.code, call.path, call.region, "", keyword=_OPTION, value=_LEAST)
        cure = Cure(remedy, Fix(Applicability.UNSAFE, f"Add {_OPTION}: {_LEAST}"))
        note = f"add {_OPTION}, and say what may be sent"
        yield at_call(RULE, setup, call, message, option=_OPTION, note=note, cure=cure)
