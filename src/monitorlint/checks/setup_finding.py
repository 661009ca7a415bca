"""From a fact of the set-up to a finding, and the words that several rules of the set-up share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.finding import Finding
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.checks.finding import Cure
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Confidence, Evidence, Region, Severity
    from monitorlint.model.rule import Rule
    from monitorlint.model.setup import SentryCall

# Released together under one number, and bound to each other by exact versions: `npm view PACKAGE dependencies`.
TRAIN = frozenset(
    f"@sentry/{name}"
    for name in """
    angular astro aws-serverless browser bun cloudflare core deno ember gatsby google-cloud-serverless nestjs nextjs
    node node-core node-native nuxt opentelemetry profiling-node react react-router remix replay solid solidstart svelte
    sveltekit tanstackstart tanstackstart-react vercel-edge vue wasm
    """.split()
)
"""The packages of the JavaScript SDK."""

ENDED = {
    "@sentry/apm": 6,
    "@sentry/tracing": 7,
    "@sentry/hub": 7,
    "@sentry/integrations": 7,
    "@sentry/utils": 8,
    "@sentry/types": 10,
    "@sentry/node-core": 10,
}
"""Packages that ended, and their last major: `npm view PACKAGE version`."""

BROWSER = frozenset(f"@sentry/{name}" for name in "angular browser ember gatsby react solid svelte vue".split())
"""Those that run in a browser and nowhere else."""

_PROFILER_SINCE = 7
"""Before it had numbers of its own: 1.3.5 is for 7 of the others."""

INIT = frozenset({"sentry_sdk.init", "init_sentry", "initSentry"})

SERVER = frozenset(
    f"@sentry/{name}"
    for name in """
    aws-serverless bun cloudflare deno google-cloud-serverless nestjs node node-core node-native opentelemetry
    profiling-node vercel-edge
    """.split()
)
"""Those that run in a server and nowhere else."""

DSN_NAME = pattern(r"(?:^|_)SENTRY_(?:\w+_)?DSN(?:_\w+)?$")
"""What variables are called that hold a DSN: `SENTRY_DSN`, `VITE_SENTRY_DSN`, `SENTRY_BACKEND_DSN` …"""

_DSN = pattern(r"(?P<scheme>\w+)://(?P<key>[\w-]+)(?::\w*)?@(?P<host>[\w.-]+)(?::\d+)?(?P<path>/\S*)")
_PLACEHOLDER_KEY = pattern(
    r"your|example|^public(?:_?key)?$|xxx|change_?me|placeholder|dummy|^key$|^(.)\1+$|^(?:0123456|1234567|abc123|abcdef)",
    re.IGNORECASE,
)
_PLACEHOLDER_HOST = pattern(
    r"(?:^|\.)(?:example\.(?:com|org|net)|host|your[\w-]*)$|^o0+\.|^oxxx|your|xxx", re.IGNORECASE
)
# Replaced when the image starts or files are deployed: `__SENTRY_DSN__`, `%DSN%`, `{{ dsn }}`, `RUNTIME_SENTRY_DSN`.
_SUBSTITUTED = pattern(
    r"__\w+__|%\w+%|@@?\w+@@?|#?\{+[^{}]*\}+#?|<%[^%]*%>|\$\w+|(?!YOUR|INSERT|ADD)[A-Z0-9]+(?:_[A-Z0-9]+)+"
)
_PLACEHOLDER_TEXT = pattern(
    r"your|example|<[^<>]*>|\.\.\.|xxx|change.?me|placeholder|dummy|insert|todo|sentry.?dsn|^dsn$|here$",
    re.IGNORECASE,
)


def share_a_program(one: str, other: str) -> bool:
    """Whether two packages of the SDK may run in the same program, and not one in the browser and one behind it."""
    return not ((one in BROWSER and other in SERVER) or (one in SERVER and other in BROWSER))


def is_of_train(name: str, major: int) -> bool:
    """Whether a version of a package was released with the others of the SDK: the profiler is since 7."""
    return name in TRAIN and name not in ENDED and (major >= _PROFILER_SINCE or name != "@sentry/profiling-node")


def is_init(call: SentryCall) -> bool:
    """Whether a call starts an SDK."""
    return call.name == "init" or call.target.rpartition(".")[2] in INIT


def samples_traces(call: SentryCall) -> bool:
    """Whether a start may make traces: a rate above 0, one that is not known, or a function that decides."""
    if call.is_open or "tracesSampler" in call.options:
        return True
    rate = call.options.get("tracesSampleRate")
    return rate is not None and rate.only != 0


def is_python(call: SentryCall) -> bool:
    """Whether a call is one of the Python SDK."""
    return call.target.startswith("sentry_sdk")


def dsn_problem(value: str) -> str:
    """What is wrong with the text of a DSN (``""``: nothing that can be seen), in words that do not quote it."""
    text = value.strip()
    if not text or text.lower() in {"none", "null", "false", "off", "disabled", "0"} or _SUBSTITUTED.fullmatch(text):
        return ""
    found = _DSN.fullmatch(text)
    if found is None:
        return "is a placeholder" if _PLACEHOLDER_TEXT.search(text) else "is no DSN"
    project = found["path"].rstrip("/").rpartition("/")[2].partition("?")[0]
    if found["scheme"] not in {"http", "https"}:
        return "is no DSN: it has to start with https://"
    if _PLACEHOLDER_KEY.search(found["key"]) or _PLACEHOLDER_HOST.search(found["host"]):
        return "is a placeholder"
    if not project[:1].isdigit():
        return (
            "is a placeholder"
            if _PLACEHOLDER_TEXT.search(project)
            else "is no DSN: it does not end in a project's number"
        )
    return "is a placeholder: there is no project 0" if not project.strip("0") else ""


def finding(
    rule: Rule,
    setup: ProjectSetup,
    path: str,
    region: Region,
    message: str,
    *,
    target: str,
    text: str = "",
    evidence: Iterable[Evidence] = (),
    note: str = "",
    severity: Severity | None = None,
    confidence: Confidence | None = None,
    area: str = "",
    symbol: str = "",
    cure: Cure | None = None,
) -> Finding:
    """A finding in one of the files around the code, or on a call.

    :param target: Name of the package, variable or option it is about.
    :param text: What tells it from others of the rule in the same file, wherever it stands; the target where left out.
    """
    return Finding(
        code=rule.code,
        name=rule.name,
        message=message,
        severity=severity if severity is not None else rule.severity,
        confidence=confidence if confidence is not None else rule.confidence,
        kind=rule.kind,
        target=target,
        path=path,
        region=region,
        symbol=symbol,
        text=text or target,
        evidence=tuple(evidence),
        area=area or setup.area(path),
        note=note,
        fix=cure.fix if cure is not None else None,
        remedy=cure.remedy if cure is not None else None,
    )


def at_call(
    rule: Rule,
    setup: ProjectSetup,
    call: SentryCall,
    message: str,
    *,
    option: str = "",
    evidence: Iterable[Evidence] = (),
    note: str = "",
    severity: Severity | None = None,
    confidence: Confidence | None = None,
    cure: Cure | None = None,
) -> Finding:
    """A finding on a call of an SDK."""
    return finding(
        rule,
        setup,
        call.path,
        call.region,
        message,
        target=call.target,
        text=f"{call.target} {option}".strip(),
        evidence=evidence,
        note=note,
        severity=severity,
        confidence=confidence,
        area=call.area,
        symbol=call.function,
        cure=cure,
    )
