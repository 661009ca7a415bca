"""What it does
------------
Reports a start of the JavaScript SDK whose events belong to no release.

Why is this bad?
----------------
Without a release Sentry cannot say which deployment brought an error, nor that a later one has it again.

Example
-------
::

    Sentry.init({ dsn: process.env.SENTRY_DSN });

Use instead
-----------
::

    Sentry.init({ dsn: process.env.SENTRY_DSN, release: process.env.npm_package_version });

How it decides
--------------
The options are written out, and `release` is not among them. No file of the project names `SENTRY_RELEASE`, an auth
token or `sentry-cli`, and no plugin for a bundler, which would bring the release along. Opt-in: on several platforms
Node finds the commit in the variables of the host.

References
----------
- `getSentryRelease` in @sentry/node 10.78.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import BROWSER, SERVER, at_call, is_init
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON435",
    name="release-missing",
    summary="A start of Sentry whose events belong to no release",
    kind="setup",
    severity=Severity.INFO,
    default=False,
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such ``init``."""
    setup = judged.setup
    words = {word.lower() for bundler in setup.use.bundlers for word in bundler.words}
    if setup.declares_variable("SENTRY_RELEASE") or any(file.uploads for file in setup.files):
        return
    if any("sentry" in word for word in words):
        return
    for call in setup.use.calls:
        if call.package not in BROWSER | SERVER or not is_init(call) or call.is_open or call.area != "app":
            continue
        if "release" not in call.options and "dsn" in call.options:
            message = f"{call.target} has no release: nobody can tell which deployment brought an error"
            yield at_call(RULE, setup, call, message, option="release", note="add release, such as the commit")
