"""What it does
------------
Reports that the code of a browser reads its DSN from a variable that the bundler does not put into it.

Why is this bad?
----------------
Vite, Next.js and Create React App replace only variables with their prefix. Any other is `undefined` in the browser:
Sentry stays off, and nothing says so; where there is no `process` at all, the application stops with a
`ReferenceError`.

Example
-------
::

    Sentry.init({ dsn: import.meta.env.SENTRY_DSN });

Use instead
-----------
::

    Sentry.init({ dsn: import.meta.env.VITE_SENTRY_DSN });

and the same name in the environment files.

How it decides
--------------
The variable is all that the DSN may come from. `init` is one of a browser's package in a package with Vite or Create
React App, or stands in Next.js' file for the client. A bundler configuration that sets a prefix, defines variables,
or names this one, leaves it silent.

References
----------
- https://vite.dev/guide/env-and-mode#env-files
- https://nextjs.org/docs/app/guides/environment-variables#bundling-environment-variables-for-the-browser
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import BROWSER, at_call, is_init
from monitorlint.model.finding import Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON419",
    name="unexposed-variable",
    summary="A browser reads its DSN from a variable that the bundler leaves out",
    kind="setup",
    severity=Severity.ERROR,
    default=False,
)

_CLIENT = pattern(r"(?:instrumentation-client|sentry\.client\.config)\.[cm]?[jt]sx?$")
_KNOWN = frozenset({"MODE", "DEV", "PROD", "SSR", "BASE_URL", "NODE_ENV", "PUBLIC_URL"})
_OPENING = frozenset({"envPrefix", "define", "DefinePlugin", "EnvironmentPlugin", "process.env", "env"})
"""Words of a bundler's configuration that may let other variables in."""


def check(judged: Judged) -> Iterator[Finding]:
    """Every ``init`` with such a DSN."""
    setup = judged.setup
    for call in setup.use.calls:
        dsn = call.options.get("dsn") if is_init(call) else None
        if dsn is None or not dsn.is_whole or any(dsn.literals) or len(dsn.variables) != 1:
            continue
        table, _, name = dsn.variables[0].rpartition(".")
        prefix = _prefix(setup, call)
        if not prefix or not table or name in _KNOWN or _is_opened(setup, call, name):
            continue
        if name.startswith(prefix) and (prefix != "VITE_" or table == "import.meta.env"):
            continue
        wanted = f"import.meta.env.{_with(prefix, name)}" if prefix == "VITE_" else f"process.env.{_with(prefix, name)}"
        yield at_call(
            RULE,
            setup,
            call,
            f"{dsn.variables[0]} is undefined in the browser, so Sentry stays off",
            option=name,
            note=f"read {wanted}, and give the variable this name in the environment files",
        )


def _prefix(setup: ProjectSetup, call: SentryCall) -> str:
    """What variables of the browser begin with there; ``""`` where it is not a browser's code, or not known."""
    manifest = setup.manifest_of(call.path)
    if manifest is None:
        return ""
    if call.package == "@sentry/nextjs":
        return "NEXT_PUBLIC_" if _CLIENT.search(call.path) else ""
    if call.package not in BROWSER:
        return ""
    if manifest.dependency("vite") is not None:
        return "VITE_"
    return "REACT_APP_" if manifest.dependency("react-scripts") is not None else ""


def _is_opened(setup: ProjectSetup, call: SentryCall, name: str) -> bool:
    """Whether a bundler's configuration may put the variable in."""
    manifest = setup.manifest_of(call.path)
    return any(
        not _OPENING.isdisjoint(bundler.words) or name in bundler.words
        for bundler in setup.use.bundlers
        if setup.manifest_of(bundler.path) is manifest
    )


def _with(prefix: str, name: str) -> str:
    return name if name.startswith(prefix) else f"{prefix}{name}"
