"""What it does
------------
Reports session replay that is half set up: sample rates without the integration, or the integration without rates.

Why is this bad?
----------------
Either alone records nothing.

Example
-------
::

    Sentry.init({ dsn, replaysOnErrorSampleRate: 1.0 });

Use instead
-----------
::

    Sentry.init({ dsn, replaysOnErrorSampleRate: 1.0, integrations: [Sentry.replayIntegration()] });

How it decides
--------------
All `init` of one `package.json` are looked at together, with what is called beside them. Options that are not written
out, an integration that is loaded later, and replays that are started by hand (`getReplay`) leave it silent.

References
----------
- https://docs.sentry.io/platforms/javascript/session-replay/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import TRAIN, at_call, is_init
from monitorlint.model.finding import Applicability, Fix, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import SentryCall

RULE = Rule(
    code="MON428",
    name="replay-not-recorded",
    summary="Session replay with rates but no integration, or the other way round",
    kind="setup",
    severity=Severity.WARNING,
    default=True,
    fixable="unsafe",
)

_RATES = ("replaysSessionSampleRate", "replaysOnErrorSampleRate")
_REPLAY = frozenset({"replayIntegration", "Replay", "Integrations.Replay"})
_LATER = frozenset({"lazyLoadIntegration", "addIntegration", "getReplay", "getClient.addIntegration"})


def check(judged: Judged) -> Iterator[Finding]:
    """One finding for each package of the project."""
    setup = judged.setup
    groups: dict[str, list[SentryCall]] = {}
    for call in setup.use.calls:
        manifest = setup.manifest_of(call.path) if call.package in TRAIN and call.area == "app" else None
        if manifest is not None:
            groups.setdefault(manifest.path, []).append(call)
    for calls in groups.values():
        inits = [call for call in calls if is_init(call)]
        if any(call.is_open for call in inits) or any(call.name in _LATER for call in calls):
            continue
        rated = [call for call in inits if any(_is_above_zero(call, name) for name in _RATES)]
        made = [call for call in calls if call.name.partition("(")[0] in _REPLAY]
        if rated and not made:
            message = f"{rated[0].target} samples replays, and no replayIntegration records any"
            remedy = Remedy("integration", RULE.code, rated[0].path, rated[0].region, "", value="replayIntegration")
            cure = Cure(remedy, Fix(Applicability.UNSAFE, "Add replayIntegration()"))
            note = "add Sentry.replayIntegration() to integrations"
            yield at_call(RULE, setup, rated[0], message, note=note, cure=cure)
        elif made and inits and not any(name in call.options for call in inits for name in _RATES):
            message = f"{made[0].target} records nothing: no init has a sample rate for replays"
            yield at_call(RULE, setup, made[0], message, note="add replaysOnErrorSampleRate: 1.0 to init")


def _is_above_zero(call: SentryCall, name: str) -> bool:
    option = call.options.get(name)
    return option is not None and any(isinstance(v, (int, float)) and v > 0 for v in option.literals)
