"""What it does
------------
Reports an environment file with secrets that git has, or would take with the next `git add`.

Why is this bad?
----------------
What was committed once stays in the history of every clone. Removing the file does not take the secret back.

Example
-------
::

    # .gitignore does not speak of .env
    SENTRY_AUTH_TOKEN=sntrys_...

Use instead
-----------
::

    # .gitignore
    .env

How it decides
--------------
A file that git tracks is reported for a value that has the form of a token (Sentry, OpenAI, Anthropic, GitHub, AWS,
Slack, Stripe, a private key): files of public settings are committed on purpose. A file that is neither tracked nor
ignored, and that tools write for one machine (`.env`, `.env.local`, `.env.*.local`, `.env.sentry-build-plugin`), is
reported for any variable whose name says secret. Without git nothing is reported.

References
----------
- https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule
from monitorlint.model.secret import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import EnvVariable

RULE = Rule(
    code="MON421",
    name="secrets-in-git",
    summary="An environment file with secrets that git does not ignore",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_TOKEN = pattern(rf"{FORMS}|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{{100,}}")
_NOT_REAL = pattern(r"example|your|xxx|test|dummy|fake|placeholder|\.\.\.|1234567|abcdef", re.IGNORECASE)
_LOCAL = pattern(r"\.env(?:\.local|\.[\w-]+\.local|\.sentry-build-plugin)?")
# Not `0000`: a password may be a number.
_SWITCH = pattern(r"true|false|yes|no|on|off", re.IGNORECASE)
_AMOUNT = pattern(r"\d+(?:\.\d+)?(?:ms|[smhdw])?")
_COUNTED = pattern(
    r"TOKENS(?:_|$)|(?:^|_)(?:MAX|MIN|LIMIT|LENGTH|LEN|EXPIR\w*|TTL|LIFETIME|DURATION|INTERVAL|TIMEOUT|ROUNDS|COUNT|SIZE|AGE)(?:_|$)"
)
_NAME = pattern(r"SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE_KEY|API_KEY|ACCESS_KEY|CREDENTIAL")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such file, at its first secret."""
    setup = judged.setup
    for file in setup.files:
        if file.env is None or file.is_ignored or file.is_tracked is None:
            continue
        name = file.path.rpartition("/")[2]
        if file.is_tracked:
            secret = next((v for v in file.env.variables if _is_token(v)), None)
            message = "git tracks this file, and {} has the form of a token"
            note = "take the file out (git rm --cached), ignore it, and replace the token: the history keeps it"
        elif _LOCAL.fullmatch(name):
            secret = next((v for v in file.env.variables if _NAME.search(v.name) and _has_value(v)), None)
            message = "git does not ignore this file, and {} is a secret"
            note = f"add a line with {name} to .gitignore"
        else:
            continue
        if secret is not None:
            yield finding(
                RULE, setup, file.path, secret.region, message.format(secret.name), target=secret.name, note=note
            )


def _is_token(variable: EnvVariable) -> bool:
    value = variable.value.reveal()
    return _TOKEN.fullmatch(value.strip()) is not None and not _NOT_REAL.search(value)


def _has_value(variable: EnvVariable) -> bool:
    value = variable.value.reveal().strip()
    if not value or variable.is_template or _SWITCH.fullmatch(value):
        return False
    return not (_AMOUNT.fullmatch(value) and _COUNTED.search(variable.name))
