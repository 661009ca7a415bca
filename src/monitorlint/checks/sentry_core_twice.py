"""What it does
------------
Reports packages of one Sentry SDK that are locked to different versions of the same major.

Why is this bad?
----------------
Each package of the SDK is bound to one exact version of `@sentry/core`. A range (`^10.0.0`) in the manifest hides
that the lock file holds two of them; settings and spans of the one copy are not seen by the other.

Example
-------
::

    @sentry/node            10.63.0
    @sentry/profiling-node  10.38.0

Use instead
-----------
::

    @sentry/node            10.63.0
    @sentry/profiling-node  10.63.0

How it decides
--------------
By the lock file alone: two packages of the SDK, asked for by the same `package.json`, have the same major and
different versions.

References
----------
- https://github.com/getsentry/sentry-javascript/issues/8965
- `npm view @sentry/profiling-node dependencies`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import TRAIN, finding, share_a_program
from monitorlint.model.finding import Evidence, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON403",
    name="sentry-core-twice",
    summary="Packages of one Sentry SDK that are locked to different versions",
    kind="setup",
    severity=Severity.WARNING,
    default=True,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every dependency that is locked behind another of its manifest and major."""
    setup = judged.setup
    for manifest in setup.manifests:
        found = [
            (version, dependency)
            for dependency in manifest.dependencies
            if dependency.name in TRAIN and dependency.section == "dependencies"
            if (version := setup.of_dependency(manifest, dependency).version) is not None
        ]
        for version, dependency in found:
            newest, leader = max(
                (r for r in found if r[0].major == version.major and share_a_program(r[1].name, dependency.name)),
                key=lambda row: row[0],
            )
            if version != newest:
                yield finding(
                    RULE,
                    setup,
                    manifest.path,
                    dependency.region,
                    f"{dependency.name} is locked to {version} and {leader.name} to {newest}: "
                    "each brings a @sentry/core of its own",
                    target=dependency.name,
                    evidence=[Evidence(manifest.path, leader.region.row, f"asks for {leader.name} {leader.wanted}")],
                    note="update them together, so that the lock file holds one version",
                )
