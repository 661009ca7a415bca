"""What it does
------------
Reports what Sentry's Python SDK has given up: the distribution `raven`, and `Hub`, `configure_scope` and `push_scope`
of `sentry-sdk` 2.

Why is this bad?
----------------
`raven` had its last release in 2018 and knows neither traces nor newer versions of the frameworks. `Hub` and what
changes its scopes are kept for code of version 1: they warn, and the next major version is to remove them.

Example
-------
::

    with sentry_sdk.push_scope() as scope:
        scope.set_tag("model", model)

Use instead
-----------
::

    with sentry_sdk.new_scope() as scope:
        scope.set_tag("model", model)

How it decides
--------------
A manifest asks for `raven`; or application code calls one of the three, and the locked version of `sentry-sdk`, or the
lower bound that is asked for, is 2 or later. In version 1 they are the way to do it.

References
----------
- https://docs.sentry.io/platforms/python/migration/1.x-to-2.x
- `warnings.warn` in sentry_sdk/api.py since 2.12.0, in sentry_sdk/hub.py since 2.0.0, both still in 2.75.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call, finding, is_python
from monitorlint.model.finding import Evidence, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON451",
    name="deprecated-sentry-api",
    summary="What Sentry's Python SDK has given up",
    kind="setup",
    severity=Severity.WARNING,
    default=True,
)

_SINCE = (2,)
_INSTEAD = {
    "Hub": "get_client(), get_current_scope() and get_isolation_scope()",
    "hub": "get_client(), get_current_scope() and get_isolation_scope()",
    "configure_scope": "get_isolation_scope()",
    "push_scope": "new_scope()",
}


def check(judged: Judged) -> Iterator[Finding]:
    """Every requirement of raven, and every such call."""
    setup = judged.setup
    yield from _ravens(setup)
    minimum = setup.python_minimum("sentry-sdk")
    if minimum is None or minimum < _SINCE:
        return
    version = ".".join(map(str, minimum))
    for call in setup.use.calls:
        first = call.name.partition(".")[0].partition("(")[0] if is_python(call) and call.area == "app" else ""
        if first in _INSTEAD:
            name = "Hub" if first == "hub" else first
            message = f"sentry_sdk.{name} is deprecated since version 2: the project runs with {version}"
            yield at_call(RULE, setup, call, message, option=name, note=f"use {_INSTEAD[first]}")


def _ravens(setup: ProjectSetup) -> Iterator[Finding]:
    for row in setup.requirements:
        if row.name == "raven" and not row.is_lock:
            uses = [use for use in setup.use.imports if use.module == "raven" and use.area == "app"]
            yield finding(
                RULE,
                setup,
                row.path,
                row.region,
                "raven had its last release in 2018: sentry-sdk took its place",
                target="raven",
                evidence=[Evidence(use.path, use.row, "imports raven") for use in uses[:3]],
                note="https://docs.sentry.io/platforms/python/migration/raven-to-sentry-sdk",
            )
