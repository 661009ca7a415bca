"""What it does
------------
Reports that a Node program imports a library before it starts Sentry, which was to watch the library.

Why is this bad?
----------------
`@sentry/node` patches Express, database drivers and AI SDKs while they are loaded. What was loaded before makes no
spans, and errors of routes carry no request. Nothing fails, and version 11 no longer warns.

Example
-------
::

    import express from "express";
    import "./instrument";

Use instead
-----------
::

    import "./instrument";
    import express from "express";

How it decides
--------------
A file that no other imports, a program's first, imports one of the libraries that the SDK patches, and below it a
file of the project that calls `init` when it is loaded. Or a file that calls `init` itself imports such a library
first. Version 8 or later, and no start command of the package loads a module first (`--import`, `--require`).

References
----------
- https://docs.sentry.io/platforms/javascript/guides/node/install/
- https://github.com/getsentry/sentry-javascript/issues/12105
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Evidence, Region, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON407",
    name="sentry-starts-late",
    summary="A library is imported before Sentry, which was to watch it",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_SINCE = 8
_AI = frozenset({"openai", "@anthropic-ai/sdk", "@google/genai", "ai"})
"""Watched since version 10."""


def check(judged: Judged) -> Iterator[Finding]:
    """Every late start."""
    setup = judged.setup
    for late in setup.use.late:
        installed = setup.installed(late.path, late.package)
        if installed is None or installed.major is None:
            continue
        if installed.major < (10 if late.library in _AI else _SINCE) or setup.is_preloaded(late.path):
            continue
        what = "Sentry.init runs" if late.starts == late.path else f"{late.starts.rpartition('/')[2]} starts Sentry"
        yield finding(
            RULE,
            setup,
            late.path,
            Region(*late.place),
            f"{what} after the import of {late.library}, which it therefore does not watch",
            target=late.package,
            text=f"{late.starts} {late.library}",
            evidence=[Evidence(late.path, late.row, f"imports {late.library}")],
            note="start Sentry in a module of its own, and import it before anything else",
            area=late.area,
        )
