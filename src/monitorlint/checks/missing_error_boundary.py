"""What it does
------------
Reports a React application that starts Sentry and has no error boundary.

Why is this bad?
----------------
An error while a component renders takes the whole page away. Sentry gets the error, without the components it came
from, and the user sees nothing at all.

Example
-------
::

    createRoot(document.getElementById("root")).render(<App />);

Use instead
-----------
::

    createRoot(document.getElementById("root")).render(
      <Sentry.ErrorBoundary fallback={<Sorry />}>
        <App />
      </Sentry.ErrorBoundary>,
    );

How it decides
--------------
The package renders a root of React and calls `init` of `@sentry/react` or `@sentry/browser`; and no code of it uses
`ErrorBoundary`, `withErrorBoundary`, `reactErrorHandler` or `captureReactException`, nor captures an exception where
a boundary or an error page is. Opt-in: errors without a boundary still arrive.

References
----------
- https://docs.sentry.io/platforms/javascript/guides/react/features/error-boundary/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding, is_init
from monitorlint.model.finding import Evidence, Region, Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON601",
    name="missing-error-boundary",
    summary="A React application with Sentry and without an error boundary",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_ENTRY = pattern(r"(?:^|/)(?:main|index|app|client|entry|root|bootstrap)(?:[.-][\w.-]+)?\.[jt]sx?$", re.IGNORECASE)
"""Where the application itself is rendered; a dialogue may have a root of its own."""
_PACKAGES = frozenset({"@sentry/react", "@sentry/browser"})
_BOUNDARIES = frozenset({"ErrorBoundary", "withErrorBoundary", "reactErrorHandler", "captureReactException"})
_CAPTURES = frozenset({"captureException", "withScope"})
_OF_ERRORS = pattern(r"err|boundary|fallback|catch|crash", re.IGNORECASE)


def check(judged: Judged) -> Iterator[Finding]:
    """The first root of each package."""
    setup = judged.setup
    seen: set[str] = set()
    for app in setup.use.apps:
        is_root = app.framework == "react" and app.area == "app" and _ENTRY.search(app.path) is not None
        manifest = setup.manifest_of(app.path) if is_root else None
        if manifest is None or manifest.path in seen:
            continue
        calls = [call for call in setup.use.calls if setup.manifest_of(call.path) is manifest]
        start = next((call for call in calls if is_init(call) and call.package in _PACKAGES), None)
        if start is None or any(map(_is_boundary, calls)):
            continue
        seen.add(manifest.path)
        yield finding(
            RULE,
            setup,
            app.path,
            Region(*app.place),
            "This React application has no error boundary: an error while rendering leaves an empty page",
            target="react",
            evidence=[Evidence(start.path, start.place[0], "starts Sentry")],
            note="put <Sentry.ErrorBoundary> around what is rendered",
            area=app.area,
        )


def _is_boundary(call: SentryCall) -> bool:
    if call.name in _BOUNDARIES:
        return True
    return call.name in _CAPTURES and _OF_ERRORS.search(f"{call.path} {call.function}") is not None
