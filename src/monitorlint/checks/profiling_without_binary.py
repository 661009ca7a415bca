"""What it does
------------
Reports `@sentry/profiling-node` on a version of Node for which it has no compiled part.

Why is this bad?
----------------
The profiler is a native module. Where it has no binary for the running Node, npm tries to compile one, for which slim
images have no tools; without it the application stops while the profiler is imported.

Example
-------
::

    # Dockerfile
    FROM node:25-slim

Use instead
-----------
::

    # Dockerfile
    FROM node:24-slim

How it decides
--------------
By the Node that a Dockerfile or `.nvmrc` beside the package (or above it) names. The binaries of 8 are those for Node
16, 18, 20 and 22; those of 9 and later for 18, 20, 22, 24 and 26: never for an odd one.

References
----------
- https://github.com/getsentry/sentry-javascript/issues/14015
- The files in the packages `@sentry/profiling-node` 8.55.2 and `@sentry/node-cpu-profiler` 2.4.4
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.node_versions import node_pins
from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Evidence, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON404",
    name="profiling-without-binary",
    summary="A profiler that has no binary for the project's Node",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_NAME = "@sentry/profiling-node"
_OWN_BINARIES = 8
"""The last major that brings its binaries itself."""


def check(judged: Judged) -> Iterator[Finding]:
    """Every pinned Node that the profiler cannot run on."""
    setup = judged.setup
    for manifest in setup.manifests:
        dependency = manifest.dependency(_NAME)
        installed = setup.of_dependency(manifest, dependency) if dependency is not None else None
        if dependency is None or installed is None or installed.major is None or installed.major < _OWN_BINARIES:
            continue
        for pin in node_pins(setup, manifest):
            major = pin.major
            if major % 2 == 0 and (installed.major > _OWN_BINARIES or major <= 22):
                continue
            yield finding(
                RULE,
                setup,
                pin.path,
                pin.region,
                f"{_NAME} {installed.shown} has no binary for Node {major}: "
                "where npm cannot compile one, the application stops at its import",
                target=_NAME,
                evidence=[Evidence(manifest.path, dependency.region.row, f"asks for {_NAME} {dependency.wanted}")],
                note="use an even, supported version of Node, or leave the profiler out",
            )
