"""What it does
------------
Reports a variable that the start of Sentry reads and that the project's example of an environment file does not name.

Why is this bad?
----------------
Whoever sets the project up copies the example. What is not in it is not set, and monitoring stays off there.

Example
-------
::

    # .env.example
    DATABASE_URL=

Use instead
-----------
::

    # .env.example
    DATABASE_URL=
    SENTRY_DSN=

How it decides
--------------
An `init` reads the variable, by its name, in the folder of the example file or below it, and no nearer folder has an
example of its own. Opt-in. The repair adds a line with the name and no value.

References
----------
- https://12factor.net/config
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import finding, is_init
from monitorlint.model.finding import Applicability, Evidence, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import EnvFile, SentryCall

RULE = Rule(
    code="MON422",
    name="undocumented-variable",
    summary="A variable that Sentry's start reads is not in the example of an environment file",
    kind="setup",
    severity=Severity.INFO,
    default=False,
    fixable="safe",
)

_KNOWN = frozenset({"NODE_ENV", "MODE", "DEV", "PROD", "SSR", "BASE_URL", "CI"})


def check(judged: Judged) -> Iterator[Finding]:
    """One finding for each example, with all that it lacks."""
    setup = judged.setup
    examples = {f.path.rpartition("/")[0]: f.env for f in setup.env_files(examples=True) if f.env is not None}
    lacking: dict[str, dict[str, SentryCall]] = {}
    for call in setup.use.calls if examples else ():
        folder = _nearest(call.path, examples) if is_init(call) and call.area == "app" else None
        if folder is None:
            continue
        known = {variable.name for variable in examples[folder].variables}
        for name in _names(call):
            if name not in known:
                lacking.setdefault(folder, {}).setdefault(name, call)
    for folder, calls in lacking.items():
        yield _finding(setup, examples[folder], calls)


def _nearest(path: str, examples: dict[str, EnvFile]) -> str | None:
    """The folder of the example that speaks for a file."""
    folder = path.rpartition("/")[0]
    while folder and folder not in examples:
        folder = folder.rpartition("/")[0]
    return folder if folder in examples else None


def _names(call: SentryCall) -> Iterator[str]:
    for option in call.options.values():
        for variable in option.variables:
            name = variable.rpartition(".")[2]
            if name.isupper() and name not in _KNOWN:
                yield name


def _finding(setup: ProjectSetup, example: EnvFile, calls: dict[str, SentryCall]) -> Finding:
    names = ", ".join(calls)
    lines = "\n".join(f"{name}=" for name in calls)
    remedy = Remedy("add-line", RULE.code, example.path, example.end, "", target=names, value=lines)
    return finding(
        RULE,
        setup,
        example.path,
        example.end,
        f"{names}, which the start of Sentry reads, {'is' if len(calls) == 1 else 'are'} not in this example",
        target=names,
        evidence=[Evidence(call.path, call.place[0], f"reads {name}") for name, call in calls.items()],
        note=f"add {' and '.join(lines.split())}",
        cure=Cure(remedy, Fix(Applicability.SAFE, f"Add {' and '.join(lines.split())}")),
    )
