"""What it does
------------
Reports a second `Sentry.init` in a program that has called it before.

Why is this bad?
----------------
The second client takes the place of the first. Its options hold alone: a `beforeSend`, a release or an integration of
the first is gone, and what the first had set up on a scope stays with a client that nobody asks any more.

Example
-------
::

    import "./instrument";        // calls Sentry.init
    import * as Sentry from "@sentry/node";

    Sentry.init({ dsn: process.env.SENTRY_DSN });

Use instead
-----------
::

    import "./instrument";

How it decides
--------------
Both calls run when their files are loaded, under no condition, and are of one package. They stand in the same file,
or the static imports of one file lead to both. In Next.js, where each runtime has its own `init`, only the pair
`sentry.client.config` and `instrumentation-client` counts, which webpack puts into the same bundle (version 9 and
later); Turbopack takes the second alone.

References
----------
- Run with @sentry/node 11.12.0: a warning, and the client is replaced
- `addSentryToClientEntryProperty` in @sentry/nextjs 9.47.2 to 11.8.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.next_builds import builds_with_turbopack
from monitorlint.checks.setup_finding import TRAIN, at_call, finding
from monitorlint.model.finding import Evidence, Region, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON441",
    name="sentry-started-twice",
    summary="A second start of Sentry in one program",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_NEXT = "@sentry/nextjs"
_BOTH_SINCE = 9
_OLD, _NEW = "sentry.client.config", "instrumentation-client"
_NOTE = "keep one of them, with the options of both"


def check(judged: Judged) -> Iterator[Finding]:
    """Every start but the first."""
    setup = judged.setup
    for second in setup.use.seconds:
        if second.package in TRAIN and second.package != _NEXT:
            yield finding(
                RULE,
                setup,
                second.path,
                Region(*second.place),
                f"{second.package} is started a second time, and forgets the options of the first",
                target=f"{second.package}.init",
                text=f"{second.package}.init {second.first}",
                evidence=[Evidence(second.first, second.row, "starts it, too")],
                note=_NOTE,
                area=second.area,
            )
    yield from _in_next(setup)


def _in_next(setup: ProjectSetup) -> Iterator[Finding]:
    """The pair of files that the bundle of the browser gets, one beside the other."""
    inits = [call for call in setup.use.calls if call.target == f"{_NEXT}.init" and call.is_loading]
    olds = {_folder(call.path): call for call in inits if _stem(call.path) == _OLD}
    for call in inits:
        old = olds.get(_folder(call.path)) if _stem(call.path) == _NEW else None
        installed = setup.installed(call.path, _NEXT) if old is not None else None
        if old is None or installed is None or installed.major is None or installed.major < _BOTH_SINCE:
            continue
        if not builds_with_turbopack(setup, call.path):
            yield _pair(setup, old, call)


def _pair(setup: ProjectSetup, old: SentryCall, new: SentryCall) -> Finding:
    return at_call(
        RULE,
        setup,
        old,
        f"{_OLD} and {_NEW} both start Sentry in the browser",
        evidence=[Evidence(new.path, new.place[0], "starts it, too")],
        note=f"move what is left into {_NEW}, and delete {old.path.rpartition('/')[2]}",
    )


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _folder(path: str) -> str:
    """Where a file lies; Next.js looks into `src`, too."""
    return path.rpartition("/")[0].removesuffix("src").rstrip("/")
