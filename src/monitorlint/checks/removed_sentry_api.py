"""What it does
------------
Reports a call of something that the installed version of the Sentry SDK no longer has.

Why is this bad?
----------------
In JavaScript the name is `undefined`: the call fails with a `TypeError` when the line runs, which for request
handlers and integrations is while the application starts.

Example
-------
::

    app.use(Sentry.Handlers.requestHandler());   // @sentry/node 8

Use instead
-----------
::

    Sentry.setupExpressErrorHandler(app);        // behind all routes

How it decides
--------------
The exports of `@sentry/node` and `@sentry/react` 7.120.4, 8.55.2, 9.47.2, 10.78.0 and 11.12.0 were compared. A name
counts for other packages of the SDK when both have lost it. The installed version is that of the lock file, or the
major that the range allows; where that is not known nothing is reported, and neither is what the file asks for before
it calls it (`Sentry.Handlers?.errorHandler`, `if (Sentry.Handlers)`).

References
----------
- https://docs.sentry.io/platforms/javascript/migration/v7-to-v8/
- https://docs.sentry.io/platforms/javascript/migration/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import TRAIN, at_call
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON413",
    name="removed-sentry-api",
    summary="A call of what the installed Sentry SDK no longer has",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_EVERYWHERE = {
    8: """
    Hub Integrations addGlobalEventProcessor configureScope defaultIntegrations extractTraceparentData
    getActiveTransaction getHubFromCarrier makeMain spanStatusfromHttpCode startTransaction trace
    """,
    9: "debugIntegration getCurrentHub sessionTimingIntegration",
    11: "inboundFiltersIntegration",
}
_NODE = {
    8: """
    Handlers autoDiscoverNodePerformanceMonitoringIntegrations deepReadDirSync enableAnrDetection getModuleFromFilename
    hapiErrorPlugin runWithAsyncContext startActiveSpan
    """,
    9: """
    addOpenTelemetryInstrumentation addRequestDataToEvent extractRequestData nestIntegration
    processThreadBreadcrumbIntegration setupNestErrorHandler
    """,
    11: """
    connectIntegration generateInstrumentOnce preloadOpenTelemetry setupConnectErrorHandler setupHonoErrorHandler
    validateOpenTelemetrySetup
    """,
}
_REACT = {
    8: """
    BrowserProfilingIntegration BrowserTracing Feedback Replay ReplayCanvas makeXHRTransport
    onProfilingStartRouteTransaction reactRouterV3Instrumentation reactRouterV4Instrumentation
    reactRouterV5Instrumentation reactRouterV6Instrumentation
    """,
    9: "addTracingExtensions captureUserFeedback",
    11: """
    instrumentAnthropicAiClient instrumentGoogleGenAIClient instrumentLangGraph instrumentOpenAiClient
    createLangChainCallbackHandler
    """,
}
_TABLES = {
    "@sentry/node": (_EVERYWHERE, _NODE),
    "@sentry/nestjs": (_EVERYWHERE, _NODE),
    "@sentry/react": (_EVERYWHERE, _REACT),
    "@sentry/browser": (_EVERYWHERE, _REACT),
    "@sentry/vue": (_EVERYWHERE, _REACT),
    "@sentry/profiling-node": ({8: "ProfilingIntegration"},),
}
INSTEAD = {
    "Handlers": "setupExpressErrorHandler(app) behind the routes; requests are traced without a handler",
    "Integrations": "the integration as a function, such as httpIntegration()",
    "BrowserTracing": "browserTracingIntegration()",
    "Replay": "replayIntegration()",
    "ProfilingIntegration": "nodeProfilingIntegration()",
    "configureScope": "getCurrentScope()",
    "startTransaction": "startSpan(options, callback)",
    "getCurrentHub": "getClient() and getCurrentScope()",
    "getActiveTransaction": "getActiveSpan()",
    "makeMain": "setCurrentClient(client)",
    "inboundFiltersIntegration": "eventFiltersIntegration()",
    "trace": "startSpan(options, callback)",
}


def check(judged: Judged) -> Iterator[Finding]:
    """Every such call."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.package not in TRAIN or call.is_asked:
            continue
        first = call.name.partition(".")[0].partition("(")[0]
        removed = _removed(call.package, first)
        installed = setup.installed(call.path, call.package) if removed else None
        if installed is None or installed.major is None or installed.major < removed:
            continue
        instead = INSTEAD.get(first, "")
        yield at_call(
            RULE,
            setup,
            call,
            f"{call.package} {installed.shown} has no {first}: it went with version {removed}",
            option=first,
            note=f"use {instead}" if instead else "",
        )


def _removed(package: str, name: str) -> int:
    """The major that an export went with; 0 where it has not."""
    for table in _TABLES.get(package, (_EVERYWHERE,)):
        for major, names in table.items():
            if name in names.split():
                return major
    return 0
