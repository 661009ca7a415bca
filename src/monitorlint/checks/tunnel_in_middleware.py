"""What it does
------------
Reports a middleware of Next.js that runs for the route of Sentry's tunnel.

Why is this bad?
----------------
The browser sends its events to `tunnelRoute`. A middleware that asks for a session, or adds a language to the path,
answers with a redirect, and the events are gone.

Example
-------
::

    // next.config.ts: withSentryConfig(nextConfig, { tunnelRoute: "/monitoring" })
    export const config = { matcher: ["/((?!api|_next/static|favicon.ico).*)"] };

Use instead
-----------
::

    export const config = { matcher: ["/((?!api|_next/static|favicon.ico|monitoring).*)"] };

How it decides
--------------
`withSentryConfig` gets a literal `tunnelRoute`. The middleware (`middleware` or, since Next.js 16, `proxy`) of the same
package names no `matcher`, or one that is `/:path*`, `/(.*)` or `/((?!...).*)` with no alternative that the route
begins with. Opt-in: the middleware may let the route through by itself.

References
----------
- https://docs.sentry.io/platforms/javascript/guides/nextjs/troubleshooting/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Confidence, Evidence, Region, Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import FrameworkFile, SentryCall

RULE = Rule(
    code="MON447",
    name="tunnel-in-middleware",
    summary="A middleware that runs for the route of Sentry's tunnel",
    kind="setup",
    severity=Severity.INFO,
    default=False,
    confidence=Confidence.MEDIUM,
)

_EVERYTHING = frozenset({"/:path*", "/(.*)", "/:path(.*)"})
_BUT = pattern(r"/\(\(\?!([\w./\\|$-]+)\)\.\*\)")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such middleware."""
    setup = judged.setup
    for file in setup.use.named:
        name = file.path.rpartition("/")[2].partition(".")[0]
        call = _tunnel(setup, file) if name in {"middleware", "proxy"} and file.matchers is not None else None
        route = str(call.options["tunnelRoute"].only) if call is not None else ""
        if (
            call is None
            or file.matchers is None
            or (file.matchers and not any(_covers(m, route) for m in file.matchers))
        ):
            continue
        yield finding(
            RULE,
            setup,
            file.path,
            Region(1, 1, 1, 1),
            f"The {name} runs for {route}, the route of Sentry's tunnel",
            target="@sentry/nextjs",
            evidence=[Evidence(call.path, call.place[0], "names the route")],
            note="leave the route out of config.matcher",
            area=file.area,
        )


def _tunnel(setup: ProjectSetup, file: FrameworkFile) -> SentryCall | None:
    """The call that names the route, in the package of a middleware."""
    manifest = setup.manifest_of(file.path)
    folder = manifest.folder if manifest is not None else ""
    if file.path.rpartition("/")[0] not in {folder, f"{folder}/src".lstrip("/")}:
        return None
    for call in setup.use.calls:
        given = call.options.get("tunnelRoute") if call.name == "withSentryConfig" and call.arguments == 2 else None
        if given is not None and isinstance(given.only, str) and setup.manifest_of(call.path) is manifest:
            return call
    return None


def _covers(matcher: str, route: str) -> bool:
    """Whether a matcher is for a route; those that are not understood are for none."""
    if matcher in _EVERYTHING:
        return True
    found = _BUT.fullmatch(matcher)
    alternatives = found[1].split("|") if found is not None else ()
    own = route.lstrip("/")
    return bool(alternatives) and not any(own.startswith(one.replace("\\", "").rstrip("$")) for one in alternatives)
