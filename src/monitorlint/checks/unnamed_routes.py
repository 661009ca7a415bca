"""What it does
------------
Reports a React application whose router Sentry is not told of.

Why is this bad?
----------------
Page loads and navigation are named by the address: `/users/17` and `/users/18` are two transactions, and none of them
has enough samples to show that the page is slow.

Example
-------
::

    Sentry.init({ dsn, integrations: [Sentry.browserTracingIntegration()], tracesSampleRate: 0.1 });
    const router = createBrowserRouter(routes);

Use instead
-----------
::

    Sentry.init({
      dsn,
      integrations: [
        Sentry.reactRouterV6BrowserTracingIntegration({
          useEffect, useLocation, useNavigationType, createRoutesFromChildren, matchRoutes,
        }),
      ],
      tracesSampleRate: 0.1,
    });
    const router = Sentry.wrapCreateBrowserRouterV6(createBrowserRouter)(routes);

How it decides
--------------
The package depends on `react-router-dom` or `react-router` of version 6 or later, calls `browserTracingIntegration` of
`@sentry/react` 8 or later, and nothing of `@sentry/react` whose name speaks of a router. Opt-in: errors are not touched
by it.

References
----------
- https://docs.sentry.io/platforms/javascript/guides/react/features/react-router/
- The exports of @sentry/react 8.55.2, 10.78.0 and 11.12.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import Manifest

RULE = Rule(
    code="MON440",
    name="unnamed-routes",
    summary="A React application whose router Sentry is not told of",
    kind="setup",
    severity=Severity.INFO,
    default=False,
)

_SDK = "@sentry/react"
_SINCE = 8
_ROUTERS = ("react-router-dom", "react-router")
_ROUTER_SINCE = 6


def check(judged: Judged) -> Iterator[Finding]:
    """The first call in each package."""
    setup = judged.setup
    seen: set[str] = set()
    for call in setup.use.calls:
        if call.target != f"{_SDK}.browserTracingIntegration" or call.area != "app":
            continue
        manifest = setup.manifest_of(call.path)
        installed = setup.installed(call.path, _SDK)
        if manifest is None or manifest.path in seen or installed is None or (installed.major or 0) < _SINCE:
            continue
        router = _router(setup, manifest)
        calls = (one for one in setup.use.calls if setup.manifest_of(one.path) is manifest)
        if router and not any("router" in one.name.lower() or "routes" in one.name.lower() for one in calls):
            seen.add(manifest.path)
            message = f"Sentry is not told of {router}: pages are named by their address"
            yield at_call(RULE, setup, call, message, note="use the tracing integration for the router in its place")


def _router(setup: ProjectSetup, manifest: Manifest) -> str:
    for name in _ROUTERS:
        dependency = manifest.dependency(name)
        major = setup.of_dependency(manifest, dependency).major if dependency is not None else None
        if major is not None and major >= _ROUTER_SINCE:
            return f"{name} {major}"
    return ""
