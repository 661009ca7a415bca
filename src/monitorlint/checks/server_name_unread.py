"""What it does
------------
Reports a variable `SERVER_NAME` that Sentry was to show, and does not read.

Why is this bad?
----------------
The Node SDK reads `SENTRY_NAME`. With `SERVER_NAME` alone every event carries the name of the host, which in a
container is a random text.

Example
-------
::

    # .env
    SERVER_NAME=api-1

    Sentry.init({ dsn: process.env.SENTRY_DSN });

Use instead
-----------
::

    Sentry.init({ dsn: process.env.SENTRY_DSN, serverName: process.env.SERVER_NAME });

How it decides
--------------
An environment file beside a `package.json` sets `SERVER_NAME`, no `SENTRY_NAME`, and a DSN; and `init` of a package for
servers has its options written out, without `serverName`. Opt-in: the variable may be meant for another program.

References
----------
- Run with @sentry/node 11.12.0: the name of the host is sent
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import SERVER, at_call, is_init
from monitorlint.model.finding import Applicability, Evidence, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON437",
    name="server-name-unread",
    summary="A SERVER_NAME that Sentry does not read",
    kind="setup",
    severity=Severity.INFO,
    default=False,
    fixable="unsafe",
)

_OPTION, _VALUE = "serverName", "process.env.SERVER_NAME"


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    if setup.declares_variable("SENTRY_NAME"):
        return
    for call in setup.use.calls:
        if call.package not in SERVER or not is_init(call) or call.is_open or _OPTION in call.options:
            continue
        manifest = setup.manifest_of(call.path)
        place = _place(setup, manifest.folder) if manifest is not None and call.area == "app" else None
        if place is None:
            continue
        remedy = Remedy("option", RULE.code, call.path, call.region, "", keyword=_OPTION, value=_VALUE)
        yield at_call(
            RULE,
            setup,
            call,
            f"{call.target} does not read SERVER_NAME: events carry the name of the host",
            option=_OPTION,
            evidence=[place],
            note=f"add {_OPTION}: {_VALUE}",
            cure=Cure(remedy, Fix(Applicability.UNSAFE, f"Add {_OPTION}: {_VALUE}")),
        )


def _place(setup: ProjectSetup, folder: str) -> Evidence | None:
    """Where an environment file beside a manifest sets the variable, beside one for Sentry."""
    for examples in (False, True):
        for file in setup.env_files(examples=examples):
            if file.env is None or file.path.rpartition("/")[0] != folder:
                continue
            found = next((v for v in file.env.variables if v.name == "SERVER_NAME"), None)
            if found is not None and any("SENTRY" in variable.name for variable in file.env.variables):
                return Evidence(file.path, found.region.row, "sets it")
    return None
