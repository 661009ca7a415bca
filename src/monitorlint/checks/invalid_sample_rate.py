"""What it does
------------
Reports a sample rate that the Sentry SDK does not accept.

Why is this bad?
----------------
The SDK logs one line in debug mode and samples nothing: tracing is off though it is configured.

Example
-------
::

    sentry_sdk.init(dsn=DSN, traces_sample_rate=os.environ.get("SENTRY_TRACES_SAMPLE_RATE", "0.1"))

Use instead
-----------
::

    sentry_sdk.init(dsn=DSN, traces_sample_rate=float(os.environ.get("SENTRY_TRACES_SAMPLE_RATE", "0.1")))

How it decides
--------------
A number below 0 or above 1, or text that is no number. In Python also any text: the SDK takes numbers only, and what
`os.environ` gives is text.

References
----------
- `is_valid_sample_rate` in sentry-sdk 2.75.0; `parseSampleRate` in @sentry/core 11.12.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call, is_init, is_python
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import Option

RULE = Rule(
    code="MON452",
    name="invalid-sample-rate",
    summary="A sample rate that the Sentry SDK does not accept",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_PYTHON = ("traces_sample_rate", "profiles_sample_rate", "profile_session_sample_rate", "sample_rate")
_SCRIPT = (
    "tracesSampleRate",
    "sampleRate",
    "profilesSampleRate",
    "profileSessionSampleRate",
    "replaysSessionSampleRate",
    "replaysOnErrorSampleRate",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every such option."""
    setup = judged.setup
    for call in setup.use.calls:
        if not is_init(call):
            continue
        python = is_python(call)
        for name in _PYTHON if python else _SCRIPT:
            problem = _problem(call.options[name], python=python) if name in call.options else ""
            if problem:
                yield at_call(RULE, setup, call, f"{name} of {call.target} {problem}", option=name)


def _problem(option: Option, *, python: bool) -> str:
    for value in option.literals:
        if isinstance(value, bool):
            continue
        if isinstance(value, (int, float)) and not 0 <= value <= 1:
            return f"is {value:g}; it has to lie between 0 and 1"
        if isinstance(value, str) and value and not python and not _is_number(value):
            return "is text that is no number"
    if python and option.is_text:
        return "is text from the environment; the SDK takes numbers only: put it into float()"
    return "is text; the SDK takes numbers only" if python and any(isinstance(v, str) for v in option.literals) else ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text.endswith("…")
    return True
