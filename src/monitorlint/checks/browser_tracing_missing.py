"""What it does
------------
Reports a browser's `Sentry.init` that samples traces and has no integration that makes them.

Why is this bad?
----------------
In a browser nothing is traced by itself: page loads, navigation and requests become spans by
`browserTracingIntegration` alone, which is not among the default integrations since version 8.

Example
-------
::

    Sentry.init({ dsn, tracesSampleRate: 0.1 });

Use instead
-----------
::

    Sentry.init({ dsn, tracesSampleRate: 0.1, integrations: [Sentry.browserTracingIntegration()] });

How it decides
--------------
`init` of a package that runs in browsers only (react, browser, vue, svelte, solid, angular), version 8 or later, with
a rate above 0 or a sampler; and no code of the same `package.json` calls an integration whose name ends in
`browserTracingIntegration`. Frameworks whose SDK adds it (Next.js, SvelteKit, Nuxt, Astro) are left out.

References
----------
- `getDefaultIntegrations` in @sentry/browser 8.55.2 to 11.12.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import BROWSER, at_call, is_init
from monitorlint.model.finding import Applicability, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON426",
    name="browser-tracing-missing",
    summary="Traces are sampled in a browser, and nothing makes any",
    kind="setup",
    severity=Severity.WARNING,
    default=True,
    fixable="unsafe",
)

_SINCE = 8
_ADDED = ("rowserTracingIntegration", "BrowserTracing", "lazyLoadIntegration", "addIntegration")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.package not in BROWSER or not is_init(call) or call.is_open or not _samples(call):
            continue
        installed = setup.installed(call.path, call.package)
        if installed is None or installed.major is None or installed.major < _SINCE or _is_added(setup, call):
            continue
        remedy = Remedy("integration", RULE.code, call.path, call.region, "", value="browserTracingIntegration")
        yield at_call(
            RULE,
            setup,
            call,
            f"{call.target} samples traces, and no browserTracingIntegration makes any",
            note="add Sentry.browserTracingIntegration() to integrations",
            cure=Cure(remedy, Fix(Applicability.UNSAFE, "Add browserTracingIntegration()")),
        )


def _samples(call: SentryCall) -> bool:
    rate = call.options.get("tracesSampleRate")
    return "tracesSampler" in call.options or (rate is not None and any(value != 0 for value in rate.literals))


def _is_added(setup: ProjectSetup, call: SentryCall) -> bool:
    manifest = setup.manifest_of(call.path)
    return any(one.name.endswith(_ADDED) and setup.manifest_of(one.path) is manifest for one in setup.use.calls)
