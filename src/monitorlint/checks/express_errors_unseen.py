"""What it does
------------
Reports an Express, Koa or Fastify application whose errors never reach Sentry.

Why is this bad?
----------------
The framework catches what a route throws and answers with status 500. Without Sentry's error handler nobody else
learns of it.

Example
-------
::

    const app = express();
    app.get("/lessons/:id", lesson);
    app.listen(3000);

Use instead
-----------
::

    const app = express();
    app.get("/lessons/:id", lesson);
    Sentry.setupExpressErrorHandler(app);
    app.listen(3000);

How it decides
--------------
The package starts `@sentry/node` of version 8, 9 or 10, makes an application with `express()`, `new Koa()` or
`fastify()`, and none of its files calls `setupExpressErrorHandler`, `expressErrorHandler`, `setupKoaErrorHandler` or
`setupFastifyErrorHandler`, nor captures an exception in the file that makes the application or in a function whose name
speaks of errors. Version 7 had other handlers, and 11 sees the errors by itself; those of Fastify 5 are seen since 9.

References
----------
- https://docs.sentry.io/platforms/javascript/guides/express/
- Run with @sentry/node 10.63.0: no event; 11.12.0: an event
- Run with Fastify 5 and @sentry/node 8.55.2: no event, 9.47.2: an event; with Fastify 4 no event before 11.12.0
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
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall, ServerApp

RULE = Rule(
    code="MON410",
    name="express-errors-unseen",
    summary="An Express, Koa or Fastify application whose errors never reach Sentry",
    kind="setup",
    severity=Severity.ERROR,
    default=False,
)

_MAJORS = {"express": range(8, 11), "koa": range(8, 11), "fastify": range(8, 11), "react": range(0)}
_FASTIFY, _FASTIFY_SINCE = 5, 9
"""The first version of Fastify whose errors are seen without a handler, and the version of the SDK."""
_HANDLERS = frozenset(
    "setupExpressErrorHandler expressErrorHandler setupKoaErrorHandler setupFastifyErrorHandler".split()
)
_CAPTURES = ("captureException", "captureEvent", "withScope")
_OF_ERRORS = pattern(r"err|fail|exception|catch|log|report|capture", re.IGNORECASE)


def check(judged: Judged) -> Iterator[Finding]:
    """The first application of each package."""
    setup = judged.setup
    seen: set[str] = set()
    for app in setup.use.apps:
        manifest = setup.manifest_of(app.path)
        if manifest is None or manifest.path in seen or app.area != "app":
            continue
        calls = [call for call in setup.use.calls if setup.manifest_of(call.path) is manifest]
        start = next((c for c in calls if is_init(c) and c.package == "@sentry/node" and c.area == "app"), None)
        installed = setup.installed(app.path, "@sentry/node")
        if start is None or installed is None or installed.major not in _MAJORS[app.framework]:
            continue
        if any(_handles(call, app) for call in calls) or _is_seen(setup, app, installed.major):
            continue
        seen.add(manifest.path)
        yield _finding(setup, app, start, installed.shown)


def _is_seen(setup: ProjectSetup, app: ServerApp, major: int | None) -> bool:
    """Whether the SDK sees the errors of an application of Fastify by itself, or may."""
    if app.framework != "fastify" or major is None or major < _FASTIFY_SINCE:
        return False
    fastify = setup.installed(app.path, "fastify")
    return fastify is None or fastify.major is None or fastify.major >= _FASTIFY


def _handles(call: SentryCall, app: ServerApp) -> bool:
    if call.name in _HANDLERS or call.name.startswith("Handlers."):
        return True
    return call.name in _CAPTURES and (call.path == app.path or bool(_OF_ERRORS.search(f"{call.path} {call.function}")))


def _finding(setup: ProjectSetup, app: ServerApp, start: SentryCall, version: str) -> Finding:
    name = app.framework.capitalize()
    return finding(
        RULE,
        setup,
        app.path,
        Region(*app.place),
        f"Errors of this {name} application never reach Sentry {version}: no setup{name}ErrorHandler",
        target=app.framework,
        evidence=[Evidence(start.path, start.place[0], "starts Sentry")],
        note=f"call Sentry.setup{name}ErrorHandler(app) behind all routes",
        area=app.area,
    )
