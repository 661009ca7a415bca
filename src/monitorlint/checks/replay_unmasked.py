"""What it does
------------
Reports session replay that is told to record texts, inputs or media as they are.

Why is this bad?
----------------
By default a replay shows none of what the page says. Without the mask everything that a user reads or types is sent
to Sentry, names, messages and card numbers included.

Example
-------
::

    Sentry.replayIntegration({ maskAllText: false, maskAllInputs: false })

Use instead
-----------
::

    Sentry.replayIntegration({ unmask: [".public"] })

How it decides
--------------
`maskAllText`, `maskAllInputs` or `blockAllMedia` of a replay integration is the literal `false`, whatever the
environment.

References
----------
- https://docs.sentry.io/platforms/javascript/session-replay/privacy/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import TRAIN, at_call
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON430",
    name="replay-unmasked",
    summary="Session replay that records what users read or type",
    kind="setup",
    severity=Severity.WARNING,
    default=True,
)

_REPLAY = frozenset({"replayIntegration", "Replay", "Integrations.Replay"})
_MASKS = {"maskAllText": "all texts", "maskAllInputs": "what is typed", "blockAllMedia": "images and videos"}


def check(judged: Judged) -> Iterator[Finding]:
    """One finding for each mask that is taken off."""
    setup = judged.setup
    for call in setup.use.calls:
        if call.package not in TRAIN or call.name.partition("(")[0] not in _REPLAY:
            continue
        for name, what in _MASKS.items():
            if name in call.options and call.options[name].only is False:
                yield at_call(
                    RULE,
                    setup,
                    call,
                    f"Session replay records {what}: {name} is false",
                    option=name,
                    note="leave the mask on, and name what may be seen: unmask, unblock",
                    severity=Severity.ERROR if name == "maskAllInputs" else None,
                )
