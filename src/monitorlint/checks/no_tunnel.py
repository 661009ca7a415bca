"""What it does
------------
Reports a browser application that sends its events straight to Sentry.

Why is this bad?
----------------
The lists of ad blockers name Sentry's hosts. What happens to visitors who use one is never seen.

Example
-------
::

    Sentry.init({ dsn: import.meta.env.VITE_SENTRY_DSN });

Use instead
-----------
::

    Sentry.init({ dsn: import.meta.env.VITE_SENTRY_DSN, tunnel: "/errors" });

with a route of the server that passes events of this DSN on, and of no other.

How it decides
--------------
`init` of a package for browsers has its options written out, without `tunnel`; in Next.js, `withSentryConfig` has no
`tunnelRoute` either. Opt-in: a tunnel is work for the server, and not everybody wants one.

References
----------
- https://docs.sentry.io/platforms/javascript/troubleshooting/#using-the-tunnel-option
- https://github.com/getsentry/sentry-javascript/issues/2916
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import BROWSER, at_call, is_init
from monitorlint.model.finding import Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON442",
    name="no-tunnel",
    summary="A browser application that sends its events straight to Sentry",
    kind="setup",
    severity=Severity.INFO,
    default=False,
)

_NEXT_CLIENT = pattern(r"(?:^|/)(?:instrumentation-client|sentry\.client\.config)\.[cm]?[jt]sx?")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    routes = [setup.manifest_of(call.path) for call in setup.use.calls if has_tunnel(call)]
    for call in setup.use.calls:
        if not is_init(call) or call.is_open or call.area != "app" or "tunnel" in call.options:
            continue
        if is_in_browser(call) and setup.manifest_of(call.path) not in routes:
            message = f"{call.target} sends to Sentry itself: ad blockers stop it"
            yield at_call(RULE, setup, call, message, option="tunnel", note="add a tunnel, with a list of its own DSN")


def has_tunnel(call: SentryCall) -> bool:
    """Whether a call of `withSentryConfig` makes a route for events, or may."""
    return call.name == "withSentryConfig" and (call.is_open or call.arguments > 2 or "tunnelRoute" in call.options)


def is_in_browser(call: SentryCall) -> bool:
    """Whether a start runs in browsers."""
    return call.package in BROWSER or (call.package == "@sentry/nextjs" and bool(_NEXT_CLIENT.search(call.path)))
