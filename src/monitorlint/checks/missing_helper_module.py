"""What it does
------------
Reports an import of the monitoring helpers in a project that has no helper module.

Why is this bad?
----------------
The import fails, and with it the file.

Example
-------
::

    from app.sentry_monitoring import monitor_ai_generation   # there is no such file

Use instead
-----------
::

    $ monitorlint init

How it decides
--------------
A file imports one of the helpers (`monitor_fetch`, `monitorFetch`, `init_sentry` …) from a module named
`sentry_monitoring` or `opentelemetry_monitoring` (`sentryMonitoring`, `openTelemetryMonitoring` in TypeScript), and no
file of the project has that name.

References
----------
- docs/configuration.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Region, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON453",
    name="missing-helper-module",
    summary="The monitoring helpers are imported, and there is no helper module",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)


def check(judged: Judged) -> Iterator[Finding]:
    """The first such import of each file."""
    setup = judged.setup
    for missing in setup.use.missing:
        yield finding(
            RULE,
            setup,
            missing.path,
            Region(*missing.place),
            f"There is no module {missing.module} in this project",
            target=missing.module,
            note="`monitorlint init` writes it",
            area=missing.area,
        )
