"""What it does
------------
Reports an auth token of Sentry that stands in a file of the repository.

Why is this bad?
----------------
Whoever reads the repository, or a layer of the image, can upload releases to the organisation in its name.

Example
-------
::

    # Dockerfile
    ENV SENTRY_AUTH_TOKEN=sntrys_eyJpYXQi...

Use instead
-----------
::

    # Dockerfile
    RUN --mount=type=secret,id=sentry,env=SENTRY_AUTH_TOKEN npm run build

How it decides
--------------
`package.json`, a Dockerfile, a compose file, a workflow or the configuration of a bundler holds a text in the form of a
token: `sntrys_` or `sntryu_` and at least 30 characters. So does a literal `authToken` in the options of a build
plugin, and the line `token=` of a `.sentryclirc` or `sentry.properties` that git does not ignore, where it may also be
one of the old tokens of 64 hexadecimal digits. Environment files have a rule of their own, `secrets-in-git`.

References
----------
- https://docs.sentry.io/account/auth-tokens/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call, finding
from monitorlint.model.finding import Region, Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON423",
    name="sentry-token-in-file",
    summary="An auth token of Sentry in a file of the repository",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_TOKEN = pattern(r"sntry[su]_[\w+/=.-]{30,}")
_IS_LOCAL = pattern(r"(?:^|/)(?:\.sentryclirc|sentry\.properties)$")
_MESSAGE = "An auth token of Sentry stands here"
_NOTE = "take it out of the file, give it to the build as a secret, and replace it by a new one"


def check(judged: Judged) -> Iterator[Finding]:
    """Every such token."""
    setup = judged.setup
    for file in setup.files:
        # What is ignored, or lies where there is no git, is in the repository of nobody.
        is_shared = not file.is_ignored and (file.is_tracked is not None or not _IS_LOCAL.search(file.path))
        for region in file.tokens if is_shared else ():
            yield finding(RULE, setup, file.path, region, _MESSAGE, target="token", note=_NOTE)
    bundlers = {bundler.path: bundler.tokens for bundler in setup.use.bundlers}
    for path, places in bundlers.items():
        for place in places:
            yield finding(RULE, setup, path, Region(*place), _MESSAGE, target="token", note=_NOTE)
    for call in setup.use.calls:
        if call.path in bundlers:
            continue
        token = call.options.get("authToken")
        if token is not None and any(isinstance(v, str) and _TOKEN.match(v) for v in token.literals):
            yield at_call(
                RULE, setup, call, f"An auth token of Sentry is given to {call.target}", option="authToken", note=_NOTE
            )
