"""What it does
------------
Reports packages of one Sentry SDK that are asked for in different major versions.

Why is this bad?
----------------
Each package of the SDK is bound to one exact version of `@sentry/core`. Two majors bring two cores: an integration of
the one is added to a client of the other, where it does nothing, or the application stops with an error of types at
start.

Example
-------
::

    "dependencies": {
      "@sentry/node": "^10.63.0",
      "@sentry/profiling-node": "^8.55.0"
    }

Use instead
-----------
::

    "dependencies": {
      "@sentry/node": "^10.63.0",
      "@sentry/profiling-node": "^10.63.0"
    }

How it decides
--------------
The packages that are released together (browser, react, node, nextjs, core, profiling-node …) are compared within one
`package.json`, by the lock file's versions or, without one, by ranges that allow a single major. Packages with
numbers of their own (cli, wizard, bundler plugins, react-native, electron, capacitor) are left out.

References
----------
- https://github.com/getsentry/sentry-javascript/issues/7783
- https://github.com/getsentry/sentry-javascript/issues/8965
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import TRAIN, finding, is_of_train, share_a_program
from monitorlint.model.finding import Applicability, Evidence, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON402",
    name="sentry-versions-disagree",
    summary="Packages of one Sentry SDK in different major versions",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
    fixable="unsafe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every dependency that is behind another of its manifest."""
    setup = judged.setup
    for manifest in setup.manifests:
        found = [
            (installed, dependency)
            for dependency in manifest.dependencies
            if dependency.name in TRAIN and dependency.section != "peerDependencies"
            if (installed := setup.of_dependency(manifest, dependency)).major is not None
            if is_of_train(dependency.name, installed.major)
        ]
        for installed, dependency in found:
            near = [row for row in found if share_a_program(row[1].name, dependency.name)]
            newest, leader = max(near, key=lambda row: row[0].major or 0)
            if installed.major == newest.major:
                continue
            cure = Fix(Applicability.UNSAFE, f"Ask for {dependency.name} {leader.wanted}")
            remedy = Remedy(
                "set-member",
                RULE.code,
                manifest.path,
                dependency.region,
                "",
                target=dependency.name,
                value=leader.wanted,
            )
            yield finding(
                RULE,
                setup,
                manifest.path,
                dependency.region,
                f"{dependency.name} {installed.shown} and {leader.name} {newest.shown} do not work together: "
                "their major versions differ",
                target=dependency.name,
                evidence=[Evidence(manifest.path, leader.region.row, f"asks for {leader.name} {leader.wanted}")],
                note=f"ask for the same version of all packages of the SDK: {leader.wanted}",
                cure=Cure(remedy, cure) if leader.wanted == newest.wanted else None,
            )
