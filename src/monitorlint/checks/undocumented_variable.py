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
    """Each variable once, in the example that it is missing from."""
    setup = judged.setup
    examples = {f.path.rpartition("/")[0]: f.env for f in setup.env_files(examples=True) if f.env is not None}
    seen: set[tuple[str, str]] = set()
    for call in setup.use.calls if examples else ():
        example = _nearest(call.path, examples) if is_init(call) and call.area == "app" else None
        for name in _names(call) if example is not None else ():
            if example is None or (example.path, name) in seen or any(v.name == name for v in example.variables):
                continue
            seen.add((example.path, name))
            yield _finding(setup, call, example, name)


def _nearest(path: str, examples: dict[str, EnvFile]) -> EnvFile | None:
    folder = path.rpartition("/")[0]
    while folder and folder not in examples:
        folder = folder.rpartition("/")[0]
    return examples.get(folder)


def _names(call: SentryCall) -> Iterator[str]:
    for option in call.options.values():
        for variable in option.variables:
            name = variable.rpartition(".")[2]
            if name.isupper() and name not in _KNOWN:
                yield name


def _finding(setup: ProjectSetup, call: SentryCall, example: EnvFile, name: str) -> Finding:
    remedy = Remedy("add-line", RULE.code, example.path, example.end, "", target=name, value=f"{name}=")
    return finding(
        RULE,
        setup,
        example.path,
        example.end,
        f"{name}, which {call.target} reads, is not in this example",
        target=name,
        evidence=[Evidence(call.path, call.place[0], f"reads {name}")],
        note=f"add a line {name}=",
        cure=Cure(remedy, Fix(Applicability.SAFE, f"Add {name}=")),
    )
