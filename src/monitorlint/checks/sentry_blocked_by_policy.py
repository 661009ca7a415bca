"""What it does
------------
Reports a Content-Security-Policy that forbids the browser to connect to Sentry.

Why is this bad?
----------------
The browser refuses the request, and says so in its console alone. No event of a browser ever arrives.

Example
-------
::

    const policy = "default-src 'self'; connect-src 'self' https://api.example.com;";

Use instead
-----------
::

    const policy = "default-src 'self'; connect-src 'self' https://api.example.com https://*.ingest.sentry.io;";

How it decides
--------------
`next.config` or the middleware holds one `connect-src` whose sources are written out in its line: none is a scheme or
`*`, none speaks of Sentry, and nothing is put in. The package starts `@sentry/nextjs` in the browser, and neither
`withSentryConfig` has a `tunnelRoute` nor `init` a `tunnel`. Opt-in: Sentry may run on a host of one's own.

References
----------
- https://docs.sentry.io/security-legal-pii/security/security-policy-reporting/
- https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/connect-src
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.no_tunnel import has_tunnel, is_in_browser
from monitorlint.checks.setup_finding import finding, is_init
from monitorlint.model.finding import Confidence, Evidence, Region, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import ContentPolicy, SentryCall

RULE = Rule(
    code="MON448",
    name="sentry-blocked-by-policy",
    summary="A Content-Security-Policy that keeps the browser from Sentry",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
    confidence=Confidence.MEDIUM,
)

_WIDE = ("*", "https:", "http:")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such policy."""
    setup = judged.setup
    for policy in setup.use.policies:
        start = _start(setup, policy) if policy.area == "app" and _is_narrow(policy) else None
        if start is None:
            continue
        yield finding(
            RULE,
            setup,
            policy.path,
            Region(*policy.place),
            "connect-src has no host of Sentry: browsers send it nothing",
            target="@sentry/nextjs",
            evidence=[Evidence(start.path, start.place[0], "starts Sentry in the browser")],
            note="add the host of the DSN, or a tunnelRoute",
            area=policy.area,
        )


def _is_narrow(policy: ContentPolicy) -> bool:
    """Whether the sources are known, and none of them may be Sentry's."""
    sources = policy.sources
    is_known = bool(sources) and not any("$" in one or "{" in one or "+" in one for one in sources)
    return is_known and not any(one in _WIDE or "sentry" in one.lower() for one in sources)


def _start(setup: ProjectSetup, policy: ContentPolicy) -> SentryCall | None:
    """The start in the browser of the same package, where it sends to Sentry itself."""
    manifest = setup.manifest_of(policy.path)
    calls = [call for call in setup.use.calls if setup.manifest_of(call.path) is manifest]
    if any(map(has_tunnel, calls)):
        return None
    found = (call for call in calls if is_init(call) and is_in_browser(call) and not call.is_open)
    return next((call for call in found if "tunnel" not in call.options), None)
