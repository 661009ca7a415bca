"""What it does
------------
Reports a browser's start of Sentry that traces, has an API at an address of its own, and names no targets for traces.

Why is this bad?
----------------
A browser sends the headers of a trace to its own origin only. Requests to an API elsewhere begin a new trace there, and
front end and back end are never seen together.

Example
-------
::

    Sentry.init({ dsn, integrations: [Sentry.browserTracingIntegration()], tracesSampleRate: 0.1 });
    // and fetch(`${import.meta.env.VITE_API_URL}/lessons`)

Use instead
-----------
::

    Sentry.init({
      dsn,
      integrations: [Sentry.browserTracingIntegration()],
      tracesSampleRate: 0.1,
      tracePropagationTargets: [import.meta.env.VITE_API_URL],
    });

How it decides
--------------
`init` of a package for browsers, version 8 or later, samples traces and has no `tracePropagationTargets`; the package
calls a `browserTracingIntegration`; and an environment file of the project has an address under a public name that
speaks of an API (`VITE_API_URL`). Opt-in: the API may have no Sentry, or lie at the same origin in production.

References
----------
- https://docs.sentry.io/platforms/javascript/tracing/distributed-tracing/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import BROWSER, at_call, is_init, samples_traces
from monitorlint.model.finding import Confidence, Evidence, Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import Manifest

RULE = Rule(
    code="MON427",
    name="trace-targets-missing",
    summary="A browser that traces, and does not say which API takes part",
    kind="setup",
    severity=Severity.INFO,
    default=False,
    confidence=Confidence.MEDIUM,
)

_SINCE = 8
_TARGETS = "tracePropagationTargets"
_API = pattern(r"(?:VITE|REACT_APP|PUBLIC|NEXT_PUBLIC)_(?:\w+_)?(?:API|BACKEND|SERVER)(?:_BASE)?(?:_URL|_HOST|_ORIGIN)")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.package not in BROWSER or not is_init(call) or call.is_open or not samples_traces(call):
            continue
        installed = setup.installed(call.path, call.package)
        manifest = setup.manifest_of(call.path)
        if installed is None or installed.major is None or installed.major < _SINCE or manifest is None:
            continue
        is_asked = _TARGETS not in call.options and _traces(setup, manifest)
        api = _api(setup, manifest.folder) if is_asked else None
        if api is not None:
            message = f"{call.target} names no {_TARGETS}: requests to the API begin a new trace"
            yield at_call(RULE, setup, call, message, option=_TARGETS, evidence=[api], note=f"add {_TARGETS}")


def _traces(setup: ProjectSetup, manifest: Manifest) -> bool:
    """Whether code of a package makes the integration that traces in browsers."""
    calls = (call for call in setup.use.calls if setup.manifest_of(call.path) is manifest)
    return any(call.name.endswith("rowserTracingIntegration") for call in calls)


def _api(setup: ProjectSetup, folder: str) -> Evidence | None:
    """Where an environment file beside a manifest gives the address of an API."""
    for examples in (False, True):
        for file in setup.env_files(examples=examples):
            variables = file.env.variables if file.env is not None and file.path.rpartition("/")[0] == folder else ()
            for variable in variables:
                if _API.fullmatch(variable.name):
                    return Evidence(file.path, variable.region.row, variable.name)
    return None
