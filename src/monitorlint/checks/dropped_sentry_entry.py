"""What it does
------------
Reports a start command that loads a part of `@sentry/node` which version 11 no longer has.

Why is this bad?
----------------
Node does not find the module, and the application does not start.

Example
-------
::

    "start": "node --require @sentry/node/preload dist/index.js"

Use instead
-----------
::

    "start": "node --import @sentry/node/import dist/index.js"

How it decides
--------------
A script of `package.json` names `@sentry/node/preload`, `/init` or `/loader`, and the installed version is 11 or
later. Opt-in: no public project with version 11 and such a command was found to measure it on.

References
----------
- `exports` in the manifests of @sentry/node 10.78.0 and 11.12.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON409",
    name="dropped-sentry-entry",
    summary="A start command that loads a part of @sentry/node which is gone",
    kind="setup",
    severity=Severity.ERROR,
    default=False,
)

_SINCE = 11
_ENTRY = pattern(r"@sentry/node/(?:preload|init|loader)\b")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such script."""
    setup = judged.setup
    for manifest in setup.manifests:
        for script in manifest.scripts:
            entry = _ENTRY.search(script.command)
            installed = setup.installed(manifest.path, "@sentry/node") if entry is not None else None
            if entry is None or installed is None or installed.major is None or installed.major < _SINCE:
                continue
            yield finding(
                RULE,
                setup,
                manifest.path,
                script.region,
                f"@sentry/node {installed.shown} has no {entry[0].removeprefix('@sentry/node')}",
                target="@sentry/node",
                text=f"{script.name} {entry[0]}",
                note="load it with --import @sentry/node/import, or your own module with --import ./instrument.mjs",
            )
