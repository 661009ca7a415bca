"""What it does
------------
Reports a `Sentry.init` in an ES module, above an import that runs before it all the same.

Why is this bad?
----------------
The imports of an ES module run before its first statement, wherever they stand. The library below `init` is loaded by
the time that Sentry starts, and is not watched. Version 11 no longer warns of it.

Example
-------
::

    import * as Sentry from "@sentry/node";
    Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 0.1 });

    import express from "express";

Use instead
-----------
::

    // instrument.js holds the call of init, and is loaded by: node --import ./instrument.js index.js
    import express from "express";

How it decides
--------------
The file is `.mjs`, or its package is of type `module`. It calls `init` of `@sentry/node` of version 8 or later when it
is loaded, and below that imports a library that the SDK watches, or a file that does. Nothing near it has `--import` or
`--require`. In CommonJS, and in TypeScript that becomes CommonJS, the order of the file holds.

References
----------
- https://docs.sentry.io/platforms/javascript/guides/node/install/esm/
- Run with @sentry/node 10.78.0 and 11.12.0 on Node 20
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.esm_without_import import AI, is_esm
from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Evidence, Region, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON408",
    name="init-below-hoisted-imports",
    summary="A Sentry.init above imports that run before it",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_SINCE = 8
_SINCE_WITH_AI = 10


def check(judged: Judged) -> Iterator[Finding]:
    """Every such call."""
    setup = judged.setup
    for late in setup.use.hoisted:
        manifest = setup.manifest_of(late.path)
        installed = setup.installed(late.path, late.package)
        if manifest is None or installed is None or installed.major is None or late.area != "app":
            continue
        if installed.major < (_SINCE_WITH_AI if late.library in AI else _SINCE) or setup.is_preloaded(late.path):
            continue
        if not is_esm(late.path, manifest):
            continue
        yield finding(
            RULE,
            setup,
            late.path,
            Region(*late.place),
            f"Sentry.init runs after the import of {late.library} below it, as all imports of an ES module do",
            target=late.package,
            text=f"{late.package}.init {late.library}",
            evidence=[Evidence(late.path, late.row, f"leads to {late.library}")],
            note="move the call into a module of its own, and load that with node --import",
            area=late.area,
        )
