"""What it does
------------
Reports a Sentry DSN in an environment file under a name that no start of Sentry reads, where the start reads a name
that is set nowhere.

Why is this bad?
----------------
Both sides look right, and nothing is sent.

Example
-------
::

    # .env
    VITE_SENTRY_DSN=https://0123456789abcdef0123456789abcdef@o123.ingest.sentry.io/4507

    // src/main.tsx
    Sentry.init({ dsn: import.meta.env.VITE_SENTRY_URL });

Use instead
-----------
::

    Sentry.init({ dsn: import.meta.env.VITE_SENTRY_DSN });

How it decides
--------------
An environment file that programs read sets a variable whose name ends in `SENTRY_DSN`. The starts of Sentry in its
folder and below read their DSN from variables of other names, of which no file of the project (environment files,
images, workflows) names one. SDKs for servers read `SENTRY_DSN` by themselves. Opt-in: a platform may set what no file
names.

References
----------
- https://vite.dev/guide/env-and-mode
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import BROWSER, DSN_NAME, dsn_problem, finding, is_init
from monitorlint.model.finding import Evidence, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON458",
    name="unread-dsn",
    summary="A Sentry DSN under a name that nothing reads",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

_BY_ITSELF = "SENTRY_DSN"
"""What the SDKs for servers read where they are given no DSN."""


def check(judged: Judged) -> Iterator[Finding]:
    """Every such variable."""
    setup = judged.setup
    starts = [call for call in setup.use.calls if is_init(call) and call.area == "app"]
    for file in setup.env_files():
        folder = file.path.rpartition("/")[0]
        below = [call for call in starts if not folder or call.path.startswith(f"{folder}/")]
        read = {name: call for call in below for name in _names(call)}
        if not read or any(map(setup.declares_variable, read)) or not all(map(_reads_only_variables, below)):
            continue
        for variable in file.env.variables if file.env is not None else ():
            value = variable.value.reveal()
            if not DSN_NAME.search(variable.name) or not value or variable.is_template or dsn_problem(value):
                continue
            if variable.name == _BY_ITSELF and any(call.package not in BROWSER for call in below):
                continue
            names = " or ".join(sorted(read))
            yield finding(
                RULE,
                setup,
                file.path,
                variable.region,
                f"{variable.name} is set here, and the start of Sentry reads {names}, which is set nowhere",
                target=variable.name,
                evidence=[Evidence(call.path, call.place[0], f"reads {name}") for name, call in sorted(read.items())],
                note="use one name on both sides",
            )


def _names(call: SentryCall) -> Iterator[str]:
    """The variables that a start reads its DSN from."""
    option = call.options.get("dsn")
    for variable in option.variables if option is not None else ():
        yield variable.rpartition(".")[2]


def _reads_only_variables(call: SentryCall) -> bool:
    """Whether the DSN of a start comes from variables that are known, and from nowhere else."""
    option = call.options.get("dsn")
    return option is not None and option.is_whole and bool(option.variables) and not any(option.literals)
