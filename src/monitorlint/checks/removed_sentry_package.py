"""What it does
------------
Reports a package of Sentry's that ended with an earlier major version than the SDK beside it.

Why is this bad?
----------------
`@sentry/tracing` 7 beside `@sentry/node` 8 brings a second copy of the core. What is set up on the one is unknown to
the other: transactions are started and never sent, and nothing says so.

Example
-------
::

    "dependencies": {
      "@sentry/react": "^8.55.0",
      "@sentry/tracing": "^7.120.4"
    }

Use instead
-----------
::

    "dependencies": {
      "@sentry/react": "^8.55.0"
    }

How it decides
--------------
The manifest asks for `@sentry/tracing`, `hub`, `apm`, `integrations` (last release 7), `utils` (8), `types` or
`node-core` (10), and for packages of the SDK whose major versions, by the lock file or the ranges, are all higher.
What these packages gave is in the SDK itself: `browserTracingIntegration()`, the integrations as functions, the types
as exports.

References
----------
- https://docs.sentry.io/platforms/javascript/migration/v7-to-v8/
- `npm view @sentry/tracing version`: 7.120.4 is the last
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import ENDED, TRAIN, finding, is_of_train
from monitorlint.model.finding import Applicability, Evidence, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import Manifest

RULE = Rule(
    code="MON401",
    name="removed-sentry-package",
    summary="A Sentry package that the installed SDK no longer has",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
    fixable="unsafe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such dependency."""
    setup = judged.setup
    for manifest in setup.manifests:
        present = _present(setup, manifest)
        if not present:
            continue
        major, _, beside = max(present)
        for dependency in manifest.dependencies:
            last = ENDED.get(dependency.name)
            if last is None or last >= min(present)[0] or dependency.section == "peerDependencies":
                continue
            evidence = list(_imports(setup, manifest, dependency.name))
            remedy = Remedy("remove-member", RULE.code, manifest.path, dependency.region, "", target=dependency.name)
            yield finding(
                RULE,
                setup,
                manifest.path,
                dependency.region,
                f"{dependency.name} ended with version {last}: beside {beside} {major} it has no effect",
                target=dependency.name,
                text=f"{dependency.section} {dependency.name}",
                evidence=evidence,
                note=f"remove the dependency, and import what it gave from {beside}",
                cure=None if evidence else Cure(remedy, Fix(Applicability.UNSAFE, f"Remove {dependency.name}")),
            )


def _present(setup: ProjectSetup, manifest: Manifest) -> list[tuple[int, bool, str]]:
    """The major of each of the SDK's packages in a manifest, whether it is one to speak of first, and its name."""
    return [
        (major, dependency.name != "@sentry/profiling-node", dependency.name)
        for dependency in manifest.dependencies
        if dependency.name in TRAIN
        if (major := setup.of_dependency(manifest, dependency).major) is not None
        if is_of_train(dependency.name, major)
    ]


def _imports(setup: ProjectSetup, manifest: Manifest, name: str) -> Iterator[Evidence]:
    """Where the application still imports it."""
    for row in setup.use.imports:
        if row.module == name and setup.manifest_of(row.path) is manifest:
            yield Evidence(row.path, row.row, f"imports {name}")
