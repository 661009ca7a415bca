"""What it does
------------
Reports a plugin of Sentry's for a bundler that is not told the project it uploads to.

Why is this bad?
----------------
The plugin says "No project provided" in the log of the build, uploads nothing, and the build succeeds.

Example
-------
::

    sentryVitePlugin({ authToken: process.env.SENTRY_AUTH_TOKEN })

Use instead
-----------
::

    sentryVitePlugin({ org: "acme", project: "web", authToken: process.env.SENTRY_AUTH_TOKEN })

How it decides
--------------
`sentryVitePlugin`, `sentryWebpackPlugin`, `sentryRollupPlugin` or `sentryEsbuildPlugin` is called without `project`,
and no file of the project sets `SENTRY_PROJECT`. Opt-in: the variable may be set where the build runs.

References
----------
- "No project provided. Will not upload source maps" in @sentry/bundler-plugin-core 3.6.1 to 5.3.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call
from monitorlint.model.finding import Confidence, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON434",
    name="upload-without-project",
    summary="A plugin that uploads source maps, and does not know the project",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
    confidence=Confidence.MEDIUM,
)

_PLUGINS = frozenset({"sentryVitePlugin", "sentryWebpackPlugin", "sentryRollupPlugin", "sentryEsbuildPlugin"})
_LEFT_ALONE = ("project", "disable", "sourcemaps.disable")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such call."""
    setup = judged.setup
    if setup.declares_variable("SENTRY_PROJECT"):
        return
    for call in setup.use.calls:
        if call.name in _PLUGINS and not call.is_open and not any(name in call.options for name in _LEFT_ALONE):
            message = f"{call.name} has no project: it uploads nothing unless SENTRY_PROJECT is set where it runs"
            yield at_call(RULE, setup, call, message, option="project", note="add org and project")
