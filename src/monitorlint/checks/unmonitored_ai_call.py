"""What it does
------------
Reports a call of an AI model that no monitoring covers.

Why is this bad?
----------------
Model calls fail in ways of their own: they hang for minutes, hit rate limits, and cost money on every retry. Where no
span, wrapper or instrumentation stands around the call, none of that reaches anybody before a user complains.

Example
-------
::

    def summarise(text: str) -> str:
        answer = client.chat.completions.create(model="gpt-5", messages=[...])
        return answer.choices[0].message.content

Use instead
-----------
::

    def summarise(text: str) -> str:
        with monitor_ai_generation("openai", "summarise"):
            answer = client.chat.completions.create(model="gpt-5", messages=[...])
        return answer.choices[0].message.content

In TypeScript::

    const answer = await monitorAIGeneration("openai", "summarise", {}, () =>
      openai.chat.completions.create({ model: "gpt-5", messages }),
    );
    return answer.choices[0].message.content;

How it decides
--------------
The receiver is resolved through imports, attributes, annotations, factories and callers to a client that the catalogue
knows. The call is monitored when a span, wrapper or decorator stands around it, when its client or a callback carries a
monitor, when project-wide instrumentation covers this very method (by the versions that the project declares), or when
every path to it inside the project is monitored. ``require`` sets the level that counts. Where a verdict is not
decidable, the finding has low confidence and does not fail the run.

References
----------
- What counts as monitored: docs/decisions/0006-monitored-by-callers.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.unmonitored import unmonitored
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON101",
    name="unmonitored-ai-call",
    summary="An AI call that no monitoring covers",
    kind="ai",
    severity=Severity.ERROR,
    default=True,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every AI call without a monitor."""
    return unmonitored(RULE, judged)
