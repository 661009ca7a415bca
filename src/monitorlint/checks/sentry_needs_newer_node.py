"""What it does
------------
Reports a Node that the installed Sentry SDK does not run on.

Why is this bad?
----------------
The SDK uses what older versions of Node do not have. It fails at import, or, worse, runs without the instrumentation
that needs it.

Example
-------
::

    # Dockerfile, beside "@sentry/node": "^11.0.0"
    FROM node:22.11-slim

Use instead
-----------
::

    # Dockerfile
    FROM node:22-slim

How it decides
--------------
The range under `engines` of the SDK's major version is compared with the Node that a Dockerfile or `.nvmrc` beside
the package (or above it) names. A bare major (`node:22`) stands for its newest release.

References
----------
- `npm view @sentry/node@11 engines`: `>=20.19.0 <22.0.0 || >=22.12.0 <23.0.0 || >=23.2.0`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.node_versions import node_pins
from monitorlint.checks.setup_finding import TRAIN, finding
from monitorlint.model.finding import Evidence, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON405",
    name="sentry-needs-newer-node",
    summary="A Node that the installed Sentry SDK does not support",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_ENGINES = {
    8: ">=14.18",
    9: ">=18",
    10: ">=18",
    11: ">=20.19.0 <22.0.0 || >=22.12.0 <23.0.0 || >=23.2.0",
}
"""``engines.node`` by major: 8.55.2, 9.47.2, 10.78.0, 11.12.0."""

_RUNS_IN_NODE = frozenset(
    f"@sentry/{name}"
    for name in """
    astro aws-serverless google-cloud-serverless nestjs nextjs node node-core node-native nuxt profiling-node
    react-router remix solidstart sveltekit tanstackstart-react
    """.split()
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every pinned Node that is too old."""
    from monitorlint.model.npm_versions import parse_range, satisfies  # noqa: PLC0415 - every run imports every check

    setup = judged.setup
    reported: set[tuple[str, int]] = set()
    for manifest in setup.manifests:
        for dependency in manifest.dependencies:
            if dependency.name not in _RUNS_IN_NODE & TRAIN or dependency.section == "peerDependencies":
                continue
            installed = setup.of_dependency(manifest, dependency)
            engines = _ENGINES.get(installed.major or 0, "")
            wanted = parse_range(engines) if engines else None
            for pin in node_pins(setup, manifest) if wanted is not None else ():
                if wanted is None or satisfies(pin.highest, wanted) or (pin.path, pin.region.row) in reported:
                    continue
                reported.add((pin.path, pin.region.row))
                yield finding(
                    RULE,
                    setup,
                    pin.path,
                    pin.region,
                    f"{dependency.name} {installed.shown} does not run on Node {pin.text}: it needs {engines}",
                    target=dependency.name,
                    evidence=[
                        Evidence(
                            manifest.path, dependency.region.row, f"asks for {dependency.name} {dependency.wanted}"
                        )
                    ],
                )
