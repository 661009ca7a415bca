"""What it does
------------
Reports that Sentry is started without a sample rate for traces, in a project that makes spans.

Why is this bad?
----------------
Without a sample rate tracing is off: `start_span` and `startSpan` run their code, and nothing is recorded. Nobody
sees how long a call took, and nothing says so.

Example
-------
::

    sentry_sdk.init(dsn=DSN)

    with sentry_sdk.start_span(op="ai", name="summarise"):
        ...

Use instead
-----------
::

    sentry_sdk.init(dsn=DSN, traces_sample_rate=0.1)

How it decides
--------------
Application code calls a function of the SDK that makes spans, or sets a sample rate for profiles, and no `init` of
the same package (npm) or project (Python) has a sample rate, a sampler, or options that are not written out. A rate
that is set to None is a decision. For Node, a `SENTRY_TRACES_SAMPLE_RATE` that is declared anywhere counts.

References
----------
- `hasSpansEnabled` in @sentry/core 11.12.0; `has_tracing_enabled` in sentry-sdk 2.75.0
- https://docs.sentry.io/platforms/python/tracing/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import TRAIN, at_call, is_init, is_python
from monitorlint.model.finding import Applicability, Evidence, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON424",
    name="spans-without-tracing",
    summary="Spans are made, but tracing is off",
    kind="setup",
    severity=Severity.WARNING,
    default=True,
    fixable="unsafe",
)

_RATES = frozenset(
    "traces_sample_rate traces_sampler enable_tracing tracesSampleRate tracesSampler enableTracing instrumenter".split()
)
_PROFILES = ("profiles_sample_rate", "profilesSampleRate")
_SPANS = frozenset(
    """
    start_span start_transaction trace ai.monitoring.ai_track startSpan startSpanManual startInactiveSpan
    """.split()
)
_VARIABLE = "SENTRY_TRACES_SAMPLE_RATE"


def check(judged: Judged) -> Iterator[Finding]:
    """The first ``init`` of each package whose spans are not recorded."""
    setup = judged.setup
    groups: dict[str, list[SentryCall]] = {}
    for call in setup.use.calls:
        if call.area == "app" and is_init(call) and (is_python(call) or call.package in TRAIN):
            groups.setdefault(_group(setup, call), []).append(call)
    for group, inits in groups.items():
        if any(call.is_open or not _RATES.isdisjoint(call.options) for call in inits):
            continue
        if group and setup.declares_variable(_VARIABLE):
            continue
        spans = [
            call for call in setup.use.calls if call.area == "app" and _relies(call) and _group(setup, call) == group
        ]
        if spans:
            found = Evidence(spans[0].path, spans[0].place[0], f"{spans[0].target} relies on tracing")
            message = f"{inits[0].target} has no sample rate for traces: the project's spans are not recorded"
            first = inits[0]
            name = "traces_sample_rate" if is_python(first) else "tracesSampleRate"
            remedy = Remedy("option", RULE.code, first.path, first.region, "", keyword=name, value="0.1")
            yield at_call(
                RULE,
                setup,
                inits[0],
                message,
                evidence=[found],
                note=f"give it {name} 0.1",
                cure=Cure(remedy, Fix(Applicability.UNSAFE, f"Give it {name} 0.1")),
            )


def _group(setup: ProjectSetup, call: SentryCall) -> str:
    """The package that a call belongs to; ``""`` for Python, whose processes share their settings."""
    manifest = setup.manifest_of(call.path) if not call.target.startswith("sentry_sdk") else None
    return manifest.path if manifest is not None else ""


def _relies(call: SentryCall) -> bool:
    if is_init(call):
        rate = next((call.options[name].only for name in _PROFILES if name in call.options), None)
        return isinstance(rate, (int, float)) and rate > 0
    return call.name in _SPANS
