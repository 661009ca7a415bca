"""What it does
------------
Reports an AI SDK whose version lies beyond what the installed Sentry SDK watches by itself.

Why is this bad?
----------------
The integrations of `@sentry/node` patch the versions that they know. A newer one is left alone without a word: calls of
the model make no spans, and neither tokens nor errors are seen.

Example
-------
::

    "dependencies": { "@anthropic-ai/sdk": "^1.2.0", "@sentry/node": "^10.50.0" }

Use instead
-----------
::

    const client = Sentry.instrumentAnthropicAiClient(new Anthropic());

or a newer `@sentry/node`.

How it decides
--------------
The package starts `@sentry/node` (or an SDK that is built on it) of version 10 or 11 with a sample rate for traces, and
depends on one of the SDKs in a version that the last release of that major does not watch: `openai` 8,
`@anthropic-ai/sdk` 1 (version 11: 2), `@google/genai` 2 (3), and for version 10 `ai` 7. Nothing of the package is
wrapped by hand with `instrument...Client`.

References
----------
- The ranges in `integrations/tracing` of @sentry/node 10.78.0, and in `orchestrion/config` of
  @sentry/server-utils 11.12.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding, is_init, samples_traces
from monitorlint.model.finding import Evidence, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import Manifest, SentryCall

RULE = Rule(
    code="MON449",
    name="ai-version-unwatched",
    summary="An AI SDK in a version that the installed Sentry SDK does not watch",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

BEYOND = {
    10: {"openai": 8, "@anthropic-ai/sdk": 1, "@google/genai": 2, "ai": 7},
    11: {"openai": 8, "@anthropic-ai/sdk": 2, "@google/genai": 3},
}
"""By the major of the SDK: the first major of each library that is not watched."""
_BUILT_ON_NODE = frozenset(
    f"@sentry/{name}" for name in "node nestjs nextjs aws-serverless google-cloud-serverless bun".split()
)


def check(judged: Judged) -> Iterator[Finding]:
    """One finding for each library of each package."""
    setup = judged.setup
    for manifest in setup.manifests:
        calls = [call for call in setup.use.calls if setup.manifest_of(call.path) is manifest and call.area == "app"]
        start = next((c for c in calls if c.package in _BUILT_ON_NODE and is_init(c) and samples_traces(c)), None)
        if start is not None and not any(call.name.startswith("instrument") for call in calls):
            yield from _of_package(setup, manifest, start)


def _of_package(setup: ProjectSetup, manifest: Manifest, start: SentryCall) -> Iterator[Finding]:
    installed = setup.installed(start.path, start.package)
    beyond = BEYOND.get(installed.major or 0, {}) if installed is not None else {}
    for dependency in manifest.dependencies:
        library = setup.of_dependency(manifest, dependency)
        first = beyond.get(dependency.name, 0)
        if not first or installed is None or library.major is None or library.major < first:
            continue
        if dependency.section not in {"dependencies", "optionalDependencies"}:
            continue
        yield finding(
            RULE,
            setup,
            manifest.path,
            dependency.region,
            f"{start.package} {installed.shown} makes no spans of {dependency.name} {library.shown}",
            target=dependency.name,
            evidence=[Evidence(start.path, start.place[0], "starts Sentry")],
            note="wrap the client by hand, or use a newer SDK of Sentry",
        )
